package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bobbin/internal/errs"
)

func TestSniff(t *testing.T) {
	tests := []struct {
		name, head string
		want       Kind
	}{
		{"bundle", "# v2 git bundle\n0123 refs/heads/master\n", Bundle},
		{"bundle of version 3", "# v3 git bundle\n@object-format=sha1\n", Bundle},
		{"mbox", "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: a\n", Mbox},
		{"mbox after empty lines", "\n\r\nFrom a@b Thu Jan  1 00:00:00 1970\n", Mbox},
		{"gzip", "\x1f\x8b\x08rest", Mbox},
		{"zstd", "\x28\xb5\x2f\xfdrest", Mbox},
		{"mail", "Received: from a\n\tby b\nX: y\n\nbody", MailFile},
		{"mail with CRLF", "Subject: x\r\nDate: y\r\n\r\nbody", MailFile},
		{"mail with a byte order mark", "\xef\xbb\xbfSubject: x\n\nbody", MailFile},
		{"only a header", "Subject: x", MailFile},
		{"cut in a field", "Subject: x\nDate: y\nX-Lo", MailFile},
		{"fields, none of mail", "Name: x\nVersion: 1\n\nbody", 0},
		{"prose", "Dear Ada:\nhow are you?\n", 0},
		{"prose with a known word", "Subject matters are hard\n", 0},
		{"C", "#include <stdio.h>\nint main(void) {}\n", 0},
		{"ELF", "\x7fELF\x02\x01", 0},
		{"zip", "PK\x03\x04", 0},
		{"nothing", "", 0},
		{"only line ends", "\n\n\n", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sniff([]byte(tt.head)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDetect(t *testing.T) {
	dir := t.TempDir()
	put := func(path, text string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("mbox", "From a Thu Jan  1 00:00:00 1970\nSubject: x\n\nx\n")
	put("mail.txt", "Subject: x\n\nx\n")
	put("text.eml", "no mail at all\n")
	put("empty", "")
	put("v2/inbox.lock", "")
	put("v2-without-lock/git/0.git/HEAD", "")
	put("epoch/HEAD", "ref: refs/heads/master\n")
	put("epoch/objects/x", "")
	put("epoch/refs/x", "")
	put("work/.git/HEAD", "")
	put("work/git/x", "")
	put("maildir/new/1.host", "")
	put("v1/ssoma.lock", "")
	put("other/file", "")

	type result struct {
		Kind Kind
		Err  errs.Kind
	}
	want := map[string]result{
		"-":                                   {Kind: Stdin},
		filepath.Join(dir, "mbox"):            {Kind: Mbox},
		filepath.Join(dir, "mail.txt"):        {Kind: MailFile},
		filepath.Join(dir, "text.eml"):        {Err: errs.Invalid},
		filepath.Join(dir, "empty"):           {Err: errs.Invalid},
		filepath.Join(dir, "absent"):          {Err: errs.NotFound},
		filepath.Join(dir, "v2"):              {Kind: Inbox},
		filepath.Join(dir, "v2-without-lock"): {Kind: Inbox},
		filepath.Join(dir, "epoch"):           {Kind: Epoch},
		filepath.Join(dir, "work"):            {Err: errs.Invalid},
		filepath.Join(dir, "maildir"):         {Kind: Maildir},
		filepath.Join(dir, "v1"):              {Err: errs.Invalid},
		filepath.Join(dir, "other"):           {Err: errs.Invalid},
	}
	got := map[string]result{}
	for path := range want {
		src, err := Detect(path)
		r := result{Kind: src.Kind}
		if err != nil {
			r.Err = errs.KindOf(err)
			if !strings.HasPrefix(err.Error(), "import "+path+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q does not say on one line what it is about", err)
			}
		}
		got[path] = r
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Whatever a file begins with, it is recognised or not, without a crash; and what one
// has in front of it by way of line ends makes no difference to mail.
func FuzzSniff(f *testing.F) {
	for _, seed := range []string{"From a\n", "Subject: x\n\n", "# v2 git bundle\n", "\x1f\x8b", ": \n", "Subject", "From:\r\n x\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		k := sniff(head)
		if k == Mbox && !isCompressed(head) || k == MailFile {
			if again := sniff(append([]byte("\n"), head...)); again != k && head[0] != 0xef {
				t.Errorf("%v, and %v after a line end", k, again)
			}
		}
	})
}

func TestEstimate(t *testing.T) {
	for _, tt := range []struct{ mails, read, size, want int64 }{
		{10, 1000, 10000, 100}, {10, 0, 100, 0}, {10, 100, 0, 0}, {10, 2000, 1000, 10},
	} {
		if got := estimate(tt.mails, tt.read, tt.size); got != tt.want {
			t.Errorf("%+v: %d", tt, got)
		}
	}
}
