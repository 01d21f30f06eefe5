package render

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// How a byte of text is written.
const (
	asIs     = iota
	entity   // < > & " '
	control  // shown as a symbol
	leadByte // begins a character that may have to be shown by its number
)

// treatment says for each byte how AppendText writes it. Bytes of 0x80 and up are as they
// are, but for three that begin C1 controls (0xC2), bidirectional controls (0xE2) and
// non-characters (0xEF).
var treatment = func() (t [256]uint8) {
	for c := range 0x20 {
		t[c] = control
	}
	t['\t'], t['\n'], t[0x7f] = asIs, asIs, control
	for _, c := range []byte("<>&\"'") {
		t[c] = entity
	}
	t[0xc2], t[0xe2], t[0xef] = leadByte, leadByte, leadByte
	return t
}()

// AppendText appends s as the text of an element. Invalid UTF-8 becomes U+FFFD; control
// characters but TAB and LF are shown as U+2400 and up; C1 and bidirectional controls,
// with which text can be made to look like something else, as [U+202E] in a span of
// class ctl.
func AppendText(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return appendValid(dst, s, true)
}

// AppendAttr appends s as the value of a double-quoted attribute: as AppendText, but
// without markup.
func AppendAttr(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return appendValid(dst, s, false)
}

// appendValid appends s, which is valid UTF-8, as text (with markup for what is shown by
// its number) or as an attribute's value (without).
func appendValid(dst []byte, s string, markup bool) []byte {
	last := 0
	for i := 0; i < len(s); i++ {
		switch treatment[s[i]] {
		case asIs:
			continue
		case entity:
			dst = append(dst, s[last:i]...)
			dst = append(dst, entityOf(s[i])...)
		case control:
			dst = append(dst, s[last:i]...)
			dst = appendSymbol(dst, s[i])
		case leadByte:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !mustShow(r) {
				i += size - 1
				continue
			}
			dst = append(dst, s[last:i]...)
			dst = appendNumber(dst, r, markup)
			i += size - 1
		}
		last = i + 1
	}
	return append(dst, s[last:]...)
}

func entityOf(c byte) string {
	switch c {
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '&':
		return "&amp;"
	case '"':
		return "&#34;"
	}
	return "&#39;"
}

// appendSymbol appends the picture of a control character: U+2400 and up, U+2421 for DEL.
func appendSymbol(dst []byte, c byte) []byte {
	if c == 0x7f {
		c = 0x21
	}
	return utf8.AppendRune(dst, 0x2400+rune(c))
}

// mustShow reports whether r is shown by its number: C1 controls, characters that
// override or isolate the direction of text (UAX #9), and non-characters that XML forbids.
// The marks U+200E and U+200F stay: they only say what a neighbour is.
func mustShow(r rune) bool {
	switch {
	case 0x80 <= r && r < 0xa0, 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069, r == 0xfffe, r == 0xffff:
		return true
	}
	return false
}

// appendNumber appends r, which is below 0x10000, as [U+202E].
func appendNumber(dst []byte, r rune, markup bool) []byte {
	if markup {
		dst = append(dst, "<span class=\"ctl\">"...)
	}
	dst = append(dst, "[U+"...)
	for shift := 12; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789ABCDEF"[r>>shift&15])
	}
	dst = append(dst, ']')
	if markup {
		dst = append(dst, "</span>"...)
	}
	return dst
}

// inPath marks the bytes that PathID leaves as they are.
var inPath = byteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@")

func byteSet(s string) (t [256]bool) {
	for i := range len(s) {
		t[s[i]] = true
	}
	return t
}

// PathID gives a Message-ID as one segment of a URL's path: everything percent-encoded
// but A-Z a-z 0-9 - . _ ~ ! $ & ' ( ) * + , ; = : @, so a slash is %2F. In HTML the
// result is still to be escaped for its & and '; see AppendPathID.
func PathID(msgid string) string { return string(appendEncoded(nil, msgid, &inPath)) }

// AppendPathID appends PathID(msgid) for use in an attribute.
func AppendPathID(dst []byte, msgid string) []byte {
	for i := range len(msgid) {
		switch c := msgid[i]; {
		case !inPath[c]:
			dst = appendByte(dst, c)
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '\'':
			dst = append(dst, "&#39;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendEncoded appends s with every byte percent-encoded that is not in keep.
func appendEncoded(dst []byte, s string, keep *[256]bool) []byte {
	for i := range len(s) {
		if c := s[i]; keep[c] {
			dst = append(dst, c)
		} else {
			dst = appendByte(dst, c)
		}
	}
	return dst
}

// appendByte appends one byte percent-encoded.
func appendByte(dst []byte, c byte) []byte {
	const digits = "0123456789ABCDEF"
	return append(dst, '%', digits[c>>4], digits[c&15])
}

// MessageAnchor gives the name of a message's place on a page with several: m and the
// SHA-1 of its id in hex.
func MessageAnchor(msgid string) string {
	sum := sha1.Sum([]byte(msgid))
	var b [1 + 2*sha1.Size]byte
	b[0] = 'm'
	hex.Encode(b[1:], sum[:])
	return string(b[:])
}

// FileAnchor gives the name of a file's place in the diff of a message, as public-inbox
// makes them: prefix and path with ":" for "/" and "::xx" for other bytes; "Zxx" stands
// for a first byte that is no letter. The prefix is the part's index ("1"), on pages of
// several messages with Options.Prefix before it. It is "" when there is none: for a path
// with an empty component.
func FileAnchor(prefix, path string) string {
	if path == "" || strings.Contains(path, "//") || strings.HasPrefix(path, "/") && strings.HasSuffix(prefix, "/") {
		return ""
	}
	return string(appendFileAnchor(nil, prefix, path))
}

func appendFileAnchor(dst []byte, prefix, path string) []byte {
	start := len(dst)
	for _, s := range [2]string{prefix, path} {
		for i := range len(s) {
			const digits = "0123456789abcdef"
			c := s[i]
			isLetter := 'a' <= c|0x20 && c|0x20 <= 'z'
			switch {
			case len(dst) == start && (!isLetter || c == 'Z'):
				dst = append(dst, 'Z', digits[c>>4], digits[c&15])
			case c == '/':
				dst = append(dst, ':')
			case isLetter, '0' <= c && c <= '9', c == '_', c == '.', c == '-':
				dst = append(dst, c)
			default:
				dst = append(dst, ':', ':', digits[c>>4], digits[c&15])
			}
		}
	}
	return dst
}
