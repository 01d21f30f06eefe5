package web

import "net/http"

func serveManifest(s *Server, w http.ResponseWriter, q *request) error    { return notFound(s, w, q) }
func serveTopManifest(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
