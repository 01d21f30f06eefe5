package index

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bobbin/internal/archive"
	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// entry is a commit of a test epoch.
type entry struct {
	file string // "m" or "d"
	mail string
}

func adds(mails ...string) []entry {
	var list []entry
	for _, m := range mails {
		list = append(list, entry{"m", m})
	}
	return list
}

// mailText writes a small mail. refs are ids.
func mailText(id, subject string, second int, body string, refs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From: Ann Example <ann@example.org>\nTo: list@example.org\nSubject: %s\n", subject)
	fmt.Fprintf(&b, "Date: Mon, 5 Jan 2026 10:%02d:%02d +0000\nMessage-ID: <%s>\n", second/60, second%60, id)
	if len(refs) > 0 {
		fmt.Fprintf(&b, "References: <%s>\n", strings.Join(refs, "> <"))
	}
	return b.String() + "\n" + body + "\n"
}

// tester is what *testing.T and *rapid.T share.
type tester interface {
	Helper()
	Fatalf(string, ...any)
}

// appendEpoch commits entries to an inbox's epoch 0 with git alone.
func appendEpoch(t tester, inbox string, entries []entry) {
	t.Helper()
	repo := filepath.Join(inbox, "git", "0.git")
	if _, err := os.Stat(repo); err != nil {
		_, err := archive.Create(context.Background(), inbox, archive.CreateOptions{Name: "test", Address: "test@example.org"})
		must(t, err)
	}
	from := ""
	if out, err := exec.Command("git", "-C", repo, "rev-parse", "-q", "--verify", "refs/heads/master").Output(); err == nil {
		from = strings.TrimSpace(string(out))
	}
	fastImport(t, repo, from, entries)
}

func fastImport(t tester, repo, from string, entries []entry) {
	t.Helper()
	var in bytes.Buffer
	for i, e := range entries {
		fmt.Fprintf(&in, "commit refs/heads/master\nauthor A <a@example.org> %d +0000\ncommitter C <c@example.org> %d +0000\ndata 1\nx\n", 1700000000+i, 1700000000+i)
		if i == 0 && from != "" {
			fmt.Fprintf(&in, "from %s\n", from)
		}
		fmt.Fprintf(&in, "deleteall\nM 100644 inline %s\ndata %d\n%s\n", e.file, len(e.mail), e.mail)
	}
	cmd := exec.Command("git", "-C", repo, "fast-import", "--quiet", "--force")
	cmd.Stdin = &in
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("fast-import: %v\n%s", err, out)
	}
}

func gitRun(t tester, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

func runIndex(t tester, dir, inbox string, opt Options) Stats {
	t.Helper()
	s, err := Run(context.Background(), dir, []Source{{Name: "test", Dir: inbox}}, opt)
	must(t, err)
	return s
}

// dump gives every row of the index, and every word with its places.
func dump(t tester, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	must(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE VIRTUAL TABLE temp.places USING fts5vocab(main, words, instance)`)
	must(t, err)
	var b strings.Builder
	for _, q := range []string{
		`SELECT name, next_number FROM inbox`, `SELECT * FROM cursor`, `SELECT * FROM mid ORDER BY key`,
		`SELECT * FROM message ORDER BY id`, `SELECT * FROM alias`, `SELECT * FROM stray`, `SELECT * FROM list`, `SELECT * FROM article`, `SELECT * FROM fault`,
		`SELECT term, doc, col, "offset" FROM places ORDER BY 1, 2, 3, 4`,
	} {
		rows, err := db.Query(q)
		must(t, err)
		cols, err := rows.Columns()
		must(t, err)
		fmt.Fprintln(&b, q)
		for rows.Next() {
			vals := make([]any, len(cols))
			for i := range vals {
				vals[i] = new(any)
			}
			must(t, rows.Scan(vals...))
			for _, v := range vals {
				switch v := (*v.(*any)).(type) {
				case []byte:
					fmt.Fprintf(&b, "%x|", v)
				default:
					fmt.Fprintf(&b, "%v|", v)
				}
			}
			b.WriteByte('\n')
		}
		must(t, rows.Err())
	}
	return b.String()
}

// partition gives the threads as sorted lists of ids.
func partition(t tester, dir string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	must(t, err)
	defer db.Close()
	rows, err := db.Query(`SELECT group_concat(id, ' ') FROM (SELECT m.thread, i.id FROM message m JOIN mid i ON i.key = m.mid ORDER BY i.id) GROUP BY thread`)
	must(t, err)
	var list []string
	for rows.Next() {
		var s string
		must(t, rows.Scan(&s))
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// corpus is a discussion with ghosts, late parents, a patch and words in several scripts.
func corpus() []entry {
	patch := "Fix it.\n\nchange-id: 20260105-fix-1234\n---\n a.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n" +
		"diff --git a/a.c b/a.c\nindex 1234567..89abcde 100644\n--- a/a.c\n+++ b/a.c\n@@ -1,1 +1,1 @@ main\n-removed word\n+added word\n"
	return adds(
		mailText("late@x", "Re: topic", 5, "reply first", "root@x", "ghost@x"),
		mailText("other@x", "Re: topic", 6, "> quoted words\nanswer", "ghost2@x"),
		mailText("root@x", "topic", 1, "the beginning"),
		mailText("p1@x", "[PATCH] fix", 7, patch),
		mailText("join@x", "Re: topic", 9, "joins two threads", "other@x", "late@x"),
		mailText("far@x", "далеко", 3, "слова и ещё слова", "p1@x"),
		mailText("alone@x", "alone", 2, "nobody answers"),
	)
}

func TestCatchUpEqualsRebuild(t *testing.T) {
	entries := append(corpus(), entry{"d", corpus()[6].mail}, corpus()[0] /* a duplicate */)
	for cut := 1; cut < len(entries); cut++ {
		step, whole := t.TempDir(), t.TempDir()
		inbox := t.TempDir()
		appendEpoch(t, inbox, entries[:cut])
		runIndex(t, step, inbox, Options{})
		appendEpoch(t, inbox, entries[cut:])
		runIndex(t, step, inbox, Options{})
		s := runIndex(t, whole, inbox, Options{})
		if s.Messages != 7 || s.Duplicates != 1 || s.Removed != 1 {
			t.Errorf("stats: %+v", s)
		}
		if d := cmp.Diff(dump(t, whole), dump(t, step)); d != "" {
			t.Errorf("cut at %d: %s", cut, d)
		}
		if again := runIndex(t, step, inbox, Options{}); again.Messages+again.Duplicates != 0 {
			t.Errorf("a second pass did %+v", again)
		}
	}
}

// Whatever the order in which mails arrive, the threads are the same.
func TestThreadsOrderIndependent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var list []archive.Entry
		for i := range rapid.IntRange(2, 12).Draw(rt, "mails") {
			var refs []string
			for _, r := range rapid.SliceOfN(rapid.IntRange(0, 15), 0, 3).Draw(rt, "refs") {
				refs = append(refs, fmt.Sprintf("%d@x", r))
			}
			list = append(list, archive.Entry{Commit: fmt.Sprint(i), Blob: fmt.Sprintf("%040x", i),
				Raw: []byte(mailText(fmt.Sprintf("%d@x", i), "s", i, "b", refs...))})
		}
		shuffled := rapid.Permutation(list).Draw(rt, "arrival")
		if d := cmp.Diff(threadsOf(rt, list), threadsOf(rt, shuffled)); d != "" {
			rt.Fatalf("%s", d)
		}
	})
}

// threadsOf indexes entries without an archive.
func threadsOf(t tester, list []archive.Entry) []string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bobbin-test")
	must(t, err)
	defer os.RemoveAll(dir)
	w, err := store.Create(context.Background(), dir)
	must(t, err)
	id, err := w.Inbox(context.Background(), "test")
	must(t, err)
	p := &pass{w: w, at: store.Place{Inbox: id}, tip: "tip"}
	_, err = p.run(context.Background(), func(yield func(archive.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	})
	must(t, err)
	must(t, w.Close())
	return partition(t, dir)
}

func TestRewrittenEpoch(t *testing.T) {
	inbox, dir := t.TempDir(), t.TempDir()
	list := corpus()
	appendEpoch(t, inbox, list)
	runIndex(t, dir, inbox, Options{})
	// The history is written anew without one mail and with one more.
	repo := filepath.Join(inbox, "git", "0.git")
	gitRun(t, repo, "update-ref", "-d", "refs/heads/master")
	changed := append(slices.Concat(list[:2], list[3:]), entry{"m", mailText("new@x", "new", 30, "edited")})
	fastImport(t, repo, "", changed)
	s := runIndex(t, dir, inbox, Options{})
	if s.Removed != 1 || s.Messages != 1 {
		t.Errorf("stats: %+v", s)
	}
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	copies, err := db.Articles(t.Context(), 1, 1, 100)
	must(t, err)
	var numbers []int64
	for _, c := range copies {
		numbers = append(numbers, c.Number)
	}
	// Number 3 was the purged mail's and is not given again.
	if d := cmp.Diff([]int64{1, 2, 4, 5, 6, 7, 8}, numbers); d != "" {
		t.Error(d)
	}
	problems, err := Check(t.Context(), dir, []Source{{Name: "test", Dir: inbox}})
	must(t, err)
	for _, p := range problems {
		t.Errorf("check: %+v", p)
	}
}

func TestMissingBlob(t *testing.T) {
	inbox, dir := t.TempDir(), t.TempDir()
	appendEpoch(t, inbox, corpus())
	repo := filepath.Join(inbox, "git", "0.git")
	gitRun(t, repo, "config", "gc.auto", "0")
	gitRun(t, repo, "config", "transfer.unpackLimit", "1000")
	blob := gitRun(t, repo, "rev-parse", "master~2:m")
	pack, err := filepath.Glob(filepath.Join(repo, "objects", "pack", "*.pack"))
	must(t, err)
	for _, p := range pack { // unpack, then lose one object
		os.Rename(p, filepath.Join(repo, "moved.pack"))
		os.Remove(strings.TrimSuffix(p, ".pack") + ".idx")
		cmd := exec.Command("git", "-C", repo, "unpack-objects", "-q")
		cmd.Stdin, err = os.Open(filepath.Join(repo, "moved.pack"))
		must(t, err)
		must(t, cmd.Run())
	}
	must(t, os.Remove(filepath.Join(repo, "objects", blob[:2], blob[2:])))
	s := runIndex(t, dir, inbox, Options{})
	if s.Messages != 6 || s.Missing != 1 {
		t.Errorf("stats: %+v", s)
	}
	problems, err := Check(t.Context(), dir, []Source{{Name: "test", Dir: inbox}})
	must(t, err)
	if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.What, blob) }) {
		t.Errorf("check does not name blob %s: %+v", blob, problems)
	}
}

func TestTwoInboxesOneMessage(t *testing.T) {
	a, b, dir := t.TempDir(), t.TempDir(), t.TempDir()
	m := mailText("both@x", "posted twice", 1, "same words")
	appendEpoch(t, a, adds("Received: by a; Mon, 5 Jan 2026 11:00:00 +0000\n"+m))
	appendEpoch(t, b, adds("Received: by b; Mon, 5 Jan 2026 11:00:07 +0000\n"+m))
	_, err := Run(t.Context(), dir, []Source{{"a", a}, {"b", b}}, Options{})
	must(t, err)
	db, err := store.Open(t.Context(), dir)
	must(t, err)
	defer db.Close()
	n, err := db.CountMessages(t.Context())
	must(t, err)
	if n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
	key, _, _, err := db.Mid(t.Context(), "both@x")
	must(t, err)
	ids, err := db.Carriers(t.Context(), key)
	must(t, err)
	copies, err := db.Copies(t.Context(), store.AnyInbox, ids[0])
	must(t, err)
	if len(copies) != 2 || copies[0].Blob == copies[1].Blob || copies[1].Received.Second() != 7 {
		t.Errorf("copies: %+v", copies)
	}
}

func TestOtherSchema(t *testing.T) {
	inbox, dir := t.TempDir(), t.TempDir()
	appendEpoch(t, inbox, corpus())
	runIndex(t, dir, inbox, Options{})
	setVersion := func(v int) {
		db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
		must(t, err)
		defer db.Close()
		_, err = db.Exec(fmt.Sprintf("PRAGMA user_version = %d", v))
		must(t, err)
	}
	setVersion(store.SchemaVersion + 1)
	if _, err := Run(t.Context(), dir, []Source{{"test", inbox}}, Options{}); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("a newer schema: %v", err)
	}
	if store.SchemaVersion > 1 {
		setVersion(store.SchemaVersion - 1)
		if s := runIndex(t, dir, inbox, Options{}); s.Messages != 7 {
			t.Errorf("an older schema is not rebuilt: %+v", s)
		}
	}
}
