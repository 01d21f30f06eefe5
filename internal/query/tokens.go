package query

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// maxWord is the length in bytes at which a word is cut, in the index and in queries
// alike. 64 is Xapian's limit and just holds a SHA-256 in hexadecimal.
const maxWord = 64

// asciiClass maps an ASCII byte of a word to its lower-case form, every other byte to 0.
var asciiClass = [256]byte{
	'0': '0', '1': '1', '2': '2', '3': '3', '4': '4', '5': '5', '6': '6', '7': '7', '8': '8', '9': '9',
	'A': 'a', 'B': 'b', 'C': 'c', 'D': 'd', 'E': 'e', 'F': 'f', 'G': 'g', 'H': 'h', 'I': 'i', 'J': 'j',
	'K': 'k', 'L': 'l', 'M': 'm', 'N': 'n', 'O': 'o', 'P': 'p', 'Q': 'q', 'R': 'r', 'S': 's', 'T': 't',
	'U': 'u', 'V': 'v', 'W': 'w', 'X': 'x', 'Y': 'y', 'Z': 'z', '_': '_',
	'a': 'a', 'b': 'b', 'c': 'c', 'd': 'd', 'e': 'e', 'f': 'f', 'g': 'g', 'h': 'h', 'i': 'i', 'j': 'j',
	'k': 'k', 'l': 'l', 'm': 'm', 'n': 'n', 'o': 'o', 'p': 'p', 'q': 'q', 'r': 'r', 's': 's', 't': 't',
	'u': 'u', 'v': 'v', 'w': 'w', 'x': 'x', 'y': 'y', 'z': 'z',
}

// Tokens cuts s into words: runs of letters, digits, marks and underscores, in lower
// case and without diacritics (see [AppendTokens]). Never contains an empty word.
func Tokens(s string) []string {
	b := AppendTokens(nil, s)
	var out []string
	for len(b) > 0 {
		i := slices.Index(b, ' ')
		if i < 0 {
			i = len(b)
		}
		out = append(out, string(b[:i]))
		b = b[min(i+1, len(b)):]
	}
	return out
}

// AppendTokens appends the words of s to dst, joined by single spaces; when dst is not
// empty and does not end in white space, a space comes before the first.
//
// A word is a run of letters, digits, marks and underscores (Unicode categories L, N,
// M and Pc). It is folded to lower case and loses its diacritics in Latin, Greek and
// Cyrillic script, so that "Jiří" and "jiri" are one word. Everything else separates,
// as do bytes that are not UTF-8. Han, Hiragana and Katakana are written without
// spaces: there each character is a word, and looking for several is looking for a
// phrase. A word is cut after 64 bytes; its rest is dropped.
//
// Nothing is allocated beyond dst. It is safe for concurrent use.
func AppendTokens(dst []byte, s string) []byte {
	dst = slices.Grow(dst, len(s)+1)
	sep := len(dst) > 0 && !isSpace(dst[len(dst)-1])
	for i := 0; i < len(s); {
		c := s[i]
		if asciiClass[c] == 0 && c < utf8.RuneSelf {
			i++
			continue
		}
		if sep {
			dst = append(dst, ' ')
		}
		start := len(dst)
		for i < len(s) {
			l := asciiClass[s[i]]
			if l == 0 {
				break
			}
			dst = append(dst, l)
			i++
		}
		if i < len(s) && s[i] >= utf8.RuneSelf {
			dst, i = appendWide(dst, start, s, i)
		}
		if len(dst)-start > maxWord {
			dst = cut(dst, start)
		}
		if len(dst) == start { // signs only
			if sep {
				dst = dst[:start-1]
			}
			continue
		}
		sep = true
	}
	return dst
}

// appendWide continues the word that began at dst[start:] where s[i:] is not ASCII. It
// goes on to the end of the word and returns the index in s behind it.
func appendWide(dst []byte, start int, s string, i int) ([]byte, int) {
	for i < len(s) {
		if l := asciiClass[s[i]]; l != 0 {
			dst = append(dst, l)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isWordRune(r) {
			return dst, i + n
		}
		if isUnspaced(r) {
			if len(dst) > start {
				return dst, i // ends the word before it
			}
			return utf8.AppendRune(dst, r), i + n
		}
		dst = appendFolded(dst, r)
		i += n
	}
	return dst, i
}

// cut shortens the word dst[start:] to maxWord bytes or a little less.
func cut(dst []byte, start int) []byte {
	end := start + maxWord
	for end > start && !utf8.RuneStart(dst[end]) {
		end--
	}
	return dst[:end]
}

// isWordRune reports whether r belongs to a word.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiClass[byte(r)] != 0
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || unicode.Is(unicode.Pc, r))
}

// isUnspaced reports whether r is of a script written without spaces between words,
// in which every character counts as a word.
func isUnspaced(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// appendFolded appends r in lower case and without its diacritics.
func appendFolded(dst []byte, r rune) []byte {
	return utf8.AppendRune(dst, unicode.ToLower(r))
}

// isSpace reports whether c is ASCII white space or another control character.
func isSpace(c byte) bool { return c <= ' ' || c == 0x7f }
