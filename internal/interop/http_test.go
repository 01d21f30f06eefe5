package interop

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPublicInbox asks public-inbox and Bobbin the same and compares the answers.
func TestPublicInbox(t *testing.T) {
	p := startPair(t)
	t.Run("raw", p.testRaw)
	t.Run("thread mbox", p.testThreadMbox)
	t.Run("whole mbox", p.testAllMbox)
	t.Run("search mbox", p.testSearchMbox)
	t.Run("feeds", p.testFeeds)
	t.Run("attachments", p.testAttachments)
	t.Run("manifest", p.testManifest)
	t.Run("config", p.testConfig)
	t.Run("status", p.testStatus)
	t.Run("clone", p.testClone)
	t.Run("b4", p.testB4)
	t.Run("lei", p.testLei)
}

// each calls f for every message of every inbox, once.
func (p *pair) each(f func(b box, a article)) {
	for _, b := range p.boxes {
		seen := map[string]bool{}
		for _, a := range b.articles {
			if !seen[a.MessageID] {
				seen[a.MessageID] = true
				f(b, a)
			}
		}
	}
}

func (p *pair) testRaw(t *testing.T) {
	p.each(func(b box, a article) {
		path := b.path(a.MessageID) + "raw"
		peer, ours := p.both(t, "GET", path)
		if peer.status != ours.status || !bytes.Equal(peer.body, ours.body) {
			t.Errorf("%s: status %d and %d, %d and %d bytes", path, peer.status, ours.status, len(peer.body), len(ours.body))
		}
		if g, w := ours.header.Get("Content-Disposition"), peer.header.Get("Content-Disposition"); g != w {
			t.Errorf("%s: Content-Disposition %q, public-inbox %q", path, g, w)
		}
		g, w := charset(ours), charset(peer)
		// compat: mail that names no charset, or one that does not exist, is shown as UTF-8.
		if g != w && !(g == "utf-8" && (w == "us-ascii" || w == "y")) {
			t.Errorf("%s: charset %q, public-inbox %q", path, g, w)
		}
	})
}

func charset(a answer) string {
	_, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return err.Error()
	}
	return strings.ToLower(params["charset"])
}

func (p *pair) testThreadMbox(t *testing.T) {
	p.each(func(b box, a article) {
		if b.name == "stable" && a.Number%10 != 1 {
			return // all of one thread of 92, which takes public-inbox its time
		}
		path := b.path(a.MessageID) + "t.mbox.gz"
		peer, ours := p.both(t, "GET", path)
		if d := cmp.Diff(msgids(gunzip(t, peer.body)), msgids(gunzip(t, ours.body))); d != "" {
			t.Errorf("%s: (- public-inbox, + bobbin)\n%s", path, d)
		} else if !bytes.Equal(gunzip(t, peer.body), gunzip(t, ours.body)) {
			t.Errorf("%s: other bytes", path)
		}
		if g := ours.header.Get("Content-Type"); g != "application/gzip" || ours.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: Content-Type %q, Content-Encoding %q", path, g, ours.header.Get("Content-Encoding"))
		}
	})
}

var msgidLine = regexp.MustCompile(`(?mi)^message-id:\s*(<[^>]+>)`)

// msgids lists the Message-IDs of an mbox in order, for people to read.
func msgids(mbox []byte) []string {
	var ids []string
	for _, m := range msgidLine.FindAllSubmatch(mbox, -1) {
		ids = append(ids, string(m[1]))
	}
	return ids
}

func (p *pair) testAllMbox(t *testing.T) {
	for _, b := range p.boxes {
		peer, ours := p.both(t, "GET", "/"+b.name+"/all.mbox.gz")
		if !bytes.Equal(gunzip(t, peer.body), gunzip(t, ours.body)) {
			t.Errorf("%s: %s", b.name, cmp.Diff(msgids(gunzip(t, peer.body)), msgids(gunzip(t, ours.body))))
		}
		if g, w := ours.header.Get("Content-Disposition"), peer.header.Get("Content-Disposition"); g != w {
			t.Errorf("%s: Content-Disposition %q, public-inbox %q", b.name, g, w)
		}
	}
}

func (p *pair) testSearchMbox(t *testing.T) {
	for _, q := range []string{
		"s:system76_acpi", `s:"fan curves"`, "dfn:drivers/platform/x86/asus-wmi.c", "f:hdegoede d:2021-10-01..2021-10-06",
		"dfpost:6edbab8ff71c", "mutex_unlock -s:re", "nothingatallhere", "m:linux.intel.com", "a:hdegoede AND NOT f:hdegoede",
	} {
		path := "/x86/?x=m&q=" + url.QueryEscape(q)
		peer, ours := p.both(t, "POST", path)
		if peer.status != ours.status {
			t.Errorf("%s: status %d, public-inbox %d", q, ours.status, peer.status)
			continue
		}
		if ours.status != 200 {
			if !bytes.Equal(peer.body, ours.body) {
				t.Errorf("%s: %q, public-inbox %q", q, ours.body, peer.body)
			}
			continue
		}
		sameMails(t, q, peer, ours)
		peer, ours = p.both(t, "POST", path+"&t=1")
		sameMails(t, q+" with threads", peer, ours)
	}
}

// sameMails compares two mboxes but for their order. compat: public-inbox goes by article
// number and, with threads, by that of their matches; Bobbin by time of arrival.
func sameMails(t *testing.T, what string, peer, ours answer) {
	t.Helper()
	w, g := msgids(gunzip(t, peer.body)), msgids(gunzip(t, ours.body))
	slices.Sort(w)
	slices.Sort(g)
	if d := cmp.Diff(w, g); d != "" {
		t.Errorf("%s: (- public-inbox, + bobbin)\n%s", what, d)
	}
}

// feed is what of an Atom feed has to be the same.
type feed struct {
	ID      string  `xml:"id"`
	Entries []entry `xml:"entry"`
}

type entry struct {
	ID      string `xml:"id"`
	Title   string `xml:"title"`
	Updated string `xml:"updated"`
	Name    string `xml:"author>name"`
	Email   string `xml:"author>email"`
	Link    struct {
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Reply struct {
		Ref  string `xml:"ref,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
}

func (p *pair) testFeeds(t *testing.T) {
	paths := []string{"/x86/new.atom", "/fiber/atom.xml", "/stable/new.atom", "/x86/new.atom?t=20211003", "/x86/?q=s:asus&x=A"}
	for _, b := range p.boxes {
		for i := 0; i < len(b.articles); i += 9 {
			paths = append(paths, b.path(b.articles[i].MessageID)+"t.atom")
		}
	}
	for _, path := range paths {
		peer, ours := p.both(t, "GET", path)
		want, got := parseFeed(t, p.peer, peer), parseFeed(t, p.ours, ours)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: (- public-inbox, + bobbin)\n%s", path, d)
		}
	}
}

// parseFeed reads a feed, without the server's address.
func parseFeed(t *testing.T, base string, a answer) (f feed) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(bytes.ReplaceAll(a.body, []byte(base), nil)))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // us-ascii
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%s: status %d, %v in %.200q", base, a.status, err, a.body)
	}
	// compat: public-inbox's order is that of article numbers, ours that of arrival.
	slices.SortFunc(f.Entries, func(a, b entry) int { return strings.Compare(a.ID, b.ID) })
	for i := range f.Entries { // compat: fewer characters are escaped, which means the same
		for _, s := range []*string{&f.Entries[i].Link.Href, &f.Entries[i].Reply.Href} {
			if u, err := url.PathUnescape(*s); err == nil {
				*s = u
			}
		}
	}
	return f
}

var attachmentLink = regexp.MustCompile(`href="([0-9.]+-[\w.-]+)"`)

func (p *pair) testAttachments(t *testing.T) {
	n := 0
	p.each(func(b box, a article) {
		page := ask(t, p.peer, "GET", b.path(a.MessageID), nil)
		for _, m := range attachmentLink.FindAllSubmatch(page.body, -1) {
			n++
			path := b.path(a.MessageID) + string(m[1])
			peer, ours := p.both(t, "GET", path)
			// compat: line ends in quoted-printable text stay as they were sent.
			w, g := bytes.ReplaceAll(peer.body, []byte("\r\n"), []byte("\n")), bytes.ReplaceAll(ours.body, []byte("\r\n"), []byte("\n"))
			if peer.status != ours.status || !bytes.Equal(w, g) {
				t.Errorf("%s: status %d and %d, %.100q and %.100q", path, peer.status, ours.status, peer.body, ours.body)
			}
			if g, w := ours.header.Get("Content-Type"), peer.header.Get("Content-Type"); !strings.EqualFold(g, w) && !strings.HasSuffix(w, "charset=y") {
				t.Errorf("%s: Content-Type %q, public-inbox %q", path, g, w)
			}
		}
	})
	if n == 0 {
		t.Error("no attachment was compared")
	}
}

func (p *pair) testManifest(t *testing.T) {
	for _, path := range []string{"/manifest.js.gz", "/x86/manifest.js.gz"} {
		peer, ours := p.both(t, "GET", path)
		var want, got map[string]map[string]any
		if err := json.Unmarshal(gunzip(t, peer.body), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(gunzip(t, ours.body), &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: (- public-inbox, + bobbin)\n%s", path, d)
		}
	}
}

func (p *pair) testConfig(t *testing.T) {
	peer, ours := p.both(t, "GET", "/x86/_/text/config/raw")
	for _, h := range []string{"Content-Disposition", "Last-Modified"} {
		g, w := ours.header.Get(h), peer.header.Get(h)
		if h == "Last-Modified" { // public-inbox knows when its own index was made
			g, w = g[:len("Mon, ")], w[:len("Mon, ")]
		}
		if g != w {
			t.Errorf("%s: %q, public-inbox %q", h, g, w)
		}
	}
	want, got := p.configKeys(t, peer.body), p.configKeys(t, ours.body)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(- public-inbox, + bobbin)\n%s", d)
	}
}

// configKeys lists the settings of a git configuration, except for made-up URLs.
func (p *pair) configKeys(t *testing.T, text []byte) []string {
	t.Helper()
	name := t.TempDir() + "/config"
	writeFile(t, name, text)
	var list []string
	for line := range strings.Lines(p.run(t, "git", "config", "-f", name, "--list")) {
		if !strings.Contains(line, ".url=") {
			list = append(list, line)
		}
	}
	slices.Sort(list)
	return list
}
