package query

import (
	"strings"
	"unicode/utf8"
)

// fieldKind says how a field's value is read.
type fieldKind uint8

const (
	unknown  fieldKind = iota
	words              // looked up word by word
	exactOne           // exact; a message has one, so two side by side are alternatives
	exactAll           // exact; two side by side must both hold
	span               // a range
)

func (k fieldKind) exact() bool { return k == exactOne || k == exactAll }

// fieldKinds lists every prefix. Which of the exact ones are alternatives side by side
// follows public-inbox, where all of its boolean prefixes are.
var fieldKinds = map[string]fieldKind{
	"s": words, "f": words, "t": words, "c": words, "a": words, "tc": words, "tcf": words,
	"b": words, "nq": words, "q": words, "bs": words, "n": words,
	"dfn": words, "dfa": words, "dfb": words, "dfhh": words, "dfctx": words,
	"m": words, "l": words,
	"dfpre": exactOne, "dfpost": exactOne, "dfblob": exactOne, "patchid": exactOne,
	"mid": exactOne, "lid": exactOne, "references": exactOne,
	"list": exactOne, "thread": exactOne, "change-id": exactOne,
	"is": exactAll, "has": exactAll,
	"d": span, "dt": span, "rt": span, "z": span, "uid": span,
}

// maxFieldName bounds the search for the colon of a prefix.
const maxFieldName = len("references")

// isTimeField reports whether a range field holds times.
func isTimeField(f string) bool { return f == "d" || f == "dt" || f == "rt" }

// fieldAt reads a known prefix with its colon at the start of s. n is its length in
// bytes, 0 when there is none or when nothing stands after it to be looked up.
func fieldAt(s string) (field string, n int) {
	i := strings.IndexByte(s[:min(len(s), maxFieldName+1)], ':')
	if i <= 0 || fieldKinds[s[:i]] == unknown {
		return "", 0
	}
	if r, size := utf8.DecodeRuneInString(s[i+1:]); size == 0 || isSpaceRune(r) || r == ')' {
		return "", 0
	}
	field = s[:i]
	if field == "tcf" {
		field = "a" // another name for the same addresses
	}
	return field, i + 1
}

// cleanValue brings an exact value into the form in which it is compared.
func cleanValue(field, v string) string {
	switch field {
	case "mid", "references", "thread":
		return strings.Trim(v, "<> \t\r\n")
	case "lid", "list":
		return strings.ToLower(strings.Trim(v, "<> \t\r\n"))
	case "dfpre", "dfpost", "dfblob", "patchid", "is", "has":
		return strings.ToLower(strings.TrimSpace(v))
	}
	return strings.TrimSpace(v)
}

// flagValues lists what the fields that ask for a fact can ask for.
var flagValues = map[string][]string{
	"is":  {"patch", "reply", "defective"},
	"has": {"attachment"},
}
