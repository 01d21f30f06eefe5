package diff

import "strings"

// startsFile reports whether the current line is a "diff …" line that begins a file:
// git's own, or that of another diff program when the names follow.
func (s *scanner) startsFile() bool {
	rest, ok := strings.CutPrefix(s.line, "diff -")
	if !ok {
		return false
	}
	for _, p := range []string{"-git ", "-cc ", "-combined "} {
		if strings.HasPrefix(rest, p) {
			return len(rest) > len(p)
		}
	}
	return isOldName(s.peek()) || strings.HasPrefix(s.peek(), "Binary files ")
}

// begin starts a file at the current line, which is a header line of its own or (in a
// diff without one) the "---" line that header will read.
func (s *scanner) begin() {
	s.files = append(s.files, File{})
	s.first = append(s.first, len(s.hunks))
	s.file = len(s.files) - 1
	s.state = inHead
	s.strip = true
	if !strings.HasPrefix(s.line, "diff -") {
		return
	}
	f := &s.files[s.file]
	if rest, ok := strings.CutPrefix(s.line, "diff --git "); ok {
		f.Old, f.New, s.strip = gitNames(rest)
	} else if rest, ok := strings.CutPrefix(s.line, "diff --c"); ok { // --cc, --combined
		_, name, _ := strings.Cut(rest, " ")
		f.Old, f.New = unquote(name), unquote(name)
	}
	s.put(Head, s.file)
}

// header handles a line of a file's header after its first; false when it is none.
func (s *scanner) header() bool {
	f := &s.files[s.file]
	line := s.line
	switch {
	case line == "":
		return false
	case isOldName(line):
		f.Old = s.fileName(line[4:])
	case isNewName(line):
		f.New = s.fileName(line[4:])
	case strings.HasPrefix(line, "index "):
		f.OldBlob, f.NewBlob = blobs(line[len("index "):])
	case strings.HasPrefix(line, "rename "), strings.HasPrefix(line, "copy "):
		f.Rename = true
		_, rest, _ := strings.Cut(line, " ")
		if name, ok := strings.CutPrefix(rest, "from "); ok {
			f.Old = unquote(name)
		} else if name, ok := strings.CutPrefix(rest, "to "); ok {
			f.New = unquote(name)
		} else {
			return false
		}
	case strings.HasPrefix(line, "new file mode "):
		f.Old = ""
	case strings.HasPrefix(line, "deleted file mode "):
		f.New = ""
	case strings.HasPrefix(line, "old mode "), strings.HasPrefix(line, "new mode "), strings.HasPrefix(line, "mode "),
		strings.HasPrefix(line, "similarity index "), strings.HasPrefix(line, "dissimilarity index "):
	case line == "GIT binary patch":
		f.Binary = true
		s.state = inBinary
		s.put(Binary, s.file)
		return true
	case isBinaryNote(line):
		f.Binary = true
		s.put(Binary, s.file)
		return true
	default:
		return false
	}
	s.put(Head, s.file)
	return true
}

// hunkAfterNames reports whether a hunk header comes two lines after the current one, so
// that "---" and "+++" really are names.
func (s *scanner) hunkAfterNames() bool {
	_, rest, _ := strings.Cut(s.rest, "\n")
	return strings.HasPrefix(rest, "@@ -")
}

func isOldName(line string) bool { return len(line) > 4 && line[:4] == "--- " }
func isNewName(line string) bool { return len(line) > 4 && line[:4] == "+++ " }

func isBinaryNote(line string) bool {
	return strings.HasPrefix(line, "Binary files ") && strings.HasSuffix(line, " differ")
}

// fileName reads what follows "--- " or "+++ ".
func (s *scanner) fileName(v string) string {
	// GNU diff puts a time stamp behind a tab; git ends a name with blanks in it by a tab.
	if i := strings.IndexByte(v, '\t'); i >= 0 && v[0] != '"' {
		v = v[:i]
	}
	v = unquote(strings.TrimRight(v, " "))
	if v == "/dev/null" {
		return ""
	}
	if s.strip {
		v = stripPrefix(v)
	}
	return v
}

// stripPrefix drops the "a/" or "b/" that diff programs put before names, and the
// letters of git's diff.mnemonicPrefix only where gitNames has seen both sides.
func stripPrefix(v string) string {
	if len(v) > 2 && v[1] == '/' && (v[0] == 'a' || v[0] == 'b') {
		return v[2:]
	}
	return v
}

// gitNames splits the two names of a "diff --git" line, which git writes without a
// delimiter: unless one is quoted or the file was renamed, both are the same behind their
// prefixes. prefixed is false when the names carry none (diff --no-prefix).
func gitNames(v string) (oldName, newName string, prefixed bool) {
	if strings.HasPrefix(v, `"`) {
		if end := closingQuote(v); end > 0 && end+2 < len(v) {
			return stripPrefix(unquote(v[:end+1])), stripPrefix(unquote(v[end+2:])), true
		}
	}
	if i := strings.Index(v, ` "`); i > 0 && strings.HasSuffix(v, `"`) {
		return stripPrefix(v[:i]), stripPrefix(unquote(v[i+1:])), true
	}
	if n := len(v); n%2 == 1 && v[n/2] == ' ' {
		a, b := v[:n/2], v[n/2+1:]
		if a == b {
			return a, b, false
		}
		if len(a) > 2 && a[1:] == b[1:] && a[1] == '/' {
			return a[2:], b[2:], true
		}
	}
	// A rename: its own lines tell better. Until then, cut at " b/", else at a blank.
	i := strings.Index(v, " b/")
	if i < 0 {
		i = strings.IndexByte(v, ' ')
	}
	if i < 0 {
		return stripPrefix(v), stripPrefix(v), true
	}
	return stripPrefix(v[:i]), stripPrefix(v[i+1:]), true
}

// blobs reads "A..B 100644", or "A,B..C" of a merge.
func blobs(v string) (oldBlob, newBlob string) {
	v, _, _ = strings.Cut(v, " ")
	a, b, ok := strings.Cut(v, "..")
	if !ok {
		return "", ""
	}
	a, _, _ = strings.Cut(a, ",")
	return blob(a), blob(b)
}

// blob gives v when it is a blob id that names something.
func blob(v string) string {
	zero := true
	for i := range len(v) {
		if c := v[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return ""
		} else if c != '0' {
			zero = false
		}
	}
	if zero || len(v) < 4 || len(v) > 64 {
		return ""
	}
	return v
}

// parseHunk reads "@@ -1,2 +3,4 @@ func" and the "@@@ -1,2 -1,2 +1,3 @@@" of merges.
// columns is the number of parents. Of a merge the first parent's numbers are given.
func parseHunk(line string) (h HunkHead, columns int, ok bool) {
	at := 0
	for at < len(line) && line[at] == '@' {
		at++
	}
	if at < 2 || at > 16 {
		return h, 0, false
	}
	marks, rest := line[:at], line[at:]
	for columns = 0; columns < at-1; columns++ {
		from, n, tail, ok := parseRange(rest, '-')
		if !ok {
			return h, 0, false
		}
		if columns == 0 {
			h.OldStart, h.OldLines = from, n
		}
		rest = tail
	}
	h.NewStart, h.NewLines, rest, ok = parseRange(rest, '+')
	if !ok || !strings.HasPrefix(rest, " ") || !strings.HasPrefix(rest[1:], marks) {
		return h, 0, false
	}
	rest = rest[1+at:]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return h, 0, false
	}
	h.Func = strings.TrimSpace(rest)
	return h, columns, true
}

// parseRange reads " -12,3" (sign is its '-' or '+'); the count is 1 when absent.
func parseRange(v string, sign byte) (from, n int, rest string, ok bool) {
	if len(v) < 3 || v[0] != ' ' || v[1] != sign {
		return 0, 0, "", false
	}
	from, rest, ok = parseNum(v[2:])
	if !ok {
		return 0, 0, "", false
	}
	if !strings.HasPrefix(rest, ",") {
		return from, 1, rest, true
	}
	n, rest, ok = parseNum(rest[1:])
	return from, n, rest, ok
}

// parseNum reads a decimal number of at most nine digits.
func parseNum(v string) (n int, rest string, ok bool) {
	i := 0
	for i < len(v) && i < 9 && '0' <= v[i] && v[i] <= '9' {
		n = n*10 + int(v[i]-'0')
		i++
	}
	return n, v[i:], i > 0
}

// isBinaryData reports whether line can follow "GIT binary patch": the size lines, the
// blank line between the two directions, and base85 lines, whose first letter says how
// many bytes the line holds.
func isBinaryData(line string) bool {
	if line == "" || strings.HasPrefix(line, "literal ") || strings.HasPrefix(line, "delta ") {
		return true
	}
	n := 0
	switch c := line[0]; {
	case 'A' <= c && c <= 'Z':
		n = int(c-'A') + 1
	case 'a' <= c && c <= 'z':
		n = int(c-'a') + 27
	default:
		return false
	}
	return len(line) == 1+(n+3)/4*5 && strings.IndexByte(line, ' ') < 0
}

// closingQuote gives the index of the quote that ends the C string v begins with, 0 when
// there is none.
func closingQuote(v string) int {
	for i := 1; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return 0
}

// unquote undoes git's quoting of names with odd characters in them, as a C string. What
// is not quoted comes back as it is.
func unquote(v string) string {
	if len(v) < 2 || v[0] != '"' || closingQuote(v) != len(v)-1 {
		return v
	}
	v = v[1 : len(v)-1]
	if strings.IndexByte(v, '\\') < 0 {
		return v
	}
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' || i+1 == len(v) {
			b = append(b, v[i])
			continue
		}
		i++
		const from, to = "abtnvfr", "\a\b\t\n\v\f\r"
		switch c := v[i]; {
		case '0' <= c && c <= '3' && i+2 < len(v) && isOctal(v[i+1]) && isOctal(v[i+2]):
			b = append(b, (c-'0')<<6|(v[i+1]-'0')<<3|(v[i+2]-'0'))
			i += 2
		case strings.IndexByte(from, c) >= 0:
			b = append(b, to[strings.IndexByte(from, c)])
		default:
			b = append(b, c)
		}
	}
	return strings.ToValidUTF8(string(b), "\ufffd")
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }
