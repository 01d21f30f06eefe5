package web

import "net/http"

func serveNewAtom(s *Server, w http.ResponseWriter, q *request) error    { return notFound(s, w, q) }
func serveTopicsAtom(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
func serveThreadAtom(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
func serveSearchAtom(s *Server, w http.ResponseWriter, q *request) error { return notFound(s, w, q) }
