package demo

import (
	"bytes"
	"strings"
	"testing"

	"bobbin/internal/mail"

	"github.com/google/go-cmp/cmp"
)

// What package mail reads is what the data files say, and nothing had to be
// repaired or guessed except where a header Defect asks for it.
func TestMailsParse(t *testing.T) {
	w, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, label := range w.order {
		d, err := w.mail(label)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.compose(d); err != nil {
			t.Fatal(err)
		}
		raw, err := w.render(d, Inboxes()[0])
		if err != nil {
			t.Fatal(err)
		}
		m := mail.Parse(raw)
		if len(m.Defects) > 0 {
			t.Errorf("%s: defects %v", label, m.Defects)
		}
		text, ok := m.Leaves()[0].Text()
		if want := d.sec.get("Defect") == ""; ok != want {
			t.Errorf("%s: text read without a guess: %v, want %v", label, ok, want)
		}
		if !ok {
			continue
		}
		checkHeader(t, d, m)
		if d := cmp.Diff(squeeze(d.text), squeeze(text)); d != "" {
			t.Errorf("%s: %s", label, d)
		}
		if !bytes.Equal(m.Raw, raw) {
			t.Errorf("%s: bytes changed", label)
		}
	}
}

func checkHeader(t *testing.T, d *draft, m *mail.Message) {
	t.Helper()
	if d := cmp.Diff(strings.Join(strings.Fields(d.subject), " "), m.Subject()); d != "" {
		t.Errorf("subject: %s", d)
	}
	if got := m.From(); len(got) != 1 || got[0].Name != d.from.name || got[0].Addr != d.from.addr {
		t.Errorf("%s: From: %v", d.label, got)
	}
	if got := m.IDs(); len(got) != 1 || got[0] != d.mid {
		t.Errorf("%s: Message-ID %v, want %s", d.label, got, d.mid)
	}
	if got := len(m.Header.Addresses("To")) + len(m.Header.Addresses("Cc")); got != len(d.to)+len(d.cc) {
		t.Errorf("%s: %d recipients, want %d", d.label, got, len(d.to)+len(d.cc))
	}
	if d.sec.get("Refs") == "" {
		if d := cmp.Diff(d.refs, m.References()); d != "" {
			t.Errorf("references: %s", d)
		}
	}
}

// squeeze forgets where lines of prose end, which format=flowed may change.
func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }
