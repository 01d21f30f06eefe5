package git

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bobbin/internal/errs"

	"github.com/google/go-cmp/cmp"
)

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var list []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func TestLog(t *testing.T) {
	r := newRepo(t)
	// A removal must not be shown as a renaming, nor odd dates end the history.
	gitRun(t, r.Dir(), strings.Join([]string{
		"commit refs/heads/master\nmark :1\ncommitter A <a@b.c> 1000 +1900\ndata 1\nx\nM 100644 inline m\ndata 3\none\n",
		"commit refs/heads/master\nauthor A <a@b.c> 253402300800 +0000\ncommitter A <a@b.c> 4102444800 +9999\ndata 1\nx\ndeleteall\nM 100644 inline d\ndata 3\none\n",
		"commit refs/heads/master\nauthor A <a@b.c> 18446744073709551614 -0000\ncommitter A <a@b.c> 0 +0000\ndata 1\nx\n" +
			"deleteall\nM 100644 inline m\ndata 3\ntwo\nM 100644 inline \"a \\303\\244\\n\\\"b\"\ndata 1\nx\n",
	}, ""), "fast-import", "--quiet", "--date-format=raw-permissive")
	// A commit without any date, as no tool makes it.
	head := gitRun(t, r.Dir(), "", "rev-parse", "master")
	blob := gitRun(t, r.Dir(), "three", "hash-object", "-w", "--stdin")
	tree := gitRun(t, r.Dir(), "100644 blob "+blob+"\tm\n", "mktree")
	broken := gitRun(t, r.Dir(), "tree "+tree+"\nparent "+head+"\nauthor A\ncommitter A <a@b.c> x y\n\nx\n",
		"hash-object", "-t", "commit", "-w", "--stdin", "--literally")
	gitRun(t, r.Dir(), "", "update-ref", "refs/heads/master", broken)

	one, two, x := BlobName([]byte("one")), BlobName([]byte("two")), BlobName([]byte("x"))
	none := strings.Repeat("0", 40)
	at := func(sec int64) time.Time { return time.Unix(sec, 0).UTC() }
	commits := strings.Fields(gitRun(t, r.Dir(), "", "rev-list", "--reverse", "HEAD"))
	want := []Change{
		{commits[0], 'A', "m", one, at(1000), at(1000)},
		{commits[1], 'A', "d", one, at(0), at(4102444800)},
		{commits[1], 'D', "m", none, at(0), at(4102444800)},
		{commits[2], 'A', "a ä\n\"b", x, at(0), at(0)},
		{commits[2], 'D', "d", none, at(0), at(0)},
		{commits[2], 'A', "m", two, at(0), at(0)},
		{commits[3], 'D', "a ä\n\"b", none, at(0), at(0)},
		{commits[3], 'M', "m", blob, at(0), at(0)},
	}
	got := collect(t, r.Log(t.Context(), "", commits[3]))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("whole history (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want[1:3], collect(t, r.Log(t.Context(), commits[0], commits[1]))); d != "" {
		t.Errorf("one commit (-want +got):\n%s", d)
	}
	if list := collect(t, r.Log(t.Context(), commits[3], commits[3])); len(list) > 0 {
		t.Errorf("nothing new: %v", list)
	}
	for range r.Log(t.Context(), "", commits[3]) {
		break
	}
}

func TestLogErrors(t *testing.T) {
	r := newRepo(t)
	add(t, r, "1", "2")
	absent := strings.Repeat("1", 40)
	tests := []struct {
		name, from, to string
		kind           errs.Kind
	}{
		{"no such tip", "", absent, errs.NotFound},
		{"no such beginning", absent, tip(t, r), errs.NotFound},
		{"no name", "", "HEAD", errs.Invalid},
		{"an option", "", "--all", errs.Invalid},
		{"an empty name", "", "", errs.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			for _, err := range r.Log(t.Context(), tt.from, tt.to) {
				n++
				wantKind(t, err, tt.kind)
			}
			if n != 1 {
				t.Errorf("%d values", n)
			}
		})
	}
	t.Run("a tree is gone", func(t *testing.T) {
		tree := gitRun(t, r.Dir(), "", "rev-parse", "HEAD^{tree}")
		if err := os.Remove(filepath.Join(r.Dir(), "objects", tree[:2], tree[2:])); err != nil {
			t.Fatal(err)
		}
		var last error
		for _, err := range r.Log(t.Context(), "", tip(t, r)) {
			last = err
		}
		if !errs.Is(last, errs.Corrupt) && !errs.Is(last, errs.NotFound) {
			t.Errorf("error is %v", last)
		}
	})
}

// changesOf makes the changes that Stream is to read.
func changesOf(oids ...string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for i, oid := range oids {
			if !yield(Change{Commit: fmt.Sprint(i), Status: 'A', Path: "m", Blob: oid}, nil) {
				return
			}
		}
	}
}

func TestStream(t *testing.T) {
	r := newRepo(t)
	var files []string
	for i := range 2000 {
		files = append(files, strings.Repeat(fmt.Sprintf("line of %d\n", i), i%50))
	}
	blobs := add(t, r, files...)
	absent := strings.Repeat("1", 40)
	tree := gitRun(t, r.Dir(), "", "rev-parse", "HEAD^{tree}")
	blobs = append(blobs, absent, tree, blobs[3])
	files = append(files, "missing", "missing", files[3])
	i := 0
	for b, err := range r.Stream(t.Context(), changesOf(blobs...)) {
		if err != nil {
			t.Fatal(err)
		}
		if b.Commit != fmt.Sprint(i) {
			t.Fatalf("the answer %d is the one to %s", i, b.Commit)
		}
		if want := files[i] == "missing"; b.Missing != want || !want && string(b.Data) != files[i] {
			t.Errorf("blob %d: missing %v, %d bytes", i, b.Missing, len(b.Data))
		}
		i++
	}
	if i != len(files) {
		t.Errorf("%d answers to %d requests", i, len(files))
	}
	fault := errors.New("x")
	n := 0
	for _, err := range r.Stream(t.Context(), func(yield func(Change, error) bool) {
		_ = yield(Change{Status: 'A', Blob: blobs[0]}, nil) && yield(Change{Status: 'D'}, nil) && yield(Change{}, fault)
	}) {
		if n++; n == 3 != errors.Is(err, fault) {
			t.Errorf("value %d has the error %v", n, err)
		}
	}
	if n != 3 {
		t.Errorf("%d values", n)
	}
}

// What is damaged is told of, and the rest comes.
func TestStreamDamaged(t *testing.T) {
	r := newRepo(t)
	var files []string
	for i := range 20 {
		files = append(files, fmt.Sprintf("file %d\n", i))
	}
	blobs := add(t, r, files...)
	bad := map[int]bool{0: true, 7: true, 8: true, 19: true}
	for i := range bad {
		path := filepath.Join(r.Dir(), "objects", blobs[i][:2], blobs[i][2:])
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x\x01\x02\x03"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, b := range collect(t, r.Stream(t.Context(), changesOf(blobs...))) {
		if b.Missing != bad[i] || !bad[i] && string(b.Data) != files[i] {
			t.Errorf("blob %d: missing %v, %q", i, b.Missing, b.Data)
		}
	}
}

func TestStreamStops(t *testing.T) {
	r := newRepo(t)
	blobs := add(t, r, strings.Repeat("long\n", 100_000), "short")
	for len(blobs) < 5000 {
		blobs = append(blobs, blobs[len(blobs)%2])
	}
	for range r.Stream(t.Context(), changesOf(blobs...)) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range r.Stream(ctx, changesOf(blobs...)) {
		if n++; n == 5 {
			cancel()
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("after %d values the last error is %v", n, last)
	}
	t.Setenv("PATH", "")
	for _, err := range r.Stream(t.Context(), changesOf(strings.Repeat("1", 40))) { // git would know
		wantKind(t, err, errs.Invalid)
	}
}
