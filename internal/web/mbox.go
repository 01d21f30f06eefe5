package web

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mbox"
	"bobbin/internal/web/render"
)

// download is an mboxrd file, compressed, on its way to a visitor. One mail is in
// memory at a time.
type download struct {
	stream
	name string // file name without extension
	n    int    // mails added
}

// newDownload prepares a download. Its type is that of the file: programs such as b4
// and lei uncompress the payload themselves and would be upset by a Content-Encoding.
func newDownload(s *Server, w http.ResponseWriter, q *request, name string) *download {
	w.Header()["Content-Type"] = []string{"application/gzip"}
	w.Header()["Content-Disposition"] = []string{"inline; filename=" + name + ".mbox.gz"}
	return &download{stream: stream{s: s, w: w, q: q, payload: true}, name: name}
}

// add appends a mail. One that cannot be read is left out: the rest is worth having.
func (d *download) add(blob string) error {
	raw, err := d.s.cat.Raw(d.q.Context(), blob)
	if err != nil {
		if !unreadable(err) {
			return d.fail(err)
		}
		d.s.lg.Warn("left out of mbox", "inbox", d.q.inbox.Name, "blob", blob, "err", err)
		return nil
	}
	d.n++
	if d.b = mbox.Append(d.b, raw); len(d.b) >= flushAt {
		d.flush()
	}
	return nil
}

// serveThreadMbox answers MSGID/t.mbox.gz and, for old links, MSGID/t.mbox: the thread
// and what belongs to it by subject, in article order.
func serveThreadMbox(s *Server, w http.ResponseWriter, q *request) error {
	articles, err := s.threadArticles(q)
	if err != nil {
		return err
	}
	if validate(w, q, blobsOf(articles)...) {
		return nil
	}
	d := newDownload(s, w, q, render.Slug(articles[0].Subject))
	if q.Method == http.MethodHead {
		return nil
	}
	for i := range articles {
		if err := d.add(articles[i].Blob); err != nil {
			return err
		}
	}
	if d.n == 0 {
		return errs.New(errs.Corrupt, "no message of the thread of <%s> can be read", q.msgid)
	}
	d.close()
	return nil
}

// threadArticles gives the messages of the request's thread as its inbox holds them.
func (s *Server) threadArticles(q *request) ([]catalog.Article, error) {
	t, err := s.cat.Thread(q.Context(), q.inbox.Name, q.msgid, true)
	if err != nil {
		return nil, err
	}
	articles := make([]catalog.Article, 0, len(t.Messages))
	if q.inbox.IsAll() {
		for _, m := range t.Messages {
			articles = append(articles, catalog.Article{Summary: m, Blob: m.Blob})
		}
		slices.SortStableFunc(articles, func(a, b catalog.Article) int { return a.Summary.Received.Compare(b.Summary.Received) })
		return articles, nil
	}
	seen := make(map[string]bool, len(t.Messages))
	for _, m := range t.Messages {
		if seen[m.MessageID] { // two messages with one id come with the first
			continue
		}
		seen[m.MessageID] = true
		copies, err := s.cat.Messages(q.Context(), q.inbox.Name, m.MessageID)
		if errs.Is(err, errs.NotFound) { // removed a moment ago
			continue
		}
		if err != nil {
			return nil, err
		}
		articles = append(articles, copies...)
	}
	slices.SortFunc(articles, func(a, b catalog.Article) int { return int(a.Number - b.Number) })
	articles = slices.CompactFunc(articles, func(a, b catalog.Article) bool { return a.Number == b.Number })
	if len(articles) == 0 {
		return nil, errs.New(errs.NotFound, "no message <%s> in %s", q.msgid, q.inbox.Name)
	}
	return articles, nil
}

// serveAllMbox answers all.mbox.gz: the whole inbox in article order.
func serveAllMbox(s *Server, w http.ResponseWriter, q *request) error {
	d := newDownload(s, w, q, "all")
	if q.Method == http.MethodHead {
		return nil
	}
	for a, err := range s.cat.Articles(q.Context(), q.inbox.Name, 0) {
		if err != nil {
			return d.fail(err)
		}
		if err := d.add(a.Blob); err != nil {
			return err
		}
	}
	d.close()
	return nil
}

// maxForm bounds the body of a POST: a form with two buttons.
const maxForm = 4 << 10

// serveSearchMbox answers POST ?x=m&q=QUERY: what a search finds, newest first, or with
// t=1 the whole threads of it. The button "full threads" of the search page says the
// same in the body, as x=full threads.
func serveSearchMbox(s *Server, w http.ResponseWriter, q *request) error {
	form, err := io.ReadAll(http.MaxBytesReader(w, q.Body, maxForm))
	if err != nil {
		return err
	}
	button := parseArgs(string(form)).get("x")
	threads := q.args.has("t") || button != "" && !strings.HasPrefix(button, "0")
	text := q.args.get("q")
	if strings.TrimSpace(text) == "" && q.msgid == "" {
		return serveAllMbox(s, w, q)
	}
	if q.msgid != "" { // an unknown message has no thread, and must not mean "everywhere"
		if _, err := s.cat.Messages(q.Context(), q.inbox.Name, q.msgid); err != nil {
			return err
		}
	}
	name := "results-"
	if threads {
		name += "thread-"
	}
	d := newDownload(s, w, q, name+render.Slug(text))
	r := catalog.Request{Inbox: q.inbox.Name, Query: text, Thread: q.msgid}
	for a, err := range s.cat.Matches(q.Context(), r, threads) {
		if err != nil {
			return d.fail(err)
		}
		if err := d.add(a.Blob); err != nil {
			return err
		}
	}
	if d.n == 0 {
		return errs.New(errs.NotFound, "No results found")
	}
	d.close()
	return nil
}
