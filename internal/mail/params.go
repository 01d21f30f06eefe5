package mail

import (
	"sort"
	"strconv"
	"strings"
)

// maxParams bounds the parameters read from one field.
const maxParams = 100

// parseParams reads the value of a Content-Type or Content-Disposition field: the
// value in lower case and its parameters (RFC 2045 §5.1, RFC 2231). Keys are lower
// case; values are decoded, also from encoded words, which do not belong there but are
// common. When a key occurs twice the first wins.
func parseParams(s string) (value string, params map[string]string) {
	head, rest, _ := strings.Cut(s, ";")
	value = strings.ToLower(strings.TrimSpace(stripComment(head)))
	var split []segment
	for n := 0; rest != "" && n < maxParams; n++ {
		var key, val string
		key, val, rest = nextParam(rest)
		if key == "" {
			continue
		}
		if params == nil {
			params = make(map[string]string, 4)
		}
		if i := strings.IndexByte(key, '*'); i >= 0 {
			split = append(split, newSegment(key, val, i))
			continue
		}
		if _, dup := params[key]; !dup {
			params[key] = decodeText(val)
		}
	}
	joinSegments(params, split)
	return value, params
}

// stripComment drops a comment behind a value: "text/plain (was: html)".
func stripComment(s string) string {
	if i := strings.IndexByte(s, '('); i >= 0 {
		return s[:i]
	}
	return s
}

// nextParam reads one "key=value" up to the next semicolon.
func nextParam(s string) (key, val, rest string) {
	i := strings.IndexAny(s, "=;")
	if i < 0 {
		return "", "", ""
	}
	if s[i] == ';' {
		return "", "", s[i+1:]
	}
	key = strings.ToLower(strings.Trim(s[:i], " \t\r\n"))
	s = strings.TrimLeft(s[i+1:], " \t\r\n")
	if s != "" && s[0] == '"' {
		a := addrScanner{s: s}
		if text, ok := a.scanQuoted(); ok {
			_, rest, _ = strings.Cut(s[a.i:], ";")
			return key, text, rest
		}
		s = s[1:]
	}
	val, rest, _ = strings.Cut(s, ";")
	return key, strings.Trim(val, " \t\r\n"), rest
}

// segment is a piece of a parameter by RFC 2231: title*0*=, title*1=, title*=.
type segment struct {
	key     string
	n       int
	encoded bool
	val     string
}

func newSegment(key, val string, star int) segment {
	g := segment{key: key[:star], val: val}
	num := key[star+1:]
	if num == "" {
		g.encoded = true
		return g
	}
	if strings.HasSuffix(num, "*") {
		g.encoded = true
		num = num[:len(num)-1]
	}
	if n, err := strconv.Atoi(num); err == nil {
		g.n = n
	}
	return g
}

// joinSegments puts the pieces together. They win over a plain parameter of that key,
// which is there for readers that do not know RFC 2231.
func joinSegments(params map[string]string, list []segment) {
	sort.SliceStable(list, func(i, j int) bool {
		if list[i].key != list[j].key {
			return list[i].key < list[j].key
		}
		return list[i].n < list[j].n
	})
	for i := 0; i < len(list); {
		key, charset := list[i].key, ""
		var bytes []byte
		for first := true; i < len(list) && list[i].key == key; i++ {
			val := list[i].val
			if list[i].encoded {
				if parts := strings.SplitN(val, "'", 3); first && len(parts) == 3 {
					charset, val = parts[0], parts[2]
				}
				bytes = appendPercent(bytes, val)
			} else {
				bytes = append(bytes, val...)
			}
			first = false
		}
		text, _ := charsetText(bytes, charset)
		params[key] = oneLine(text)
	}
}

// appendPercent appends s with its %XX decoded.
func appendPercent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) < 16 && unhex(s[i+2]) < 16 {
			dst = append(dst, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		dst = append(dst, s[i])
	}
	return dst
}

// maxFilename bounds file names, in bytes, to what file systems take.
const maxFilename = 255

// cleanFilename makes a file name out of what a message calls one: the last path
// element, without controls, never "." or "..".
func cleanFilename(s string) string {
	s = oneLine(s)
	if i := strings.LastIndexAny(s, "/\\"); i >= 0 {
		s = s[i+1:]
	}
	s = strings.TrimSpace(s)
	if strings.Trim(s, ".") == "" {
		return ""
	}
	return truncateUTF8(s, maxFilename)
}
