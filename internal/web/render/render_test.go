package render

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"bobbin/internal/mail"
)

var update = flag.Bool("update", false, "write the goldens anew")

// testOptions has links everywhere. Messages whose id holds "known" are here.
func testOptions() Options {
	return Options{
		Self: "/inbox/self@host/", Base: "/inbox/", Related: "#related",
		Resolve: func(id string) string {
			if strings.Contains(id, "known") {
				return "/inbox/" + PathID(id) + "/"
			}
			return ""
		},
	}
}

func TestGoldens(t *testing.T) {
	names, err := filepath.Glob("testdata/mail/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m := mail.Parse(a.Files[0].Data)
			header := AppendHeader(nil, m, testOptions())
			body := AppendBody(nil, m, testOptions())
			reply := AppendReply(nil, ReplyTo(m, "self@host"))
			for _, out := range [][]byte{header, body, reply} {
				if err := checkMarkup(out); err != nil {
					t.Error(err)
				}
			}
			got := []txtar.File{a.Files[0], {Name: "header", Data: header}, {Name: "body", Data: body}, {Name: "reply", Data: reply}}
			if *update {
				a.Files = got
				if err := os.WriteFile(name, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(txtar.Format(&txtar.Archive{Files: a.Files})), string(txtar.Format(&txtar.Archive{Files: got}))); d != "" {
				t.Error(d)
			}
		})
	}
}

// bodyOf renders text as the only part of a message.
func bodyOf(text string, opt Options) string {
	m := mail.Parse([]byte("Content-Type: text/plain; charset=utf-8\n\n" + text))
	out := string(AppendBody(nil, m, opt))
	out = strings.TrimPrefix(out, "<pre class=\"body\">\n")
	return strings.TrimSuffix(out, "\n</pre>\n")
}

func TestText(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"markup", `<script>alert("1")</script> & 'x'`, `&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; &#39;x&#39;`},
		{"end of pre", `</pre><b onclick=x>`, `&lt;/pre&gt;&lt;b onclick=x&gt;`},
		{"entity", `&lt;&#60;`, `&amp;lt;&amp;#60;`},
		{"javascript", `javascript://%0aalert(1) data:text/html,x vbscript://x`, `javascript://%0aalert(1) data:text/html,x vbscript://x`},
		{"quote in URL", `http://a/"onmouseover="x`, `<a rel="nofollow" href="http://a/">http://a/</a>&#34;onmouseover=&#34;x`},
		{"apostrophe in URL", `http://a/'b=x`, `<a rel="nofollow" href="http://a/&#39;b=x">http://a/&#39;b=x</a>`},
		{"controls", "a\x1b[1m\x07\x7f\fb\rc", "a␛[1m␇␡␌b␍c"},
		{"C1", "a\u0085b", `a<span class="ctl">[U+0085]</span>b`},
		{"bidi", "if (x\u202e) \u2066y", `if (x<span class="ctl">[U+202E]</span>) <span class="ctl">[U+2066]</span>y`},
		{"bidi in URL", "http://a/\u202eb", `<a rel="nofollow" href="http://a/">http://a/</a><span class="ctl">[U+202E]</span>b`},
		{"other scripts", "Grüße, שלום \u200fعربي 漢字 👩‍👧", "Grüße, שלום \u200fعربي 漢字 👩‍👧"},
		{"blank lines first", "\n\nx", "\n\nx"},
		{"blank lines last", "x\n\n\n", "x"},
		{"quotes", "> a\n>> b\n> > > > c\n\n>d", "<span class=\"q\">&gt; a\n</span><span class=\"q q2\">&gt;&gt; b\n</span><span class=\"q q3\">&gt; &gt; &gt; &gt; c\n</span>\n<span class=\"q\">&gt;d"},
		{"signature", "x\n-- \nme", "x\n<span class=\"sig\">-- \nme"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := strings.TrimSuffix(bodyOf(tc.text, Options{}), "\n</span></pre>\n")
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	u := func(url string) string { return `<a rel="nofollow" href="` + url + `">` + url + `</a>` }
	known := func(id, shown string) string { return `<a class="ref" href="/inbox/` + id + `/">` + shown + `</a>` }
	for _, tc := range []struct{ text, want string }{
		{"see http://a.b/c.", "see " + u("http://a.b/c") + "."},
		{"(https://a.b/c)", "(" + u("https://a.b/c") + ")"},
		{"https://a.b/c_(d), https://a.b/[e]!", u("https://a.b/c_(d)") + ", " + u("https://a.b/[e]") + "!"},
		{"https://a.b/c).", u("https://a.b/c") + ")."},
		{"<https://a.b/>", "&lt;" + u("https://a.b/") + "&gt;"},
		{"nntp://n/g imaps://i/b news://x/y gopher://g gemini://g ftp://f HTTP://U", u("nntp://n/g") + " " + u("imaps://i/b") + " " + u("news://x/y") + " " + u("gopher://g") + " " + u("gemini://g") + " " + u("ftp://f") + " " + u("HTTP://U")},
		{"xhttp://a https:// http://% file:///etc git+https://a", "xhttp://a https:// http://% file:///etc git+" + u("https://a")},
		{"http://a?b=c&d=e#f", `<a rel="nofollow" href="http://a?b=c&amp;d=e#f">http://a?b=c&amp;d=e#f</a>`},
		{"http://a/ö", `<a rel="nofollow" href="http://a/%C3%B6">http://a/ö</a>`},
		{"http://a http://b", u("http://a") + " " + u("http://b")},
		{"http://a/http://b", u("http://a/http://b")},
		{"http://[::1]:80/x", u("http://[::1]:80/x")},
		{"see <20200101.1-known@host>, <20200101.1-other@host>", "see &lt;" + known("20200101.1-known@host", "20200101.1-known@host") + "&gt;, &lt;20200101.1-other@host&gt;"},
		{"by: A <known@host> <known-by-name@host>", "by: A &lt;known@host&gt; &lt;known-by-name@host&gt;"},
		{"<<20200101/1-known@host>", "&lt;&lt;" + known("20200101%2F1-known@host", "20200101/1-known@host") + "&gt;"},
		{"<1234567\"known@host>", "&lt;1234567&#34;known@host&gt;"},
		{"<1234567890known@host", "&lt;1234567890known@host"},
		{"Link: https://lore.kernel.org/r/1-known@host", "Link: " + known("1-known@host", "https://lore.kernel.org/r/1-known@host")},
		{"https://lore.kernel.org/all/1-known%40host/T/#u", known("1-known@host", "https://lore.kernel.org/all/1-known%40host/T/#u")},
		{"https://patch.msgid.link/1-known@host.", known("1-known@host", "https://patch.msgid.link/1-known@host") + "."},
		{"https://lore.kernel.org/r/1-other@host", u("https://lore.kernel.org/r/1-other@host")},
		{"https://lore.kernel.org/lkml/", u("https://lore.kernel.org/lkml/")},
		{"https://marc.info/?i=1-known@host", known("1-known@host", "https://marc.info/?i=1-known@host")},
		{"http://a <1234567890-known@h> http://b", u("http://a") + " &lt;" + known("1234567890-known@h", "1234567890-known@h") + "&gt; " + u("http://b")},
	} {
		if d := cmp.Diff(tc.want, bodyOf(tc.text, testOptions())); d != "" {
			t.Errorf("%s\n%s", tc.text, d)
		}
	}
}

func TestLookupsAreBounded(t *testing.T) {
	asked := map[string]int{}
	var b strings.Builder
	for range 2 {
		for i := range 3000 {
			b.WriteString("<1234567890")
			b.WriteByte(byte('a' + i%26))
			b.WriteByte(byte('a' + i/26%26))
			b.WriteByte(byte('a' + i/26/26))
			b.WriteString("@host>\n")
		}
	}
	bodyOf(b.String(), Options{Resolve: func(id string) string { asked[id]++; return "" }})
	if len(asked) != maxLookups {
		t.Errorf("asked for %d ids, want %d", len(asked), maxLookups)
	}
	for id, n := range asked {
		if n > 1 {
			t.Fatalf("asked %d times for %s", n, id)
		}
	}
}

func TestLimit(t *testing.T) {
	text := strings.Repeat("ein Wört\n", 10)
	for limit := 1; limit < len(text)+2; limit++ {
		m := mail.Parse([]byte("Content-Type: text/plain; charset=utf-8\n\n" + text))
		out := AppendBody(nil, m, Options{Limit: limit})
		if err := checkMarkup(out); err != nil {
			t.Fatal(limit, err)
		}
		if cut := strings.Contains(string(out), "not shown"); cut != (limit < len(text)) {
			t.Errorf("limit %d of %d: cut is %v\n%s", limit, len(text), cut, out)
		}
		seen, err := visible(out)
		if err != nil || len(seen) != 1 || !strings.HasPrefix(text, strings.TrimSuffix(seen[0], "\n")) {
			t.Errorf("limit %d: %q, %v", limit, seen, err)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct{ in, slug, file string }{
		{"[PATCH v2 1/2] foo: bar baz", "PATCH-v2-1-2-foo-bar-baz", "PATCH-v2-1-2-foo-bar-baz"},
		{"Re: [PATCH] x", "PATCH-x", "Re-PATCH-x"},
		{"Re: Re: x", "Re-x", "Re-Re-x"},
		{"  leading..dots...", "leading.dots", "leading.dots"},
		{"a--b__c", "a-b__c", "a-b__c"},
		{"../../etc/passwd", "etc-passwd", "etc-passwd"},
		{"_x_", "_x_", "a.bin"},
		{"é", "no-subject", "a.bin"},
		{"", "no-subject", "a.bin"},
		{"\"><script>.png", "script-.png", "script-.png"},
	} {
		if got := Slug(tc.in); got != tc.slug {
			t.Errorf("Slug(%q) = %q, want %q", tc.in, got, tc.slug)
		}
		p := mail.Part{Type: "image/png", Filename: tc.in}
		if got := AttachmentName(&p); got != tc.file {
			t.Errorf("AttachmentName(%q) = %q, want %q", tc.in, got, tc.file)
		}
	}
	if got := len(Slug(strings.Repeat("x", 1000))); got != maxName {
		t.Errorf("a long subject makes a name of %d bytes", got)
	}
}

func TestPathID(t *testing.T) {
	for id, want := range map[string]string{
		"a/b@c":                  "a%2Fb@c",
		"a b@c":                  "a%20b@c",
		`x'"&<>@c`:               `x'%22&%3C%3E@c`,
		"a?b#c%d@e":              "a%3Fb%23c%25d@e",
		"(a)*,;=:!$~@x[1]":       "(a)*,;=:!$~@x%5B1%5D",
		"..":                     "..",
		"\x00\r\n\xff@\u00e9":    "%00%0D%0A%FF@%C3%A9",
		"AZaz09-._~!$&'()*+,;=:": "AZaz09-._~!$&'()*+,;=:",
	} {
		if got := PathID(id); got != want {
			t.Errorf("PathID(%q) = %q, want %q", id, got, want)
		}
		escaped := string(AppendAttr(nil, want))
		if got := string(AppendPathID(nil, id)); got != escaped {
			t.Errorf("AppendPathID(%q) = %q, want %q", id, got, escaped)
		}
	}
}

func TestAnchors(t *testing.T) {
	if got, want := MessageAnchor("a@b"), "md0338b23241f124f2c83fa6f5821920039bf85db"; got != want {
		t.Errorf("MessageAnchor is %q, want %q", got, want)
	}
	// What public-inbox makes of the same.
	for _, tc := range []struct{ prefix, path, want string }{
		{"1", "lib/frob.c", "Z31lib:frob.c"},
		{"../../20200101.1@x.y/1", "lib/frob.c", "Z2e.:..:20200101.1::40x.y:1lib:frob.c"},
		{"1", "a b+c/d.c", "Z31a::20b::2bc:d.c"},
		{"2.1", "Zed/é.c", "Z32.1Zed:::c3::a9.c"},
		{"", "Zed", "Z5aed"},
		{"", "abc", "abc"},
		{"1", "~x", "Z31::7ex"},
		{"1", "a//b", ""},
		{"1", "a:b", "Z31a::3ab"},
		{"1", "A%b", "Z31A::25b"},
	} {
		if got := FileAnchor(tc.prefix, tc.path); got != tc.want {
			t.Errorf("FileAnchor(%q, %q) = %q, want %q", tc.prefix, tc.path, got, tc.want)
		}
	}
}

func TestNewPath(t *testing.T) {
	for in, want := range map[string]string{
		"a/b.c":               "a/b.c",
		"a => b":              "b",
		"x/{a => b}/c.h":      "x/b/c.h",
		"x/{ => b}/c.h":       "x/b/c.h",
		"x/{a => }/c.h":       "x/c.h",
		".../{a => b}/c.h":    ".../b/c.h",
		"{a => b}":            "b",
		"{a => b":             "b",
		"a} => {b":            "{b",
		"x/{a.c => dir/b.c}":  "x/dir/b.c",
		"deep/{p/q => r}/z.c": "deep/r/z.c",
	} {
		if got := newPath(in); got != want {
			t.Errorf("newPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestReply(t *testing.T) {
	m := mail.Parse([]byte("From: A <a@x.org>\nTo: list@y.org, A again <A@X.org>\nCc: \"O'Neil; rm -rf\" <o'neil@z.org>, undisclosed:;, bad, <x y@z>\n" +
		"Reply-To: r@x.org\nSubject: a \"b\" & c\n\n"))
	got := ReplyTo(m, "id'$(x)`\n@h")
	want := Reply{InReplyTo: "id'$(x)`\n@h", To: "a@x.org", Cc: []string{"list@y.org", "o'neil@z.org", "r@x.org"}, Subject: `Re: a "b" & c`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	wantCmd := "git send-email \\\n    --in-reply-to='id'\\''$(x)`\n@h' \\\n    --to=a@x.org \\\n    --cc=list@y.org \\\n    --cc='o'\\''neil@z.org' \\\n    --cc=r@x.org \\\n    /path/to/YOUR_REPLY\n"
	if d := cmp.Diff(wantCmd, got.Command()); d != "" {
		t.Error(d)
	}
	wantURL := "mailto:a@x.org?In-Reply-To=%3Cid%27%24%28x%29%60%0A@h%3E&Cc=list@y.org%2Co%27neil@z.org%2Cr@x.org&Subject=Re%3A%20a%20%22b%22%20%26%20c"
	if d := cmp.Diff(wantURL, got.Mailto()); d != "" {
		t.Error(d)
	}
	if err := checkMarkup(AppendReply(nil, got)); err != nil {
		t.Error(err)
	}
}

// bits are what texts are made of that means something to the renderer.
var bits = []string{
	"<", ">", "&", "\"", "'", "</pre>", "<script>", "http://", "://", "https://a.b/", ")", "(", ".", " ", "\n", "\n\n", "> ", ">> ", "\n-- \n",
	"\ndiff --git a/x b/x\n", "\n--- a/x\n+++ b/x\n", "@@ -1,2 +1,2 @@ f<\n", "+add\n", "-del\n", " ctx\n", " x | 2 +-\n", " .../x | 1 +\n",
	" {a => x} | 0\n", " 1 file changed\n", "<20200101123-known@host>", "https://lore.kernel.org/r/1-known@h", "\u202e", "\u0085", "\x1b", "\r", "\t",
	"é", "\U0001f469", "text", "\ufffe", "\ufeff", "index 1..2\n", "rename to <b>\n", "GIT binary patch\nliteral 1\n",
}

func TestVisibleText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(bits), 0, 40).Draw(t, "bits"), "")
		checkBody(t, []byte("Content-Type: text/plain; charset=utf-8\n\n"+text))
	})
}

type fataler interface{ Fatalf(string, ...any) }

// checkBody checks what holds for every mail.
func checkBody(t fataler, raw []byte) {
	m := mail.Parse(raw)
	opt := testOptions()
	opt.Prefix = "../../" + m.Subject() + "/"
	out := AppendBody(nil, m, opt)
	if err := checkMarkup(out); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if m.Root != nil && len(m.Raw) < DefaultLimit {
		got, err := visible(out)
		if err != nil {
			t.Fatalf("%v", err)
		}
		want := wantedOf(m.Root)
		if len(want) == 0 && len(got) == 1 && got[0] == "" {
			got = nil
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s\nin %s", cmp.Diff(want, got), out)
		}
	}
	for _, out := range [][]byte{AppendHeader(nil, m, opt), AppendReply(nil, ReplyTo(m, m.Subject()))} {
		if err := checkMarkup(out); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add([]byte("Content-Type: text/plain; charset=utf-8\n\n" + strings.Join(bits, "")))
	names, err := filepath.Glob("testdata/mail/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, raw []byte) { checkBody(t, raw) })
}

// TestSpace checks that output grows with the text and not faster, whatever is in it.
func TestSpace(t *testing.T) {
	for _, bit := range bits {
		size := func(n int) int { return len(bodyOf(strings.Repeat(bit, n), testOptions())) }
		few, many := size(100), size(10000)
		if many > few*110+1000 {
			t.Errorf("%q: %d bytes for 100, %d for 10000", bit, few, many)
		}
	}
}
