package archive_test

import (
	"os"
	"path/filepath"
	"testing"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/git"

	"github.com/google/go-cmp/cmp"
)

// empty makes an inbox that nothing was written to.
func empty(t *testing.T) *archive.Inbox {
	t.Helper()
	b, err := archive.Create(t.Context(), filepath.Join(t.TempDir(), "bar"), archive.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bundle(t *testing.T, repo string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "epoch.bundle")
	runGit(t, repo, "bundle", "create", "--quiet", path, "HEAD", "refs/heads/master")
	return path
}

func TestAddEpochFrom(t *testing.T) {
	from := create(t)
	write(t, from, mailOf(1), mailOf(2))
	repo := filepath.Join(from.Dir(), "git/0.git")
	old := bundle(t, repo)
	write(t, from, mailOf(3))
	next := bundle(t, repo)
	b := empty(t)
	steps := []struct {
		name, src string
		want      archive.Copied
		mails     int
	}{
		{"an epoch", old, archive.Copied{Epoch: 0, Cloned: true}, 2},
		{"the same", old, archive.Copied{Epoch: 0}, 2},
		{"the same, newer", next, archive.Copied{Epoch: 0, Forwarded: true}, 3},
		{"the same, older", old, archive.Copied{Epoch: 0}, 3},
		{"as a repository", repo, archive.Copied{Epoch: 0}, 3},
	}
	for _, s := range steps {
		got, err := b.AddEpochFrom(t.Context(), s.src, nil)
		if err != nil || got != s.want {
			t.Errorf("%s: got %+v, %v; want %+v", s.name, got, err, s.want)
		}
		if n := len(raws(t, b)); n != s.mails {
			t.Errorf("%s: %d mails, want %d", s.name, n, s.mails)
		}
	}
	// Nothing is rewritten.
	if got, want := runGit(t, filepath.Join(b.Dir(), "git/0.git"), "rev-parse", "master"), runGit(t, repo, "rev-parse", "master"); got != want {
		t.Errorf("tip is %s, want %s", got, want)
	}
	sound(t, b)

	// Another list's epoch becomes the next one; a number in the name counts.
	other := create(t)
	write(t, other, mailOf(7))
	named := filepath.Join(t.TempDir(), "5.git")
	if err := os.Rename(filepath.Join(other.Dir(), "git/0.git"), named); err != nil {
		t.Fatal(err)
	}
	got, err := b.AddEpochFrom(t.Context(), named, nil)
	if want := (archive.Copied{Epoch: 5, Cloned: true}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	third := create(t)
	write(t, third, mailOf(8))
	got, err = b.AddEpochFrom(t.Context(), bundle(t, filepath.Join(third.Dir(), "git/0.git")), nil)
	if want := (archive.Copied{Epoch: 6, Cloned: true}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	// New mail goes to the newest.
	write(t, b, mailOf(9))
	list := entries(t, b)
	if last := list[len(list)-1]; last.Epoch != 6 || string(last.Raw) != mailOf(9) {
		t.Errorf("new mail is in the epoch %d: %q", last.Epoch, last.Raw)
	}
	sound(t, b)
}

func TestAddEpochFromRefuses(t *testing.T) {
	from := create(t)
	write(t, from, mailOf(1), mailOf(2))
	repo := filepath.Join(from.Dir(), "git/0.git")
	tmp := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(tmp, name)
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(bundle(t, repo))
	if err != nil {
		t.Fatal(err)
	}
	unborn, err := git.Init(t.Context(), filepath.Join(tmp, "unborn.git"))
	if err != nil {
		t.Fatal(err)
	}
	code := filepath.Join(tmp, "code.git")
	if _, err := git.CloneMirror(t.Context(), repo, code, nil); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_INDEX_FILE", filepath.Join(tmp, "index"))
	runGit(t, code, "update-index", "--add", "--cacheinfo", "100644,"+entries(t, from)[0].Blob+",main.c")
	runGit(t, code, "update-ref", "refs/heads/master", runGit(t, code, "commit-tree", "-m", "code", runGit(t, code, "write-tree")))

	tests := []struct {
		name, src string
		kind      errs.Kind
	}{
		{"absent", filepath.Join(tmp, "absent"), errs.Invalid},
		{"no archive", file("text", []byte("hello\n")), errs.Invalid},
		{"a cut bundle", file("cut.bundle", whole[:len(whole)-40]), errs.Corrupt},
		{"a bundle of which only the beginning is left", file("head.bundle", whole[:60]), errs.Invalid},
		{"no commits", unborn.Dir(), errs.Invalid},
		{"code", code, errs.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := empty(t)
			_, err := b.AddEpochFrom(t.Context(), tt.src, nil)
			wantKind(t, err, tt.kind)
			if list := raws(t, b); len(list) > 0 {
				t.Errorf("mails: %q", list)
			}
			if _, err := os.Lstat(filepath.Join(b.Dir(), "git/.new.git")); !os.IsNotExist(err) {
				t.Errorf("a clone is left behind: %v", err)
			}
			sound(t, b)
		})
	}
	t.Run("histories that have parted", func(t *testing.T) {
		b := empty(t)
		if _, err := b.AddEpochFrom(t.Context(), repo, nil); err != nil {
			t.Fatal(err)
		}
		write(t, b, mailOf(3))
		write(t, from, mailOf(4))
		_, err := b.AddEpochFrom(t.Context(), repo, nil)
		wantKind(t, err, errs.Invalid)
		if d := cmp.Diff([]string{mailOf(1), mailOf(2), mailOf(3)}, raws(t, b)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestCopyFrom(t *testing.T) {
	from := create(t)
	w, err := from.Writer(t.Context(), archive.WriterOptions{EpochBytes: 1000, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := w.Add(t.Context(), []byte(mailOf(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(from.Dir(), "git/0.git")); err != nil { // mirrors may lack old epochs
		t.Fatal(err)
	}
	b := empty(t)
	done, err := b.CopyFrom(t.Context(), from.Dir(), nil)
	if err != nil || len(done) == 0 || !done[0].Cloned || done[0].Epoch != 1 {
		t.Fatalf("got %+v, %v", done, err)
	}
	if d := cmp.Diff(raws(t, from), raws(t, b)); d != "" {
		t.Errorf("(-from +copy):\n%s", d)
	}
	if b.Description() != from.Description() {
		t.Errorf("description is %q", b.Description())
	}
	again, err := b.CopyFrom(t.Context(), from.Dir(), nil)
	for _, c := range again {
		if c.Cloned || c.Forwarded {
			t.Errorf("second copy: %+v", c)
		}
	}
	if err != nil {
		t.Error(err)
	}
	// Another list with the same numbers.
	other := create(t)
	write(t, other, mailOf(100))
	if err := os.Rename(filepath.Join(other.Dir(), "git/0.git"), filepath.Join(other.Dir(), "git/1.git")); err != nil {
		t.Fatal(err)
	}
	_, err = b.CopyFrom(t.Context(), other.Dir(), nil)
	wantKind(t, err, errs.Exists)
	_, err = b.CopyFrom(t.Context(), filepath.Join(from.Dir(), "absent"), nil)
	wantKind(t, err, errs.NotFound)
}
