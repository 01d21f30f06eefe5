package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bobbin/internal/errs"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newRepo(t testing.TB) *Repo {
	t.Helper()
	r, err := Init(t.Context(), filepath.Join(t.TempDir(), "x.git"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// gitRun runs git as anybody would, with the text as its input.
func gitRun(t testing.TB, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"--git-dir=" + dir}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+dir, "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x",
		"GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// add appends files, each with a commit of its own, and gives their blobs.
func add(t testing.TB, r *Repo, files ...string) []string {
	t.Helper()
	ref, tip, err := r.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	im, err := r.Import(t.Context(), ref, tip)
	if err != nil {
		t.Fatal(err)
	}
	var blobs []string
	for i, f := range files {
		who := Ident{Name: "A", Email: "a@b.c", When: time.Unix(int64(i), 0).UTC()}
		b, err := im.Add(Commit{Author: who, Committer: who, Message: "x\n", Path: "m", Data: []byte(f)})
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, b)
	}
	if err := im.Close(); err != nil {
		t.Fatal(err)
	}
	return blobs
}

func tip(t testing.TB, r *Repo) string {
	t.Helper()
	_, oid, err := r.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return oid
}

func wantKind(t testing.TB, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("error is %v (%v), want the kind %v", err, errs.KindOf(err), kind)
	} else if strings.Contains(err.Error(), "\n") {
		t.Errorf("error has several lines: %q", err)
	}
}

func TestVersion(t *testing.T) {
	if v, err := Version(t.Context()); err != nil || v == "" {
		t.Errorf("version %q, %v", v, err)
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	_, err := Version(t.Context())
	wantKind(t, err, errs.Invalid)
	if errs.HintOf(err) == "" {
		t.Error("no hint what to do without git")
	}
	for _, tt := range []struct{ says, want string }{
		{"git version 2.34.0", ""}, {"git version 3.1", ""}, {"git version 2.50.1 (Apple Git-155)", ""},
		{"git version 2.33.9", "too old"}, {"git version 1.99", "too old"}, {"hello", "not understood"}, {"", "not understood"},
	} {
		script := "#!/bin/sh\necho '" + tt.says + "'\n"
		if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		_, err := Version(t.Context())
		if tt.want == "" {
			if err != nil {
				t.Errorf("%q: %v", tt.says, err)
			}
			continue
		}
		wantKind(t, err, errs.Invalid)
		if err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.says, err, tt.want)
		}
	}
}

func TestOpen(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "absent"))
	wantKind(t, err, errs.NotFound)
	_, err = Open(t.TempDir())
	wantKind(t, err, errs.Invalid)
	r := newRepo(t)
	_, err = Init(t.Context(), r.Dir())
	wantKind(t, err, errs.Exists)
}

func TestEnvironmentDoesNotLeadAway(t *testing.T) {
	r := newRepo(t)
	add(t, r, "one")
	t.Setenv("GIT_DIR", "/nonexistent")
	t.Setenv("GIT_OBJECT_DIRECTORY", "/nonexistent")
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	for _, err := range r.Log(t.Context(), "", tip(t, r)) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTip(t *testing.T) {
	const a, b = "1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222"
	tests := []struct {
		name     string
		files    map[string]string
		ref, oid string
		kind     errs.Kind // of the error; Internal: none
	}{
		{"unborn", nil, "refs/heads/master", "", 0},
		{"loose", map[string]string{"refs/heads/master": a + "\n"}, "refs/heads/master", a, 0},
		{"packed", map[string]string{"packed-refs": "# pack-refs with: peeled fully-peeled sorted \n" + a + " refs/heads/master\n" + b + " refs/tags/x\n^" + a + "\n"}, "refs/heads/master", a, 0},
		{"loose before packed", map[string]string{"refs/heads/master": b + "\n", "packed-refs": a + " refs/heads/master\n"}, "refs/heads/master", b, 0},
		{"the only branch", map[string]string{"refs/heads/main": a}, "refs/heads/main", a, 0},
		{"the only branch, packed, nested", map[string]string{"packed-refs": a + " refs/heads/a/b\n" + b + " refs/pull/1\n"}, "refs/heads/a/b", a, 0},
		{"two other branches", map[string]string{"refs/heads/x": a, "packed-refs": b + " refs/heads/y\n"}, "refs/heads/master", "", 0},
		{"a branch in both places", map[string]string{"refs/heads/x": a, "packed-refs": b + " refs/heads/x\n"}, "refs/heads/x", a, 0},
		{"a lock beside", map[string]string{"refs/heads/x": a, "refs/heads/y.lock": b}, "refs/heads/x", a, 0},
		{"detached", map[string]string{"HEAD": a + "\n"}, "HEAD", a, 0},
		{"sha256", map[string]string{"refs/heads/master": a + b[:24]}, "refs/heads/master", a + b[:24], 0},
		{"chain", map[string]string{"HEAD": "ref: refs/heads/x\n", "refs/heads/x": "ref: refs/heads/y\n", "refs/heads/y": b}, "refs/heads/y", b, 0},
		{"circle", map[string]string{"refs/heads/master": "ref: refs/heads/master\n"}, "", "", errs.Corrupt},
		{"nonsense", map[string]string{"refs/heads/master": "hello\n"}, "", "", errs.Corrupt},
		{"empty after a crash", map[string]string{"refs/heads/master": ""}, "", "", errs.Corrupt},
		{"out of the repository", map[string]string{"HEAD": "ref: refs/../../../etc/passwd\n"}, "", "", errs.Corrupt},
		{"a directory in its place", map[string]string{"refs/heads/master/x": a}, "refs/heads/master/x", a, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t)
			for name, text := range tt.files {
				path := filepath.Join(r.Dir(), name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			ref, oid, err := r.Tip(t.Context())
			if tt.kind != 0 {
				wantKind(t, err, tt.kind)
				return
			}
			if ref != tt.ref || oid != tt.oid || err != nil {
				t.Errorf("got %q %q %v, want %q %q", ref, oid, err, tt.ref, tt.oid)
			}
		})
	}
}

func TestAncestry(t *testing.T) {
	r := newRepo(t)
	add(t, r, "1", "2", "3")
	commits := strings.Fields(gitRun(t, r.Dir(), "", "rev-list", "--reverse", "HEAD"))
	lone := gitRun(t, r.Dir(), "", "commit-tree", "-m", "x", "HEAD^{tree}")
	side := gitRun(t, r.Dir(), "", "commit-tree", "-p", commits[0], "-m", "x", "HEAD^{tree}")
	tests := []struct {
		a, b     string
		ancestor bool
		base     string
	}{
		{commits[0], commits[2], true, commits[0]},
		{commits[2], commits[0], false, commits[0]},
		{commits[1], commits[1], true, commits[1]},
		{commits[2], side, false, commits[0]},
		{lone, commits[2], false, ""},
	}
	for _, tt := range tests {
		if got, err := r.IsAncestor(t.Context(), tt.a, tt.b); got != tt.ancestor || err != nil {
			t.Errorf("IsAncestor(%.7s, %.7s) is %v, %v", tt.a, tt.b, got, err)
		}
		if got, err := r.MergeBase(t.Context(), tt.a, tt.b); got != tt.base || err != nil {
			t.Errorf("MergeBase(%.7s, %.7s) is %q, %v; want %q", tt.a, tt.b, got, err, tt.base)
		}
	}
	absent := strings.Repeat("1", 40)
	_, err := r.IsAncestor(t.Context(), absent, commits[0])
	wantKind(t, err, errs.NotFound)
	_, err = r.MergeBase(t.Context(), commits[0], absent)
	wantKind(t, err, errs.NotFound)
	_, err = r.IsAncestor(t.Context(), "--help", commits[0])
	wantKind(t, err, errs.Invalid)
	if first, err := r.FirstCommit(t.Context(), commits[2]); first != commits[0] || err != nil {
		t.Errorf("first commit is %q, %v; want %s", first, err, commits[0])
	}
	if ok, err := r.Has(t.Context(), absent); ok || err != nil {
		t.Errorf("Has(%s) is %v, %v", absent, ok, err)
	}
	if names, err := r.TreeNames(t.Context(), commits[0]); err != nil || cmp.Diff([]string{"m"}, names) != "" {
		t.Errorf("names are %q, %v", names, err)
	}
}

func TestRemoteTip(t *testing.T) {
	r := newRepo(t)
	if ref, oid, err := RemoteTip(t.Context(), r.Dir()); oid != "" || err != nil {
		t.Errorf("of an empty repository: %q %q %v", ref, oid, err)
	}
	add(t, r, "1")
	bundle := filepath.Join(t.TempDir(), "b")
	for _, refs := range [][]string{{"HEAD", "refs/heads/master"}, {"refs/heads/master"}, {"--all"}} {
		gitRun(t, r.Dir(), "", append([]string{"bundle", "create", "--quiet", bundle}, refs...)...)
		if ref, oid, err := RemoteTip(t.Context(), bundle); ref != "refs/heads/master" || oid != tip(t, r) || err != nil {
			t.Errorf("of a bundle of %q: %q %q %v", refs, ref, oid, err)
		}
	}
	_, _, err := RemoteTip(t.Context(), filepath.Join(t.TempDir(), "absent"))
	wantKind(t, err, errs.Invalid)
}

func TestCloneAndFetch(t *testing.T) {
	r := newRepo(t)
	add(t, r, "1", "2")
	dir := filepath.Join(t.TempDir(), "clone.git")
	var progress strings.Builder
	c, err := CloneMirror(t.Context(), r.Dir(), dir, &progress)
	if err != nil {
		t.Fatal(err)
	}
	if tip(t, c) != tip(t, r) {
		t.Error("the clone has another tip")
	}
	_, err = CloneMirror(t.Context(), r.Dir(), dir, nil)
	wantKind(t, err, errs.Exists)
	_, err = CloneMirror(t.Context(), filepath.Join(dir, "absent"), dir+"2", nil)
	wantKind(t, err, errs.NotFound)
	if _, err := os.Lstat(dir + "2"); !os.IsNotExist(err) {
		t.Errorf("left behind: %v", err)
	}
	add(t, r, "3")
	if err := c.Fetch(t.Context(), r.Dir(), "refs/heads/master", "refs/heads/master", &progress); err != nil {
		t.Fatal(err)
	}
	if tip(t, c) != tip(t, r) {
		t.Error("the clone has another tip after the fetch")
	}
	if err := c.Fsck(t.Context()); err != nil {
		t.Error(err)
	}
	n, err := c.ObjectBytes(t.Context())
	if err != nil || n < 100 {
		t.Errorf("%d bytes of objects, %v", n, err)
	}
}

func TestGist(t *testing.T) {
	tests := []struct{ said, want string }{
		{"", ""},
		{"one\ntwo\n", "two"},
		{"error: a\nfatal: b\nmore\nfatal: c\n", "b"},
		{"warning: x\nerror: y\nz\n", "y"},
		{"fatal: a\x1b[31m\x00b\n", "a?[31m?b"},
	}
	for _, tt := range tests {
		if got := gist(tt.said); got != tt.want {
			t.Errorf("gist of %q is %q, want %q", tt.said, got, tt.want)
		}
	}
	var kept tail
	for range 3000 {
		if _, err := kept.Write([]byte("some words\n")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(kept.String()); n > tailSize {
		t.Errorf("%d bytes are kept", n)
	}
}
