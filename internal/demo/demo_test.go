package demo

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"bobbin/internal/archive"
	"bobbin/internal/errs"

	"github.com/google/go-cmp/cmp"
)

func TestMailsAreTheSameEachTime(t *testing.T) {
	a, err := Mails()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Mails()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, b); d != "" {
		t.Fatal(d)
	}
}

// Every mail has what the list server and Bobbin count on, and nothing that a
// careless template would leave behind.
func TestMailsAreWhole(t *testing.T) {
	mails, err := Mails()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	seen := map[string]bool{}
	for i, m := range mails {
		count[m.Inbox]++
		head, body, ok := bytes.Cut(m.Raw, []byte("\n\n"))
		if !ok || len(bytes.TrimSpace(body)) == 0 {
			t.Errorf("mail %d has no body:\n%s", i, m.Raw)
		}
		for _, name := range []string{"Received", "List-Id", "From", "To", "Date", "Message-ID"} {
			if !bytes.Contains(head, []byte("\n"+name+": ")) && !bytes.HasPrefix(head, []byte(name+": ")) {
				t.Errorf("mail %d has no %s:\n%s", i, name, head)
			}
		}
		key := m.Inbox + string(m.Raw[bytes.Index(m.Raw, []byte("\nMessage-ID:")):])
		if seen[key] {
			t.Errorf("mail %d is there twice:\n%s", i, head)
		}
		seen[key] = true
		if bytes.Contains(m.Raw, []byte("\r")) || bytes.HasPrefix(m.Raw, []byte("From ")) {
			t.Errorf("mail %d is not a plain LF mail:\n%s", i, head)
		}
		if left := token.Find(body); left != nil {
			t.Errorf("mail %d: %s was not replaced", i, left)
		}
	}
	for _, in := range Inboxes() {
		if count[in.Name] < 50 {
			t.Errorf("%s has %d mails", in.Name, count[in.Name])
		}
	}
}

// An answer is sent after what it answers, and arrives after it was sent.
func TestAnswersComeLater(t *testing.T) {
	w, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, label := range w.order {
		d, err := w.mail(label)
		if err != nil {
			t.Fatal(err)
		}
		if d.parent != nil && !d.date.After(d.parent.date) {
			t.Errorf("%s is older than %s", label, d.parent.label)
		}
		for in := range w.lists {
			if !d.arrival(in).After(d.date) {
				t.Errorf("%s arrives before it was sent", label)
			}
		}
		if y := d.date.Year(); y < 2025 || y > 2026 {
			t.Errorf("%s is of %d", label, y)
		}
	}
}

// Write puts every mail into its inbox, and tells how far it is.
func TestWrite(t *testing.T) {
	mails, err := Mails()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, m := range mails {
		want[m.Inbox] = append(want[m.Inbox], string(m.Raw))
	}
	dir := t.TempDir()
	last := 0
	err = Write(t.Context(), dir, func(done, total int) {
		if done != last+1 || total != len(mails) {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != len(mails) {
		t.Errorf("progress ended at %d of %d", last, len(mails))
	}
	for _, in := range Inboxes() {
		b, err := archive.Open(filepath.Join(dir, "inbox", in.Name))
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Description(); got != in.Description {
			t.Errorf("%s: description %q", in.Name, got)
		}
		epochs, err := b.Epochs(t.Context())
		if err != nil || len(epochs) != 1 {
			t.Fatalf("%s: %d epochs, %v", in.Name, len(epochs), err)
		}
		_, tip, err := epochs[0].Repo.Tip(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for e, err := range b.Walk(t.Context(), 0, "", tip) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(e.Raw))
		}
		if d := cmp.Diff(want[in.Name], got); d != "" {
			t.Errorf("%s: %s", in.Name, d)
		}
	}
	if err := Write(t.Context(), dir, nil); !errs.Is(err, errs.Exists) {
		t.Errorf("a second Write: %v", err)
	}
}

func TestSections(t *testing.T) {
	got, err := parseSections("x", "a comment\n\n=== mail one\nFrom: a\nCc: b\nCc: c: d\n\ntext\n\nmore\n\n=== mail two\nFrom: b\n\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []*section{
		{file: "x", line: 3, kind: "mail", label: "one", head: map[string][]string{"From": {"a"}, "Cc": {"b", "c: d"}}, body: "text\n\nmore"},
		{file: "x", line: 12, kind: "mail", label: "two", head: map[string][]string{"From": {"b"}}},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(section{})); d != "" {
		t.Error(d)
	}
	for _, bad := range []string{"=== mail\n", "=== mail x\nno colon\n"} {
		if _, err := parseSections("x", bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestFlow(t *testing.T) {
	long := strings.Repeat("word ", 12) + "end"
	got := flow(long + "\nnext\n\n code();\n> " + long + "\n-- \n" + long + "\n" + long)
	want := long + " \nnext\n\n  code();\n> " + long + "\n-- \n" + long + "\n" + long
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
