package web

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
)

// atomFeed is what a feed reader sees.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Name    string   `xml:"author>name"`
	Email   string   `xml:"author>email"`
	Link    atomLink `xml:"link"`
	Reply   struct {
		Ref  string `xml:"ref,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
	Content struct {
		Type string `xml:"type,attr"`
		Text string `xml:"http://www.w3.org/1999/xhtml div>pre"`
	} `xml:"content"`
}

func (x exchange) atom() *atomFeed {
	x.t.Helper()
	var f atomFeed
	if err := xml.Unmarshal(x.Body.Bytes(), &f); err != nil {
		x.t.Fatalf("not XML: %v in %.2000q", err, x.Body)
	}
	return &f
}

func (f *atomFeed) ids() []string {
	var ids []string
	for _, e := range f.Entries {
		ids = append(ids, e.ID)
	}
	return ids
}

// Ids as public-inbox 1.9 gives them for the same names.
func TestUUIDIsPublicInboxs(t *testing.T) {
	const mid = "20220111103122.32362-1-liwei.song@windriver.com"
	for name, want := range map[string]string{
		mid:                           "urn:uuid:86e5f337-b5be-2d55-65b2-f64afd8f852d",
		"t\n" + mid:                   "urn:uuid:7d90b32f-0cf2-8756-278e-70541270cadf",
		"q\n" + "punit_misc_dev_lock": "urn:uuid:0854e58a-4102-b17a-dab0-90e2208d3a74",
	} {
		if got := uuid(name); got != want {
			t.Errorf("uuid(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestNewAtom(t *testing.T) {
	f := newShelf(mailOne, mailTwo, mailThree)
	const box = "http://lists.example.net/knit/"
	x := ask(t, f, "GET", "/knit/new.atom", "")
	x.want(200, "Content-Type: application/atom+xml; charset=UTF-8")
	got := x.atom()
	if got.Title != "Knitting & purling" || got.ID != "mailto:knit@example.org" || got.Updated != "2026-03-01T12:02:00Z" {
		t.Errorf("title %q, id %q, updated %q", got.Title, got.ID, got.Updated)
	}
	if d := cmp.Diff([]atomLink{{"alternate", box}, {"self", box + "new.atom"}}, got.Links); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{uuid("three@x"), uuid("two/2@x"), uuid("one@x")}, got.ids()); d != "" {
		t.Error(d)
	}
	e := got.Entries[1]
	if e.Reply.Ref != uuid("one@x") || e.Reply.Href != box+"one@x/" || e.Link.Href != box+"two%2F2@x/" {
		t.Errorf("reply %+v, link %q", e.Reply, e.Link.Href)
	}
	if e.Name != "bob" || e.Email != "bob@example.org" || e.Content.Type != "xhtml" || strings.TrimSpace(e.Content.Text) != "yes" {
		t.Errorf("%+v", e)
	}
	if e := got.Entries[2]; e.Reply.Ref != "" || e.Title != "[PATCH 1/2] cast on" || e.Name != "Ada" {
		t.Errorf("%+v", e)
	}
	x.sameWhenAskedAgain(f, "/knit/new.atom")
	if other := ask(t, f, "GET", "/knit/atom.xml", ""); other.Body.String() != x.Body.String() {
		t.Error("atom.xml differs from new.atom")
	}
	x = ask(t, f, "GET", "/knit/new.atom", "", "Accept-Encoding: gzip")
	x.want(200, "Content-Encoding: gzip", "Vary: Accept-Encoding")
	if !strings.Contains(x.gunzip(), "</feed>") {
		t.Error("the compressed feed is not whole")
	}
	ask(t, f, "GET", "/knit/new.atom?t=20200101", "").want(404)
}

// sameWhenAskedAgain checks that a reader that has an answer gets 304.
func (x exchange) sameWhenAskedAgain(f *shelf, target string) {
	x.t.Helper()
	ask(x.t, f, "GET", target, "", "If-None-Match: "+x.Header().Get("ETag")).want(304)
}

func TestOtherFeeds(t *testing.T) {
	f := newShelf(mailOne, mailTwo, mailThree)
	for _, c := range []struct {
		target, title, id, alternate string
		entries                      []string
	}{
		{"/knit/two%2F2@x/t.atom", "Re: [PATCH 1/2] cast on", uuid("t\ntwo/2@x"), "/knit/two%2F2@x/t/", []string{"three@x", "two/2@x", "one@x"}},
		{"/knit/?q=purl&x=A", "purl - search results", uuid("q\npurl"), "/knit/?q=purl", []string{"three@x"}},
		{"/knit/topics_new.atom", "Knitting & purling - newest threads", uuid("topics_new\nknit@example.org"), "/knit/topics_new.html", []string{"one@x"}},
		{"/knit/topics_active.atom", "Knitting & purling - active threads", uuid("topics_active\nknit@example.org"), "/knit/topics_active.html", []string{"three@x"}},
		{"/all/two%2F2@x/t.atom", "Re: [PATCH 1/2] cast on", uuid("t\ntwo/2@x"), "/all/two%2F2@x/t/", []string{"three@x", "two/2@x", "one@x"}},
	} {
		x := ask(t, f, "GET", c.target, "")
		x.want(200)
		got := x.atom()
		var want []string
		for _, id := range c.entries {
			want = append(want, uuid(id))
		}
		if d := cmp.Diff(want, got.ids()); d != "" {
			t.Errorf("%s: %s", c.target, d)
		}
		if got.Title != c.title || got.ID != c.id || got.Links[0].Href != "http://lists.example.net"+c.alternate {
			t.Errorf("%s: title %q, id %q, alternate %q", c.target, got.Title, got.ID, got.Links[0].Href)
		}
		if self := got.Links[1].Href; self != "http://lists.example.net"+c.target {
			t.Errorf("%s: self %q", c.target, self)
		}
	}
	ask(t, f, "GET", "/knit/none@x/t.atom", "").want(404)
	ask(t, f, "GET", "/knit/?q=nothing&x=A", "").want(404)
}

func TestFeedOfHostileMail(t *testing.T) {
	f := newShelf("Message-ID: <\"'><script>&@x>\nSubject: </title><script>alert(1)</script> \x01\nFrom: \"<b>\" <a'b@c>\n"+
		"Content-Type: multipart/mixed; boundary=B\n\n--B\n\n]]></content> \x00\x0c\xff \xef\xbf\xbf & <!--\n--B\n"+
		"Content-Type: text/html; name=\"../<x>.html\"\n\n<script>alert(2)</script>\n--B--\n",
		"Message-ID: <lost@x>\n\n.\n")
	f.articles[0].Sent = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
	f.articles[0].Summary.Received = f.articles[0].Sent
	f.fault[f.articles[1].Blob] = errs.New(errs.NotFound, "blob is missing")
	x := ask(t, f, "GET", "/knit/new.atom", "")
	x.want(200)
	got := x.atom()
	if len(got.Entries) != 2 || got.Entries[1].Updated != "9999-12-31T23:59:59Z" || got.Entries[0].Title != "(no subject)" {
		t.Errorf("%+v", got.Entries)
	}
	if strings.Contains(x.Body.String(), "<script") {
		t.Error("a script got through")
	}
	if want := "http://lists.example.net/knit/" + escape(f.articles[0].MessageID) + "/"; got.Entries[1].Link.Href != want {
		t.Errorf("link %q, want %q", got.Entries[1].Link.Href, want)
	}
}

// Whatever a mail holds, the feed is well-formed and says the text that XML can carry.
func TestAnyContentIsXML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOf(rapid.Byte()).Draw(t, "mail")
		q := &request{inbox: &catalog.Inbox{Name: "knit"}, base: "http://h"}
		m := &catalog.Summary{MessageID: string(raw), Subject: strings.ToValidUTF8(string(raw), ""), From: mail.Address{Name: rapid.String().Draw(t, "name")}}
		msg := mail.Parse(raw)
		b := appendContent(appendReplyTo(appendEntry(nil, q, m), q, msg), q, m, msg)
		b = append(b, "</entry>"...)
		if !utf8.Valid(b) {
			t.Fatalf("not UTF-8: %q", b)
		}
		d := xml.NewDecoder(bytes.NewReader(bytes.ReplaceAll(b, []byte("thr:"), nil)))
		for {
			if _, err := d.Token(); err != nil {
				if err.Error() != "EOF" {
					t.Fatalf("%v in %q", err, b)
				}
				return
			}
		}
	})
}
