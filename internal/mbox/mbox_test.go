package mbox

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"bobbin/internal/errs"
)

// readAll reads every message; the error is the first that is not io.EOF.
func readAll(r *Reader) (list []string, err error) {
	for {
		raw, e := r.Next()
		if raw != nil {
			list = append(list, string(raw))
		}
		if e == io.EOF {
			return list, err
		}
		if e != nil && err == nil {
			err = e
		}
	}
}

func TestReader(t *testing.T) {
	const sep = "From a@b Thu Jan  1 00:00:00 1970\n"
	tests := []struct {
		name, in string
		want     []string
		kind     errs.Kind // Internal: no error
	}{
		{"empty", "", nil, 0},
		{"blank lines only", "\n\r\n\n", nil, 0},
		{"two", sep + "A: 1\n\nx\n\n" + sep + "B: 2\n\ny\n\n", []string{"A: 1\n\nx\n", "B: 2\n\ny\n"}, 0},
		{"crlf", "From a 10:00\r\nA: 1\r\n\r\nx\r\n\r\nFrom b 10:00\r\nB: 2\r\n\r\n\r\n", []string{"A: 1\r\n\r\nx\r\n", "B: 2\r\n\r\n"}, 0},
		{"no empty line between", sep + "A: 1\n\nx\n" + sep + "B: 2\n\ny\n", []string{"A: 1\n\nx\n", "B: 2\n\ny\n"}, 0},
		{"separator without time", "From a\nA: 1\n\nx\n\nFrom b\nB: 2\n\ny\n", []string{"A: 1\n\nx\n", "B: 2\n\ny\n"}, 0},
		{"unquoted prose", sep + "A: 1\n\nFrom here on\nwe walk\n\nFrom 10 to 12\nnothing\n", []string{"A: 1\n\nFrom here on\nwe walk\n\nFrom 10 to 12\nnothing\n"}, 0},
		{"quoting", sep + "A: 1\n\n>From a\n>>From b\n>Fromage\n> From\n\n", []string{"A: 1\n\nFrom a\n>From b\n>Fromage\n> From\n"}, 0},
		{"header only", sep + "A: 1\n\n\n" + sep + "B: 1\n", []string{"A: 1\n\n", "B: 1\n"}, 0},
		{"nothing between separators", sep + "\n" + sep + "A: 1\n\nx\n\n", []string{"A: 1\n\nx\n"}, 0},
		{"bare message", "A: 1\n\n>From a\nFrom b 10:00\nC: d\n", []string{"A: 1\n\n>From a\nFrom b 10:00\nC: d\n"}, 0},
		{"ends in a line", sep + "A: 1\n\nx\n\n" + sep + "B: 2\n\nhalf", []string{"A: 1\n\nx\n", "B: 2\n\nhalf"}, errs.Corrupt},
		{"ends after separator", sep + "A: 1\n\nx\n\n" + sep, []string{"A: 1\n\nx\n"}, errs.Corrupt},
		{"ends in first separator", "From a@b", nil, errs.Corrupt},
		{"no mbox", "<html>\n<body>\n", nil, errs.Invalid},
		{"binary", "\x00\x01\x02", nil, errs.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				got, err := readAll(NewReader(in))
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
				if errs.KindOf(err) != tt.kind {
					t.Errorf("error %v, want kind %v", err, tt.kind)
				}
			}
		})
	}
}

func TestReaderLongLines(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	in := "From a 10:00\nA: 1\n\n" + long + "\nFrom " + long + "\n>From " + long + "\n\nFrom b 10:00\nB: 2\n\nend\n"
	got, err := readAll(NewReader(strings.NewReader(in)))
	want := []string{"A: 1\n\n" + long + "\nFrom " + long + "\nFrom " + long + "\n", "B: 2\n\nend\n"}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %d messages, error %v", len(got), err)
	}
}

func TestReaderLimit(t *testing.T) {
	r := NewReader(strings.NewReader("From a 10:00\nA: 1\n\n" + strings.Repeat("x\n", 100) + "\nFrom b 10:00\nB: 2\n\nend\n"))
	r.max = 50
	if _, err := r.Next(); !errs.Is(err, errs.Invalid) {
		t.Fatalf("error %v, want invalid", err)
	}
	raw, err := r.Next()
	if string(raw) != "B: 2\n\nend\n" || err != nil {
		t.Errorf("after the large one: %q, %v", raw, err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestReaderReadError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("From a 10:00\nA: 1\n\nhalf"), iotest.ErrReader(io.ErrUnexpectedEOF))
	r := NewReader(broken)
	raw, err := r.Next()
	if string(raw) != "A: 1\n\nhalf" || !errs.Is(err, errs.Corrupt) || !strings.Contains(err.Error(), "byte 23") {
		t.Errorf("%q, %v", raw, err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("then %v, want EOF", err)
	}
	disk := errors.New("disk on fire")
	if _, err := NewReader(iotest.ErrReader(disk)).Next(); !errors.Is(err, disk) {
		t.Errorf("error %v, want %v", err, disk)
	}
}

func TestAppend(t *testing.T) {
	const sep = "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
	tests := []struct{ name, in, want string }{
		{"plain", "A: 1\n\nx\n", sep + "A: 1\n\nx\n\n"},
		{"quoting", "A: 1\n\nFrom a\n>From b\n> From\nxFrom c\nFrom", sep + "A: 1\n\n>From a\n>>From b\n> From\nxFrom c\nFrom\n\n"},
		{"own separator", "\nFrom me 10:00\nA: 1\n\nx\n", sep + "A: 1\n\nx\n\n"},
		{"mailbox fields", "Lines: 3\nA: 1\nstatus: RO\n more\nX-Status: A\nContent-Length: 7\nBytes: 1\nB: 2\n\nLines: 4\n", sep + "A: 1\nX-Status: A\nB: 2\n\nLines: 4\n\n"},
		{"crlf", "A: 1\r\nLines: 1\r\n\r\nFrom a\r\n", "From mboxrd@z Thu Jan  1 00:00:00 1970\r\nA: 1\r\n\r\n>From a\r\n\n"},
		{"header only", "A: 1\n", sep + "A: 1\n\n"},
		{"From in the header", "A: 1\nFrom x\nB: 2\n\n", sep + "A: 1\n>From x\nB: 2\n\n\n"},
		{"empty", "", sep + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(Append([]byte("before\n"), []byte(tt.in)))
			if d := cmp.Diff("before\n"+tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// What Append writes the Reader gives back, whatever the bodies hold.
func TestRoundTrip(t *testing.T) {
	line := rapid.SampledFrom([]string{"", "x", "From a Thu Jan  1 00:00:00 1970", ">From b 10:00", ">>From", "From ", "A: 1", "\r", ">", "From me\r"})
	rapid.Check(t, func(t *rapid.T) {
		var file []byte
		var want []string
		for range rapid.IntRange(1, 4).Draw(t, "messages") {
			raw := "Subject: x\n\n" + strings.Join(rapid.SliceOfN(line, 0, 8).Draw(t, "lines"), "\n") + "\n"
			file = Append(file, []byte(raw))
			want = append(want, raw)
		}
		got, err := readAll(NewReader(bytes.NewReader(file)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("From a 10:00\nA: 1\n\n>From x\n\nFrom b\nB: 2\n\ny\n"))
	f.Add([]byte("A: 1\n\nx"))
	f.Add([]byte("From \n\n\n\nFrom \n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		total := 0
		list, _ := readAll(NewReader(bytes.NewReader(in)))
		for _, raw := range list {
			total += len(raw)
			back, err := readAll(NewReader(bytes.NewReader(Append(nil, []byte("S: x\n\n"+raw)))))
			if err != nil || len(back) != 1 {
				t.Fatalf("%q comes back as %q, %v", raw, back, err)
			}
		}
		if total > len(in) {
			t.Errorf("%d bytes out of %d", total, len(in))
		}
	})
}

func TestMaildir(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"new/1700000002.M1P1.host":    "two",
		"cur/1700000001.M9P9.host:2,": "one",
		"cur/1700000003.a:2,S":        "three",
		"cur/noname":                  "zero",
		"cur/.hidden":                 "no",
		"tmp/1700000000.x":            "no",
		"new/sub/1700000000.x":        "no",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for f, err := range Maildir(dir) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(f.Raw))
	}
	if d := cmp.Diff([]string{"zero", "one", "two", "three"}, got); d != "" {
		t.Error(d)
	}
	for _, err := range Maildir(t.TempDir()) {
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("empty directory: %v, want invalid", err)
		}
	}
}

func gz(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zst(t *testing.T, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func TestOpen(t *testing.T) {
	text := []byte(strings.Repeat("From a 10:00\nA: 1\n\nsome text that is long enough\n\n", 3000))
	bomb := make([]byte, bombFloor+bombFloor/2)
	for i := range bomb {
		bomb[i] = '\n'
	}
	half := func(b []byte) []byte { return b[:len(b)/2] }
	bent := gz(t, text)
	bent[len(bent)/2] ^= 0x55
	tests := []struct {
		name string
		in   []byte
		want []byte // nil: an error
		kind errs.Kind
	}{
		{"plain", text, text, 0},
		{"empty", []byte{}, []byte{}, 0},
		{"gzip", gz(t, text), text, 0},
		{"gzip members", append(gz(t, text), gz(t, text)...), append(bytes.Clone(text), text...), 0},
		{"zstd", zst(t, text), text, 0},
		{"gzip cut", half(gz(t, text)), nil, errs.Corrupt},
		{"gzip header cut", gz(t, text)[:5], nil, errs.Corrupt},
		{"gzip trailer cut", gz(t, text)[:len(gz(t, text))-3], nil, errs.Corrupt},
		{"gzip bent", bent, nil, errs.Corrupt},
		{"zstd cut", half(zst(t, text)), nil, errs.Corrupt},
		{"gzip bomb", gz(t, bomb), nil, errs.Invalid},
		{"zstd bomb", zst(t, bomb), nil, errs.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "in")
			if err := os.WriteFile(path, tt.in, 0o666); err != nil {
				t.Fatal(err)
			}
			for _, source := range []string{path, "-"} {
				got, err := slurp(source, bytes.NewReader(tt.in))
				if tt.want != nil && (err != nil || !bytes.Equal(got, tt.want)) {
					t.Errorf("%d bytes, %v; want %d", len(got), err, len(tt.want))
				}
				if tt.want == nil && !errs.Is(err, tt.kind) {
					t.Errorf("error %v, want kind %v", err, tt.kind)
				}
			}
		})
	}
}

func slurp(path string, stdin io.Reader) ([]byte, error) {
	r, err := Open(path, stdin)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "absent"), nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("absent: %v", err)
	}
	if _, err := Open(t.TempDir(), nil); !errs.Is(err, errs.Invalid) {
		t.Errorf("directory: %v", err)
	}
}

// A cut archive gives its whole messages, what there is of the cut one, and the place.
func TestReaderCutGzip(t *testing.T) {
	text := strings.Repeat("From a 10:00\nA: 1\n\nsome text\n\n", 1000)
	b := gz(t, []byte(text))
	src, err := Open("-", bytes.NewReader(b[:len(b)-10]))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	list, err := readAll(NewReader(src))
	if !errs.Is(err, errs.Corrupt) || len(list) < 2 {
		t.Errorf("%d messages, %v", len(list), err)
	}
}
