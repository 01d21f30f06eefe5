package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/mbox"
)

// mailOf makes a small mail.
func mailOf(id, body string) []byte {
	return fmt.Appendf(nil, "From: Ada <ada@loom.example>\nSubject: %s\nDate: Mon, 1 Jan 2024 10:00:00 +0000\nMessage-ID: <%s@loom.example>\n\n%s\n", id, id, body)
}

func mboxOf(ids ...string) []byte {
	var b []byte
	for _, id := range ids {
		b = mbox.Append(b, mailOf(id, "body of "+id))
	}
	return b
}

func newInbox(t *testing.T) *archive.Inbox {
	t.Helper()
	b, err := archive.Create(t.Context(), filepath.Join(t.TempDir(), "talk"), archive.CreateOptions{Name: "talk"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// bring imports paths one after the other and gives the first error.
func bring(t *testing.T, b *archive.Inbox, opt Options, paths ...string) (Stats, error) {
	t.Helper()
	im := New(b, opt)
	var first error
	for _, path := range paths {
		src, err := Detect(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := im.Import(t.Context(), src); err != nil && first == nil {
			first = err
		}
	}
	if err := im.Close(); err != nil {
		t.Fatal(err)
	}
	return im.Stats(), first
}

// subjects lists what the inbox holds, oldest first.
func subjects(t *testing.T, b *archive.Inbox) []string {
	t.Helper()
	epochs, err := b.Epochs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
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
			_, rest, _ := strings.Cut(string(en.Raw), "Subject: ")
			s, _, _ := strings.Cut(rest, "\n")
			list = append(list, s)
		}
	}
	return list
}

func TestImportTwice(t *testing.T) {
	b, dir := newInbox(t), t.TempDir()
	box := write(t, filepath.Join(dir, "box"), mboxOf("a", "b", "c"))
	one := write(t, filepath.Join(dir, "one.eml"), mailOf("d", "x"))
	write(t, filepath.Join(dir, "md/new/2.host"), mailOf("f", "x"))
	write(t, filepath.Join(dir, "md/cur/1.host:2,S"), mailOf("e", "x"))

	var said []Progress
	opt := Options{Progress: func(p Progress) { said = append(said, p) }}
	got, err := bring(t, b, opt, box, one, filepath.Join(dir, "md"))
	if d := cmp.Diff(Stats{Added: 6}, got); d != "" || err != nil {
		t.Fatal(err, d)
	}
	if len(said) == 0 || said[0] != (Progress{Source: box, Mails: 1, Total: said[0].Total}) || said[0].Total < 1 {
		t.Errorf("progress: %+v", said)
	}
	got, err = bring(t, b, Options{}, box, one, filepath.Join(dir, "md"))
	if d := cmp.Diff(Stats{Duplicates: 6}, got); d != "" || err != nil {
		t.Fatal(err, d)
	}
	if d := cmp.Diff([]string{"a", "b", "c", "d", "e", "f"}, subjects(t, b)); d != "" {
		t.Error(d)
	}
}

// What is before a damaged place comes in; what is damaged is named.
func TestImportDamaged(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	for i := range 2000 { // more than one block, so that some of it can be read
		if _, err := w.Write(mboxOf(fmt.Sprint("z", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := mboxOf("a", "b", "c")
	tests := []struct {
		name     string
		data     []byte
		kind     errs.Kind
		least    int64
		mentions string
	}{
		{"cut in a mail", whole[:len(whole)-4], errs.Corrupt, 2, "byte"},
		{"gzip cut", z.Bytes()[:z.Len()/2], errs.Corrupt, 1, "byte"},
		{"gzip without its end", z.Bytes()[:z.Len()-5], errs.Corrupt, 1, "byte"},
		{"gzip of something else", gzipped(t, "no mail at all"), errs.Invalid, 0, ""},
		{"gzip of nothing", gzipped(t, ""), errs.Invalid, 0, "no mail"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newInbox(t)
			path := write(t, filepath.Join(t.TempDir(), "box"), tt.data)
			got, err := bring(t, b, Options{}, path)
			if !errs.Is(err, tt.kind) || !strings.HasPrefix(err.Error(), "import "+path+": ") || !strings.Contains(err.Error(), tt.mentions) {
				t.Errorf("error %v", err)
			}
			if got.Added < tt.least || int64(len(subjects(t, b))) != got.Added {
				t.Errorf("%+v, and the inbox has %d", got, len(subjects(t, b)))
			}
		})
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Bytes()
}

func TestImportStdin(t *testing.T) {
	b := newInbox(t)
	for name, in := range map[string][]byte{"mbox": mboxOf("a"), "mail": mailOf("b", "x"), "gzip": gzipped(t, string(mboxOf("c")))} {
		got, err := bring(t, b, Options{Stdin: bytes.NewReader(in)}, "-")
		if d := cmp.Diff(Stats{Added: 1}, got); d != "" || err != nil {
			t.Error(name, err, d)
		}
	}
	if _, err := bring(t, b, Options{Stdin: strings.NewReader("")}, "-"); err == nil {
		t.Error("nothing on standard input is no error")
	}
}

// Mail and epochs in one go, in any order: the lock changes hands in between.
func TestImportMixed(t *testing.T) {
	from, dir := newInbox(t), t.TempDir()
	if _, err := bring(t, from, Options{}, write(t, filepath.Join(dir, "box"), mboxOf("a", "b"))); err != nil {
		t.Fatal(err)
	}
	b := newInbox(t)
	one := write(t, filepath.Join(dir, "one.eml"), mailOf("c", "x"))
	got, err := bring(t, b, Options{}, from.Dir(), one, from.Dir())
	if d := cmp.Diff(Stats{Added: 1, Epochs: 1}, got); d != "" || err != nil {
		t.Fatal(err, d)
	}
	if d := cmp.Diff([]string{"a", "b", "c"}, subjects(t, b)); d != "" {
		t.Error(d)
	}
}

// dedupe counts what it is asked.
type dedupe struct {
	known          map[string]bool
	opened, closed int
	sawLock        bool
}

func (d *dedupe) Known(_ context.Context, id string) (bool, error) { return d.known[id], nil }
func (d *dedupe) HasContent(_ context.Context, id string, _ [32]byte) (bool, error) {
	return d.known[id], nil
}
func (d *dedupe) Added(id string, _ [32]byte) { d.known[id] = true }
func (d *dedupe) Close() error                { d.closed++; return nil }

// The Deduper is opened when the writer holds the inbox, not before, and is closed.
func TestImportDedupe(t *testing.T) {
	b, dir := newInbox(t), t.TempDir()
	d := &dedupe{known: map[string]bool{"a@loom.example": true}}
	opt := Options{Dedupe: func(ctx context.Context) (Deduper, error) {
		d.opened++
		short, cancel := context.WithCancel(ctx)
		cancel()
		_, err := b.Writer(short, archive.WriterOptions{})
		d.sawLock = errs.Is(err, errs.Busy) || errors.Is(err, context.Canceled)
		return d, nil
	}}
	got, err := bring(t, b, opt, write(t, filepath.Join(dir, "box"), mboxOf("a", "b", "b")), write(t, filepath.Join(dir, "more"), mboxOf("c")))
	if diff := cmp.Diff(Stats{Added: 2, Duplicates: 2}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if d.opened != 1 || d.closed != 1 || !d.sawLock {
		t.Errorf("%+v", d)
	}
}

func TestImportCanceled(t *testing.T) {
	b := newInbox(t)
	path := write(t, filepath.Join(t.TempDir(), "box"), mboxOf("a", "b"))
	ctx, cancel := context.WithCancel(t.Context())
	im := New(b, Options{Progress: func(Progress) { cancel() }})
	src, err := Detect(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := im.Import(ctx, src); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := im.Close(); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{"a"}, subjects(t, b)); d != "" {
		t.Error(d)
	}
}
