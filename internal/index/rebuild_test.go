package index

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
)

// A reader that has the index open sees it built anew.
func TestRebuildUnderReaders(t *testing.T) {
	inbox, dir := t.TempDir(), t.TempDir()
	appendEpoch(t, inbox, corpus())
	runIndex(t, dir, inbox, Options{})
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	before, err := db.Shaken(t.Context())
	must(t, err)
	want := dump(t, dir)
	runIndex(t, dir, inbox, Options{Rebuild: true})
	if d := cmp.Diff(want, dump(t, dir)); d != "" {
		t.Error(d)
	}
	appendEpoch(t, inbox, adds(mailText("new@x", "new", 50, "after all")))
	runIndex(t, dir, inbox, Options{})
	if _, _, ok, err := db.Mid(t.Context(), "new@x"); !ok || err != nil {
		t.Errorf("a mail indexed after the rebuild: %v, %v", ok, err)
	}
	if after, err := db.Shaken(t.Context()); after == before || err != nil {
		t.Errorf("readers are not told that rows changed: %d, %v", after, err)
	}
	if n, err := db.CountMessages(t.Context()); n != 8 || err != nil {
		t.Errorf("%d messages, %v", n, err)
	}
}

func TestRebuildOfRubble(t *testing.T) {
	inbox, dir := t.TempDir(), t.TempDir()
	appendEpoch(t, inbox, corpus())
	for _, rubble := range []string{"", "no database at all, but longer than nothing"} {
		must(t, os.WriteFile(filepath.Join(dir, store.FileName), []byte(rubble), 0o644))
		if s := runIndex(t, dir, inbox, Options{Rebuild: true}); s.Messages != 7 {
			t.Errorf("over %q: %+v", rubble, s)
		}
	}
}

// A pass that was killed in bulk mode leaves it in the database; the next one ends it.
func TestBulkModeEnds(t *testing.T) {
	inbox, dir := t.TempDir(), t.TempDir()
	appendEpoch(t, inbox, corpus())
	runIndex(t, dir, inbox, Options{})
	w, err := store.Create(t.Context(), dir)
	must(t, err)
	must(t, w.Bulk(t.Context(), true))
	must(t, w.Close())
	runIndex(t, dir, inbox, Options{})
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	must(t, err)
	defer db.Close()
	var automerge int
	must(t, db.QueryRow(`SELECT v FROM words_config WHERE k = 'automerge'`).Scan(&automerge))
	if automerge == 0 {
		t.Error("the full text is still not merged")
	}
}

// An article that was removed and posted again keeps its number when the history before it
// changes, and what could not be read of the old history is forgotten.
func TestReconcileKeepsNumbers(t *testing.T) {
	inbox, dir := t.TempDir(), t.TempDir()
	again := mailText("again@x", "again", 40, "posted, removed, posted")
	history := append(corpus(), entry{"m", again}, entry{"d", again}, entry{"m", again})
	appendEpoch(t, inbox, history)
	runIndex(t, dir, inbox, Options{})
	want := numbers(t, dir)
	w, err := store.Create(t.Context(), dir)
	must(t, err)
	must(t, w.Fault(t.Context(), store.Place{Inbox: 1}, "commit", "blob", "lost"))
	must(t, w.Close())
	repo := filepath.Join(inbox, "git", "0.git")
	gitRun(t, repo, "update-ref", "-d", "refs/heads/master")
	fastImport(t, repo, "", append(history[1:2:2], append(history[:1:1], history[2:]...)...))
	if s := runIndex(t, dir, inbox, Options{}); s.Messages != 0 || s.Removed != 0 {
		t.Errorf("stats: %+v", s)
	}
	if d := cmp.Diff(want, numbers(t, dir)); d != "" {
		t.Error(d)
	}
	problems, err := Check(t.Context(), dir, []Source{{Name: "test", Dir: inbox}})
	must(t, err)
	for _, p := range problems {
		t.Errorf("check: %+v", p)
	}
}

// numbers gives the articles of the first inbox.
func numbers(t *testing.T, dir string) []store.Copy {
	t.Helper()
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	list, err := db.Articles(t.Context(), 1, 1, 100)
	must(t, err)
	return list
}
