package mail

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzParse: whatever the bytes, there is a message, and exercise holds.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			if strings.HasSuffix(file.Name, ".eml") {
				f.Add(file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		m := exercise(t, raw)
		if string(raw) != before {
			t.Error("the input was written to")
		}
		if Parse(raw).ContentHash() != m.ContentHash() {
			t.Error("two parses differ")
		}
	})
}

// FuzzHeaderText: text for people is one valid line, and already in the form it is in.
func FuzzHeaderText(f *testing.F) {
	for _, s := range []string{"plain", "=?utf-8?q?=C3=A9?= =?utf-8?b?w6k=?=", "=?iso-2022-jp?b?GyRC?=", "a \x80\xff", "=?=?q?=?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := decodeText(s)
		if !utf8.ValidString(got) || oneLine(got) != got {
			t.Errorf("%q gives %q", s, got)
		}
		base := BaseSubject(s)
		if again := BaseSubject("Re: " + s); again != base && !strings.HasPrefix(strings.TrimSpace(s), ":") {
			t.Errorf("%q: base %q, as a reply %q", s, base, again)
		}
		for _, a := range ParseAddresses(s) {
			if !utf8.ValidString(a.Name) || !utf8.ValidString(a.Addr) || a == (Address{}) {
				t.Errorf("%q gives %q", s, a)
			}
		}
	})
}

// FuzzDate: a date that is read is one that can be written.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"Mon, 1 Jan 2001 00:00:00 +0100", "2001-01-02T03:04:05Z", "1/2/03 4:05 pm", "Jan 1st, 2001 EST"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ParseDate(s)
		if ok && (got.Year() < 1969 || got.Year() > 10_000) {
			t.Errorf("%q is %v", s, got)
		}
		receivedDate(s)
	})
}
