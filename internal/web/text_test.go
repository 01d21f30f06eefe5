package web

import (
	"encoding/json"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"bobbin/internal/catalog"
)

func TestTexts(t *testing.T) {
	f := newShelf(mailOne)
	f.box.Epochs = []catalog.Epoch{{N: 0, Tip: "aa", Ref: "refs/heads/master"}, {N: 1, Tip: "bb", Ref: "refs/heads/master"}}
	for key, want := range map[string][]string{
		"help":   {"s:\"circular\nlocking\"", "http://lists.example.net/knit/<Message-ID>/", "thread:"},
		"mirror": {"git clone --mirror http://lists.example.net/knit/0 \\\n    knit/git/0.git  # oldest", "knit/git/1.git  # newest", "bobbin add knit ./knit", "git --git-dir=knit/git/1.git fetch"},
		"color":  {".hunk", "http://lists.example.net/-/style"},
		"config": {"[publicinbox \"knit\"]", "address = knit@example.org"},
	} {
		for _, box := range []string{"knit", "all"} {
			x := ask(t, f, "GET", "/"+box+"/_/text/"+key+"/raw", "")
			x.want(200, "Content-Type: text/plain; charset=UTF-8")
			for _, w := range want {
				if box == "knit" && !strings.Contains(x.Body.String(), w) {
					t.Errorf("%s: no %q in %s", key, w, x.Body)
				}
			}
			for line := range strings.SplitSeq(x.Body.String(), "\n") {
				if len(line) > 110 {
					t.Errorf("%s: long line %q", key, line)
				}
			}
			page := ask(t, f, "GET", "/"+box+"/_/text/"+key+"/", "")
			page.want(200, "Content-Type: text/html; charset=UTF-8")
			if _, err := html.Parse(page.Body); err != nil {
				t.Error(err)
			}
		}
		ask(t, f, "HEAD", "/knit/_/text/"+key+"/", "").want(200)
		ask(t, f, "GET", "/knit/_/text/"+key, "").want(302, "Location: http://lists.example.net/knit/_/text/"+key+"/")
	}
	ask(t, f, "GET", "/knit/_/text/nope/", "").want(404)
	ask(t, f, "GET", "/knit/_/text/nope/raw", "").want(404, "Content-Type: text/plain; charset=UTF-8")
}

func TestConfigRaw(t *testing.T) {
	f := newShelf(mailOne)
	f.box.Addresses = []string{"knit@example.org", `odd"quote\@example.org`}
	f.box.ListIDs = []string{"knit.example.org; rm"}
	f.box.InfoURLs = []string{"https://example.org/#list"}
	f.box.Newsgroup = "org.example.knit"
	x := ask(t, f, "GET", "/knit/_/text/config/raw", "")
	x.want(200, "Content-Disposition: inline; filename=inbox.config", "Last-Modified: Fri, 02 Jan 2026 03:04:05 GMT")
	cmd := exec.Command("git", "config", "--file", "-", "--list")
	cmd.Stdin = strings.NewReader(x.Body.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git cannot read it: %v\n%s", err, x.Body)
	}
	want := `publicinbox.knit.inboxdir=/path/to/top-level-inbox
publicinbox.knit.mainrepo=/path/to/top-level-inbox
publicinbox.knit.url=https://example.com/knit/
publicinbox.knit.address=knit@example.org
publicinbox.knit.address=odd"quote\@example.org
publicinbox.knit.listid=knit.example.org; rm
publicinbox.knit.infourl=https://example.org/#list
publicinbox.knit.newsgroup=org.example.knit
`
	if d := cmp.Diff(want, string(out)); d != "" {
		t.Error(d)
	}
}

func TestDescription(t *testing.T) {
	f := newShelf()
	f.box.Description = "  two\nlines "
	x := ask(t, f, "GET", "/knit/description", "")
	x.want(200, "Content-Type: text/plain; charset=UTF-8")
	if x.Body.String() != "two lines\n" {
		t.Errorf("%q", x.Body)
	}
}

func TestProse(t *testing.T) {
	got := string(appendProse(nil, "Ti<t>le\n\nHead\n----\n\nSee https://a.example/?b=1&c=2.\nhttp is a word.\n\n  code <b>\n    more\n\n"+
		"  a b      one\n           and a half\n  http://h/<id>/x  two\n"))
	want := "<h1>Ti&lt;t&gt;le</h1>\n<h2 id=\"head\">Head</h2>\n" +
		"<p>See <a href=\"https://a.example/?b=1&amp;c=2\">https://a.example/?b=1&amp;c=2</a>.\nhttp is a word.</p>\n" +
		"<pre>code &lt;b&gt;\n  more</pre>\n" +
		"<dl class=\"terms\">\n<dt><code>a b</code></dt><dd>one and a half</dd>\n" +
		"<dt><code>http://h/&lt;id&gt;/x</code></dt><dd>two</dd>\n</dl>\n"
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Linking a text changes nothing of what it says.
func TestLinkedSaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"http", "://", "s://", "a.example", " ", "<", ">", "\"", ".", ")", "&", "x"})).Draw(t, "words"), "")
		z := html.NewTokenizer(strings.NewReader(string(appendLinked(nil, text))))
		var got strings.Builder
		for z.Next() != html.ErrorToken {
			if tok := z.Token(); tok.Type == html.TextToken {
				got.WriteString(tok.Data)
			} else if tok.Data != "a" {
				t.Fatalf("a tag %v came out of %q", tok, text)
			}
		}
		if got.String() != text {
			t.Fatalf("%q became %q", text, got.String())
		}
	})
}

func TestManifest(t *testing.T) {
	f := newShelf(mailOne)
	f.box.Epochs = []catalog.Epoch{
		{N: 0, Dir: "/d/0.git", Tip: "3ef17403f6830119e632a5d2dec490e4d025247a", Ref: "refs/heads/master", Modified: time.Unix(1653235336, 0)},
		{N: 1, Dir: "/d/1.git", Ref: "refs/heads/master"},
	}
	const want = `{"/knit/git/0.git":{"description":"Knitting & purling [epoch 0]","owner":null,"reference":null,` +
		`"modified":1653235336,"fingerprint":"8dd36cee1a9f2f5691c78a3e16b85e1cc2abcf62"}}`
	for _, target := range []string{"/knit/manifest.js.gz", "/manifest.js.gz"} {
		x := ask(t, f, "GET", target, "", "Accept-Encoding: gzip")
		x.want(200, "Content-Type: application/gzip", "Content-Encoding", "Last-Modified: Sun, 22 May 2022 16:02:16 GMT")
		if d := cmp.Diff(want, x.gunzip()); d != "" {
			t.Error(d)
		}
		if !json.Valid([]byte(x.gunzip())) {
			t.Error("not JSON")
		}
		x.sameWhenAskedAgain(f, target)
		ask(t, f, "GET", target, "", "If-Modified-Since: Sun, 22 May 2022 16:02:16 GMT").want(304)
		ask(t, f, "GET", target, "", "If-Modified-Since: Sun, 22 May 2033 16:02:16 GMT").want(200)
		ask(t, f, "HEAD", target, "").want(200)
		ask(t, f, "POST", target, "").want(405)
	}
	ask(t, f, "GET", "/all/manifest.js.gz", "").want(404)
	f.box.Epochs = nil
	if got := ask(t, f, "GET", "/manifest.js.gz", "").gunzip(); got != "{}" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestGitMount(t *testing.T) {
	f := newShelf(mailOne)
	f.box.Epochs = []catalog.Epoch{{N: 0, Dir: "/d/0.git"}, {N: 3, Dir: "/d/3.git"}}
	for target, want := range map[string]string{
		"/knit/0/HEAD": "/d/0.git /HEAD?",
		"/knit/3.git/info/refs?service=git-upload-pack": "/d/3.git /info/refs?service=git-upload-pack",
		"/knit/git/3.git/objects/pack/pack-1.idx":       "/d/3.git /objects/pack/pack-1.idx?",
		"/knit/0/objects/info/packs":                    "/d/0.git /objects/info/packs?",
	} {
		x := ask(t, f, "GET", target, "")
		x.want(200)
		if x.Body.String() != want {
			t.Errorf("%s: %q, want %q", target, x.Body, want)
		}
	}
	ask(t, f, "POST", "/knit/0/git-upload-pack", "0000").want(200)
	for _, target := range []string{"/knit/1/HEAD", "/knit/git/0/HEAD", "/knit/0/config", "/knit/0/objects/../config",
		"/all/0/HEAD", "/knit/-0/HEAD", "/knit/99999999999999999999/HEAD"} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if x := ask(t, f, "GET", u.String(), ""); x.Code == 200 {
			t.Errorf("%s: 200 %s", target, x.Body)
		}
	}
}
