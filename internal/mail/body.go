package mail

import (
	"bytes"
	"strings"
)

// transferEncoding is a Content-Transfer-Encoding (RFC 2045 §6).
type transferEncoding uint8

const (
	identity transferEncoding = iota // 7bit, 8bit, binary
	quotedPrintable
	base64Encoding
	uuencode
	unknownEncoding
)

// parseEncoding reads a Content-Transfer-Encoding value.
func parseEncoding(s string) transferEncoding {
	if i := strings.IndexAny(s, ";( "); i >= 0 {
		s = s[:i]
	}
	switch strings.ToLower(strings.Trim(s, " \t\"'")) {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none":
		return identity
	case "quoted-printable":
		return quotedPrintable
	case "base64":
		return base64Encoding
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return uuencode
	}
	return unknownEncoding
}

// Bytes gives the part's content with the transfer encoding undone. It is never larger
// than the encoded form. For 7bit, 8bit and binary it is a slice of the message's own
// bytes, which must not be written to.
func (p *Part) Bytes() []byte {
	switch p.encoding {
	case quotedPrintable:
		return appendQuotedPrintable(make([]byte, 0, len(p.body)), p.body)
	case base64Encoding:
		return appendBase64(make([]byte, 0, len(p.body)/4*3+3), p.body)
	case uuencode:
		return appendUU(make([]byte, 0, len(p.body)/4*3+3), p.body)
	}
	return p.body
}

// Size gives len(p.Bytes()); for base64 without decoding.
func (p *Part) Size() int {
	switch p.encoding {
	case identity:
		return len(p.body)
	case base64Encoding:
		return base64Len(p.body)
	}
	return len(p.Bytes())
}

// Text gives the content as UTF-8 text with LF line ends, paragraphs of format=flowed
// joined (RFC 3676) and NULs replaced by U+FFFD. ok is false when the charset had to
// be guessed or bytes had to be replaced.
func (p *Part) Text() (text string, ok bool) {
	raw := p.Bytes()
	text, ok = charsetText(raw, p.Params["charset"])
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	if strings.IndexByte(text, 0) >= 0 {
		text, ok = strings.ReplaceAll(text, "\x00", "\uFFFD"), false
	}
	if p.Type == "text/plain" && strings.EqualFold(p.Params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(p.Params["delsp"], "yes"))
	}
	return text, ok
}

// appendQuotedPrintable decodes RFC 2045 §6.7 leniently: an '=' that begins no escape
// stays, blanks at line ends go.
func appendQuotedPrintable(dst, src []byte) []byte {
	for len(src) > 0 {
		line, nl := src, []byte(nil)
		if i := bytes.IndexByte(src, '\n'); i >= 0 {
			line, nl, src = src[:i], src[i:i+1], src[i+1:]
			if i > 0 && line[i-1] == '\r' {
				line, nl = line[:i-1], []byte("\r\n")
			}
		} else {
			src = nil
		}
		if nl != nil {
			line = bytes.TrimRight(line, " \t")
		}
		if n := len(line); n > 0 && line[n-1] == '=' {
			line, nl = line[:n-1], nil
		}
		for {
			i := bytes.IndexByte(line, '=')
			if i < 0 {
				break
			}
			dst = append(dst, line[:i]...)
			line = line[i:]
			if len(line) >= 3 && unhex(line[1]) < 16 && unhex(line[2]) < 16 {
				dst = append(dst, unhex(line[1])<<4|unhex(line[2]))
				line = line[3:]
			} else {
				dst = append(dst, '=')
				line = line[1:]
			}
		}
		dst = append(dst, line...)
		dst = append(dst, nl...)
	}
	return dst
}

// base64Values maps a byte to its six bits; 64 is padding, 255 is skipped.
var base64Values = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	t['='] = 64
	return t
}()

// appendBase64 decodes base64, skipping every other byte (RFC 2045 §6.8). Padding ends
// a group; what follows is decoded as a new one, as in joined pieces.
func appendBase64(dst, src []byte) []byte {
	var acc uint32
	n := 0
	for i := 0; i < len(src); i++ {
		if n == 0 {
			for i+4 <= len(src) {
				a, b, c, d := base64Values[src[i]], base64Values[src[i+1]], base64Values[src[i+2]], base64Values[src[i+3]]
				if a|b|c|d > 63 {
					break
				}
				dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|d)
				i += 4
			}
			if i >= len(src) {
				break
			}
		}
		v := base64Values[src[i]]
		switch {
		case v < 64:
			acc = acc<<6 | uint32(v)
			if n++; n == 4 {
				dst = append(dst, byte(acc>>16), byte(acc>>8), byte(acc))
				acc, n = 0, 0
			}
		case v == 64:
			dst = flushBase64(dst, acc, n)
			acc, n = 0, 0
		}
	}
	return flushBase64(dst, acc, n)
}

// flushBase64 appends the bytes of a group of n < 4 characters.
func flushBase64(dst []byte, acc uint32, n int) []byte {
	switch n {
	case 2:
		return append(dst, byte(acc>>4))
	case 3:
		return append(dst, byte(acc>>10), byte(acc>>2))
	}
	return dst
}

// base64Len gives the length of what appendBase64 appends.
func base64Len(src []byte) int {
	total, n := 0, 0
	for _, c := range src {
		v := base64Values[c]
		switch {
		case v < 64:
			n++
		case v == 64:
			total += n / 4 * 3
			if n %= 4; n > 1 {
				total += n - 1
			}
			n = 0
		}
	}
	total += n / 4 * 3
	if n %= 4; n > 1 {
		total += n - 1
	}
	return total
}

// appendUU decodes the lines between "begin" and "end".
func appendUU(dst, src []byte) []byte {
	inside := false
	for len(src) > 0 {
		line := src
		if i := bytes.IndexByte(src, '\n'); i >= 0 {
			line, src = src[:i], src[i+1:]
		} else {
			src = nil
		}
		line = bytes.TrimRight(line, "\r")
		switch {
		case !inside:
			inside = bytes.HasPrefix(line, []byte("begin "))
		case bytes.Equal(line, []byte("end")):
			return dst
		case len(line) > 0:
			n := int(line[0]-' ') & 63
			line = line[1:]
			for len(line) >= 2 && n > 0 {
				var q [4]byte
				for k := 0; k < 4 && k < len(line); k++ {
					q[k] = (line[k] - ' ') & 63
				}
				three := [3]byte{q[0]<<2 | q[1]>>4, q[1]<<4 | q[2]>>2, q[2]<<6 | q[3]}
				dst = append(dst, three[:min(3, n)]...)
				n -= 3
				line = line[min(4, len(line)):]
			}
		}
	}
	return dst
}
