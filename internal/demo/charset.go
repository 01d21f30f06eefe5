package demo

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// encodeText turns UTF-8 into a character set; "" is UTF-8.
func encodeText(s, charset string) ([]byte, error) {
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		return []byte(s), nil
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("character set %q: %w", charset, err)
	}
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("%q in %s: %w", s, charset, err)
	}
	return b, nil
}

// ascii reports whether s is pure ASCII.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// transfer encodes a body for its Content-Transfer-Encoding.
func transfer(body []byte, cte string) ([]byte, error) {
	switch cte {
	case "base64":
		text := base64.StdEncoding.EncodeToString(body)
		var b bytes.Buffer
		for len(text) > 76 {
			b.WriteString(text[:76] + "\n")
			text = text[76:]
		}
		b.WriteString(text + "\n")
		return b.Bytes(), nil
	case "quoted-printable":
		var b bytes.Buffer
		q := quotedprintable.NewWriter(&b)
		if _, err := q.Write(body); err != nil {
			return nil, err
		}
		if err := q.Close(); err != nil {
			return nil, err
		}
		return bytes.ReplaceAll(b.Bytes(), []byte("\r\n"), []byte("\n")), nil
	}
	return body, nil
}

// encodeWords writes header text as RFC 2047 encoded words where it is not ASCII,
// folded. method is "q" or "b", or "" to take the shorter.
func encodeWords(text, charset, method string) (string, error) {
	if ascii(text) {
		return text, nil
	}
	if charset == "" {
		charset = "UTF-8"
	}
	words := strings.Split(text, " ")
	first, last := len(words), 0
	for i, w := range words {
		if !ascii(w) {
			first, last = min(first, i), max(last, i+1)
		}
	}
	mid, err := encodeRun(strings.Join(words[first:last], " "), charset, method)
	if err != nil {
		return "", err
	}
	out := append(append([]string{}, words[:first]...), mid)
	return strings.Join(append(out, words[last:]...), " "), nil
}

// encodeRun encodes all of s, in as many encoded words as it takes: RFC 2047 §2
// allows 75 characters each, and no word may cut a character.
func encodeRun(s, charset, method string) (string, error) {
	b, err := encodeText(s, charset)
	if err != nil {
		return "", err
	}
	if method == "" {
		method = "q"
		if len(qWord(b)) > (len(b)+2)/3*4 {
			method = "b"
		}
	}
	var out []string
	for s != "" {
		take, word := 0, ""
		for i, r := range s {
			end := i + len(string(r))
			b, err := encodeText(s[:end], charset)
			if err != nil {
				return "", err
			}
			text := qWord(b)
			if method == "b" {
				text = base64.StdEncoding.EncodeToString(b)
			}
			w := fmt.Sprintf("=?%s?%s?%s?=", charset, strings.ToUpper(method), text)
			if len(w) > 70 && take > 0 {
				break
			}
			take, word = end, w
		}
		out = append(out, word)
		s = s[take:]
	}
	return strings.Join(out, "\n "), nil
}

// qWord is RFC 2047's Q encoding, strict enough for a phrase.
func qWord(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		switch {
		case c == ' ':
			out.WriteByte('_')
		case c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z':
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "=%02X", c)
		}
	}
	return out.String()
}

// flow adds the soft line breaks of format=flowed (RFC 3676) to paragraphs of
// prose; tables, code and lists keep their lines.
func flow(text string) string {
	ls := strings.Split(text, "\n")
	for i, l := range ls {
		if l == "-- " {
			break
		}
		l = strings.TrimRight(l, " ") // or it would be a soft break
		ls[i] = l
		if i+1 < len(ls) && len(l) > 52 && prose(l) && prose(ls[i+1]) {
			ls[i] += " "
		}
	}
	for i, l := range ls {
		if strings.HasPrefix(l, " ") || strings.HasPrefix(l, "From ") {
			ls[i] = " " + l // space-stuffing, §4.4
		}
	}
	return strings.Join(ls, "\n")
}

// prose reports whether a line looks like running text.
func prose(l string) bool {
	return l != "" && l != "-- " && !strings.ContainsAny(l[:1], " \t>-*+#$|[{}/")
}
