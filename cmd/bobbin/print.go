package main

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"bobbin/internal/catalog"
)

// printer writes a command's results. Errors stick and come out of flush.
type printer struct {
	w     *bufio.Writer
	width int // columns of the terminal; 0: lines for programs
	enc   *json.Encoder
}

func newPrinter(e *env) *printer {
	w := bufio.NewWriterSize(e.stdout, 64<<10)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &printer{w: w, width: e.outWidth, enc: enc}
}

// object prints v as one line of JSON.
func (p *printer) object(v any) error { return p.enc.Encode(v) }

// flush hands everything to the stream.
func (p *printer) flush() error { return p.w.Flush() }

// column is a cell of a line: its text, and the columns it takes on a terminal.
type column struct {
	text  string
	width int // 0: as wide as it is; negative: aligned right
}

// row prints a line: on a terminal in columns that end at its edge, otherwise with a
// tab between the texts, whole.
func (p *printer) row(cols ...column) error {
	var b strings.Builder
	for i, c := range cols {
		text := cell(c.text)
		if p.width == 0 {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(text)
			continue
		}
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(fit(text, c.width))
	}
	line := b.String()
	if p.width > 0 {
		line = strings.TrimRight(clip(line, p.width), " ")
	}
	p.w.WriteString(line)
	return p.w.WriteByte('\n')
}

// message prints the line that stands for a message in a listing: first, if it has a
// text, then when, the sender, the subject and the Message-ID. On a terminal the subject
// gets what the Message-ID leaves, which has to be whole to be of use.
func (p *printer) message(first column, when time.Time, m *catalog.Summary) error {
	const name, leastSubject = 18, 24
	id := "<" + m.MessageID + ">"
	cols := []column{first, {minute(when), 16}, {m.From.Display(), name}, {m.Subject, 0}, {id, 0}}
	left := p.width - 16 - name - 3*2 - columns(id)
	if first.text == "" {
		cols = cols[1:]
	} else {
		left -= max(first.width, -first.width) + 2
	}
	cols[len(cols)-2].width = max(left, leastSubject)
	return p.row(cols...)
}

// cell makes text safe between tabs and on a terminal. Unlike oneLine it keeps spaces,
// which draw the tree of a thread.
func cell(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// fit cuts or pads text to n columns; 0 leaves it, negative pads on the left.
func fit(text string, n int) string {
	if n == 0 {
		return text
	}
	right := n < 0
	if right {
		n = -n
	}
	text = clip(text, n)
	pad := strings.Repeat(" ", n-columns(text))
	if right {
		return pad + text
	}
	return text + pad
}

// clip cuts text that is wider than n columns and marks the cut.
func clip(text string, n int) string {
	if columns(text) <= n {
		return text
	}
	used := 1 // the mark
	for i, r := range text {
		if used += runeColumns(r); used > n {
			return text[:i] + "…"
		}
	}
	return text
}

// columns counts the columns that s takes on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// printable copies text for a terminal: no control characters but line ends and tabs,
// and nothing that is no UTF-8. For programs it stays as it is.
func printable(w io.Writer, text string, terminal bool) error {
	if terminal {
		text = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\t' || r >= ' ' && r < 0x7f || r >= 0xa0 && r != utf8.RuneError {
				return r
			}
			return utf8.RuneError
		}, text)
	}
	_, err := io.WriteString(w, text)
	return err
}

// minute is how a time is printed; machines get RFC 3339 or Unix seconds.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// unix gives Unix seconds; 0 for no time.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// decimal writes a number for columns that programs read too.
func decimal(n int64) string { return strconv.FormatInt(n, 10) }
