package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"bobbin/internal/errs"
)

var errBadHost = errs.New(errs.Invalid, "the Host header names no host")

// methodError refuses a method; Allow says what would do.
type methodError struct{ allow string }

func (e *methodError) Error() string { return "method not allowed here; use " + e.allow }

// brokenError is a fault after the first byte of the answer.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// broken wraps a fault that a handler meets after it has begun to write: the
// connection is then cut, so that a download does not look complete.
func broken(err error) error { return &brokenError{err} }

// status is the one table from an error to an HTTP status.
func status(err error) int {
	var m *methodError
	if errors.As(err, &m) {
		return http.StatusMethodNotAllowed
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return http.StatusRequestEntityTooLarge
	}
	switch errs.KindOf(err) {
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Invalid:
		return http.StatusBadRequest
	case errs.Exists:
		return http.StatusConflict
	case errs.Busy:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fail answers a request whose handler returned an error.
func (s *Server) fail(w http.ResponseWriter, q *request, rt route, err error) {
	code := status(err)
	if errors.Is(err, context.Canceled) && q.Context().Err() != nil {
		return // nobody is listening
	}
	var cut *brokenError
	if errors.As(err, &cut) {
		s.lg.Error("answer cut short", "path", q.URL.EscapedPath(), "err", err)
		panic(http.ErrAbortHandler)
	}
	said := err.Error()
	if code == http.StatusInternalServerError {
		s.lg.Error("request", "method", q.Method, "path", q.URL.EscapedPath(), "err", err)
		said = "Something went wrong on this server. It has been noted in the log."
		if errs.Is(err, errs.Corrupt) {
			said = "The archive's copy of this is damaged or missing. It has been noted in the log."
		}
	}
	h := w.Header()
	for _, k := range []string{"Content-Encoding", "Content-Disposition", "ETag", "Last-Modified", "Content-Length"} {
		h.Del(k)
	}
	h.Set("Cache-Control", "no-cache")
	var m *methodError
	if errors.As(err, &m) {
		h.Set("Allow", m.allow)
	}
	if code == http.StatusServiceUnavailable {
		h.Set("Retry-After", "5")
	}
	if rt.html && code != http.StatusMethodNotAllowed {
		s.failPage(w, q, code, said, errs.HintOf(err))
		return
	}
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	w.WriteHeader(code)
	if q.Method != http.MethodHead {
		fmt.Fprintf(w, "%s\n", said)
	}
}

// recover turns a panic, which is a fault of ours, into a logged 500.
func (s *Server) recover(w http.ResponseWriter, q *request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v) // net/http closes the connection
	}
	s.lg.Error("panic", "path", q.URL.EscapedPath(), "value", fmt.Sprint(v), "stack", string(debug.Stack()))
	if q.begun {
		panic(http.ErrAbortHandler)
	}
	http.Error(w, "Something went wrong on this server.", http.StatusInternalServerError)
}
