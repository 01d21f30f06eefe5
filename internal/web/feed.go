package web

import (
	"crypto/sha1"
	"net/http"
	"strings"
	"time"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// feed is an Atom feed (RFC 4287) before its entries are read. Its ids, and those of
// its entries, are the ones that public-inbox computes: a reader that has followed a
// list elsewhere does not see every message as new.
type feed struct {
	title     string
	id        string
	alternate string // path of the page that shows the same
	self      string // path of the feed
	entries   []catalog.Summary
}

// serveNewAtom answers new.atom: the newest messages, or with ?t= those of another time.
func serveNewAtom(s *Server, w http.ResponseWriter, q *request) error {
	page, err := s.cat.Recent(q.Context(), q.inbox.Name, spanOf(q, s.opt.FeedMax))
	if err != nil {
		return err
	}
	if len(page.Messages) == 0 {
		return errs.New(errs.NotFound, "no messages at that time")
	}
	return s.sendFeed(w, q, feed{
		title:     description(q.inbox),
		id:        inboxURI(q, ""),
		alternate: inboxPath(q.inbox.Name),
		self:      inboxPath(q.inbox.Name) + "new.atom",
		entries:   page.Messages,
	})
}

// serveTopicsAtom answers topics_new.atom, the newest threads by their first message,
// and topics_active.atom, the threads with the newest messages by these.
func serveTopicsAtom(s *Server, w http.ResponseWriter, q *request) error {
	order := catalog.ByActivity
	name := strings.TrimSuffix(q.file, ".atom")
	if name == "topics_new" {
		order = catalog.ByRoot
	}
	topics, err := s.cat.Threads(q.Context(), q.inbox.Name, order, spanOf(q, maxTopics))
	if err != nil {
		return err
	}
	if len(topics) == 0 {
		return errs.New(errs.NotFound, "no threads at that time")
	}
	f := feed{
		title:     description(q.inbox) + " - newest threads",
		id:        inboxURI(q, name),
		alternate: inboxPath(q.inbox.Name) + name + ".html",
		self:      inboxPath(q.inbox.Name) + name + ".atom",
	}
	if order == catalog.ByActivity {
		f.title = description(q.inbox) + " - active threads"
	}
	for i := range topics {
		if order == catalog.ByRoot {
			f.entries = append(f.entries, topics[i].Root)
		} else {
			f.entries = append(f.entries, topics[i].Latest)
		}
	}
	return s.sendFeed(w, q, f)
}

// serveThreadAtom answers MSGID/t.atom: the thread, in the order it was received.
func serveThreadAtom(s *Server, w http.ResponseWriter, q *request) error {
	t, err := s.cat.Thread(q.Context(), q.inbox.Name, q.msgid, true)
	if err != nil {
		return err
	}
	title := ""
	for i := range t.Messages {
		if t.Messages[i].MessageID == q.msgid {
			title = t.Messages[i].Subject
			break
		}
	}
	return s.sendFeed(w, q, feed{
		title:     title,
		id:        uuid("t\n" + q.msgid),
		alternate: q.messagePath() + "t/",
		self:      q.messagePath() + "t.atom",
		entries:   t.Messages,
	})
}

// serveSearchAtom answers ?q=QUERY&x=A: what a search finds, a page of it at a time.
func serveSearchAtom(s *Server, w http.ResponseWriter, q *request) error {
	r := parseSearch(q).req
	result, err := s.cat.Search(q.Context(), r)
	if err != nil {
		return err
	}
	if len(result.Hits) == 0 {
		return errs.New(errs.NotFound, "No results found")
	}
	page := inboxPath(q.inbox.Name) + "?q=" + string(appendArg(nil, r.Query))
	f := feed{
		title:     r.Query + " - search results",
		id:        uuid("q\n" + r.Query),
		alternate: page,
		self:      page + "&x=A",
		entries:   make([]catalog.Summary, len(result.Hits)),
	}
	for i := range result.Hits {
		f.entries[i] = result.Hits[i].Summary
	}
	return s.sendFeed(w, q, f)
}

// sendFeed reads the feed's messages one by one and sends them.
func (s *Server) sendFeed(w http.ResponseWriter, q *request, f feed) error {
	parts := make([]string, 0, len(f.entries)+3)
	parts = append(parts, q.base, f.self, f.title)
	for i := range f.entries {
		parts = append(parts, f.entries[i].Blob)
	}
	if q.gzip {
		parts = append(parts, "gzip")
	}
	if validate(w, q, parts...) {
		return nil
	}
	w.Header()["Content-Type"] = []string{"application/atom+xml; charset=UTF-8"}
	if q.Method == http.MethodHead {
		return nil
	}
	t := &stream{s: s, w: w, q: q}
	t.b = appendFeedHead(t.b, q, &f)
	for i := range f.entries {
		m := &f.entries[i]
		raw, err := s.cat.Raw(q.Context(), m.Blob)
		if err != nil && !unreadable(err) {
			return t.fail(err)
		}
		t.b = appendEntry(t.b, q, m)
		if err != nil {
			s.lg.Warn("left out of feed", "inbox", q.inbox.Name, "blob", m.Blob, "err", err)
			t.b = append(t.b, "<content>The archive's copy of this message cannot be read.</content>"...)
		} else {
			msg := mail.Parse(raw)
			t.b = appendReplyTo(t.b, q, msg)
			t.b = appendContent(t.b, q, m, msg)
		}
		t.b = append(t.b, "</entry>"...)
		if len(t.b) >= flushAt {
			t.flush()
		}
	}
	t.b = append(t.b, "</feed>\n"...)
	t.close()
	return nil
}

func appendFeedHead(dst []byte, q *request, f *feed) []byte {
	dst = append(dst, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"+
		"<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:thr=\"http://purl.org/syndication/thread/1.0\">"...)
	dst = appendElement(dst, "title", shownSubject(f.title))
	dst = appendElement(dst, "id", f.id)
	dst = append(dst, "<link rel=\"alternate\" type=\"text/html\" href=\""...)
	dst = appendXML(dst, q.url(f.alternate))
	dst = append(dst, "\"/><link rel=\"self\" type=\"application/atom+xml\" href=\""...)
	dst = append(appendXML(dst, q.url(f.self)), "\"/>"...)
	updated := time.Unix(0, 0)
	for i := range f.entries {
		if f.entries[i].Received.After(updated) {
			updated = f.entries[i].Received
		}
	}
	return append(appendAtomTime(dst, updated), '\n')
}

// appendEntry appends what the overview knows of a message; the caller adds what has to
// be read for, and ends the entry.
func appendEntry(dst []byte, q *request, m *catalog.Summary) []byte {
	dst = append(dst, "<entry><author>"...)
	dst = appendElement(dst, "name", authorName(m.From))
	if at := strings.IndexByte(m.From.Addr, '@'); at > 0 && at < len(m.From.Addr)-1 { // RFC 4287 §3.2.3
		dst = appendElement(dst, "email", m.From.Addr)
	}
	dst = append(dst, "</author>"...)
	dst = appendElement(dst, "title", shownSubject(m.Subject))
	dst = appendAtomTime(dst, m.Received)
	dst = append(dst, "<link href=\""...)
	dst = appendXML(dst, q.url(messagePath(q.inbox.Name, m.MessageID)))
	dst = append(dst, "\"/>"...)
	return appendElement(dst, "id", uuid(m.MessageID))
}

// appendReplyTo appends what a message answers (RFC 4685 §3).
func appendReplyTo(dst []byte, q *request, msg *mail.Message) []byte {
	refs := msg.References()
	if len(refs) == 0 {
		return dst
	}
	parent := refs[len(refs)-1]
	dst = append(dst, "<thr:in-reply-to ref=\""...)
	dst = append(dst, uuid(parent)...)
	dst = append(dst, "\" href=\""...)
	dst = appendXML(dst, q.url(messagePath(q.inbox.Name, parent)))
	return append(dst, "\"/>"...)
}

// maxEntry bounds the text of one message in a feed; a link leads to the rest.
const maxEntry = 256 << 10

// appendContent appends what a message says. What render writes is well-formed XML; in a
// feed its links have to be absolute.
func appendContent(dst []byte, q *request, m *catalog.Summary, msg *mail.Message) []byte {
	dst = append(dst, "<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">"...)
	dst = render.AppendBody(dst, msg, render.Options{
		Self:  q.url(messagePath(q.inbox.Name, m.MessageID)),
		Limit: maxEntry,
	})
	return append(dst, "</div></content>"...)
}

func authorName(a mail.Address) string {
	if name := a.Display(); name != "" {
		return name
	}
	return "(nobody)"
}

func shownSubject(s string) string {
	if strings.TrimSpace(s) == "" {
		return "(no subject)"
	}
	return s
}

// inboxURI gives the id of one of an inbox's feeds; "" names the feed of new messages,
// whose id is the list's address.
func inboxURI(q *request, name string) string {
	if len(q.inbox.Addresses) == 0 {
		return q.url(inboxPath(q.inbox.Name) + name)
	}
	if name == "" {
		return "mailto:" + string(appendEscaped(nil, q.inbox.Addresses[0]))
	}
	return uuid(name + "\n" + q.inbox.Addresses[0])
}

// uuid makes the urn that stands for a name: the first half of its SHA-1. It sets none
// of the bits by which RFC 9562 tells versions apart, because public-inbox does not.
func uuid(name string) string {
	const hex = "0123456789abcdef"
	sum := sha1.Sum([]byte(name))
	b := make([]byte, 0, 45)
	b = append(b, "urn:uuid:"...)
	for i, c := range sum[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, hex[c>>4], hex[c&15])
	}
	return string(b)
}

func appendElement(dst []byte, name, text string) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = appendXML(dst, text)
	return append(append(append(dst, "</"...), name...), '>')
}

// appendAtomTime appends an updated element (RFC 4287 §3.3). Years that the format
// cannot express are clipped: mail claims anything.
func appendAtomTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	if y := t.Year(); y < 0 {
		t = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if y > 9999 {
		t = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	dst = append(dst, "<updated>"...)
	return append(t.AppendFormat(dst, "2006-01-02T15:04:05Z"), "</updated>"...)
}

// appendXML appends s as XML text or attribute value. It is appendText, which takes
// care of control characters, less two that HTML allows and XML does not.
func appendXML(dst []byte, s string) []byte {
	if strings.Contains(s, "\ufffe") || strings.Contains(s, "\uffff") {
		s = strings.NewReplacer("\ufffe", "\ufffd", "\uffff", "\ufffd").Replace(s)
	}
	return appendText(dst, s)
}
