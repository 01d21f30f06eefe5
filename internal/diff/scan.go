package diff

import "strings"

// HasPatch reports whether text holds something that Scan may find a diff in. It is
// right when it says no.
func HasPatch(text string) bool {
	return strings.HasPrefix(text, "diff -") || strings.HasPrefix(text, "@@") ||
		strings.Contains(text, "\ndiff -") || strings.Contains(text, "\n@@")
}

// Scan splits text into lines and says what each is. Every line is given once and in
// order: joined by newlines they are the text, but for a final newline. The files are in
// the order of their headers.
func Scan(text string) ([]Line, []File) {
	s := scanner{rest: text, lines: make([]Line, 0, countLines(text)), file: -1}
	for s.next() {
		s.step()
	}
	s.finish()
	return s.lines, s.files
}

// countLines gives the exact number of lines, so that Scan allocates them once.
func countLines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && text[len(text)-1] != '\n' {
		n++
	}
	return n
}

// state is what the scanner is in the middle of.
type state uint8

const (
	inText   state = iota
	inHead         // after the first line of a file's header
	inHunk         // counts say that more lines belong to the hunk
	afterFin       // a hunk has got all its lines
	inBinary       // after "GIT binary patch"
	inSig          // after "-- "
)

type scanner struct {
	line  string // current
	rest  string // after the current line
	lines []Line
	files []File
	hunks []HunkHead // of all files; finish deals them out
	first []int      // of each file: its first in hunks
	state state
	file  int // current file, -1 when none
	// old and now are how many lines of each side the current hunk still lacks.
	old, now int
	// columns is 1, but in a merge's hunk ("@@@") the number of parents: as many columns
	// of signs begin each line.
	columns int
	strip   bool // the current file's names have prefixes such as a/ and b/
}

// next takes the next line.
func (s *scanner) next() bool {
	if s.rest == "" {
		return false
	}
	if i := strings.IndexByte(s.rest, '\n'); i >= 0 {
		s.line, s.rest = s.rest[:i], s.rest[i+1:]
	} else {
		s.line, s.rest = s.rest, ""
	}
	return true
}

// peek gives the line after the current one.
func (s *scanner) peek() string {
	line, _, _ := strings.Cut(s.rest, "\n")
	return line
}

// put stores the current line as kind k of file.
func (s *scanner) put(k Kind, file int) {
	s.lines = append(s.lines, Line{Kind: k, Text: s.line, File: file})
}

// step classifies the current line.
func (s *scanner) step() {
	switch s.state {
	case inHunk:
		if s.body() {
			return
		}
	case inBinary:
		if isBinaryData(s.line) {
			s.put(Binary, s.file)
			return
		}
	case inHead:
		if s.header() {
			return
		}
	case afterFin:
		if strings.HasPrefix(s.line, `\ `) {
			s.put(Context, s.file)
			return
		}
	}
	s.outside()
}

// outside handles a line that continues nothing: the start of a diff, a hunk or a
// signature, or prose.
func (s *scanner) outside() {
	switch line := s.line; {
	case line == "":
	case line[0] == 'd' && s.startsFile():
		s.begin()
		return
	case line[0] == '-' && isOldName(line) && isNewName(s.peek()) && s.hunkAfterNames():
		s.begin()
		s.header()
		return
	case line[0] == '@' && s.hunk():
		return
	case s.state == inSig:
	case line == "-- " || line == "--" && s.state == afterFin:
		s.state, s.file = inSig, -1
	case line[0] == ' ':
		if _, _, _, ok := ParseStat(line); ok {
			s.put(Stat, -1)
			return
		}
		if isStatSum(line) {
			s.put(StatSum, -1)
			return
		}
	case line[0] == 'B' && isBinaryNote(line):
		s.put(Binary, -1)
		return
	}
	if s.state == inSig {
		s.put(Sig, -1)
		return
	}
	s.state = inText
	s.put(Text, -1)
}

// body handles a line inside a hunk; false when it cannot be one.
func (s *scanner) body() bool {
	if s.columns > 1 {
		return s.combined()
	}
	kind := Context
	c := byte(' ') // mailers and editors strip the blank of an empty context line
	if s.line != "" {
		c = s.line[0]
	}
	switch {
	case c == '+' && s.now > 0:
		kind = Add
		s.now--
		s.count(1, 0)
	case c == '-' && s.old > 0:
		kind = Del
		s.old--
		s.count(0, 1)
	case c == ' ' && s.old > 0 && s.now > 0:
		s.old--
		s.now--
	case c == '\\':
	default:
		return false
	}
	s.put(kind, s.file)
	if s.old == 0 && s.now == 0 {
		s.state = afterFin
	}
	return true
}

// combined handles a line of a merge's hunk: a column a parent. now counts the result's
// lines and ends the hunk; removed lines may follow the last one of the result.
func (s *scanner) combined() bool {
	if len(s.line) < s.columns {
		if s.line != "" || s.now == 0 {
			return false
		}
		s.now--
		s.put(Context, s.file)
		return true
	}
	kind := Context
	for _, c := range []byte(s.line[:s.columns]) {
		switch {
		case c == '-' && kind != Add:
			kind = Del
		case c == '+' && kind != Del:
			kind = Add
		case c != ' ':
			return false
		}
	}
	switch {
	case kind == Del && s.line != "-- ":
		s.count(0, 1)
	case kind == Del || s.now == 0:
		return false
	default:
		s.now--
		if kind == Add {
			s.count(1, 0)
		}
	}
	s.put(kind, s.file)
	return true
}

// count adds lines to the current file's sums.
func (s *scanner) count(adds, dels int) {
	if s.file >= 0 {
		s.files[s.file].Adds += adds
		s.files[s.file].Dels += dels
	}
}

// hunk handles a line that begins with @; false when it is no hunk header. A hunk that
// was pasted without its file's header is still a hunk, of no file.
func (s *scanner) hunk() bool {
	h, columns, ok := parseHunk(s.line)
	if !ok {
		return false
	}
	s.columns = columns
	s.old, s.now = h.OldLines, h.NewLines
	s.put(Hunk, s.file)
	if s.file >= 0 {
		s.hunks = append(s.hunks, h)
	}
	s.state = inHunk
	if s.old == 0 && s.now == 0 {
		s.state = afterFin
	}
	return true
}

// finish gives each file its hunks.
func (s *scanner) finish() {
	for i := range s.files {
		end := len(s.hunks)
		if i+1 < len(s.files) {
			end = s.first[i+1]
		}
		if from := s.first[i]; from < end {
			s.files[i].Hunks = s.hunks[from:end:end]
		}
	}
}
