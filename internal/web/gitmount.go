package web

import "net/http"

func serveGit(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
