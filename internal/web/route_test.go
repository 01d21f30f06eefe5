package web

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"bobbin/internal/catalog"
)

// Every redirect that public-inbox makes, and those that mend what it gets wrong.
func TestRedirects(t *testing.T) {
	const base = "http://lists.example.net"
	cat := newForum(talk...)
	cat.elsewhere = map[string][]catalog.Elsewhere{
		"cover@example.org": {{Inbox: "knit", MessageID: "cover@example.org"}},
		"a/b@example.org":   {{Inbox: "knit", MessageID: "a/b@example.org"}},
	}
	for _, c := range []struct {
		from string
		code int
		to   string
	}{
		{"/?q=a+b&a=search+all", 302, "/all/?q=a+b"},
		{"/knit", 301, "/knit/"},
		{"/knit?q=x%20y", 301, "/knit/?q=x%20y"},
		{"/knit/?r=1", 302, "/knit/new.html"},
		{"/knit/a%40b", 301, "/knit/a@b/"},
		{"/knit/a@b?x=t&y", 301, "/knit/a@b/?x=t&y"},
		{"/knit/a@b/T", 301, "/knit/a@b/T/#u"},
		{"/knit/a@b/t?x=1", 301, "/knit/a@b/t/?x=1#u"},
		{"/knit/a@b/R", 301, "/knit/a@b/#R"},
		{"/knit/a@b/R/", 301, "/knit/a@b/#R"},
		{"/knit/a@b/f/", 301, "/knit/a@b/"},
		{"/knit/a@b/d/", 301, "/knit/a@b/"},
		{"/knit/%3Ca@b%3E/", 301, "/knit/a@b/"},
		{"/knit/%3Ca@b%3E", 301, "/knit/a@b/"},
		{"/knit/%3Ca@b%3E/raw", 301, "/knit/a@b/raw"},
		{"/knit/%3Ca@b%3E/T/", 301, "/knit/a@b/T/"},
		{"/knit/x/y@b", 301, "/knit/x%2Fy@b/"},
		{"/knit/../../etc/passwd", 301, "/knit/..%2F..%2Fetc%2Fpasswd/"}, // one odd Message-ID
		{"/knit/m/a@b", 301, "/knit/a@b/"},
		{"/knit/m/a@b/", 301, "/knit/a@b/"},
		{"/knit/m/a@b.html", 301, "/knit/a@b/"},
		{"/knit/m/a@b.txt", 301, "/knit/a@b/raw"},
		{"/knit/m/a@b/raw", 301, "/knit/a@b/raw"},
		{"/knit/f/a@b.html", 301, "/knit/a@b/"},
		{"/knit/f/%3Ca@b%3E/", 301, "/knit/a@b/"},
		{"/knit/t/a@b", 301, "/knit/a@b/t/#u"},
		{"/knit/t/a@b.html", 301, "/knit/a@b/t/#u"},
		{"/knit/t/a@b/mbox", 301, "/knit/a@b/t.mbox.gz"},
		{"/knit/t/a@b/mbox.gz", 301, "/knit/a@b/t.mbox.gz"},
		{"/knit/t/a@b.mbox.gz", 301, "/knit/a@b/t.mbox.gz"},
		{"/knit/_/text/mirror", 302, "/knit/_/text/mirror/"},
		{"/inbox.comp.purl", 301, "/purl/"},
		{"/inbox.comp.purl/", 301, "/purl/"},
		{"/cover@example.org/", 302, "/knit/cover@example.org/"},
		{"/cover@example.org", 302, "/knit/cover@example.org/"},
		{"/cover@example.org/T/", 302, "/knit/cover@example.org/T/"},
		{"/cover@example.org/raw", 302, "/knit/cover@example.org/raw"},
		{"/%3Ccover@example.org%3E/", 302, "/knit/cover@example.org/"},
		{"/a/b@example.org/", 302, "/knit/a%2Fb@example.org/"},
		{"/a%2Fb@example.org/T/", 302, "/knit/a%2Fb@example.org/T/"},
	} {
		x := ask(t, cat, http.MethodGet, c.from, "")
		if got := x.Header().Get("Location"); x.Code != c.code || got != base+c.to {
			t.Errorf("%s: %d %s, want %d %s", c.from, x.Code, got, c.code, base+c.to)
		}
	}
}

func TestNewsgroupArticle(t *testing.T) {
	cat := newForum(talk...)
	cat.box.Newsgroup = "inbox.comp.knit"
	x := ask(t, cat, http.MethodGet, "/inbox.comp.knit/1", "")
	x.want(302, "Location: http://lists.example.net/knit/cover@example.org/")
	for _, no := range []string{"0", "-1", "99", "x", "1/2"} {
		ask(t, cat, http.MethodGet, "/inbox.comp.knit/"+no, "").want(404)
	}
}

// What a path's words mean, right to left; a Message-ID may hold nearly anything.
func TestRouteMessage(t *testing.T) {
	for _, c := range []struct{ path, msgid, file string }{
		{"/knit/a@b/", "a@b", ""},
		{"/knit/a/b@c/", "a/b@c", ""},
		{"/knit/a%2Fb@c/T/", "a/b@c", ""},
		{"/knit/a/b@c/T/", "a/b@c", ""},
		{"/knit/a/b@c/t.mbox.gz", "a/b@c", ""},
		{"/knit/a/T/raw", "a/T", ""},
		{"/knit/T/", "T", ""},
		{"/knit/a%2FT/", "a/T", ""},
		{"/knit/raw/", "raw", ""},
		{"/knit/7/", "7", ""},
		{"/knit/7/raw", "7", ""},
		{"/knit/a@b/2-x.patch", "a@b", "2-x.patch"},
		{"/knit/a@b/2.1.2-a.txt", "a@b", "2.1.2-a.txt"},
		{"/knit/a@b/2-x@y/", "a@b/2-x@y", ""},
		{"/knit/a%20%22b%22@c/", `a "b"@c`, ""},
		{"/knit/%E2%98%83@c/", "☃@c", ""},
		{"/knit/a%FFb@c/", "a\ufffdb@c", ""},
		{"/knit/100%25@c/", "100%@c", ""},
	} {
		q, _ := routed(t, c.path)
		if q.msgid != c.msgid || q.file != c.file {
			t.Errorf("%s: message %q, file %q", c.path, q.msgid, q.file)
		}
	}
}

func TestRouteGit(t *testing.T) {
	for _, c := range []struct {
		path, file string
		epoch      int
	}{
		{"/knit/0/info/refs", "info/refs", 0},
		{"/knit/12.git/HEAD", "HEAD", 12},
		{"/knit/git/3.git/objects/12/34", "objects/12/34", 3},
		{"/knit/0/objects/../config", "objects/../config", 0}, // for the handler to refuse
	} {
		q, _ := routed(t, c.path)
		if q.file != c.file || q.epoch != c.epoch || q.msgid != "" {
			t.Errorf("%s: epoch %d, file %q, message %q", c.path, q.epoch, q.file, q.msgid)
		}
	}
	for _, path := range []string{"/knit/0/config", "/knit/-1/HEAD", "/knit/+1/HEAD", "/knit/git/0/HEAD"} {
		if q, _ := routed(t, path); q.msgid == "" && q.file != "" {
			t.Errorf("%s is a git path", path)
		}
	}
}

func routed(t *testing.T, path string) (*request, route) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://lists.example.net"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := &request{Request: r, base: "http://lists.example.net"}
	rt, _ := New(quiet, newForum(talk...), Options{}).route(q)
	return q, rt
}

func TestNotThere(t *testing.T) {
	cat := newForum(talk...)
	for _, target := range []string{
		"/nothing", "/nothing/", "/..", "/../", "/../etc/passwd", "/knit/%2e%2e/", "/knit/..", "/knit/../T/", "/%2e%2e%2fknit/",
		"/knit//", "/knit//T/", "//", "/knit/2026-03.mbox.gz", "/knit/x.sql.gz", "/knit/userContent.css", "/knit/_/text/nothing/",
		"/knit/_/text/help/x", "/-/nothing.css", "/-/../server.go", "/-/", "/knit/a%00b@c/", "/knit/a%0D%0Ab@c/",
		"/knit/" + strings.Repeat("a", 2000) + "/", "/knit/1234567/s/",
	} {
		x := ask(t, cat, http.MethodGet, target, "")
		if x.Code != 404 {
			t.Errorf("%s: %d", target, x.Code)
		}
	}
}

func TestMethods(t *testing.T) {
	cat := newForum(talk...)
	for _, c := range []struct {
		method, target string
		code           int
		allow          string
	}{
		{"POST", "/", 405, "GET, HEAD"},
		{"POST", "/knit/", 404, ""},
		{"PUT", "/knit/", 405, "GET, HEAD"},
		{"POST", "/knit/?q=x", 404, ""}, // no results
		{"POST", "/knit/?q=PATCH&x=m", 200, ""},
		{"POST", "/knit/cover@example.org/", 405, "GET, HEAD"},
		{"POST", "/knit/cover@example.org/T/", 405, "GET, HEAD"},
		{"POST", "/knit/new.html", 405, "GET, HEAD"},
		{"DELETE", "/knit/cover@example.org/raw", 405, "GET, HEAD"},
		{"GET", "/knit/0/git-upload-pack", 405, "POST"},
		{"OPTIONS", "/", 405, "GET, HEAD"},
	} {
		x := ask(t, cat, c.method, c.target, "")
		if x.Code != c.code || x.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q", c.method, c.target, x.Code, x.Header().Get("Allow"))
		}
		if x.Code == 405 && !strings.HasPrefix(x.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s %s: %s", c.method, c.target, x.Header().Get("Content-Type"))
		}
	}
}

func TestStatic(t *testing.T) {
	cat := newForum(talk...)
	d := fetch(t, cat, "/", 200)
	for _, path := range append(d.attrs("link[rel=stylesheet]", "href"), d.attrs("script", "src")...) {
		x := ask(t, cat, http.MethodGet, path, "", "Accept-Encoding: gzip")
		x.want(200, "Cache-Control: public, max-age=31536000, immutable", "Content-Encoding: gzip")
		plain := ask(t, cat, http.MethodGet, path, "")
		if x.gunzip() != plain.Body.String() {
			t.Errorf("%s: compressed differs", path)
		}
		old := ask(t, cat, http.MethodGet, path[:strings.LastIndexByte(path, '-')]+"-000000000000"+path[strings.LastIndexByte(path, '.'):], "")
		old.want(200, "Cache-Control: no-cache")
	}
	ask(t, cat, http.MethodGet, "/favicon.ico", "").want(200, "Content-Type: image/svg+xml", "Cache-Control: public, max-age=86400")
	x := ask(t, cat, http.MethodGet, "/robots.txt", "")
	if b, _ := io.ReadAll(x.Body); !strings.HasPrefix(string(b), "#") {
		t.Errorf("robots.txt: %.40q", b)
	}
}
