package web

import (
	"slices"
	"strconv"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// maxPage is the size from which a page of many messages shows only their headers.
const maxPage = 16 << 20

// maxInline bounds the messages a thread's page shows in full.
const maxInline = 1000

func serveThreadFlat(s *Server, q *request, p *page) error   { return serveThread(s, q, p, false) }
func serveThreadNested(s *Server, q *request, p *page) error { return serveThread(s, q, p, true) }

// serveThread shows every message of a thread in full: in the order they arrived, or
// nested as they answer each other.
func serveThread(s *Server, q *request, p *page, nested bool) error {
	t, err := s.cat.Thread(q.Context(), q.inbox.Name, q.msgid, true)
	if errs.Is(err, errs.NotFound) {
		return serveMiss(s, q, p)
	}
	if err != nil || p.head {
		return err
	}
	v := newThreadView(q, t, nested)
	p.begin(s, q, head{title: messageTitle(v.subject()), feed: q.messagePath() + "t.atom"})
	p.b = v.appendHead(p.b)
	for _, m := range v.show {
		if p.b, err = v.appendMessage(p.b, s, m); err != nil {
			return err
		}
	}
	p.b = v.appendTail(p.b)
	return nil
}

// threadView is a thread on its way to a page.
type threadView struct {
	q      *request
	t      *catalog.Thread
	nested bool
	dir    string             // "/INBOX/MSGID/" of the message in the URL
	show   []*catalog.Summary // what is shown in full, in order
	inline map[string]bool    // their ids
	at     map[catalog.MsgID]int
	target bool // the message in the URL has been marked
}

func newThreadView(q *request, t *catalog.Thread, nested bool) *threadView {
	v := &threadView{q: q, t: t, nested: nested, dir: q.messagePath(),
		inline: make(map[string]bool, len(t.Messages)), at: make(map[catalog.MsgID]int, len(t.Tree))}
	for i := range t.Tree {
		if m := t.Tree[i].Msg; m != nil {
			v.at[m.ID] = i
		}
	}
	chosen := inlineMessages(t)
	for _, m := range chosen {
		v.inline[m.MessageID] = true
	}
	if !nested {
		v.show = chosen
		return v
	}
	for i := range t.Tree {
		if m := t.Tree[i].Msg; m != nil && v.inline[m.MessageID] {
			v.show = append(v.show, m)
		}
	}
	return v
}

// inlineMessages gives the messages that are shown in full: of a very long thread the
// first ones joined by reference, then the newest of those joined by subject.
func inlineMessages(t *catalog.Thread) []*catalog.Summary {
	strict := min(t.Strict, maxInline)
	loose := t.Messages[t.Strict:]
	loose = loose[max(0, len(loose)-(maxInline-strict)):]
	out := make([]*catalog.Summary, 0, strict+len(loose))
	for i := range strict {
		out = append(out, &t.Messages[i])
	}
	for i := range loose {
		out = append(out, &loose[i])
	}
	// A series is sent in order and arrives in any.
	bySent := func(a, b *catalog.Summary) int { return a.Sent.Compare(b.Sent) }
	slices.SortStableFunc(out[:strict], bySent)
	slices.SortStableFunc(out[strict:], bySent)
	return out
}

// subject gives what the thread is about: the subject of its root, as far as it is here.
func (v *threadView) subject() *catalog.Summary {
	for i := range v.t.Tree {
		if m := v.t.Tree[i].Msg; m != nil {
			return m
		}
	}
	if len(v.show) > 0 {
		return v.show[0]
	}
	return &catalog.Summary{}
}

// appendHead appends the thread's subject and the other forms it comes in.
func (v *threadView) appendHead(dst []byte) []byte {
	dst = appendSubject(append(dst, "<h1 id=\"t\">"...), v.subject().Subject)
	dst = append(dst, "</h1>\n<nav class=\"steps\" aria-label=\"Thread\">\n<ul>\n<li>"...)
	dst = appendCount(dst, len(v.t.Messages), "message", "messages")
	if n := len(v.t.Messages) - len(v.show); n > 0 {
		dst = append(dst, ", "...)
		dst = strconv.AppendInt(dst, int64(len(v.show)), 10)
		dst = append(dst, " of them on this page"...)
	}
	dst = append(dst, "</li>\n"...)
	dst = v.appendForms(dst)
	return append(dst, "<li><a href=\"#overview\">Overview</a></li>\n</ul>\n</nav>\n"...)
}

// appendForms appends the list items that lead to the thread in other forms.
func (v *threadView) appendForms(dst []byte) []byte {
	if v.nested {
		dst = append(append(append(dst, "<li><a href=\""...), v.dir...), "T/#u\">Flat</a></li>\n<li><b>Nested</b></li>\n"...)
	} else {
		dst = append(append(append(dst, "<li><b>Flat</b></li>\n<li><a href=\""...), v.dir...), "t/#u\">Nested</a></li>\n"...)
	}
	dst = append(append(append(dst, "<li><a href=\""...), v.dir...), "t.mbox.gz\">mbox.gz</a></li>\n"...)
	return append(append(append(dst, "<li><a href=\""...), v.dir...), "t.atom\">Atom feed</a></li>\n"...)
}

// appendMessage appends one message of the thread.
func (v *threadView) appendMessage(dst []byte, s *Server, m *catalog.Summary) ([]byte, error) {
	b := block{sum: m, anchor: true, known: func(msgid string) bool { return v.inline[msgid] }}
	if m.MessageID == v.q.msgid && !v.target {
		v.target, b.target = true, true
	}
	if i, ok := v.at[m.ID]; ok {
		n := &v.t.Tree[i]
		if v.nested {
			b.level = n.Level
		}
		b.replies, b.loose = len(n.Kids), n.Loose
		if n.Parent >= 0 {
			b.parent = v.t.Tree[n.Parent].Msg
			b.parentHere = b.parent != nil && v.inline[b.parent.MessageID]
		}
	}
	return s.appendBlock(dst, v.q, &b)
}

// appendTail appends the overview.
func (v *threadView) appendTail(dst []byte) []byte {
	dst = append(dst, "<section class=\"overview\" aria-labelledby=\"overview\">\n<h2 id=\"overview\">Thread overview <span class=\"quiet\">"...)
	dst = appendCount(dst, len(v.t.Messages), "message", "messages")
	dst = append(dst, "</span></h2>\n<ul class=\"links\">\n"...)
	dst = append(v.appendForms(dst), "<li>Other threads: <a href=\""...)
	dst = append(appendEscaped(append(dst, '/'), v.q.inbox.Name), "/"...)
	if n := len(v.t.Messages); n > 0 {
		newest := v.t.Messages[0].Received
		for i := range v.t.Messages {
			if r := v.t.Messages[i].Received; r.After(newest) {
				newest = r
			}
		}
		dst = append(appendStamp(append(dst, "?t="...), newest), "\">around "...)
		dst = append(appendDay(dst, newest), "</a>, <a href=\""...)
		dst = append(appendEscaped(append(dst, '/'), v.q.inbox.Name), "/"...)
	}
	dst = append(dst, "\">newest</a></li>\n</ul>\n"...)
	dst = appendTree(dst, v.t, &treeView{inbox: v.q.inbox.Name, anchors: true, inline: v.inline})
	return append(dst, "</section>\n"...)
}

// block is one message in full among others on a page.
type block struct {
	sum        *catalog.Summary
	inbox      string // where its links lead; "" = the page's inbox
	anchor     bool   // the page is its thread: links stay on the page
	target     bool   // the message that the URL names
	level      int
	loose      bool
	replies    int
	parent     *catalog.Summary        // nil: none in the archive
	parentHere bool                    // the parent is on this page
	known      func(msgid string) bool // finds messages that the text may mention; nil = none
}

// appendBlock appends a message with a short header, its body, and links below it.
// A message whose copy in the archive cannot be read says so and spoils nothing else.
func (s *Server) appendBlock(dst []byte, q *request, b *block) ([]byte, error) {
	raw, err := s.cat.Raw(q.Context(), b.sum.Blob)
	if err != nil && !errs.Is(err, errs.Corrupt) && !errs.Is(err, errs.NotFound) {
		return dst, err
	}
	if b.inbox == "" {
		b.inbox = q.inbox.Name
	}
	m := mail.Parse(raw)
	dst = appendLevel(append(dst, "<article class=\"mail "...), b.level)
	dst = append(appendAnchor(append(dst, "\" id=\"m"...), b.sum.MessageID), "\">\n<header>"...)
	if b.target {
		dst = append(dst, "<a id=\"u\"></a>"...)
	}
	dst = append(dst, "<h2 class=\"subject\"><a href=\""...)
	if b.anchor {
		dst = appendAnchor(append(dst, "#r"...), b.sum.MessageID)
	} else {
		dst = append(appendMessagePath(dst, b.inbox, b.sum.MessageID), "T/#u"...)
	}
	dst = append(appendSubject(append(dst, "\">"...), b.sum.Subject), "</a></h2>\n"...)
	dst = b.appendByline(dst, m)
	dst = append(dst, "</header>\n"...)
	switch {
	case len(dst) > maxPage:
		dst = append(dst, "<p class=\"warn\" role=\"note\">This page is full: read the message <a href=\""...)
		dst = append(appendMessagePath(dst, b.inbox, b.sum.MessageID), "\">on its own</a>.</p>\n"...)
	case err != nil:
		dst = append(dst, "<p class=\"warn\" role=\"note\">The archive's copy of this message cannot be read.</p>\n"...)
	default:
		dst = render.AppendBody(dst, m, threadOptions(b.inbox, b.sum.MessageID, b.known))
	}
	dst = append(dst, "<footer><ul class=\"links\">\n"...)
	dst = appendAnchor(append(dst, "<li><a href=\"#m"...), b.sum.MessageID)
	dst = append(dst, "\" title=\"top of this message\">Top</a></li>\n"...)
	dst = b.appendLink(dst, "#R", "Reply")
	return append(dst, "</ul></footer>\n</article>\n"...), nil
}

// appendByline appends who, when, to whom and in answer to what.
func (b *block) appendByline(dst []byte, m *mail.Message) []byte {
	dst = append(appendName(append(dst, "<div class=\"line\"><p class=\"by\"><b>"...), b.sum.From), "</b> <time datetime=\""...)
	dst = append(appendMinute(dst, b.sum.Sent), "Z\">"...)
	dst = append(appendMinute(dst, b.sum.Sent), " UTC</time>"...)
	if b.parent != nil {
		dst = append(dst, " · in reply to <a href=\""...)
		if b.parentHere {
			dst = appendAnchor(append(dst, "#m"...), b.parent.MessageID)
		} else {
			dst = appendMessagePath(dst, b.inbox, b.parent.MessageID)
		}
		dst = append(appendName(append(dst, "\">"...), b.parent.From), "</a>"...)
	}
	if b.loose {
		dst = append(dst, " · joined by subject only"...)
	}
	if b.anchor && b.replies > 0 {
		dst = appendCount(append(dst, " · "...), b.replies, "reply", "replies")
	}
	dst = append(dst, "</p>\n<ul class=\"links\">\n"...)
	dst = append(b.appendLinks(dst), "</ul></div>\n"...)
	to, cc := m.Header.Addresses("To"), m.Header.Addresses("Cc")
	if len(to)+len(cc) == 0 {
		return dst
	}
	dst = append(dst, "<p class=\"to quiet\">To "...)
	dst = appendNames(dst, to[:min(len(to), maxShown)])
	if more := len(to) - maxShown; more > 0 {
		dst = append(strconv.AppendInt(append(dst, " and "...), int64(more), 10), " more"...)
	}
	if len(cc) > 0 {
		dst = append(dst, "; Cc "...)
		dst = appendNames(dst, cc[:min(len(cc), maxShown)])
		if more := len(cc) - maxShown; more > 0 {
			dst = append(strconv.AppendInt(append(dst, " and "...), int64(more), 10), " more"...)
		}
	}
	return append(dst, "</p>\n"...)
}

// appendLinks appends the list items that lead to the message's own pages.
func (b *block) appendLinks(dst []byte) []byte {
	dst = b.appendLink(dst, "", "Permalink")
	dst = b.appendLink(dst, "raw", "Raw")
	return b.appendLink(dst, "#R", "Reply")
}

// appendLink appends a list item that leads to one of the message's own pages.
func (b *block) appendLink(dst []byte, to, label string) []byte {
	dst = appendMessagePath(append(dst, "<li><a href=\""...), b.inbox, b.sum.MessageID)
	dst = append(append(dst, to...), "\">"...)
	return append(append(dst, label...), "</a></li>\n"...)
}
