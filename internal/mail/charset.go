package mail

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// asciiOnly reports whether b holds 7-bit bytes only.
func asciiOnly[T string | []byte](b T) bool {
	for i := 0; i < len(b); i++ {
		if b[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// toUTF8 makes header text without a declared charset valid UTF-8: what is valid
// stays, every other byte is taken as windows-1252, the usual culprit.
func toUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string(repairUTF8([]byte(s)))
}

// repairUTF8 copies b with every byte that is not part of valid UTF-8 read as
// windows-1252. Mail that quotes or patches a Latin-1 file in UTF-8 text looks like that.
func repairUTF8(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(b[0]))
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}

// charsetText decodes b from the named charset. ok is false when the charset is
// unknown and was guessed, or when bytes had to be replaced. UTF-8 that is valid is
// no guess: text in another charset practically never is.
func charsetText(b []byte, name string) (text string, ok bool) {
	kind, enc := lookupCharset(name)
	if kind == utf8Like && utf8.Valid(b) {
		return string(b), true
	}
	switch kind {
	case utf8Like:
		return string(repairUTF8(b)), false
	case asciiSuperset:
		if asciiOnly(b) {
			return string(b), true
		}
	case unknownCharset:
		if utf8.Valid(b) {
			return string(b), true
		}
		return string(repairUTF8(b)), false
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return string(repairUTF8(b)), false
	}
	text = string(out)
	if !strings.ContainsRune(text, utf8.RuneError) {
		return text, true
	}
	if _, single := enc.(*charmap.Charmap); single {
		// A byte that the charset does not have: it was declared wrongly.
		return string(repairUTF8(b)), false
	}
	return text, false
}

type charsetKind uint8

const (
	utf8Like       charsetKind = iota // UTF-8, ASCII or nothing declared
	asciiSuperset                     // 7-bit bytes mean ASCII
	statefulOrWide                    // 7-bit bytes may mean anything
	unknownCharset
)

// lookupCharset finds a charset by the names mail uses for it.
func lookupCharset(name string) (charsetKind, encoding.Encoding) {
	name = strings.ToLower(strings.Trim(name, " \t\"'"))
	switch name {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968":
		return utf8Like, nil
	case "iso-8859-1", "iso8859-1", "latin1", "windows-1252", "cp1252":
		return asciiSuperset, charmap.Windows1252
	}
	if len(name) > 40 {
		return unknownCharset, nil
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return kindOf(e), e
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return kindOf(e), e
	}
	if alias, found := charsetAlias(name); found {
		if e, err := htmlindex.Get(alias); err == nil {
			return kindOf(e), e
		}
	}
	return unknownCharset, nil
}

// charsetAlias repairs a charset name that is almost one.
func charsetAlias(name string) (string, bool) {
	switch {
	case strings.HasPrefix(name, "iso8859-"):
		return "iso-8859-" + name[len("iso8859-"):], true
	case strings.HasPrefix(name, "iso-8859_"):
		return "iso-8859-" + name[len("iso-8859_"):], true
	case strings.HasPrefix(name, "cp-"):
		return "windows-" + name[len("cp-"):], true
	case strings.HasPrefix(name, "cp"):
		return "windows-" + name[len("cp"):], true
	case strings.HasPrefix(name, "x-"):
		return name[len("x-"):], true
	}
	return "", false
}

// kindOf tells whether 7-bit bytes are plain ASCII in e.
func kindOf(e encoding.Encoding) charsetKind {
	switch e {
	case unicode.UTF8, unicode.UTF8BOM:
		return utf8Like
	case japanese.ISO2022JP, simplifiedchinese.HZGB2312:
		return statefulOrWide
	}
	if c, ok := e.(*charmap.Charmap); ok {
		if r := c.DecodeByte('A'); r != 'A' { // EBCDIC
			return statefulOrWide
		}
		return asciiSuperset
	}
	switch e {
	case simplifiedchinese.GBK, simplifiedchinese.GB18030, traditionalchinese.Big5,
		japanese.EUCJP, japanese.ShiftJIS, korean.EUCKR:
		return asciiSuperset
	}
	return statefulOrWide // UTF-16, UTF-32
}

// truncateUTF8 cuts s to at most n bytes without cutting a character.
func truncateUTF8(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
