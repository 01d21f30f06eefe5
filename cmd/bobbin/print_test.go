package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
)

func TestExitCode(t *testing.T) {
	tests := map[int][]error{
		exitOK:          {nil, fmt.Errorf("write: %w", syscall.EPIPE)},
		exitFailed:      {errors.New("x"), errSilent, errs.New(errs.NotFound, "x"), errs.New(errs.Exists, "x"), errs.New(errs.Corrupt, "x")},
		exitUsage:       {errs.New(errs.Invalid, "x"), fmt.Errorf("a: %w", errs.New(errs.Invalid, "x"))},
		exitBusy:        {errs.New(errs.Busy, "x")},
		exitInterrupted: {context.Canceled, errs.New(errs.Busy, "x: %w", context.Canceled)},
	}
	for want, list := range tests {
		for _, err := range list {
			if got := exitCode(err); got != want {
				t.Errorf("%v: status %d, want %d", err, got, want)
			}
		}
	}
}

func TestReport(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errSilent, ""},
		{errs.New(errs.NotFound, "x: not found"), "bobbin: x: not found\n"},
		{errs.WithHint(errs.Busy, "wait", "x: busy"), "bobbin: x: busy (wait)\n"},
		{errors.New("two\nlines\r\n\x1b[31mred"), "bobbin: two lines [31mred\n"},
		{fmt.Errorf("write: %w", syscall.ENOSPC), "bobbin: write: no space left on device (make room and run the same command again; what is in the archive already is not imported twice)\n"},
		{&fs.PathError{Op: "mkdir", Path: "/x", Err: syscall.EACCES}, "bobbin: mkdir /x: permission denied (check who owns the directory and whether it is writable)\n"},
		{fmt.Errorf("read: %w", context.Canceled), "bobbin: interrupted\n"},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		e := &env{stderr: &b}
		e.report(tt.err)
		if d := cmp.Diff(tt.want, b.String()); d != "" {
			t.Error(d)
		}
	}
}

func TestRow(t *testing.T) {
	cols := []column{{"7", -4}, {"Çelik\tÖz", 6}, {"漢字の件名", 7}, {"tail", 0}}
	for width, want := range map[int]string{
		0:  "7\tÇelik Öz\t漢字の件名\ttail\n",
		80: "   7  Çelik…  漢字の…  tail\n",
		12: "   7  Çelik…\n",
	} {
		var b bytes.Buffer
		p := newPrinter(&env{stdout: &b, outWidth: width})
		if err := p.row(cols...); err != nil {
			t.Fatal(err)
		}
		if err := p.flush(); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, b.String()); d != "" {
			t.Errorf("width %d: %s", width, d)
		}
	}
}

// Whatever a mail says, a row is one line, fits the terminal and cannot move its cursor.
func TestRowLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(20, 120).Draw(t, "width")
		text := rapid.String().Draw(t, "text")
		var b bytes.Buffer
		p := newPrinter(&env{stdout: &b, outWidth: width})
		if err := p.row(column{text, rapid.IntRange(-10, 10).Draw(t, "column")}, column{text, 0}); err != nil {
			t.Fatal(err)
		}
		if err := p.flush(); err != nil {
			t.Fatal(err)
		}
		line := strings.TrimSuffix(b.String(), "\n")
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
			t.Fatalf("control character in %q", line)
		}
		if n := columns(line); n > width {
			t.Fatalf("%d columns on a terminal of %d: %q", n, width, line)
		}
	})
}

func TestPlainProgress(t *testing.T) {
	tests := []struct {
		done, total int64
		elapsed     time.Duration
		want        string
	}{
		{12000, 37333, 2 * time.Second, "index x: 12,000 of 37,333 mails (32%), 6,000/s, 4s left"},
		{5, 0, 2 * time.Second, "index x: 5 mails, 2/s"},
		{0, 10, 0, "index x: 0 of 10 mails (0%)"},
		{10, 10, time.Minute, "index x: 10 of 10 mails (100%), 0/s"},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, plainProgress("index x", "mails", tt.done, tt.total, tt.elapsed)); d != "" {
			t.Error(d)
		}
	}
}

// Without a terminal there is a line now and then, not one an update; with one, a bar.
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(1700000000, 0)
	e := &env{stderr: &b, now: func() time.Time { return now }}
	p := newProgress(e, "mails")
	for i := range int64(100) {
		p.update("index x", i*10, 1000)
		now = now.Add(100 * time.Millisecond)
	}
	p.close()
	want := "bobbin: index x: 500 of 1,000 mails (50%), 100/s, 5s left\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
	b.Reset()
	e.errWidth = 80
	p = newProgress(e, "mails")
	p.update("index x", 1, 1000)
	p.update("index x", 500, 2000)
	p.close()
	if !strings.Contains(b.String(), "index x") || !strings.Contains(b.String(), "/1000") {
		t.Errorf("bar: %q", b.String())
	}
	b.Reset()
	e.quiet = true
	p.update("index x", 1, 1000)
	p.close()
	if b.Len() > 0 {
		t.Errorf("quiet: %q", b.String())
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 37333: "37,333", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestBareID(t *testing.T) {
	for arg, want := range map[string]string{"a@b": "a@b", "<a@b>": "a@b", " <a@b> ": "a@b", "mid:a@b": "a@b", "Message-ID: <a@b>": "a@b", "<>": ""} {
		if got := bareID(arg); got != want {
			t.Errorf("%q: %q, want %q", arg, got, want)
		}
	}
}

func TestFoldHeader(t *testing.T) {
	long := "To: Ada Loom <ada@loom.example>, Bert <bert@loom.example>, Çelik <c@loom.example>"
	for width, want := range map[int]string{
		0:   long,
		100: long,
		40:  "To: Ada Loom <ada@loom.example>, Bert\n    <bert@loom.example>, Çelik\n    <c@loom.example>",
	} {
		if d := cmp.Diff(want, foldHeader(long, width)); d != "" {
			t.Errorf("width %d: %s", width, d)
		}
	}
}

// A tree with a ghost, siblings and a loose message.
func TestThreadTree(t *testing.T) {
	at := time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC)
	msg := func(id, from, subject string) *catalog.Summary {
		return &catalog.Summary{MessageID: id, Subject: subject, From: mail.Address{Name: from}, Sent: at}
	}
	th := &catalog.Thread{Tree: []catalog.Node{
		{MessageID: "lost", Level: 0, Parent: -1, Kids: []int{1, 4}},
		{MessageID: "a", Msg: msg("a", "Ada", "knots"), Level: 1, Parent: 0, Kids: []int{2, 3}},
		{MessageID: "b", Msg: msg("b", "Bert", "Re: knots"), Level: 2, Parent: 1},
		{MessageID: "c", Msg: msg("c", "Cleo", "Re: RE: knots"), Level: 2, Parent: 1},
		{MessageID: "d", Msg: msg("d", "Dora", "Re: bends"), Level: 1, Parent: 0},
		{MessageID: "e", Msg: msg("e", "Emil", "bends"), Level: 0, Parent: -1, Loose: true},
	}}
	var b bytes.Buffer
	p := newPrinter(&env{stdout: &b})
	if err := errors.Join(threadTree(p, th), p.flush()); err != nil {
		t.Fatal(err)
	}
	want := "" +
		"\t[not in the archive] <lost>\n" +
		"2024-01-01 10:00\t├ Ada: knots\n" +
		"2024-01-01 10:00\t│ ├ Bert\n" +
		"2024-01-01 10:00\t│ └ Cleo\n" +
		"2024-01-01 10:00\t└ Dora: Re: bends\n" +
		"2024-01-01 10:00\t~ Emil: bends\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}
