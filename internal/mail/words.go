package mail

import (
	"strings"
	"unicode"
)

// decodeText makes a raw header value readable: encoded words decoded, valid UTF-8,
// one line.
func decodeText(s string) string {
	if plain(s) {
		return s
	}
	return oneLine(decodeWords(s))
}

// plain reports whether s is already what decodeText would make of it.
func plain(s string) bool {
	blank := true // a leading blank is not plain
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && blank || c == '=' && i+1 < len(s) && s[i+1] == '?' {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// oneLine squeezes white space, and what would break a line or a terminal, to single
// blanks. s must be valid UTF-8.
func oneLine(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if r <= ' ' || r >= 0x7f && r <= 0x9f || r > 0x9f && unicode.IsSpace(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// word is an encoded word (RFC 2047 §2) found in a header.
type word struct {
	charset string
	base64  bool
	text    string
	end     int // offset after the word
}

// decodeWords replaces the encoded words in s and makes the rest valid UTF-8. White
// space between two encoded words is dropped (RFC 2047 §6.2); neighbours of one
// charset are decoded together because many writers split characters between them.
func decodeWords(s string) string {
	i := strings.Index(s, "=?")
	if i < 0 {
		return toUTF8(s)
	}
	var out strings.Builder
	out.Grow(len(s))
	var pending []byte // decoded bytes of the words so far, all in charset
	charset := ""
	flush := func() {
		if len(pending) > 0 {
			text, _ := charsetText(pending, charset)
			out.WriteString(text)
			pending = pending[:0]
		}
	}
	for i >= 0 {
		w, ok := parseWord(s[i:])
		if !ok {
			flush()
			out.WriteString(toUTF8(s[:i+2]))
			s = s[i+2:]
			i = strings.Index(s, "=?")
			continue
		}
		gap := s[:i]
		joined := len(pending) > 0 && strings.Trim(gap, " \t\r\n") == ""
		if !joined || !strings.EqualFold(charset, w.charset) {
			flush()
			if !joined {
				out.WriteString(toUTF8(gap))
			}
			charset = w.charset
		}
		pending = w.decode(pending)
		s = s[i+w.end:]
		i = strings.Index(s, "=?")
	}
	flush()
	out.WriteString(toUTF8(s))
	return out.String()
}

// parseWord reads the encoded word s begins with. Blanks in the text are tolerated.
func parseWord(s string) (word, bool) {
	var w word
	const maxCharset = 64
	const maxWord = 8 << 10 // far beyond the 75 bytes allowed; keeps the search linear
	i := 2
	n := strings.IndexByte(s[i:min(len(s), i+maxCharset)], '?')
	if n <= 0 || i+n+3 > len(s) || s[i+n+2] != '?' {
		return w, false
	}
	w.charset = s[i : i+n]
	if j := strings.IndexByte(w.charset, '*'); j >= 0 { // RFC 2231 §5: a language
		w.charset = w.charset[:j]
	}
	switch s[i+n+1] {
	case 'b', 'B':
		w.base64 = true
	case 'q', 'Q':
	default:
		return w, false
	}
	i += n + 3
	n = strings.Index(s[i:min(len(s), i+maxWord)], "?=")
	if n < 0 {
		return w, false
	}
	w.text, w.end = s[i:i+n], i+n+2
	if strings.Contains(w.text, "=?") { // the next word begins before this one ends
		return w, false
	}
	return w, true
}

// decode appends the word's bytes to dst.
func (w *word) decode(dst []byte) []byte {
	if w.base64 {
		return appendBase64(dst, []byte(w.text))
	}
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(w.text) && unhex(w.text[i+1]) < 16 && unhex(w.text[i+2]) < 16:
			dst = append(dst, unhex(w.text[i+1])<<4|unhex(w.text[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// unhex gives the value of a hexadecimal digit, or 255.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}
