package catalog

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/index"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// minute is a time of the test mails.
func minute(n int) time.Time { return time.Date(2026, 1, 5, 10, n, 0, 0, time.UTC) }

// letter writes a mail that is sent and received in that minute.
func letter(id, subject string, at int, refs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From: Ann <ann@loom.example>\nSubject: %s\nDate: %s\nMessage-ID: <%s>\n", subject, minute(at).Format(time.RFC1123Z), id)
	if len(refs) > 0 {
		fmt.Fprintf(&b, "References: <%s>\n", strings.Join(refs, "> <"))
	}
	return b.String() + "\nthe words of " + id + "\n"
}

// post adds mails to an inbox of a data directory and indexes them.
func post(t *testing.T, dir, inbox string, mails ...string) {
	t.Helper()
	at := filepath.Join(dir, "inbox", inbox)
	b, err := archive.Open(at)
	if errs.Is(err, errs.NotFound) {
		b, err = archive.Create(t.Context(), at, archive.CreateOptions{Name: inbox, Address: inbox + "@lists.example"})
	}
	must(t, err)
	w, err := b.Writer(t.Context(), archive.WriterOptions{})
	must(t, err)
	for _, m := range mails {
		_, err := w.Add(t.Context(), []byte(m))
		must(t, err)
	}
	must(t, w.Close())
	_, err = index.Run(t.Context(), dir, []index.Source{{Name: inbox, Dir: at}}, index.Options{})
	must(t, err)
}

// discussion is one inbox: a thread with a change of subject, a patch series whose cover is
// missing, and a mail that shares only its subject with the thread.
func discussion() []string {
	return []string{
		letter("root@loom.example", "cloth", 1),
		letter("re1@loom.example", "Re: cloth", 2, "root@loom.example"),
		letter("patch1@loom.example", "[PATCH 1/2] thread", 3, "cover@loom.example"),
		letter("alone@loom.example", "needle", 4),
		letter("patch2@loom.example", "[PATCH 2/2] thread", 5, "cover@loom.example"),
		letter("dye@loom.example", "dye (was: cloth)", 6, "root@loom.example", "re1@loom.example"),
		letter("loose@loom.example", "Re: cloth", 7),
		letter("re2@loom.example", "Re: cloth", 8, "root@loom.example"),
	}
}

func open(t *testing.T, dir string, opt Options) *Catalog {
	t.Helper()
	c, err := Open(t.Context(), dir, opt)
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

// loom opens an archive of the discussion in "loom"; "weave" holds one of its mails and one
// more.
func loom(t *testing.T) *Catalog {
	t.Helper()
	dir := t.TempDir()
	post(t, dir, "loom", discussion()...)
	post(t, dir, "weave", discussion()[3], letter("only@weave.example", "only here", 9))
	return open(t, dir, Options{})
}

// short is an id without its domain.
func short(id string) string { at, _, _ := strings.Cut(id, "@"); return at }

func names(list []Summary) string {
	var ids []string
	for _, s := range list {
		ids = append(ids, short(s.MessageID))
	}
	return strings.Join(ids, " ")
}

func TestRecent(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct {
		name, inbox string
		span        Span
		want        string
		older       bool
		newer       bool
	}{
		{"newest", "loom", Span{Limit: 3}, "re2 loose dye", true, false},
		{"all of it", "loom", Span{Limit: 8}, "re2 loose dye patch2 alone patch1 re1 root", false, false},
		{"every inbox, a mail once", All, Span{Limit: 20}, "only re2 loose dye patch2 alone patch1 re1 root", false, false},
		{"at or before", "loom", Span{Before: minute(5), Limit: 2}, "patch2 alone", true, true},
		{"to the end", "loom", Span{Before: minute(2), Limit: 2}, "re1 root", false, true},
		{"after: the page next to it", "loom", Span{After: minute(2), Limit: 2}, "alone patch1", true, true},
		{"after: up to the newest", "loom", Span{After: minute(6), Limit: 2}, "re2 loose", true, false},
		{"between", "loom", Span{After: minute(2), Before: minute(5), Limit: 9}, "patch2 alone patch1", false, true},
		{"nothing", "loom", Span{Before: minute(0), Limit: 9}, "", false, true},
		{"other inbox", "weave", Span{}, "only alone", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := c.Recent(t.Context(), tt.inbox, tt.span)
			must(t, err)
			if d := cmp.Diff(tt.want, names(r.Messages)); d != "" {
				t.Error(d)
			}
			if r.Older != tt.older || r.Newer != tt.newer {
				t.Errorf("older %v, newer %v", r.Older, r.Newer)
			}
		})
	}
	if _, err := c.Recent(t.Context(), "nowhere", Span{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("an unknown inbox: %v", err)
	}
}

func TestTopics(t *testing.T) {
	c := loom(t)
	topics, r, err := c.Topics(t.Context(), "loom", Span{Limit: 7})
	must(t, err)
	var got []string
	for _, tp := range topics {
		got = append(got, fmt.Sprintf("%s/%s/%s %d [%s] %v",
			short(tp.Root.MessageID), short(tp.RootLatest.MessageID), short(tp.Latest.MessageID), tp.Messages, names(tp.Subjects), tp.Depth))
	}
	want := []string{ // the first mail of the first thread is not on the page
		"re1/re2/re2 4 [dye] [2]",
		"loose/loose/loose 1 [] []",
		"patch1/patch1/patch2 2 [patch2] [1]",
		"alone/alone/alone 1 [] []",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !r.Older || r.Newer {
		t.Errorf("older %v, newer %v", r.Older, r.Newer)
	}
}

func TestThreads(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct {
		name, inbox string
		order       TopicOrder
		span        Span
		want        string
	}{
		{"by activity", "loom", ByActivity, Span{}, "root loose patch1 alone"},
		{"by root", "loom", ByRoot, Span{}, "loose alone patch1 root"},
		{"of all inboxes", All, ByActivity, Span{}, "only root loose patch1 alone"},
		{"before", "loom", ByActivity, Span{Before: minute(4)}, "alone patch1 root"},
		{"roots before", "loom", ByRoot, Span{Before: minute(4)}, "alone patch1 root"},
		{"limit", "loom", ByRoot, Span{Limit: 2}, "loose alone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			topics, err := c.Threads(t.Context(), tt.inbox, tt.order, tt.span)
			must(t, err)
			var roots []Summary
			for _, tp := range topics {
				roots = append(roots, tp.Root)
			}
			if d := cmp.Diff(tt.want, names(roots)); d != "" {
				t.Error(d)
			}
		})
	}
	if _, err := c.Threads(t.Context(), "loom", ByRoot, Span{Before: minute(0)}); !errs.Is(err, errs.NotFound) {
		t.Errorf("no threads: %v", err)
	}
}

func TestThread(t *testing.T) {
	c := loom(t)
	th, err := c.Thread(t.Context(), "loom", "re1@loom.example", true)
	must(t, err)
	if d := cmp.Diff("root re1 dye re2 loose", names(th.Messages)); d != "" || th.Strict != 4 {
		t.Errorf("strict %d: %s", th.Strict, d)
	}
	for _, tt := range []struct{ id, prev, next, parent string }{
		{"root", "", "re1", ""},
		{"re1", "root", "dye", "root"},
		{"dye", "re1", "re2", "re1"},
		{"re2", "dye", "loose", "root"},
		{"none", "", "", ""},
	} {
		prev, next, parent := th.Neighbours(tt.id + "@loom.example")
		if d := cmp.Diff([]string{tt.prev, tt.next, tt.parent}, []string{short(prev), short(next), short(parent)}); d != "" {
			t.Errorf("%s: %s", tt.id, d)
		}
	}
	th, err = c.Thread(t.Context(), "loom", "patch2@loom.example", false)
	must(t, err)
	if _, _, parent := th.Neighbours("patch2@loom.example"); parent != "cover@loom.example" {
		t.Errorf("the missing parent is %q", parent)
	}
	if _, err := c.Thread(t.Context(), "loom", "cover@loom.example", true); !errs.Is(err, errs.NotFound) {
		t.Errorf("a message that is only referred to: %v", err)
	}
}

func TestElsewhere(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct{ inbox, id, want string }{
		{"loom", "alone@loom.example", "weave"},
		{"weave", "alone@loom.example", "loom"},
		{All, "alone@loom.example", "loom weave"},
		{"loom", "root@loom.example", ""},
		{"loom", "none@loom.example", ""},
	} {
		list, err := c.Elsewhere(t.Context(), tt.inbox, tt.id)
		must(t, err)
		var got []string
		for _, e := range list {
			got = append(got, e.Inbox)
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s in %s: %s", tt.id, tt.inbox, d)
		}
	}
}

func TestPartial(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct{ name, id, want string }{
		{"cut inside a word", "alone@loom.exam", "loom/alone weave/alone"},
		{"more at the end", "alone@loom.example.org", "loom/alone weave/alone"},
		{"too short", "alone@loom", ""},
		{"another beginning", "only@loom.example", ""},
		{"short last word", "alone@loom.example.e", "loom/alone weave/alone"},
		{"thousands of words", strings.Repeat("a.", 20000), ""},
		{"no words", strings.Repeat("@", 20000), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := c.Partial(t.Context(), "loom", tt.id)
			must(t, err)
			var got []string
			for _, e := range list {
				got = append(got, e.Inbox+"/"+short(e.MessageID))
			}
			if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestArticles(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct {
		inbox string
		from  int64
		want  string
	}{
		{"loom", 1, "1root 2re1 3patch1 4alone 5patch2 6dye 7loose 8re2"},
		{"loom", 7, "7loose 8re2"},
		{"weave", 1, "1alone 2only"},
		{All, 1, "0root 0re1 0patch1 0alone 0patch2 0dye 0loose 0re2 0only"},
	} {
		var got []string
		for a, err := range c.Articles(t.Context(), tt.inbox, tt.from) {
			must(t, err)
			got = append(got, fmt.Sprint(a.Number, short(a.MessageID)))
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: %s", tt.inbox, d)
		}
	}
}

// The generation steps after the index changed, and by then no answer is old: a thread that
// was joined, a count, an inbox.
func TestGeneration(t *testing.T) {
	dir := t.TempDir()
	post(t, dir, "loom", discussion()...)
	c := open(t, dir, Options{})
	loose, err := c.Thread(t.Context(), "loom", "loose@loom.example", false)
	must(t, err)
	if loose.Strict != 1 {
		t.Fatalf("%d messages", loose.Strict)
	}
	g := c.Generation()
	joined := make(chan struct{})
	go func() { // nobody ever sees a thread without the mail that was asked for
		defer close(joined)
		for {
			th, err := c.Thread(t.Context(), "loom", "loose@loom.example", false)
			if err != nil || !strings.Contains(names(th.Messages), "loose") {
				t.Errorf("while threads join: %v", err)
				return
			}
			if th.Strict == 6 {
				return
			}
		}
	}()
	post(t, dir, "loom", letter("join@loom.example", "joined", 10, "root@loom.example", "loose@loom.example"))
	<-joined
	for { // the test's own limit ends a generation that stands
		b, err := c.Inbox(t.Context(), "loom")
		must(t, err)
		if b.Messages == 9 && c.Generation() != g {
			break
		}
		time.Sleep(time.Millisecond)
	}
	th, err := c.Thread(t.Context(), "loom", "loose@loom.example", false)
	must(t, err)
	if d := cmp.Diff("root re1 dye loose re2 join", names(th.Messages)); d != "" {
		t.Error(d)
	}
	for _, m := range th.Messages[1:] {
		if m.Thread != th.Messages[0].Thread {
			t.Errorf("%s is of another thread", m.MessageID)
		}
	}
	b, err := c.Inbox(t.Context(), "loom")
	must(t, err)
	if b.Messages != 9 || !b.Newest.Equal(minute(10)) || !b.Oldest.Equal(minute(1)) {
		t.Errorf("%+v", b)
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache[int, []byte](1000, func(b []byte) int64 { return int64(len(b)) })
	for i := range 100 {
		_, _, epoch := c.get(i)
		c.put(i, make([]byte, 100), epoch)
		c.put(i, make([]byte, 100), epoch) // there already
		if c.size > 1000 || len(c.byKey) != c.order.Len() {
			t.Fatalf("%d bytes, %d keys, %d values", c.size, len(c.byKey), c.order.Len())
		}
		c.get(90) // used often: stays
	}
	if _, ok, _ := c.get(90); !ok {
		t.Error("what is used often went")
	}
	if _, ok, _ := c.get(0); ok {
		t.Error("what is oldest stayed")
	}
	_, _, epoch := c.get(1000)
	c.put(1000, make([]byte, 200), epoch)
	if _, ok, _ := c.get(1000); ok {
		t.Error("a value of a fifth of the cache pushed out others")
	}
	c.clear()
	c.put(1001, nil, epoch)
	if _, ok, _ := c.get(1001); ok || c.size != 0 {
		t.Error("what was read before a clear came in after it")
	}
}

// Readers find whole threads and no errors while mail comes in, threads join and mails go.
func TestReadersDuringIndexing(t *testing.T) {
	dir := t.TempDir()
	post(t, dir, "loom", discussion()...)
	c := open(t, dir, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				readSome(t, c)
			}
		})
	}
	for i := range 5 {
		at := 10 + i
		post(t, dir, "loom", letter(fmt.Sprintf("new%d@x", i), "new", at), letter(fmt.Sprintf("re%d@x", i), "Re: new", at, "root@loom.example", fmt.Sprintf("new%d@x", max(i-3, 0))))
	}
	cancel()
	readers.Wait()
}

func readSome(t *testing.T, c *Catalog) {
	r, err := c.Recent(t.Context(), "loom", Span{Limit: 20})
	if err != nil || len(r.Messages) < 8 {
		t.Errorf("recent: %+v, %v", r, err)
		return
	}
	for _, m := range r.Messages {
		th, err := c.Thread(t.Context(), "loom", m.MessageID, true)
		if err != nil {
			t.Errorf("thread of %s: %v", m.MessageID, err)
			continue
		}
		if !slices.ContainsFunc(th.Messages, func(o Summary) bool { return o.MessageID == m.MessageID }) {
			t.Errorf("the thread of %s is without it: %s", m.MessageID, names(th.Messages))
		}
	}
	if _, err := c.Search(t.Context(), Request{Inbox: All, Query: "words"}); err != nil {
		t.Errorf("search: %v", err)
	}
	for _, err := range c.Matches(t.Context(), Request{Inbox: "loom", Query: "d:2026-01-05.."}, true) {
		if err != nil {
			t.Errorf("matches: %v", err)
		}
	}
}
