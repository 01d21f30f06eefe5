package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

func TestMessagePage(t *testing.T) {
	d := fetch(t, newForum(talk...), "/knit/patch@example.org/", 200)
	for sel, want := range map[string][]string{
		"title":               {"[PATCH 1/1] stitch: cross two & two - Ada Lovelace"},
		"h1#t":                {"[PATCH 1/1] stitch: cross two & two"},
		".headers .addr":      {"<ada@example.org>"},
		".tree li.here .mark": {"this message"},
		".tree li.ghost a":    {`<ghost/with "quotes"@example.net>`},
		".tree li.l2 a":       {"Grace Hopper"}, // her subject is her parent's
		".tree li.l0 .who":    {"Ada Lovelace"},
	} {
		if diff := cmp.Diff(want, d.texts(sel)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sel, diff)
		}
	}
	for sel, want := range map[string][]string{
		`a[rel=prev]`:         {"/knit/cover@example.org/"},
		`a[rel=next]`:         {"/knit/review@example.com/"},
		`a[data-key=u]`:       nil, // the parent is the previous message: one link for both
		"li.ghost a":          {"/knit/ghost%2Fwith%20%22quotes%22@example.net/"},
		"li.here a":           {"#t"},
		"link[rel=alternate]": {"/knit/patch@example.org/t.atom"},
	} {
		if diff := cmp.Diff(want, d.attrs(sel, "href")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sel, diff)
		}
	}
	var links []string
	for _, h := range d.attrs("main a", "href") {
		if rest, ok := strings.CutPrefix(h, "/knit/patch@example.org/"); ok && !slices.Contains(links, rest) {
			links = append(links, rest)
		}
	}
	slices.Sort(links)
	if diff := cmp.Diff([]string{"", "T/#u", "raw", "t.atom", "t.mbox.gz", "t/#u"}, links); diff != "" {
		t.Errorf("forms of the message (-want +got):\n%s", diff)
	}
}

func TestReply(t *testing.T) {
	d := fetch(t, newForum(talk...), "/knit/cover@example.org/", 200)
	want := `git send-email \ --in-reply-to=cover@example.org \ --to=ada@example.org \ ` +
		`--cc=knit@example.org \ --cc=grace@example.com \ --cc=kim@example.net \ /path/to/YOUR_REPLY`
	if got := d.texts("pre.cmd"); !slices.Equal(got, []string{want}) {
		t.Errorf("command %q", got)
	}
	var mailto string
	for _, h := range d.attrs(".reply a", "href") {
		if strings.HasPrefix(h, "mailto:") {
			mailto = h
		}
	}
	want = "mailto:ada@example.org?In-Reply-To=%3Ccover@example.org%3E&" +
		"Cc=knit@example.org%2Cgrace@example.com%2Ckim@example.net&Subject=Re%3A%20%5BPATCH%200%2F1%5D%20Cable%20stitch"
	if mailto != want {
		t.Errorf("mailto\n got %s\nwant %s", mailto, want)
	}
}

func TestThreadPages(t *testing.T) {
	cat := newForum(talk...)
	flat := fetch(t, cat, "/knit/review@example.com/T/", 200)
	if got := flat.texts("article.mail h2"); len(got) != 4 || got[0] != "[PATCH 0/1] Cable stitch" || got[3] != "Re: lost" {
		t.Errorf("flat: %q", got)
	}
	if len(flat.all("article.l0")) != 4 {
		t.Errorf("flat: indented messages")
	}
	if got := flat.texts("article .by"); !strings.Contains(got[2], "in reply to Ada Lovelace") {
		t.Errorf("byline %q", got[2])
	}
	if got := flat.texts("article footer a"); len(got) != 8 || got[6] != "Top" || got[7] != "Reply" {
		t.Errorf("below the messages: %q", got)
	}
	flat.one("a#u")
	nested := fetch(t, cat, "/knit/review@example.com/t/", 200)
	if len(nested.all("article.l2")) != 1 {
		t.Errorf("nested: the review is not two levels deep")
	}
	ids := nested.attrs("article.mail", "id")
	if ids[0] != "m"+string(appendAnchor(nil, "cover@example.org")) || len(ids[0]) != 41 {
		t.Errorf("anchor %q", ids[0])
	}
	for _, href := range nested.attrs(".tree li.l1 a", "href") {
		if !strings.HasPrefix(href, "#m") {
			t.Errorf("overview leads away: %s", href)
		}
	}
}

// A copy that cannot be read costs a thread's page that one message only.
func TestThreadWithDamage(t *testing.T) {
	cat := newForum(talk...)
	cat.fault = map[string]error{cat.articles[1].Blob: errs.New(errs.Corrupt, "no such object")}
	d := fetch(t, cat, "/knit/cover@example.org/T/", 200)
	if len(d.all("article.mail")) != 4 || len(d.all("article .warn")) != 1 {
		t.Errorf("%d messages, %d warnings", len(d.all("article.mail")), len(d.all("article .warn")))
	}
	d = fetch(t, cat, "/knit/patch@example.org/", 500)
	if got := text(d.one("main")); strings.Contains(got, "object") || !strings.Contains(got, "damaged") {
		t.Errorf("page says %q", got)
	}
}

func TestReusedMessageID(t *testing.T) {
	again := strings.Replace(talk[0], "A small series", "Another one", 1)
	d := fetch(t, newForum(append(slices.Clone(talk), again)...), "/knit/cover@example.org/", 200)
	if len(d.all("article.mail")) != 2 || len(d.all("h1")) != 1 {
		t.Errorf("%d messages, %d headings", len(d.all("article.mail")), len(d.all("h1")))
	}
	if w := d.texts(".warn"); len(w) == 0 || !strings.HasPrefix(w[0], "2 messages have this Message-ID") {
		t.Errorf("warnings %q", w)
	}
}

func TestListings(t *testing.T) {
	cat := newForum(talk...)
	d := fetch(t, cat, "/", 200)
	if diff := cmp.Diff([]string{"/knit/", "/purl/"}, d.attrs(".inboxes th a", "href")); diff != "" {
		t.Error(diff)
	}
	if got := fetch(t, cat, "/?q=PURLING", 200).attrs(".inboxes th a", "href"); len(got) != 1 {
		t.Errorf("inboxes about purling: %q", got)
	}
	fetch(t, cat, "/?q=%3Cnothing%3E", 404)
	d = fetch(t, cat, "/knit/", 200)
	if got := d.attrs(".topics .subject", "href"); len(got) != 1 || got[0] != "/knit/late@example.net/T/#t" {
		t.Errorf("topics lead to %q", got)
	}
	if got := d.attrs(".topics .n", "title"); len(got) != 1 || got[0] != "4 messages" {
		t.Errorf("size of the topic: %q", got)
	}
	if got := d.attrs(".pager a[rel=next]", "href"); len(got) != 1 || got[0] != "/knit/?t=20260301120000" {
		t.Errorf("older: %q", got)
	}
	d = fetch(t, cat, "/knit/?t=20260301120100", 200)
	if got := d.attrs(".pager a[rel=prev]", "href"); len(got) != 1 || got[0] != "/knit/?t=20260301120100-" {
		t.Errorf("newer: %q", got)
	}
	fetch(t, cat, "/knit/?t=19990101", 404)
	if len(fetch(t, cat, "/knit/new.html", 200).all("article.mail")) != 4 {
		t.Error("new.html: not all messages")
	}
	for _, name := range []string{"topics_new", "topics_active"} {
		d = fetch(t, cat, "/knit/"+name+".html", 200)
		if got := d.attrs("link[rel=alternate]", "href"); got[0] != "/knit/"+name+".atom" {
			t.Errorf("%s: feed %q", name, got)
		}
	}
}

// Subjects are indented below the subjects that have a line, however deep they are.
func TestFurther(t *testing.T) {
	for _, c := range []struct {
		depth []int
		want  string
	}{
		{[]int{1, 1}, "l0 l0"},
		{[]int{3}, "l0"},
		{[]int{5, 3, 5, 6, 3}, "l0 l0 l1 l2 l0"},
		{[]int{1, 4, 2, 3}, "l0 l1 l1 l2"},
	} {
		topic := &catalog.Topic{Subjects: make([]catalog.Summary, len(c.depth)), Depth: c.depth}
		got := parse(t, string(appendFurther(nil, "knit", topic))).attrs("li", "class")
		if strings.Join(got, " ") != c.want {
			t.Errorf("depths %d: %q, want %s", c.depth, got, c.want)
		}
	}
}

func TestPagingNeverStands(t *testing.T) {
	cat := newForum(talk[0])
	at := cat.articles[0].Received
	d := fetch(t, cat, "/knit/?t="+string(appendStamp(nil, at)), 200)
	if got := d.attrs(".pager a[rel=next]", "href"); got[0] != "/knit/?t=20260301115959" {
		t.Errorf("a page full of one second leads to %q", got)
	}
}

func TestSearchPage(t *testing.T) {
	cat := newForum(talk...)
	cat.total = 1234
	d := fetch(t, cat, "/knit/?q=PATCH&l=3", 200)
	if got := d.attrs(".hits .subject", "href"); len(got) != 3 || got[0] != "/knit/review@example.com/" {
		t.Errorf("hits %q", got)
	}
	if got := d.attrs(".pager a[rel=next]", "href"); len(got) != 1 || got[0] != "/knit/?q=PATCH&o=3&l=3&g=77" {
		t.Errorf("next: %q", got)
	}
	if got := d.attrs("form.download", "action"); got[0] != "/knit/?x=m&q=PATCH" {
		t.Errorf("download: %q", got)
	}
	if v := d.attrs("input[type=search]", "value"); len(v) != 1 || v[0] != "PATCH" {
		t.Errorf("search boxes: %q", v)
	}
	if len(fetch(t, cat, "/knit/?q=PATCH&x=t", 200).all("article.mail")) != 3 {
		t.Error("x=t: not every hit in full")
	}
	d = fetch(t, cat, "/knit/?q=nothing+like+it", 404)
	if got := d.texts("h1"); len(d.all(".hits")) != 0 || len(got) != 1 || got[0] != "Nothing found" {
		t.Errorf("nothing found: %q", got)
	}
	d = fetch(t, cat, "/knit/?q=a+(", 400)
	if got := d.texts("[role=alert]"); len(got) != 1 || got[0] != "query: nothing after (" {
		t.Errorf("fault: %q", got)
	}
	if got := d.texts("h1"); len(got) != 1 {
		t.Errorf("headings over a fault: %q", got)
	}
	if v := d.attrs("input[type=search]", "value"); v[0] != "a (" {
		t.Errorf("the query is not there to be mended: %q", v)
	}
	if len(fetch(t, cat, "/knit/?q=PATCH&x=m", 200).all(".warn")) != 1 {
		t.Error("x=m by GET: no hint")
	}
	fetch(t, cat, "/knit/?q=%2550ATCH", 200) // encoded twice
}

func TestSearchArguments(t *testing.T) {
	base := catalog.Request{Inbox: "knit", Query: "Re", Limit: 200}
	for arg, change := range map[string]func(*catalog.Request){
		"":                        func(*catalog.Request) {},
		"&o=5":                    func(r *catalog.Request) { r.Offset = 5 },
		"&o=-1":                   func(r *catalog.Request) { r.Ascending = true },
		"&o=-201":                 func(r *catalog.Request) { r.Ascending, r.Offset = true, 200 },
		"&o=junk&l=0":             func(*catalog.Request) {},
		"&l=201":                  func(*catalog.Request) {},
		"&l=1":                    func(r *catalog.Request) { r.Limit = 1 },
		"&r":                      func(r *catalog.Request) { r.Relevance = true },
		"&t;r=1":                  func(r *catalog.Request) { r.Collapse, r.Relevance = true, true },
		"&g=12":                   func(r *catalog.Request) { r.Anchor = 12 },
		"&g=-5":                   func(*catalog.Request) {},
		"&o=9999999999":           func(*catalog.Request) {},
		"&o=-9223372036854775808": func(*catalog.Request) {},
	} {
		cat := newForum(talk...)
		fetch(t, cat, "/knit/?q=Re"+arg, 200)
		want := base
		change(&want)
		if diff := cmp.Diff([]catalog.Request{want}, cat.asked); diff != "" {
			t.Errorf("%s (-want +got):\n%s", arg, diff)
		}
	}
}

func TestMisses(t *testing.T) {
	cat := newForum(talk...)
	cat.elsewhere = map[string][]catalog.Elsewhere{"moved@example.org": {{Inbox: "knit", MessageID: "moved@example.org", Subject: "<b>"}}}
	d := fetch(t, cat, "/purl/moved@example.org/", 300)
	if got := d.attrs(".found a", "href"); len(got) != 1 || got[0] != "/knit/moved@example.org/" {
		t.Errorf("elsewhere: %q", got)
	}
	if got := d.texts(".found a"); got[0] != "<b>" {
		t.Errorf("subject %q", got)
	}
	for _, form := range []string{"", "T/", "t/"} {
		fetch(t, cat, "/knit/nobody@example.org/"+form, 404)
	}
	cat.partial = []catalog.Elsewhere{{Inbox: "knit", MessageID: "nobody@example.org.uk"}}
	fetch(t, cat, "/knit/nobody@example.org/", 300)
	fetch(t, cat, "/all/moved@example.org/", 300) // all looks in no other inbox, only for what is near
}

func TestHead(t *testing.T) {
	cat := newForum(talk...)
	for target, code := range map[string]int{
		"/": 200, "/knit/": 200, "/knit/cover@example.org/": 200, "/knit/cover@example.org/T/": 200,
		"/knit/nobody@example.org/": 404, "/knit/?q=PATCH": 200, "/knit/?q=zero": 404, "/knit/new.html": 200,
	} {
		x := ask(t, cat, http.MethodHead, target, "")
		x.want(code, "Content-Type: text/html; charset=UTF-8")
		if x.Body.Len() > 0 {
			t.Errorf("HEAD %s: a body of %d bytes", target, x.Body.Len())
		}
	}
}
