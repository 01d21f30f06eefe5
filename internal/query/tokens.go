package query

//go:generate go run genfold.go

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// maxWord is the length in bytes at which a word is cut, in the index and in queries
// alike. 64 is Xapian's limit and just holds a SHA-256 in hexadecimal.
const maxWord = 64

// asciiFold maps an ASCII byte to its lower-case form when it belongs to a word, else to
// a space. Bytes beyond ASCII map to 0.
const asciiFold = "                                                0123456789      " +
	" abcdefghijklmnopqrstuvwxyz    _ abcdefghijklmnopqrstuvwxyz     " +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// isASCIIWord reports whether c is an ASCII byte of a word.
func isASCIIWord(c byte) bool { return asciiFold[c] > ' ' }

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
	base := len(dst)
	if base > 0 && !isSpace(dst[base-1]) {
		dst = append(dst, ' ')
	}
	for i := 0; i < len(s); {
		var n, word int
		dst, n, word = appendASCII(dst, s[i:])
		if i += n; i == len(s) {
			break
		}
		start := len(dst) - word
		dst, i = appendWide(dst, start, s, i)
		if len(dst) > start {
			dst = append(cut(dst, start), ' ')
		}
	}
	if len(dst) > base && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendASCII folds s up to its end or its first byte beyond ASCII: n bytes, of which
// the last word of length word may go on there. dst is empty or ends in white space.
//
// Words in mail are short and their ends hard to predict, so that the loop decides
// nothing: every byte is written, and the end moves on unless it is a space after another.
func appendASCII(dst []byte, s string) (out []byte, n, word int) {
	end := len(dst)
	dst = slices.Grow(dst, len(s)+1)
	dst = dst[:end+len(s)+1]
	before := 1 // whether a space stands before end
	for ; n < len(s); n++ {
		c := asciiFold[s[n]]
		if c == 0 {
			break
		}
		dst[end] = c
		space := int((c - '0') >> 7) // the space is the only one below the digits
		word = (word + 1) & (space - 1)
		if word > maxWord {
			continue
		}
		end += 1 &^ (space & before)
		before = space
	}
	return dst[:end], n, min(word, maxWord)
}

// appendWide continues the word that began at dst[start:] where s[i:] is not ASCII. It
// goes on to the end of the word and returns the index in s behind it.
func appendWide(dst []byte, start int, s string, i int) ([]byte, int) {
	for i < len(s) {
		if isASCIIWord(s[i]) {
			dst = append(dst, asciiFold[s[i]])
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		f := fold(r)
		switch {
		case f == 0:
			return dst, i + n
		case isUnspaced(r) && len(dst) > start:
			return dst, i // ends the word before it
		case isUnspaced(r):
			return utf8.AppendRune(dst, f), i + n
		case !isDiacritic(r):
			dst = appendFolded(dst, f)
		}
		i += n
	}
	return dst, i
}

// cut shortens the word dst[start:] to maxWord bytes or, between runes, a little less.
func cut(dst []byte, start int) []byte {
	end := start + maxWord
	if end >= len(dst) {
		return dst
	}
	for end > start && !utf8.RuneStart(dst[end]) {
		end--
	}
	return dst[:end]
}

// isWordRune reports whether r belongs to a word.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isASCIIWord(byte(r))
	}
	return fold(r) != 0
}

// fold gives r in lower case and without diacritics, or 0 when it separates words.
func fold(r rune) rune {
	switch {
	case r < 0xc0:
	case r < 0xc0+rune(len(foldLatin)):
		return rune(foldLatin[r-0xc0])
	case r >= 0x370 && r < 0x370+rune(len(foldGreekCyrillic)):
		return rune(foldGreekCyrillic[r-0x370])
	case r >= 0x1e00 && r < 0x1e00+rune(len(foldExtended)):
		return rune(foldExtended[r-0x1e00])
	case r >= 0xff10 && r <= 0xff5a && isASCIIWord(byte(r-0xfee0)): // full-width forms
		return rune(asciiFold[r-0xfee0])
	case r == utf8.RuneError:
		return 0
	}
	if !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Pc) {
		return 0
	}
	switch r = unicode.ToLower(r); r {
	case 'µ': // the micro sign is typed for the Greek letter
		return 'μ'
	case 'å': // lower case of the sign for angstrom
		return 'a'
	}
	return r
}

// isDiacritic reports whether r is one of the marks that words lose.
func isDiacritic(r rune) bool { return r >= 0x300 && r <= 0x36f }

// isUnspaced reports whether r is of a script written without spaces between words,
// in which every character counts as a word: Han, Hiragana and Katakana.
func isUnspaced(r rune) bool {
	switch {
	case r < 0x2e80:
		return false
	case r < 0x3100: // radicals, iteration marks, kana
		return r < 0x2fe0 || r >= 0x3005 && r <= 0x3007 || r >= 0x3021
	case r < 0xa000:
		return r >= 0x3400 || r >= 0x31f0 && r < 0x3200
	}
	return r >= 0xf900 && r < 0xfb00 || r >= 0xff66 && r < 0xffa0 || r >= 0x20000 && r < 0x40000
}

// appendFolded appends a folded rune; a few letters are written as two.
func appendFolded(dst []byte, r rune) []byte {
	switch r {
	case 'ß':
		return append(dst, "ss"...)
	case 'æ':
		return append(dst, "ae"...)
	case 'œ':
		return append(dst, "oe"...)
	case 'þ':
		return append(dst, "th"...)
	}
	return utf8.AppendRune(dst, r)
}

// isSpace reports whether c is ASCII white space or another control character.
func isSpace(c byte) bool { return c <= ' ' || c == 0x7f }
