package main

import (
	"log/slog"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
	"time"
)

// writeStall is how long a client may take to accept what is written to it. It bounds
// a stalled connection, not the length of an answer.
const writeStall = time.Minute

// paced ends connections to clients that stopped reading.
func paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&pacedWriter{ResponseWriter: w, rc: http.NewResponseController(w)}, r)
	})
}

// pacedWriter moves the write deadline ahead of every write.
type pacedWriter struct {
	http.ResponseWriter
	rc   *http.ResponseController
	next time.Time // when the deadline has to move again
}

// Write writes to the client.
func (w *pacedWriter) Write(p []byte) (int, error) {
	// Setting a deadline costs more than a small write: do it now and then.
	if now := time.Now(); now.After(w.next) {
		_ = w.rc.SetWriteDeadline(now.Add(writeStall)) // test recorders have none
		w.next = now.Add(writeStall / 4)
	}
	return w.ResponseWriter.Write(p)
}

// Flush hands what was written to the client.
func (w *pacedWriter) Flush() { _ = w.rc.Flush() }

// Unwrap is for http.ResponseController.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logged writes a line a request at level debug, and turns a panic, which is a fault of
// ours, into a logged error and an answer.
func logged(lg *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p) // how a handler cuts an answer short; net/http knows it
				}
				lg.Error("panic", "method", r.Method, "url", r.URL.String(), "panic", p, "stack", string(debug.Stack()))
				if rec.status == 0 {
					http.Error(rec, "internal error", http.StatusInternalServerError)
				}
			}
			lg.Debug("request", "method", r.Method, "url", r.URL.String(), "status", rec.status,
				"bytes", rec.bytes, "elapsed", time.Since(start), "remote", r.RemoteAddr)
		}()
		next.ServeHTTP(rec, r)
	})
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader sends the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush hands what was written to the client.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// profiles serves net/http/pprof.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
