package web

import "net/http"

func serveAttachment(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
