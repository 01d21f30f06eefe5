package web

import "net/http"

func serveListing(s *Server, q *request, p *page) error      { return nil }
func serveLanding(s *Server, q *request, p *page) error      { return nil }
func serveNew(s *Server, q *request, p *page) error          { return nil }
func serveTopics(s *Server, q *request, p *page) error       { return nil }
func serveSearch(s *Server, q *request, p *page) error       { return nil }
func serveMessage(s *Server, q *request, p *page) error      { return nil }
func serveThreadFlat(s *Server, q *request, p *page) error   { return nil }
func serveThreadNested(s *Server, q *request, p *page) error { return nil }

func serveStatic(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
