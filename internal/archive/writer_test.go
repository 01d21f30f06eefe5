package archive_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/git"

	"github.com/google/go-cmp/cmp"
)

// The form of a commit, as public-inbox-mda makes it.
func TestCommitForm(t *testing.T) {
	const committer = "committer foo <foo@example.org> "
	tests := []struct {
		name, mail, want string
	}{
		{"plain", "From: A B <a@b.c>\nDate: Mon, 2 Jan 2023 03:04:05 +0900\nMessage-ID: <1@x>\nSubject: hi\n\nbody\n",
			"author A B <a@b.c> 1672596245 +0900\n" + committer + "1672596245 +0900\n\nhi\n"},
		{"received", "From: a@b.c\nDate: Mon, 2 Jan 2023 03:04:05 -0730\n" +
			"Received: from x by y; Tue, 3 Jan 2023 10:00:00 -0500\nReceived: from x by y; Tue, 3 Jan 2023 09:00:00 -0400\n" +
			"Message-ID: <2@x>\nSubject: =?utf-8?q?h=C3=A9llo?=\n  folded\n\nbody\n",
			"author a <a@b.c> 1672655645 -0730\n" + committer + "1672758000 -0500\n\nhéllo folded\n"},
		{"neither author nor subject; a zone that is wrong", "Date: Mon, 2 Jan 2023 03:04:05 +1900\nMessage-ID: <3@x>\n\nbody\n",
			"author  <> 1672560245 +0000\n" + committer + "1672560245 +0000\n\n(no subject)\n"},
		{"brackets in the name, no date, CRLF", "From: \"X <y> Z\" <q@r.s>\r\nDate: bogus\r\nMessage-ID: <4@x>\r\nSubject: crlf\r\n\r\nbody\r\n",
			"author X y Z <q@r.s> 1714979289 +0000\n" + committer + "1714979289 +0000\n\ncrlf\n"},
		{"name in a comment, two authors", "From: n1@b.c (Comment Name), n2 <n2@x.y>\nSubject: s\nMessage-ID: <5@x>\nDate: Mon, 2 Jan 2023 03:04:05 +0000\n\nbody\n",
			"author Comment Name <n1@b.c> 1672628645 +0000\n" + committer + "1672628645 +0000\n\ns\n"},
		{"sender", "Sender: Sen Der <jd@b.c>\nSubject: s\nMessage-ID: <6@x>\nDate: Mon, 2 Jan 2023 03:04:05 +0000\nReceived: x; 3 Jan 2023 09:00:00 +0130\n\nbody3\n",
			"author Sen Der <jd@b.c> 1672628645 +0000\n" + committer + "1672731000 +0130\n\ns\n"},
		{"8 bit and in the future", "From: =?iso-8859-1?q?J=F6rg?= <jd@b.c>\nSubject: \x00a\xffb\nMessage-ID: <7@x>\nDate: Mon, 2 Jan 2040 03:04:05 +0000\n\nbody\n",
			"author Jörg <jd@b.c> 2209086245 +0000\n" + committer + "2209086245 +0000\n\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := create(t)
			write(t, b, tt.mail)
			got := runGit(t, filepath.Join(b.Dir(), "git/0.git"), "cat-file", "commit", "master") + "\n"
			got = regexp.MustCompile(`^tree [0-9a-f]{40}\n`).ReplaceAllString(got, "")
			if got != tt.want && (!strings.HasPrefix(tt.name, "8 bit") || !strings.HasPrefix(got, tt.want)) {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			sound(t, b)
		})
	}
}

func TestStoredForm(t *testing.T) {
	const id = "Message-ID: <1@x>\n"
	tests := []struct {
		name, in, want string
	}{
		{"as it is", id + "Subject: x\n\nbody\n\nLines: 3\n", id + "Subject: x\n\nbody\n\nLines: 3\n"},
		{"fields of the mailbox", "Status: RO\nLines: 1\n" + id + "X-Status: A\n folded\nContent-Length: 5\nbytes: 9\n\nbody\n", id + "\nbody\n"},
		{"fields of the delivery", "Delivered-To: a\nX-Original-To: b\nApproved: secret\n" + id + "X-PMRQC: 1\n\nbody\n", id + "\nbody\n"},
		{"names that only begin so", "Lines-Of: 1\nXLines: 2\n" + id + "\nbody\n", "Lines-Of: 1\nXLines: 2\n" + id + "\nbody\n"},
		{"a blank before the colon", "Lines : 1\n" + id + "\nbody\n", id + "\nbody\n"},
		{"From line", "From a@b Thu Jan  1 00:00:00 1970\n" + id + "\nbody\n", id + "\nbody\n"},
		{"blank lines and a quoted From line", "\r\n\n>From a@b Thu Jan  1\r\n" + id + "\nbody\n", id + "\nbody\n"},
		{"CRLF", "Lines: 1\r\nMessage-ID: <1@x>\r\nStatus: R\r\n\r\nbody\r\n", "Message-ID: <1@x>\r\n\r\nbody\r\n"},
		{"no body", id + "Status: R", id},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := create(t)
			res := write(t, b, tt.in)
			if d := cmp.Diff([]string{tt.want}, raws(t, b)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if got := git.BlobName([]byte(tt.want)); res[0].Blob != got {
				t.Errorf("blob is %s, want %s", res[0].Blob, got)
			}
		})
	}
}

func TestMessageIDs(t *testing.T) {
	const date = "Date: Mon, 2 Jan 2023 03:04:05 +0000\n"
	invented := regexp.MustCompile(`^20230102030405\.[\w-]{43}@z$`)
	b := create(t)
	first := "From: a@b.c\nMessage-ID: <1@x>\n" + date + "\nbody\n"
	other := "From: a@b.c\nMessage-ID: <1@x>\n" + date + "\nother body\n"
	nameless := "From: a@b.c\n" + date + "\nno id\n"
	two := "From: a@b.c\nMessage-ID: <1@x>\nMessage-ID: <2@x>\nMessage-ID: <3@x>\n" + date + "\nthree ids\n"
	tests := []struct {
		name, mail string
		want       archive.AddResult // a MessageID of "@z" stands for an invented one
	}{
		{"new", first, archive.AddResult{MessageID: "1@x"}},
		{"again", first, archive.AddResult{MessageID: "1@x", Duplicate: true}},
		{"again by another way", "Received: from far; Tue, 3 Jan 2023 10:00:00 -0500\nList-Id: <x>\n" + first, archive.AddResult{MessageID: "1@x", Duplicate: true}},
		{"id used again", other, archive.AddResult{MessageID: "@z", Renamed: true}},
		{"that again", other, archive.AddResult{MessageID: "1@x", Duplicate: true}},
		{"no id", nameless, archive.AddResult{MessageID: "@z"}},
		{"no id again", nameless, archive.AddResult{MessageID: "@z", Duplicate: true}},
		{"the last one is new", two, archive.AddResult{MessageID: "3@x"}},
		{"that again", two, archive.AddResult{MessageID: "1@x", Duplicate: true}},
		{"no date, no id", "Subject: x\n\nbody\n", archive.AddResult{MessageID: "@z"}},
		{"that again", "Subject: x\n\nbody\n", archive.AddResult{MessageID: "@z", Duplicate: true}},
	}
	w := writer(t, b)
	stored := 0
	for _, tt := range tests {
		got, err := w.Add(t.Context(), []byte(tt.mail))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if (got.Blob == "") != got.Duplicate {
			t.Errorf("%s: blob is %q", tt.name, got.Blob)
		}
		if !got.Duplicate {
			stored++
		}
		got.Blob = ""
		if tt.want.MessageID == "@z" && (invented.MatchString(got.MessageID) || strings.HasPrefix(got.MessageID, "19700101000000.")) {
			got.MessageID = "@z"
		}
		if got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	list := raws(t, b)
	if len(list) != stored {
		t.Fatalf("%d mails are stored, want %d", len(list), stored)
	}
	// A new id comes last in the header.
	re := regexp.MustCompile(`^From: a@b.c\nMessage-ID: <1@x>\nDate: [^\n]*\nMessage-ID: <20230102030405\.[\w-]{43}@z>\n\nother body\n$`)
	if !re.MatchString(list[1]) {
		t.Errorf("the mail whose id was used again is stored as\n%s", list[1])
	}
	// Who comes later knows it too.
	for _, r := range write(t, b, first, other, nameless, two) {
		if !r.Duplicate {
			t.Errorf("%+v is no duplicate to a new writer", r)
		}
	}
	sound(t, b)
}

func TestRemove(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1), mailOf(2))
	w := writer(t, b)
	wantKind(t, w.Remove(t.Context(), []byte(mailOf(3))), errs.NotFound)
	// The content is known, these bytes are not what is stored.
	wantKind(t, w.Remove(t.Context(), []byte("Received: x\n"+mailOf(2))), errs.NotFound)
	if err := w.Remove(t.Context(), []byte(mailOf(1))); err != nil {
		t.Fatal(err)
	}
	wantKind(t, w.Remove(t.Context(), []byte(mailOf(1))), errs.NotFound)
	again, err := w.Add(t.Context(), []byte(mailOf(1)))
	if err != nil || again.Duplicate {
		t.Errorf("a removed mail cannot be added: %+v, %v", again, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{mailOf(1), mailOf(2), "-" + mailOf(1), mailOf(1)}, raws(t, b)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if r := write(t, b, mailOf(1)); !r[0].Duplicate {
		t.Errorf("the mail that was added again is not known: %+v", r)
	}
	sound(t, b)
}

func TestRotation(t *testing.T) {
	b := create(t)
	w, err := b.Writer(t.Context(), archive.WriterOptions{EpochBytes: 1000, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range 30 {
		want = append(want, mailOf(i))
		if _, err := w.Add(t.Context(), []byte(mailOf(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	epochs, err := b.Epochs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(epochs) < 3 {
		t.Errorf("%d epochs", len(epochs))
	}
	if d := cmp.Diff(want, raws(t, b)); d != "" {
		t.Errorf("mails (-want +got):\n%s", d)
	}
	alt, err := os.ReadFile(filepath.Join(b.Dir(), "all.git/objects/info/alternates"))
	if want := fmt.Sprintf("../../git/%d.git/objects\n../../git/%d.git/objects\n", len(epochs)-1, len(epochs)-2); err != nil || !strings.HasPrefix(string(alt), want) {
		t.Errorf("alternates are %q, %v: the newest is not the first", alt, err)
	}
	last := entries(t, b)[29]
	if got := runGit(t, filepath.Join(b.Dir(), "all.git"), "cat-file", "blob", last.Blob); got+"\n" != mailOf(29) {
		t.Errorf("all.git gives %q", got)
	}
	sound(t, b)
}

// Nothing is visible before Flush, everything after.
func TestFlush(t *testing.T) {
	b := create(t)
	w := writer(t, b)
	for i, step := range []struct{ flush bool }{{true}, {false}, {true}, {true}} {
		before := len(raws(t, b))
		if _, err := w.Add(t.Context(), []byte(mailOf(i))); err != nil {
			t.Fatal(err)
		}
		if n := len(raws(t, b)); n != before {
			t.Errorf("mail %d: %d mails before the flush, want %d", i, n, before)
		}
		if !step.flush {
			continue
		}
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(raws(t, b)); n != i+1 {
			t.Errorf("mail %d: %d mails after the flush", i, n)
		}
	}
	refs, err := os.ReadFile(filepath.Join(b.Dir(), "git/0.git/info/refs"))
	tip := runGit(t, filepath.Join(b.Dir(), "git/0.git"), "rev-parse", "master")
	if want := tip + "\trefs/heads/master\n"; err != nil || string(refs) != want {
		t.Errorf("info/refs is %q, %v; want %q", refs, err, want)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, err := w.Add(t.Context(), []byte(mailOf(9))); err == nil {
		t.Error("a closed writer takes mail")
	}
}

// A writer whose context has ended still writes down what it took.
func TestCloseAfterCancel(t *testing.T) {
	b := create(t)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.Writer(ctx, archive.WriterOptions{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(ctx, []byte(mailOf(1))); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{mailOf(1)}, raws(t, b)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLock(t *testing.T) {
	b := create(t)
	w := writer(t, b)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := b.Writer(ctx, archive.WriterOptions{})
	wantKind(t, err, errs.Busy)
	if want := fmt.Sprintf("process %d", os.Getpid()); !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
	_, err = b.AddEpochFrom(ctx, filepath.Join(b.Dir(), "git/0.git"), nil)
	wantKind(t, err, errs.Busy)
	got := make(chan error)
	go func() {
		w2, err := b.Writer(t.Context(), archive.WriterOptions{})
		if err == nil {
			err = w2.Close()
		}
		got <- err
	}()
	if _, err := w.Add(t.Context(), []byte(mailOf(1))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Errorf("who waited: %v", err)
	}
	fi, err := os.Stat(filepath.Join(b.Dir(), "inbox.lock"))
	if err != nil || fi.Size() != 1 {
		t.Errorf("inbox.lock after a write: %v, %v; want one byte", fi.Size(), err)
	}
}

// The committer stays the same when the inbox is opened again, also when it came from
// elsewhere.
func TestCommitter(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1))
	b, err := archive.Open(b.Dir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, b, mailOf(2))
	copied := filepath.Join(t.TempDir(), "copied")
	c, err := archive.Create(t.Context(), copied, archive.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CopyFrom(t.Context(), b.Dir(), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(copied, "all.git")); err != nil { // as if somebody copied epochs by hand
		t.Fatal(err)
	}
	write(t, c, mailOf(3))
	for i, line := range strings.Split(runGit(t, filepath.Join(copied, "git/0.git"), "log", "--format=%cn <%ce>"), "\n") {
		if want := "foo <foo@example.org>"; line != want {
			t.Errorf("committer of the commit %d before the last is %s, want %s", i, line, want)
		}
	}
	sound(t, c)
}

func TestEmptyMail(t *testing.T) {
	b := create(t)
	w := writer(t, b)
	_, err := w.Add(t.Context(), nil)
	wantKind(t, err, errs.Invalid)
	if _, err := w.Add(t.Context(), []byte(mailOf(1))); err != nil {
		t.Errorf("the writer is of no use after an empty mail: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
