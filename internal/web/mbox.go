package web

import "net/http"

func serveRaw(s *Server, w http.ResponseWriter, q *request) error        { return notFound(s, w, q) }
func serveThreadMbox(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
func serveAllMbox(s *Server, w http.ResponseWriter, q *request) error    { return notFound(s, w, q) }
func serveSearchMbox(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
