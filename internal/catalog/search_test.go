package catalog

import (
	"context"
	"strings"
	"testing"
	"time"

	"bobbin/internal/errs"
	"bobbin/internal/query"
	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
)

func TestSearchPages(t *testing.T) {
	dir := t.TempDir()
	post(t, dir, "loom", discussion()...)
	c := open(t, dir, Options{})
	page := func(r Request) (string, *Result) {
		res, err := c.Search(t.Context(), r)
		must(t, err)
		var ids []Summary
		for _, h := range res.Hits {
			ids = append(ids, h.Summary)
		}
		return names(ids), res
	}
	req := Request{Inbox: "loom", Query: "words", Limit: 3}
	got, res := page(req)
	if got != "re2 loose dye" || !res.More || res.Exact || res.Total != 4 {
		t.Errorf("first page %s: %+v", got, res)
	}
	post(t, dir, "loom", letter("late@loom.example", "late", 59)) // must not shift the next page
	req.Offset, req.Anchor = 3, res.Anchor
	if got, _ = page(req); got != "patch2 alone patch1" {
		t.Errorf("second page %s", got)
	}
	req.Offset = 6
	if got, res = page(req); got != "re1 root" || res.More || !res.Exact || res.Total != 8 {
		t.Errorf("last page %s: %+v", got, res)
	}
	if got, _ = page(Request{Inbox: "loom", Query: "words", Ascending: true, Limit: 2}); got != "root re1" {
		t.Errorf("ascending %s", got)
	}
	if got, _ = page(Request{Inbox: "loom", Query: "s:cloth", Collapse: true}); got != "re2 loose" {
		t.Errorf("collapsed %s", got)
	}
	if got, _ = page(Request{Inbox: "loom", Query: "s:re", Thread: "root@loom.example"}); got != "re2 re1" {
		t.Errorf("in a thread %s", got)
	}
	got, res = page(Request{Inbox: "loom", Query: "needle OR dye", Relevance: true})
	if len(res.Hits) != 2 || res.Hits[0].Percent != 100 || res.Hits[1].Percent > 100 || res.Hits[1].Percent < 1 {
		t.Errorf("by relevance %s: %+v", got, res)
	}
}

func TestHitInbox(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct{ inbox, query, want string }{
		{All, "needle OR only", "weave/only loom/alone"},
		{"weave", "needle", "weave/alone"},
	} {
		res, err := c.Search(t.Context(), Request{Inbox: tt.inbox, Query: tt.query})
		must(t, err)
		var got []string
		for _, h := range res.Hits {
			got = append(got, h.Inbox+"/"+short(h.MessageID))
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: %s", tt.inbox, d)
		}
	}
}

func TestSearchErrors(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct {
		name string
		req  Request
		want errs.Kind
	}{
		{"makes no sense", Request{Inbox: "loom", Query: "d:whenever..never"}, errs.Invalid},
		{"unknown inbox", Request{Inbox: "nowhere", Query: "words"}, errs.NotFound},
		{"unknown thread", Request{Inbox: "loom", Query: "words", Thread: "none@x"}, errs.NotFound},
		{"too much", Request{Inbox: "loom", Query: "a* b* c* d* e* f*"}, errs.Invalid},
	} {
		if _, err := c.Search(t.Context(), tt.req); errs.KindOf(err) != tt.want {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// A search that takes too long, or finds no place, is Busy; one whose reader has gone ends.
func TestSearchTime(t *testing.T) {
	dir := t.TempDir()
	post(t, dir, "loom", discussion()...)
	c := open(t, dir, Options{SearchTime: time.Nanosecond})
	if _, err := c.Search(t.Context(), Request{Inbox: "loom", Query: "words"}); !errs.Is(err, errs.Busy) {
		t.Errorf("no time: %v", err)
	}
	c = open(t, dir, Options{})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range maxSearches {
		c.searching <- struct{}{}
	}
	if _, err := c.search(gone, store.Find{Query: query.All{}, Limit: 1}); err != context.Canceled {
		t.Errorf("nobody waits: %v", err)
	}
	c.opt.SearchTime = time.Millisecond
	if _, err := c.search(t.Context(), store.Find{Query: query.All{}, Limit: 1}); !errs.Is(err, errs.Busy) {
		t.Errorf("no place: %v", err)
	}
}

func TestMatches(t *testing.T) {
	c := loom(t)
	for _, tt := range []struct {
		name, inbox, query string
		threads            bool
		want               string
	}{
		{"messages", "loom", "s:cloth", false, "re2 loose dye re1 root"},
		{"threads", "loom", "s:dye OR s:needle", true, "re2 dye re1 root alone"},
		{"a thread once", "loom", "s:cloth", true, "re2 dye re1 root loose"},
		{"all inboxes", All, "s:needle OR s:only", false, "only alone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []Summary
			for a, err := range c.Matches(t.Context(), Request{Inbox: tt.inbox, Query: tt.query}, tt.threads) {
				must(t, err)
				if _, err := c.Raw(t.Context(), a.Blob); err != nil || a.Inbox == "" || a.Number == 0 {
					t.Errorf("%+v: %v", a, err)
				}
				got = append(got, a.Summary)
			}
			if d := cmp.Diff(tt.want, names(got)); d != "" {
				t.Error(d)
			}
		})
	}
	for _, err := range c.Matches(t.Context(), Request{Inbox: "nowhere"}, false) {
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("an unknown inbox: %v", err)
		}
	}
}
