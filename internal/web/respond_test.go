package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bobbin/internal/errs"
)

var quiet = slog.New(slog.DiscardHandler)

// get asks a server that lives longer than one request.
func get(s *Server, target string, head ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://lists.example.net"+target, nil)
	for _, h := range head {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestValidators(t *testing.T) {
	s := New(quiet, newForum(talk...), Options{})
	plain := get(s, "/knit/cover@example.org/")
	etag := plain.Header().Get("ETag")
	if etag == "" || strings.HasPrefix(etag, "W/") || plain.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("ETag %q, Cache-Control %q", etag, plain.Header().Get("Cache-Control"))
	}
	zipped := get(s, "/knit/cover@example.org/", "Accept-Encoding: br, gzip;q=0.8")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Header().Get("ETag") == etag || zipped.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("compressed: %v", zipped.Header())
	}
	if (exchange{t, zipped}).gunzip() != plain.Body.String() {
		t.Error("the compressed page is another")
	}
	for _, v := range []string{etag, "W/" + etag, `"other", ` + etag, "*"} {
		if w := get(s, "/knit/cover@example.org/", "If-None-Match: "+v); w.Code != 304 || w.Body.Len() > 0 || w.Header().Get("ETag") != etag {
			t.Errorf("If-None-Match %s: %d", v, w.Code)
		}
	}
	for _, v := range []string{`"other"`, strings.Trim(etag, `"`), zipped.Header().Get("ETag")} {
		if w := get(s, "/knit/cover@example.org/", "If-None-Match: "+v); w.Code != 200 {
			t.Errorf("If-None-Match %s: %d", v, w.Code)
		}
	}
	if w := get(s, "/knit/nobody@example.org/", "If-None-Match: *"); w.Code != 404 {
		t.Errorf("a miss with If-None-Match: %d", w.Code)
	}
}

// A page asked for again is not built again until the catalog changes, and never mixed
// up with that of another host, query or encoding.
func TestPagesAreKept(t *testing.T) {
	cat := newForum(talk...)
	s := New(quiet, cat, Options{})
	for range 5 {
		get(s, "/knit/cover@example.org/")
	}
	if built := cat.renders; built != 4 { // two pages, two look-ups each
		t.Errorf("%d look-ups", built)
	}
	cat.renders = 0
	cat.gen++
	get(s, "/knit/cover@example.org/")
	if cat.renders == 0 {
		t.Error("kept across a change of the catalog")
	}
	get(s, "/knit/cover@example.org/", "Accept-Encoding: gzip")
	if w := get(s, "/knit/cover@example.org/"); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for one who does not take it")
	}
	if w := get(s, "/knit/?q=PATCH&x=t"); w.Code != 200 {
		t.Errorf("search: %d", w.Code)
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache(64 << 10)
	for i := range 1000 {
		key := fmt.Appendf(nil, "page %d", i)
		if c.wanted(key) {
			t.Errorf("%s is wanted before it was asked for", key)
		}
		if !c.wanted(key) {
			t.Errorf("%s is not wanted the second time", key)
		}
		c.put(key, answer{generation: 1, body: make([]byte, 1000)})
		if c.bytes > c.max || c.order.Len() != len(c.items) {
			t.Fatalf("%d bytes of %d, %d entries, %d keys", c.bytes, c.max, c.order.Len(), len(c.items))
		}
	}
	if _, ok := c.get([]byte("page 999"), 1); !ok {
		t.Error("the latest is gone")
	}
	if _, ok := c.get([]byte("page 0"), 1); ok {
		t.Error("the first is still there")
	}
	c.put([]byte("huge"), answer{body: make([]byte, 10<<10)})
	if _, ok := c.get([]byte("huge"), 0); ok {
		t.Error("one page may not take a large part of the room")
	}
}

func TestSecurityHeaders(t *testing.T) {
	cat := newForum(talk...)
	for _, target := range []string{"/", "/knit/cover@example.org/", "/knit/cover@example.org/raw", "/knit/nobody/", "/knit/?q=(", "/knit"} {
		x := ask(t, cat, http.MethodGet, target, "")
		for name, want := range map[string]string{
			"Content-Security-Policy": policy[0], "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		} {
			if got := x.Header().Get(name); got != want {
				t.Errorf("%s: %s: %q", target, name, got)
			}
		}
	}
}

func TestHosts(t *testing.T) {
	for host, ok := range map[string]bool{
		"lists.example.org": true, "lists.example.org:8080": true, "127.0.0.1:80": true, "[::1]:8025": true, "a_b": true,
		"": false, "a b": false, "a/b": false, "a\"b": false, "x:port": false, "x:123456": false, "[::1": false, "[<x>]": false,
		"a@b": false, strings.Repeat("a", 300): false, "ünï": false, ":80": false,
	} {
		if validHost(host) != ok {
			t.Errorf("%q: %t", host, !ok)
		}
	}
	s := New(quiet, newForum(talk...), Options{})
	r := httptest.NewRequest(http.MethodGet, "/knit", nil)
	r.Host = "evil<script>"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 400 || strings.Contains(w.Body.String(), "script") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestForwardedProto(t *testing.T) {
	for _, c := range []struct {
		trust bool
		value string
		want  string
	}{
		{false, "https", "http://lists.example.net/knit/"},
		{true, "https", "https://lists.example.net/knit/"},
		{true, "javascript", "http://lists.example.net/knit/"},
		{true, "", "http://lists.example.net/knit/"},
	} {
		w := get(New(quiet, newForum(talk...), Options{TrustProxy: c.trust}), "/knit", "X-Forwarded-Proto: "+c.value)
		if got := w.Header().Get("Location"); got != c.want {
			t.Errorf("%t %q: %s", c.trust, c.value, got)
		}
	}
}

func TestStatus(t *testing.T) {
	for err, want := range map[error]int{
		errs.New(errs.NotFound, "x"):                     404,
		errs.New(errs.Invalid, "x"):                      400,
		errs.New(errs.Busy, "x"):                         503,
		errs.New(errs.Corrupt, "x"):                      500,
		errs.New(errs.Exists, "x"):                       409,
		errors.New("x"):                                  500,
		&methodError{"GET"}:                              405,
		fmt.Errorf("y: %w", errs.New(errs.NotFound, "")): 404,
		&http.MaxBytesError{}:                            413,
	} {
		if got := status(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

// A fault of ours is logged and answered; it does not take the server down, and its
// text stays inside.
func TestFaults(t *testing.T) {
	cat := newForum(talk...)
	cat.fault = map[string]error{cat.articles[0].Blob: errors.New("disk /secret/path is on fire")}
	for _, target := range []string{"/knit/cover@example.org/", "/knit/cover@example.org/raw"} {
		x := ask(t, cat, http.MethodGet, target, "")
		if x.Code != 500 || strings.Contains(x.Body.String(), "secret") {
			t.Errorf("%s: %d %q", target, x.Code, x.Body)
		}
	}
	s := New(quiet, nil, Options{}) // every look-up panics
	if w := get(s, "/knit/"); w.Code != 500 {
		t.Errorf("panic: %d", w.Code)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for v, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.5": true, "*": true,
		"identity": false, "gzip;q=x": false, "deflate, gzip;q=1.0, *;q=0.5": true,
	} {
		if acceptsGzip(v) != want {
			t.Errorf("%q: %t", v, !want)
		}
	}
}
