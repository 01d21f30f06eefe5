package web

import "net/http"

func serveTextRaw(s *Server, w http.ResponseWriter, q *request) error     { return notFound(s, w, q) }
func serveConfigRaw(s *Server, w http.ResponseWriter, q *request) error   { return notFound(s, w, q) }
func serveDescription(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }

// serveText is a page: it appends HTML after p.begin.
func serveText(s *Server, q *request, p *page) error {
	return notFound(s, nil, q)
}
