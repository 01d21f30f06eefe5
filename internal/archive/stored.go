package archive

import (
	"bytes"
	"strings"
)

// dropped are the fields that are not stored: they say how a copy was kept or delivered,
// or approve a posting with a password.
var dropped = map[string]bool{
	"bytes": true, "lines": true, "content-length": true, "status": true, "x-status": true,
	"delivered-to": true, "x-original-to": true,
	"approved": true, "approve": true, "x-approved": true, "x-approve": true, "urgent": true,
	"return-receipt-to": true, "disposition-notification-to": true, "x-confirm-reading-to": true,
	"x-pmrqc": true,
}

// storedForm gives the bytes of a mail that go into the archive. It is raw itself where
// nothing has to go.
func storedForm(raw []byte) []byte {
	raw = raw[fromLine(raw):]
	end := headerEnd(raw)
	var out []byte
	kept := 0 // everything before is in out, or dropped
	for pos := 0; pos < end; {
		next := nextField(raw[:end], pos)
		if dropped[fieldName(raw[pos:next])] {
			out = append(out, raw[kept:pos]...)
			kept = next
		}
		pos = next
	}
	if kept == 0 {
		return raw
	}
	return append(out, raw[kept:]...)
}

// fromLine gives the length of the blank lines and the "From " line that mailboxes put
// before a mail.
func fromLine(raw []byte) int {
	n := 0
	for n < len(raw) && (raw[n] == '\n' || raw[n] == '\r') {
		n++
	}
	if !bytes.HasPrefix(raw[n:], []byte("From ")) && !bytes.HasPrefix(raw[n:], []byte(">From ")) {
		return 0
	}
	if i := bytes.IndexByte(raw[n:], '\n'); i >= 0 {
		return n + i + 1
	}
	return 0
}

// headerEnd gives the offset of the blank line that ends the header, or the mail's length.
func headerEnd(raw []byte) int {
	for pos := 0; pos < len(raw); {
		switch {
		case raw[pos] == '\n', raw[pos] == '\r' && pos+1 < len(raw) && raw[pos+1] == '\n':
			return pos
		}
		i := bytes.IndexByte(raw[pos:], '\n')
		if i < 0 {
			return len(raw)
		}
		pos += i + 1
	}
	return len(raw)
}

// nextField gives the end of the field that starts at pos, with its folded lines.
func nextField(header []byte, pos int) int {
	for {
		i := bytes.IndexByte(header[pos:], '\n')
		if i < 0 {
			return len(header)
		}
		pos += i + 1
		if pos == len(header) || header[pos] != ' ' && header[pos] != '\t' {
			return pos
		}
	}
}

// longestDropped bounds the names that are looked at.
const longestDropped = 40

// fieldName gives a field's name in lower case; "" when it is none of interest.
func fieldName(field []byte) string {
	i := bytes.IndexByte(field[:min(len(field), longestDropped)], ':')
	if i < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimRight(string(field[:i]), " \t"))
}

// appendMessageID adds a Message-ID at the end of the header, in a copy.
func appendMessageID(raw []byte, msgid string) []byte {
	end := headerEnd(raw)
	eol := "\n"
	if i := bytes.IndexByte(raw, '\n'); i > 0 && raw[i-1] == '\r' {
		eol = "\r\n"
	}
	out := make([]byte, 0, len(raw)+len(msgid)+32)
	out = append(out, raw[:end]...)
	if end > 0 && raw[end-1] != '\n' { // a mail of nothing but a header that was cut
		out = append(out, eol...)
	}
	out = append(out, "Message-ID: <"+msgid+">"+eol...)
	return append(out, raw[end:]...)
}
