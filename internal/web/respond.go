package web

import (
	"net/http"
	"strconv"
)

// page is an HTML answer being built in memory: a handler does its look-ups, calls
// begin, and appends what goes between the frame's header and footer to b.
type page struct {
	b      []byte
	status int // 0 = 200
}

// head is what the frame of a page needs to know.
type head struct {
	title string
	atom  string // path of the feed that belongs to the page; "" = the inbox's
}

// pageFunc builds a page. On an error, what it appended is dropped.
type pageFunc func(s *Server, q *request, p *page) error

// begin writes the frame up to the page's own content.
func (p *page) begin(s *Server, q *request, h head) {
	p.b = append(p.b, "<!doctype html><html lang=en><title>"...)
	p.b = append(appendText(p.b, h.title), "</title><main>"...)
}

// htmlPage makes a handler of a pageFunc.
func htmlPage(f pageFunc) handler {
	return func(s *Server, w http.ResponseWriter, q *request) error {
		p := &page{}
		if err := f(s, q, p); err != nil {
			return err
		}
		s.send(w, q, p)
		return nil
	}
}

// send writes a finished page.
func (s *Server) send(w http.ResponseWriter, q *request, p *page) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(p.b)))
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	if q.Method != http.MethodHead {
		_, _ = w.Write(p.b)
	}
}

// failPage answers with a page that says what is wrong.
func (s *Server) failPage(w http.ResponseWriter, q *request, code int, said, hint string) {
	p := &page{status: code}
	p.begin(s, q, head{title: http.StatusText(code)})
	p.b = append(appendText(append(p.b, "<p>"...), said), "</p>"...)
	if hint != "" {
		p.b = append(appendText(append(p.b, "<p>"...), hint), "</p>"...)
	}
	s.send(w, q, p)
}
