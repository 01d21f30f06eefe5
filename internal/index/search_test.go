package index

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bobbin/internal/query"
	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
)

// searchable is an inbox whose mails differ in each thing that one can search for.
func searchable(t *testing.T) *store.DB {
	t.Helper()
	inbox, dir := t.TempDir(), t.TempDir()
	list := corpus()
	list = append(list, adds(
		"From: Zoë Müller <zoe@weave.example>\nTo: bob@cloth.example\nCc: Carol <carol@loom.example>\nSubject: odd one\n"+
			"Date: Tue, 3 Feb 2026 12:00:00 +0000\nMessage-ID: <a/b+c@odd.example>\nList-Id: Loom talk <loom.lists.example>\n"+
			"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee attachment\n--b\nContent-Type: text/plain\n"+
			"Content-Disposition: attachment; filename=boot-log.txt\n\nkernel panic here\n--b--\n")...)
	appendEpoch(t, inbox, list)
	runIndex(t, dir, inbox, Options{})
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func find(t *testing.T, db *store.DB, f store.Find) []string {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	found, err := db.Search(t.Context(), f)
	must(t, err)
	ids := []string{}
	for _, h := range found {
		r, ok, err := db.Message(t.Context(), h.ID)
		must(t, err)
		if !ok {
			t.Fatalf("message %d is not there", h.ID)
		}
		ids = append(ids, r.MessageID)
	}
	return ids
}

func TestSearch(t *testing.T) {
	db := searchable(t)
	now := time.Date(2026, 2, 4, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ query, want string }{
		{"beginning", "root@x"},
		{"topic", "join@x late@x other@x root@x"},
		{"s:topic -s:re", "root@x"},
		{"quoted", "other@x"},
		{"q:quoted", "other@x"},
		{"nq:quoted", ""},
		{"b:answer OR b:joins", "join@x other@x"},
		{"NOT s:topic NOT s:alone NOT s:patch", "a/b+c@odd.example far@x"},
		{"(s:topic OR s:alone) AND NOT reply", "alone@x join@x other@x root@x"},
		{"s:topic XOR b:reply", "join@x other@x root@x"},
		{`"the beginning"`, "root@x"},
		{`"beginning the"`, ""},
		{"begin*", "root@x"},
		{"слова", "far@x"},
		{"ДАЛЕКО", "far@x"},
		{"f:muller", "a/b+c@odd.example"},
		{"f:zoe@weave.example", "a/b+c@odd.example"},
		{"t:cloth", "a/b+c@odd.example"},
		{"c:carol tc:bob a:weave", "a/b+c@odd.example"},
		{"n:boot-log.txt", "a/b+c@odd.example"},
		{"b:panic", "a/b+c@odd.example"},
		{"has:attachment", "a/b+c@odd.example"},
		{"dfn:a.c", "p1@x"},
		{"dfa:removed", "p1@x"},
		{"dfb:added", "p1@x"},
		{"dfb:removed", ""},
		{"dfhh:main", "p1@x"},
		{"dfpre:1234567", "p1@x"},
		{"dfpost:89abcde", "p1@x"},
		{"dfblob:89abcde0123456", "p1@x"},
		{"dfblob:9abcde0", ""},
		{"is:patch", "p1@x"},
		{"is:patch is:reply", ""},
		{"change-id:20260105-fix-1234", "p1@x"},
		{"m:odd.example", "a/b+c@odd.example"},
		{"mid:a/b+c@odd.example", "a/b+c@odd.example"},
		{"mid:<root@x>", "root@x"},
		{"mid:nowhere@x", ""},
		{"l:loom", "a/b+c@odd.example"},
		{"l:lists.exam*", "a/b+c@odd.example"},
		{"lid:loom.lists.example", "a/b+c@odd.example"},
		{"lid:loom", ""},
		{"list:loom", "a/b+c@odd.example"},
		{"list:test s:alone", "alone@x"},
		{"references:root@x", "late@x"},
		{"thread:p1@x", "far@x p1@x"},
		{"d:2026-02-03", "a/b+c@odd.example"},
		{"d:yesterday..", "a/b+c@odd.example"},
		{"dt:20260105100000..20260105100002", "alone@x root@x"},
		{"rt:..1767607202 s:alone", "alone@x"},
		{"z:..1", ""},
		{"z:1.. s:alone", "alone@x"},
		{"uid:3", "root@x"},
		{"joins NEAR threads", "join@x"},
		{"", "*"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			q, err := query.Parse(tt.query, now)
			must(t, err)
			got := find(t, db, store.Find{Query: q})
			if tt.want == "*" {
				if len(got) != 8 {
					t.Errorf("got %v, want all", got)
				}
				return
			}
			slices.Sort(got)
			if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSearchOrder(t *testing.T) {
	db := searchable(t)
	all := query.All{}
	newest := find(t, db, store.Find{Query: all})
	if d := cmp.Diff([]string{"a/b+c@odd.example", "join@x", "p1@x", "other@x", "late@x", "far@x", "alone@x", "root@x"}, newest); d != "" {
		t.Error(d)
	}
	oldest := find(t, db, store.Find{Query: all, Ascending: true})
	slices.Reverse(oldest)
	if d := cmp.Diff(newest, oldest); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(newest[2:5], find(t, db, store.Find{Query: all, Offset: 2, Limit: 3})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"a/b+c@odd.example", "join@x", "p1@x", "alone@x"}, find(t, db, store.Find{Query: all, Collapse: true})); d != "" {
		t.Error(d)
	}
	// Mail that arrived after the third message is left out: pages do not shift.
	if d := cmp.Diff([]string{"other@x", "late@x", "root@x"}, find(t, db, store.Find{Query: all, Seq: 3})); d != "" {
		t.Error(d)
	}
	rel := find(t, db, store.Find{Query: query.Term{Words: []string{"topic"}, Value: "topic"}, Relevance: true})
	if len(rel) != 4 {
		t.Errorf("by relevance: %v", rel)
	}
}
