package web

// Everything that a mail or a visitor wrote and that lands in HTML or in a URL passes
// one of these functions.

// appendText appends s as HTML text or as the value of a double-quoted attribute.
// Control characters that HTML forbids become U+FFFD.
func appendText(dst []byte, s string) []byte {
	last := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 || !special[c] {
			continue
		}
		dst = append(dst, s[last:i]...)
		last = i + 1
		switch c {
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '&':
			dst = append(dst, "&amp;"...)
		case '"':
			dst = append(dst, "&#34;"...)
		case '\'':
			dst = append(dst, "&#39;"...)
		default:
			dst = append(dst, "\ufffd"...)
		}
	}
	return append(dst, s[last:]...)
}

// special marks the bytes that appendText replaces.
var special = func() (t [128]bool) {
	for c := range 0x20 {
		t[c] = c != '\t' && c != '\n'
	}
	for _, c := range "<>&\"'\x7f" {
		t[c] = true
	}
	return t
}()

// plain marks the bytes that stand for themselves in a path segment: public-inbox's
// set, without the apostrophe and the ampersand, so that the result needs no further
// escaping in HTML.
var plain = func() (t [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$()*+,;=:@" {
		t[c] = true
	}
	return t
}()

// appendEscaped appends s as one segment of a URL's path: also a slash is encoded.
// The result is safe in HTML, in a header and in a shell's double quotes but for "$" and "!".
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		if c := s[i]; plain[c] {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// escape is appendEscaped as a string.
func escape(s string) string { return string(appendEscaped(nil, s)) }

// appendArg appends s as the value of a query argument; safe in HTML.
func appendArg(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			dst = append(dst, '+')
		case plain[c] && c != '+' && c != ';' && c != '=':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// inboxPath gives "/INBOX/".
func inboxPath(inbox string) string { return "/" + escape(inbox) + "/" }

// messagePath gives "/INBOX/MSGID/".
func messagePath(inbox, msgid string) string {
	b := append(make([]byte, 0, len(inbox)+len(msgid)+16), '/')
	b = append(appendEscaped(b, inbox), '/')
	return string(append(appendEscaped(b, msgid), '/'))
}

// messagePath gives the path of the request's message, with a final slash.
func (q *request) messagePath() string { return messagePath(q.inbox.Name, q.msgid) }
