package archive_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/git"

	"github.com/google/go-cmp/cmp"
)

// clock is the time of every writer in these tests.
func clock() time.Time { return time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC) }

func create(t *testing.T) *archive.Inbox {
	t.Helper()
	b, err := archive.Create(t.Context(), filepath.Join(t.TempDir(), "foo"),
		archive.CreateOptions{Name: "foo", Address: "foo@example.org", Description: "Foo  and\nbar"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writer(t *testing.T, b *archive.Inbox) *archive.Writer {
	t.Helper()
	w, err := b.Writer(t.Context(), archive.WriterOptions{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// write adds mails with a writer of their own.
func write(t *testing.T, b *archive.Inbox, mails ...string) []archive.AddResult {
	t.Helper()
	w := writer(t, b)
	var list []archive.AddResult
	for _, m := range mails {
		r, err := w.Add(t.Context(), []byte(m))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return list
}

// mailOf makes a small mail.
func mailOf(n int) string {
	return fmt.Sprintf("From: A <a@example.org>\nSubject: mail %d\nMessage-ID: <%d@example.org>\n"+
		"Date: Mon, 1 Jan 2024 00:00:00 +0000\n\nbody of mail %d\n", n, n, n)
}

// entries walks the whole inbox.
func entries(t *testing.T, b *archive.Inbox) []archive.Entry {
	t.Helper()
	epochs, err := b.Epochs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []archive.Entry
	for _, e := range epochs {
		_, tip, err := e.Repo.Tip(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if tip == "" {
			continue
		}
		for en, err := range b.Walk(t.Context(), e.N, "", tip) {
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, en)
		}
	}
	return list
}

// raws gives the mails of an inbox as text, removals with a minus in front.
func raws(t *testing.T, b *archive.Inbox) []string {
	t.Helper()
	var list []string
	for _, e := range entries(t, b) {
		s := string(e.Raw)
		if e.Op == archive.Remove {
			s = "-" + s
		}
		list = append(list, s)
	}
	return list
}

func runGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"--git-dir=" + dir}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+dir,
		"GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func sound(t *testing.T, b *archive.Inbox) {
	t.Helper()
	for _, p := range b.Check(t.Context()) {
		t.Errorf("check: %+v", p)
	}
}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("error is %v (%v), want the kind %v", err, errs.KindOf(err), kind)
	} else if strings.Contains(err.Error(), "\n") {
		t.Errorf("error has several lines: %q", err)
	}
}

func TestCreate(t *testing.T) {
	b := create(t)
	if got, want := b.Description(), "Foo and bar"; got != want {
		t.Errorf("description is %q, want %q", got, want)
	}
	// What public-inbox-init makes, apart from its databases.
	for _, name := range []string{"inbox.lock", "description", "all.git/HEAD", "all.git/config", "git/0.git/HEAD", "git/0.git/config"} {
		if _, err := os.Stat(filepath.Join(b.Dir(), name)); err != nil {
			t.Error(err)
		}
	}
	alt, err := os.ReadFile(filepath.Join(b.Dir(), "all.git/objects/info/alternates"))
	if want := "../../git/0.git/objects\n"; err != nil || string(alt) != want {
		t.Errorf("alternates are %q, %v; want %q", alt, err, want)
	}
	if got, want := runGit(t, filepath.Join(b.Dir(), "git/0.git"), "config", "--bool", "repack.writeBitmaps"), "true"; got != want {
		t.Errorf("repack.writeBitmaps is %q, want %q: all.git/config is not included", got, want)
	}
	if got, want := runGit(t, filepath.Join(b.Dir(), "git/0.git"), "symbolic-ref", "HEAD"), "refs/heads/master"; got != want {
		t.Errorf("HEAD is %q, want %q", got, want)
	}
	_, err = archive.Create(t.Context(), b.Dir(), archive.CreateOptions{})
	wantKind(t, err, errs.Exists)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(b.Dir()), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	sound(t, b)
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	mk := func(name string) string {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(p, 0o755); err != nil {
			t.Fatal(err)
		}
		return p
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	mk("epochs/git/3.git")
	mk("other/git/03.git")
	tests := []struct {
		name, dir string
		kind      errs.Kind // Internal: no error
	}{
		{"absent", filepath.Join(dir, "absent"), errs.NotFound},
		{"file", file, errs.Invalid},
		{"empty", mk("empty"), errs.Invalid},
		{"other numbers", filepath.Join(dir, "other"), errs.Invalid},
		{"an epoch and no lock", filepath.Join(dir, "epochs"), errs.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := archive.Open(tt.dir)
			if tt.kind == errs.Internal {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantKind(t, err, tt.kind)
		})
	}
}

// A directory that is not yet, or no longer, a repository does not make the others
// useless.
func TestNoEpoch(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1))
	if err := os.MkdirAll(filepath.Join(b.Dir(), "git/1.git/objects"), 0o755); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{mailOf(1)}, raws(t, b)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if p := b.Check(t.Context()); len(p) != 1 || p[0].Epoch != 1 {
		t.Errorf("problems are %+v, want one with the epoch 1", p)
	}
	// When the epoch before it is full, a repository is made of it.
	w, err := b.Writer(t.Context(), archive.WriterOptions{EpochBytes: 1, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(t.Context(), []byte(mailOf(2))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if list := entries(t, b); len(list) != 2 || list[1].Epoch != 1 {
		t.Errorf("entries are %+v", list)
	}
	sound(t, b)
}

func TestWalk(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1), mailOf(2), mailOf(3))
	w := writer(t, b)
	if err := w.Remove(t.Context(), []byte(mailOf(2))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(t.Context(), []byte(mailOf(4))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{mailOf(1), mailOf(2), mailOf(3), "-" + mailOf(2), mailOf(4)}, raws(t, b)); d != "" {
		t.Errorf("mails (-want +got):\n%s", d)
	}
	list := entries(t, b)
	if list[1].Blob != list[3].Blob {
		t.Errorf("the removal has the blob %s, the mail %s", list[3].Blob, list[1].Blob)
	}
	var part []string
	for e, err := range b.Walk(t.Context(), 0, list[1].Commit, list[3].Commit) {
		if err != nil {
			t.Fatal(err)
		}
		part = append(part, e.Commit)
	}
	if d := cmp.Diff([]string{list[2].Commit, list[3].Commit}, part); d != "" {
		t.Errorf("commits after the second up to the fourth (-want +got):\n%s", d)
	}
	for _, err := range b.Walk(t.Context(), 7, "", list[0].Commit) {
		wantKind(t, err, errs.NotFound)
	}
	for _, err := range b.Walk(t.Context(), 0, strings.Repeat("1", 40), list[0].Commit) {
		wantKind(t, err, errs.NotFound)
	}
	sound(t, b)
}

// A blob that is gone, or is not what it was, is told of, and the others come.
func TestWalkDamaged(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1), mailOf(2), mailOf(3), mailOf(4), mailOf(5))
	list := entries(t, b)
	object := func(i int) string {
		oid := list[i].Blob
		return filepath.Join(b.Dir(), "git/0.git/objects", oid[:2], oid[2:])
	}
	if err := os.Remove(object(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(object(3), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(object(3), []byte("this is no object"), 0o644); err != nil {
		t.Fatal(err)
	}
	var missing []int
	damaged := entries(t, b)
	for i, e := range damaged {
		if e.Missing {
			missing = append(missing, i)
		} else if string(e.Raw) != mailOf(i+1) {
			t.Errorf("mail %d is %q", i+1, e.Raw)
		}
	}
	if d := cmp.Diff([]int{1, 3}, missing); d != "" || len(damaged) != 5 {
		t.Errorf("of %d, missing (-want +got):\n%s", len(damaged), d)
	}
	problems := b.Check(t.Context())
	found := 0
	for _, p := range problems {
		if p.Blob == list[1].Blob || p.Blob == list[3].Blob {
			found++
		}
	}
	if found != 2 {
		t.Errorf("check found %+v", problems)
	}
}

// Leaving a walk early leaves nothing running, and a context that ends ends it.
func TestWalkStops(t *testing.T) {
	b := create(t)
	var mails []string
	for i := range 300 {
		mails = append(mails, mailOf(i)+strings.Repeat("more text\n", 200))
	}
	write(t, b, mails...)
	list := entries(t, b)
	tip := list[len(list)-1].Commit
	for range b.Walk(t.Context(), 0, "", tip) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range b.Walk(ctx, 0, "", tip) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v", err)
			}
			break
		}
		if n++; n == 3 {
			cancel()
		}
	}
	if n == len(mails) {
		t.Error("the walk went on")
	}
}

func TestCheckFindsForeignCommits(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1))
	dir := filepath.Join(b.Dir(), "git/0.git")
	blob := entries(t, b)[0].Blob
	index := filepath.Join(t.TempDir(), "index")
	t.Setenv("GIT_INDEX_FILE", index)
	runGit(t, dir, "update-index", "--add", "--cacheinfo", "100644,"+blob+",m")
	runGit(t, dir, "update-index", "--add", "--cacheinfo", "100644,"+blob+",x")
	tree := runGit(t, dir, "write-tree")
	commit := runGit(t, dir, "commit-tree", "-p", "refs/heads/master", "-m", "foreign", tree)
	runGit(t, dir, "update-ref", "refs/heads/master", commit)
	problems := b.Check(t.Context())
	if len(problems) != 1 || problems[0].Commit != commit {
		t.Errorf("problems are %+v, want one with the commit %s", problems, commit)
	}
}

func TestEpochsAreNumbered(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1))
	from := filepath.Join(b.Dir(), "git/0.git")
	for _, name := range []string{"10.git", "2.git", ".new.git", "x.git", "02.git", "3"} {
		if name == ".new.git" || name == "x.git" || name == "02.git" || name == "3" {
			if err := os.Mkdir(filepath.Join(b.Dir(), "git", name), 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := git.CloneMirror(t.Context(), from, filepath.Join(b.Dir(), "git", name), nil); err != nil {
			t.Fatal(err)
		}
	}
	epochs, err := b.Epochs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, e := range epochs {
		got = append(got, e.N)
	}
	if d := cmp.Diff([]int{0, 2, 10}, got); d != "" {
		t.Errorf("epochs (-want +got):\n%s", d)
	}
}
