package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// evil is a mail that tries everything, in every place that reaches a page.
const evil = `
From: "<script>alert(1)</script>" <"><img src=x onerror=alert(2)>@example.org>
To: "a\"b" <c@example.org>, javascript:alert(3), <x@y> onmouseover=alert(4)
Cc: =?utf-8?q?=3Cb=3E=0D=0ASet-Cookie=3A_x=3D1?= <d@example.org>
Subject: </title><script>alert(5)</script> =?utf-8?q?=0D=0AX-Evil:_1?=
Date: <script>alert(6)</script>
Message-ID: <"><script>alert(7)</script>@example.org>
In-Reply-To: <javascript:alert(8)//@example.org>
References: <javascript:alert(8)//@example.org>
Content-Type: multipart/mixed; boundary=b

--b

http://example.org/"onmouseover="alert(9) javascript:alert(10) <b>
> </span></pre><script>alert(11)</script>
diff --git a/"><script> b/"><script>
--- a/"><script>
+++ b/"><script>
@@ -1 +1 @@ </span><script>
-</span>
+<script>alert(12)</script>
--b
Content-Type: text/html; name="x.html\"><script>"
Content-Disposition: attachment; filename="../../<script>.html"

<script>alert(13)</script>
--b--
`

func TestHostileMail(t *testing.T) {
	cat := newForum(append([]string{evil}, talk...)...)
	id := escape(cat.articles[0].MessageID)
	if cat.articles[0].MessageID == "" {
		t.Fatal("no Message-ID")
	}
	for _, target := range []string{
		"/knit/", "/knit/" + id + "/", "/knit/" + id + "/T/", "/knit/" + id + "/t/", "/knit/new.html",
		"/knit/topics_new.html", "/knit/?q=script", "/knit/?q=script&x=t", "/knit/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
		"/knit/%22%3E%3Cscript%3Ealert(1)%3C/script%3E@x/", "/%3Cscript%3Ealert(1)%3C/", "/knit/_/text/%3Cscript%3E/",
		"/knit/?q=(%3Cscript%3E(",
	} {
		x := ask(t, cat, http.MethodGet, target, "")
		checkInert(t, target, x.ResponseRecorder)
	}
}

// checkInert fails the test unless an HTML answer can do nothing: the only script is
// ours, no attribute runs anything, and every link leads where links may lead.
func checkInert(t *testing.T, target string, w *httptest.ResponseRecorder) {
	t.Helper()
	for name, values := range w.Header() {
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n") || name == "Set-Cookie" || name == "X-Evil" {
				t.Errorf("%s: header %s: %q", target, name, v)
			}
		}
	}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return
	}
	d := parse(t, w.Body.String())
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if src, _ := attrOf(n, "src"); !strings.HasPrefix(src, "/-/app-") || n.FirstChild != nil {
				t.Errorf("%s: script %q", target, src)
			}
		case "img", "iframe", "object", "embed", "base", "svg", "math", "style":
			t.Errorf("%s: <%s>", target, n.Data)
		}
		for _, a := range n.Attr {
			checkAttribute(t, target, n, a)
		}
	}
}

func checkAttribute(t *testing.T, target string, n *html.Node, a html.Attribute) {
	t.Helper()
	if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
		t.Errorf("%s: <%s %s=%q>", target, n.Data, a.Key, a.Val)
	}
	if a.Key != "href" && a.Key != "src" && a.Key != "action" {
		return
	}
	u, err := url.Parse(a.Val)
	if err != nil {
		t.Errorf("%s: <%s %s=%q>: %v", target, n.Data, a.Key, a.Val, err)
		return
	}
	switch {
	case strings.HasPrefix(a.Val, "//"):
		t.Errorf("%s: leads to another host: %q", target, a.Val)
	case u.Scheme == "" && (strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "#") || a.Val == "raw"):
	case u.Scheme == "http", u.Scheme == "https", u.Scheme == "mailto":
	default:
		t.Errorf("%s: <%s %s=%q>", target, n.Data, a.Key, a.Val)
	}
}

// FuzzURL asks for anything: no path makes the server fail, redirect to another host
// or send a page that can do something.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{"/knit/cover@example.org/T/", "/knit/?q=a&x=t&o=-1", "/%3C%22%3E/", "/knit/m/%0d%0a", "//evil.example/", "/knit/%%%/raw", "/-/x", "/knit/0/objects/%2e%2e/config", "/knit/?t=99999999-"} {
		f.Add(seed)
	}
	cat := newForum(append([]string{evil}, talk...)...)
	s := New(quiet, cat, Options{})
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
			return
		}
		r := httptest.NewRequest(http.MethodGet, "http://lists.example.net/", nil)
		r.URL = u
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%q: %d %s", target, w.Code, w.Body)
		}
		if l := w.Header().Get("Location"); l != "" && !strings.HasPrefix(l, "http://lists.example.net/") {
			t.Errorf("%q leads to %q", target, l)
		}
		checkInert(t, target, w)
	})
}
