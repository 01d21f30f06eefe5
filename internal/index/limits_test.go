package index

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bobbin/internal/errs"
	"bobbin/internal/query"
	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// many joins n copies of a text, each % in them the copy's number.
func many(text, sep string, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(text, "%", fmt.Sprint(i))
	}
	return strings.Join(parts, sep)
}

// What the query language allows, SQLite must take: the shapes that grow its expressions
// or this package's own work, at the language's limits.
func TestSearchLimits(t *testing.T) {
	db := searchable(t)
	const everything = 8
	for _, tt := range []struct {
		name, query string
		want        int
	}{
		{"words, all", many("topic", " ", 1000), 4},
		{"words, any", many("w%", " OR ", 999) + " OR topic", 4},
		{"words, none", many("-w%", " ", 999), everything},
		{"one and none of the others", "topic " + many("-w%", " ", 999), 4},
		{"ranges, any", many("z:%..99999", " OR ", 999), everything},
		{"ranges, all", many("z:%..99999", " ", 999), 0},
		{"ranges and words", many("(z:%..99999 topic)", " OR ", 99), 4},
		{"not of not", strings.Repeat("NOT (", 98) + "topic" + strings.Repeat(")", 98), 4},
		{"without what is without", strings.Repeat("-(topic ", 90) + "x" + strings.Repeat(")", 90), everything},
		{"and of or of and", strings.Repeat("(topic OR (topic ", 49) + "topic" + strings.Repeat("))", 49), 4},
		{"either but not both", many("w%", " XOR ", 90) + " XOR topic", 4},
		{"flags", many("is:patch", " OR ", 999), 1},
		{"threads", many("thread:w%", " OR ", 999), 0},
		{"blobs", many("dfblob:12345678901234567890123456789012345%", " OR ", 200), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := query.Parse(tt.query, time.Unix(1770000000, 0))
			must(t, err)
			if got := find(t, db, store.Find{Query: n}); tt.want > 0 && len(got) != tt.want {
				t.Errorf("found %v, want %d", got, tt.want)
			}
		})
	}
}

func TestSearchTooMuch(t *testing.T) {
	db := searchable(t)
	for _, tt := range []struct{ name, query, want string }{
		{"one letter and a star", many("a*", " OR ", 20), "too many short beginnings"},
		{"two letters and a star", many("ab*", " ", 20), "too many short beginnings"},
		{"lists", many("l:x%", " OR ", 20), "about lists"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := query.Parse(tt.query, time.Unix(1770000000, 0))
			must(t, err)
			_, err = db.Search(t.Context(), store.Find{Query: n, Limit: 10})
			if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A number and a List-Id belong to one inbox's copy of a mail.
func TestSearchCopies(t *testing.T) {
	a, b, dir := t.TempDir(), t.TempDir(), t.TempDir()
	both := mailText("both@x", "posted twice", 1, "same words")
	appendEpoch(t, a, adds("List-Id: <a.lists.example>\n"+both))
	appendEpoch(t, b, adds(mailText("first@x", "first", 0, "other words"), "List-Id: <b.lists.example>\n"+both))
	_, err := Run(t.Context(), dir, []Source{{"a", a}, {"b", b}}, Options{})
	must(t, err)
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	for _, tt := range []struct {
		in    store.InboxID
		query string
		want  string
	}{
		{store.AnyInbox, "uid:1..1", "both@x first@x"},
		{1, "uid:1..1", "both@x"},
		{2, "uid:1..1", "first@x"},
		{2, "uid:2..2", "both@x"},
		{1, "lid:a.lists.example", "both@x"},
		{2, "lid:a.lists.example", ""},
		{2, "l:b", "both@x"},
		{store.AnyInbox, "list:a", "both@x"},
		{2, "list:A", "both@x"},
	} {
		n, err := query.Parse(tt.query, time.Unix(1770000000, 0))
		must(t, err)
		if d := cmp.Diff(tt.want, strings.Join(find(t, db, store.Find{Query: n, Inbox: tt.in}), " ")); d != "" {
			t.Errorf("%s in %d: %s", tt.query, tt.in, d)
		}
	}
}

func TestSearchArrival(t *testing.T) {
	db := searchable(t)
	for _, tt := range []struct{ query, want string }{
		{"rt:20260105100005..20260105100006", "other@x late@x"},
		{"rt:..20260105100001", "root@x"},
		{"rt:20260105100009..", "a/b+c@odd.example join@x"},
	} {
		n, err := query.Parse(tt.query, time.Unix(1770000000, 0))
		must(t, err)
		if d := cmp.Diff(tt.want, strings.Join(find(t, db, store.Find{Query: n}), " ")); d != "" {
			t.Errorf("%s: %s", tt.query, d)
		}
	}
}

// Whatever parses can be searched for; in parts, as a stream reads it, the hits are the same
// and in the same order.
func TestSearchLaws(t *testing.T) {
	db := searchable(t)
	words := []string{"topic", "-topic", "s:re", "NOT", "OR", "AND", "XOR", "(", ")", "NEAR", "NEAR/3", "ADJ", `"the beginning"`, "beg*", `"`,
		"d:2026-01-05..", "rt:..20260105100006", "z:1..300", "uid:2..4", "is:patch", "has:attachment", "l:loom", "list:test", "mid:root@x",
		"thread:root@x", "references:root@x", "dfblob:1234567", "patchid:ab", "дал*", "-(", "nq:word", "м", "*", "", "+", "s:(", "m:x", "-is:reply"}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 12).Draw(rt, "words"), " ")
		n, err := query.Parse(text, time.Unix(1770000000, 0))
		if err != nil {
			return
		}
		f := store.Find{Query: n, Inbox: store.InboxID(rapid.IntRange(0, 2).Draw(rt, "inbox")), Limit: 100,
			Relevance: rapid.Bool().Draw(rt, "relevance"), Collapse: rapid.Bool().Draw(rt, "collapse"), Ascending: rapid.Bool().Draw(rt, "ascending")}
		if _, err := db.Search(t.Context(), f); err != nil {
			rt.Fatalf("%q: %v", text, err)
		}
		f.Relevance, f.Collapse, f.Ascending = false, false, false
		whole, err := db.Search(t.Context(), f)
		if err != nil {
			rt.Fatalf("%q: %v", text, err)
		}
		var parts []store.Found
		for f.Limit, f.Sweep = 2, true; ; f.Below = parts[len(parts)-1].ID {
			part, err := db.Search(t.Context(), f)
			if err != nil {
				rt.Fatalf("%q below %d: %v", text, f.Below, err)
			}
			if parts = append(parts, part...); len(part) < f.Limit {
				break
			}
		}
		if d := cmp.Diff(whole, parts); d != "" {
			rt.Fatalf("%q: %s", text, d)
		}
	})
}
