package mail

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hostile builds mails that ask for more than they should get. Their sizes are what the
// bounds are tested with: were anything quadratic, the test would not end.
var hostile = []struct {
	name   string
	raw    func() []byte
	defect DefectKind // 0: none needed
}{
	{"100 MiB of text", func() []byte {
		return append([]byte("Subject: big\n\n"), bytes.Repeat([]byte("0123456789abcde\n"), 100<<16)...)
	}, 0},
	{"100 MiB without header end", func() []byte {
		return append([]byte("Subject: big\n"), bytes.Repeat([]byte("X: 0123456789ab\n"), 100<<16)...)
	}, HeaderTooLong},
	{"32 MiB of base64", func() []byte {
		return append([]byte("Content-Type: text/plain; charset=gbk\nContent-Transfer-Encoding: base64\n\n"),
			bytes.Repeat([]byte("1tDOxMn6w/wK1tDOxMn6w/wK1tDOxMn6w/wK1tDOxMn6w/wK1tDOxMn6w/w\n"), 32<<14)...)
	}, 0},
	{"100,000 headers", func() []byte {
		return []byte(strings.Repeat("References: <a@b> <c@d>\nTo: a@b\nX-Y: =?utf-8?q?z?=\n", 33_334) + "\nbody")
	}, HeaderTooLong},
	{"one header of 10 MiB", func() []byte {
		return []byte("Subject: " + strings.Repeat("x", 10<<20) + "\n\nbody")
	}, HeaderTooLong},
	{"10,000 parts", func() []byte {
		return []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 10_000) + "--b--\n")
	}, TooManyParts},
	{"10,000 parts in pairs", func() []byte {
		return []byte("Content-Type: multipart/mixed; boundary=b\n\n" +
			strings.Repeat("--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c\n\ny\n--c--\n", 10_000) + "--b--\n")
	}, TooManyParts},
	{"1,000 levels of multipart", func() []byte {
		var b strings.Builder
		for i := range 1000 {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return []byte(b.String() + "\nbottom\n")
	}, TooDeep},
	{"1,000 levels of message", func() []byte {
		return []byte(strings.Repeat("Content-Type: message/rfc822\n\n", 1000) + "\nbottom\n")
	}, TooDeep},
	{"boundary of 100 KiB", func() []byte {
		b := strings.Repeat("b", 90<<10)
		return []byte("Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n\nx\n")
	}, MissingBoundary},
	{"a boundary everywhere", func() []byte {
		return []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b--b", 1<<20) + strings.Repeat("\n--bb", 1<<20))
	}, EmptyMultipart},
	{"open quotes", func() []byte { return []byte("To: " + strings.Repeat(`"\`, 50_000) + "\n\n") }, 0},
	{"open brackets", func() []byte { return []byte("To: " + strings.Repeat("<,", 50_000) + "\n\n") }, 0},
	{"open comments", func() []byte { return []byte("To: " + strings.Repeat("(", 100_000) + "\n\n") }, 0},
	{"colons", func() []byte { return []byte("To: a@b " + strings.Repeat("x :", 30_000) + "\n\n") }, 0},
	{"open encoded words", func() []byte { return []byte("Subject: " + strings.Repeat("=?a?q?", 16_000) + "\n\n") }, 0},
	{"ids and addresses", func() []byte {
		return []byte("References: " + strings.Repeat("<ab>", 12_000) + "\nCc: " + strings.Repeat("a@b,", 12_000) + "\n\n")
	}, 0},
	{"parameters", func() []byte { return []byte("Content-Type: text/plain" + strings.Repeat(`;a*1="`, 15_000) + "\n\n") }, 0},
	{"received", func() []byte { return []byte("Received: " + strings.Repeat("1 Jan 2001 00:00:00 x ", 4_000) + "\n\n") }, 0},
	{"soft breaks", func() []byte {
		return []byte("Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; format=flowed\n\n" + strings.Repeat("> =20=\n", 1<<20))
	}, 0},
}

func TestHostile(t *testing.T) {
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			raw := tt.raw()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m := exercise(t, raw)
			runtime.ReadMemStats(&after)
			// Decoding, converting and unwrapping copy a few times; nothing multiplies.
			if used, limit := after.TotalAlloc-before.TotalAlloc, uint64(20*len(raw)+32<<20); used > limit {
				t.Errorf("%d bytes allocated for a mail of %d", used, len(raw))
			}
			found := tt.defect == 0
			for _, d := range m.Defects {
				found = found || d.Kind == tt.defect
			}
			if !found {
				t.Errorf("defects %v, want %v", m.Defects, tt.defect)
			}
		})
	}
}

// exercise reads everything there is in a mail and checks what always holds.
func exercise(t testing.TB, raw []byte) *Message {
	t.Helper()
	h, n := ParseHeader(raw)
	if n < 0 || n > len(raw) {
		t.Fatalf("body at %d of %d", n, len(raw))
	}
	m := Parse(raw)
	if len(h.Fields) != len(m.Header.Fields) {
		t.Errorf("%d fields, %d by ParseHeader", len(m.Header.Fields), len(h.Fields))
	}
	if len(m.Defects) > maxDefects {
		t.Errorf("%d defects", len(m.Defects))
	}
	text := []string{m.Subject(), BaseSubject(m.Subject())}
	for _, name := range []string{"From", "To", "Cc", "X-Y", "References"} {
		text = append(text, m.Header.TextAll(name)...)
		for _, a := range m.Header.Addresses(name) {
			text = append(text, a.Name, a.Addr, a.String(), a.Display())
		}
	}
	for _, s := range text {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\r\x1b") {
			t.Errorf("bad header text %.200q", s)
		}
	}
	for _, id := range append(append(m.IDs(), m.AltIDs()...), m.References()...) {
		if id == "" || len(id) > maxID || strings.ContainsAny(id, "\n\r\t\x00") {
			t.Errorf("bad id %.300q", id)
		}
	}
	m.InReplyTo()
	m.Times(time.Time{}, time.Time{})
	m.ContentHash()
	exerciseParts(t, m)
	return m
}

func exerciseParts(t testing.TB, m *Message) {
	leaves := m.Leaves()
	if len(leaves) == 0 || len(leaves) > maxParts+maxDepth {
		t.Fatalf("%d leaves", len(leaves))
	}
	seen := make(map[string]bool)
	total := 0
	for _, p := range leaves {
		if p.Index == "" || seen[p.Index] {
			t.Errorf("index %q twice or empty", p.Index)
		}
		seen[p.Index] = true
		if p.Depth > maxDepth+1 || strings.HasPrefix(p.Type, "multipart/") || p.Children != nil {
			t.Errorf("leaf of type %s at depth %d", p.Type, p.Depth)
		}
		if strings.ContainsAny(p.Filename, "/\\\x00\n") || len(p.Filename) > maxFilename {
			t.Errorf("file name %q", p.Filename)
		}
		b := p.Bytes()
		if p.Size() != len(b) {
			t.Errorf("Size %d, %d bytes", p.Size(), len(b))
		}
		total += len(b)
		p.IsAttachment()
		if text, _ := p.Text(); !utf8.ValidString(text) || strings.Contains(text, "\x00") || len(text) > 4*len(b)+8 {
			t.Errorf("bad text of %d bytes from %d", len(text), len(b))
		}
	}
	if total > len(m.Raw) {
		t.Errorf("%d bytes decoded from %d", total, len(m.Raw))
	}
}
