package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A panic becomes a status and a log line, not a dropped connection.
func TestLoggedRecovers(t *testing.T) {
	var log bytes.Buffer
	lg := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h := logged(lg, paced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic("oh\nno") })))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/x", nil))
	if rec.Code != http.StatusInternalServerError {
		t.Errorf("status %d", rec.Code)
	}
	for _, want := range []string{"level=ERROR msg=panic", "level=DEBUG msg=request", "status=500", `panic="oh\nno"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
}

// http.ErrAbortHandler is how an answer is cut short; it stays.
func TestLoggedAborts(t *testing.T) {
	h := logged(slog.New(slog.DiscardHandler), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }))
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("recovered %v", p)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/x", nil))
}

// Streams are flushed and deadlines reach the connection through both wrappers.
func TestWrappersKeepController(t *testing.T) {
	wrapped := logged(slog.New(slog.DiscardHandler), paced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_, werr := io.WriteString(w, "part")
		if err := errors.Join(werr, rc.SetReadDeadline(time.Now().Add(time.Minute)), rc.Flush()); err != nil {
			t.Error(err)
		}
		if _, ok := w.(http.Flusher); !ok {
			t.Error("not a Flusher")
		}
	})))
	srv := httptest.NewServer(wrapped)
	defer srv.Close()
	resp, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); string(b) != "part" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}
