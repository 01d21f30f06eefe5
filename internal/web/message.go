package web

import (
	"strconv"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// maxSameID bounds the messages shown on one page because they share a Message-ID.
const maxSameID = 50

// serveMessage shows a message, or all that share its Message-ID, the overview of its
// thread and how to reply.
func serveMessage(s *Server, q *request, p *page) error {
	articles, err := s.cat.Messages(q.Context(), q.inbox.Name, q.msgid)
	if errs.Is(err, errs.NotFound) {
		return serveMiss(s, q, p)
	}
	if err != nil || p.head {
		return err
	}
	t, err := s.cat.Thread(q.Context(), q.inbox.Name, q.msgid, true)
	if err != nil {
		return err
	}
	first := &articles[0]
	dir := string(appendMessagePath(nil, q.inbox.Name, q.msgid))
	p.begin(s, q, head{title: messageTitle(&first.Summary), feed: dir + "t.atom"})
	known := func(msgid string) bool { return inTree(t, msgid) }
	var m *mail.Message
	var related string
	for i := range min(len(articles), maxSameID) {
		raw, err := s.cat.Raw(q.Context(), articles[i].Blob)
		if err != nil {
			return err
		}
		if one := mail.Parse(raw); i == 0 {
			m = one
			if first.Flags&catalog.IsPatch != 0 {
				related = relatedQuery(m)
			}
			opt := messageOptions(q.inbox.Name, first.MessageID, 0, known)
			if related != "" {
				opt.Related = "#related"
			}
			p.b = appendMessage(p.b, q, first, t, m, len(articles), opt)
		} else {
			opt := messageOptions(q.inbox.Name, first.MessageID, i, known)
			p.b = appendSameID(p.b, q, &articles[i], one, i+1, len(articles), opt)
		}
	}
	p.b = appendOverview(p.b, q, first, t)
	p.b = appendReply(p.b, q, m)
	p.b = appendRelated(p.b, q, related)
	return nil
}

// inTree reports whether a message is in the part of a thread that its pages show.
func inTree(t *catalog.Thread, msgid string) bool {
	for i := range t.Tree[:min(len(t.Tree), maxTreeRows)] {
		if t.Tree[i].Msg != nil && t.Tree[i].MessageID == msgid {
			return true
		}
	}
	return false
}

// messageTitle gives the title of a message's page.
func messageTitle(m *catalog.Summary) string {
	subject := m.Subject
	if subject == "" {
		subject = "(no subject)"
	}
	return subject + " - " + m.From.Display()
}

// appendMessage appends the message the page is about; n messages share its id.
func appendMessage(dst []byte, q *request, a *catalog.Article, t *catalog.Thread, m *mail.Message, n int, opt render.Options) []byte {
	if n > 1 {
		dst = append(dst, "<p class=\"warn\" role=\"note\">"...)
		dst = strconv.AppendInt(dst, int64(n), 10)
		dst = append(dst, " messages have this Message-ID. All are below.</p>\n"...)
	}
	dst = append(dst, "<article class=\"mail\">\n<h1 id=\"t\">"...)
	dst = append(appendSubject(dst, a.Subject), "</h1>\n"...)
	dst = appendHeaders(dst, q.inbox.Name, m, a.Sent)
	dst = appendSteps(dst, q, t)
	dst = render.AppendBody(dst, m, opt)
	return append(dst, "</article>\n"...)
}

// appendSameID appends the i-th of n messages that share an id.
func appendSameID(dst []byte, q *request, a *catalog.Article, m *mail.Message, i, n int, opt render.Options) []byte {
	dst = append(dst, "<article class=\"mail\">\n<p class=\"warn\" role=\"note\">Message "...)
	dst = strconv.AppendInt(dst, int64(i), 10)
	dst = append(dst, " of "...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, " with the same Message-ID</p>\n<h2 class=\"subject\">"...)
	dst = append(appendSubject(dst, a.Subject), "</h2>\n"...)
	dst = appendHeaders(dst, q.inbox.Name, m, a.Sent)
	dst = render.AppendBody(dst, m, opt)
	return append(dst, "</article>\n"...)
}

// appendSteps appends the links to the neighbours in the thread and to other forms of
// the message.
func appendSteps(dst []byte, q *request, t *catalog.Thread) []byte {
	prev, next, parent := t.Neighbours(q.msgid)
	dst = append(dst, "<nav class=\"steps\" aria-label=\"Message\">\n<ul>\n"...)
	step := func(id, rel, key, label string) {
		if id == "" {
			return
		}
		dst = append(dst, "<li><a"...)
		if rel != "" {
			dst = append(append(append(dst, " rel=\""...), rel...), '"')
		}
		dst = append(append(append(dst, " data-key=\""...), key...), "\" href=\""...)
		dst = appendMessagePath(dst, q.inbox.Name, id)
		dst = append(append(append(dst, "\">"...), label...), "</a></li>\n"...)
	}
	if prev == parent {
		step(prev, "prev", "k u", "Previous, parent")
	} else {
		step(prev, "prev", "k", "Previous")
		step(parent, "", "u", "Parent")
	}
	step(next, "next", "j", "Next")
	for _, l := range [...]struct{ to, label string }{
		{"#r", "Overview"}, {"#R", "Reply"}, {"", "Permalink"}, {"raw", "Raw"}, {"T/#u", "Flat"}, {"t/#u", "Nested"},
	} {
		dst = append(dst, "<li><a href=\""...)
		if l.to == "" || l.to[0] != '#' {
			dst = appendMessagePath(dst, q.inbox.Name, q.msgid)
		}
		dst = append(append(dst, l.to...), "\">"...)
		dst = append(append(dst, l.label...), "</a></li>\n"...)
	}
	return append(dst, "</ul>\n</nav>\n"...)
}

// appendOverview appends the section with the thread's tree.
func appendOverview(dst []byte, q *request, a *catalog.Article, t *catalog.Thread) []byte {
	dir := messagePath(q.inbox.Name, q.msgid)
	dst = append(dst, "<section class=\"overview\" aria-labelledby=\"overview\">\n<h2 id=\"overview\">Thread overview <span class=\"quiet\">"...)
	dst = appendCount(dst, len(t.Messages), "message", "messages")
	dst = append(dst, "</span></h2>\n<ul class=\"links\">\n"...)
	for _, l := range [...]struct{ to, label string }{
		{"T/#u", "Flat"}, {"t/#u", "Nested"}, {"t.mbox.gz", "mbox.gz"}, {"t.atom", "Atom feed"},
	} {
		dst = append(append(append(dst, "<li><a href=\""...), dir...), l.to...)
		dst = append(append(append(dst, "\">"...), l.label...), "</a></li>\n"...)
	}
	dst = append(dst, "<li>Other threads: <a href=\""...)
	dst = append(appendEscaped(append(dst, '/'), q.inbox.Name), "/?t="...)
	dst = append(appendStamp(dst, a.Received), "\">around "...)
	dst = append(appendDay(dst, a.Received), "</a>, <a href=\""...)
	dst = append(appendEscaped(append(dst, '/'), q.inbox.Name), "/\">newest</a></li>\n</ul>\n"...)
	dst = appendTree(dst, t, &treeView{inbox: q.inbox.Name, current: q.msgid})
	return append(dst, "</section>\n"...)
}
