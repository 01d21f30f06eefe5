package mbox

import (
	"bytes"
	"strings"
)

// separator begins every message of the mboxrds written here. The address and the time
// are those public-inbox uses; they say which quoting to undo and nothing else.
const separator = "From mboxrd@z Thu Jan  1 00:00:00 1970"

// Append adds raw to dst as one message of an mboxrd: after a separator line, every
// line ">*From " with one more '>', an empty line at the end. The message's own mbox
// "From " line is dropped, and the fields that only made sense in the mailbox it was in
// (Lines, Bytes, Content-Length, Status). Line ends stay as they are; one is added when
// the last line has none.
func Append(dst, raw []byte) []byte {
	raw = raw[ownFromLine(raw):]
	dst = append(dst, separator...)
	if i := bytes.IndexByte(raw, '\n'); i > 0 && raw[i-1] == '\r' {
		dst = append(dst, '\r')
	}
	dst = append(dst, '\n')
	dst, body := appendHeader(dst, raw)
	dst = appendQuoted(dst, body)
	if n := len(dst); dst[n-1] != '\n' {
		dst = append(dst, '\n')
	}
	return append(dst, '\n')
}

// ownFromLine gives the length of the mbox "From " line that raw begins with.
func ownFromLine(raw []byte) int {
	n := 0
	for n < len(raw) && (raw[n] == '\n' || raw[n] == '\r') {
		n++
	}
	if !bytes.HasPrefix(raw[n:], fromPrefix) {
		return 0
	}
	if i := bytes.IndexByte(raw[n:], '\n'); i >= 0 {
		return n + i + 1
	}
	return len(raw)
}

// appendHeader copies the header up to and with its empty line, without mailbox fields,
// and gives the body. In the header too a line "From " is quoted: readers look for it
// everywhere.
func appendHeader(dst, raw []byte) (_, body []byte) {
	drop := false
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line = raw[:i+1]
		}
		raw = raw[len(line):]
		if isBlank(line) {
			return append(dst, line...), raw
		}
		if line[0] != ' ' && line[0] != '\t' {
			drop = isMailboxField(line)
		}
		if !drop {
			dst = appendLine(dst, line)
		}
	}
	return dst, nil
}

func isMailboxField(line []byte) bool {
	i := bytes.IndexByte(line[:min(len(line), len("content-length:")+1)], ':')
	if i < 0 {
		return false
	}
	switch name := string(line[:i]); {
	case strings.EqualFold(name, "Lines"), strings.EqualFold(name, "Bytes"),
		strings.EqualFold(name, "Content-Length"), strings.EqualFold(name, "Status"):
		return true
	}
	return false
}

// appendLine copies a line, quoted if need be.
func appendLine(dst, line []byte) []byte {
	if bytes.HasPrefix(bytes.TrimLeft(line, ">"), fromPrefix) {
		dst = append(dst, '>')
	}
	return append(dst, line...)
}

// appendQuoted copies a body, quoting the lines that need it.
func appendQuoted(dst, body []byte) []byte {
	for {
		i := bytes.Index(body, fromPrefix)
		if i < 0 {
			return append(dst, body...)
		}
		start := i
		for start > 0 && body[start-1] == '>' {
			start--
		}
		if start == 0 || body[start-1] == '\n' {
			dst = append(dst, body[:start]...)
			dst = append(dst, '>')
			body = body[start:]
			i -= start
		}
		i += len(fromPrefix)
		dst = append(dst, body[:i]...)
		body = body[i:]
	}
}
