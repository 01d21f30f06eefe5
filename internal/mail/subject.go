package mail

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Subject gives the subject for people; see Header.Text.
func (m *Message) Subject() string { return m.Header.Text("Subject") }

// maxBaseSubject is how long a base subject may be, in bytes; longer ones are hashed.
const maxBaseSubject = 200

// BaseSubject gives the form of a subject that the messages of one loose thread share:
// without leading "Re:" and trailing dots, in lower case, every run of characters other
// than letters, digits and "_.~/-" made one "_", as public-inbox does it (which, unlike
// this, removes only one "Re:" and wants a blank behind it). "" means that there is no
// subject to join threads by.
func BaseSubject(s string) string {
	s = strings.Trim(oneLine(toUTF8(s)), " ")
	for len(s) >= 3 && strings.EqualFold(s[:3], "re:") {
		s = strings.TrimLeft(s[3:], " ")
	}
	s = strings.TrimRight(s, ".")
	out := make([]byte, 0, len(s))
	gap := false
	for _, r := range s {
		if !baseRune(r) {
			gap = true
			continue
		}
		if gap {
			out = append(out, '_')
			gap = false
		}
		out = utf8.AppendRune(out, unicode.ToLower(r))
	}
	if gap && len(out) > 0 {
		out = append(out, '_')
	}
	if len(out) > maxBaseSubject {
		sum := sha1.Sum(out)
		return hex.EncodeToString(sum[:])
	}
	return string(out)
}

// baseRune reports whether r stays in a base subject.
func baseRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.IndexByte("_.~/-", byte(r)) >= 0
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || unicode.Is(unicode.Pc, r)
}
