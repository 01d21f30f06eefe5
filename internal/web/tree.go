package web

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"

	"bobbin/internal/catalog"
)

// maxTreeRows bounds the rows of a thread overview on a message's page; of longer
// threads it shows the part around the message.
const maxTreeRows = 400

// maxThreadRows bounds the rows of the overview on a thread's page.
const maxThreadRows = 5000

// maxIndent is the deepest level that is indented further than the one above it.
const maxIndent = 16

// treeView says how a thread's tree is drawn.
type treeView struct {
	inbox   string
	current string          // Message-ID of the message the page shows; "" = none
	anchors bool            // links lead to the messages on this page
	inline  map[string]bool // with anchors: the messages that are on this page
}

// appendTree appends the thread overview: a row a message in reading order, indented
// by its place, with its date, its subject where that is news, and its author.
func appendTree(dst []byte, t *catalog.Thread, v *treeView) []byte {
	rows := maxTreeRows
	if v.anchors {
		rows = maxThreadRows
	}
	first, last := window(t, v.current, rows)
	dst = append(dst, "<ol class=\"tree\">\n"...)
	if first > 0 {
		dst = appendCount(append(dst, "<li class=\"more\">"...), first, "message before these", "messages before these")
		dst = append(dst, "</li>\n"...)
	}
	loose, marked := false, false
	for i := first; i < last; i++ {
		n := &t.Tree[i]
		if n.Loose && !loose {
			loose = true
			dst = append(dst, "<li class=\"more\">Below: joined by subject only, without a reference to the above</li>\n"...)
		}
		here := !marked && n.Msg != nil && v.current != "" && n.MessageID == v.current
		marked = marked || here
		dst = appendRow(dst, t, i, v, here)
	}
	if last < len(t.Tree) {
		dst = appendCount(append(dst, "<li class=\"more\">"...), len(t.Tree)-last, "message after these", "messages after these")
		dst = append(dst, "</li>\n"...)
	}
	return append(dst, "</ol>\n"...)
}

// window gives the rows that are shown of a tree: all of them, or the part around the
// current message.
func window(t *catalog.Thread, current string, rows int) (first, last int) {
	if len(t.Tree) <= rows {
		return 0, len(t.Tree)
	}
	for i := range t.Tree {
		if t.Tree[i].MessageID == current {
			first = max(0, min(i-rows/2, len(t.Tree)-rows))
			break
		}
	}
	return first, first + rows
}

// appendRow appends line i of a tree.
func appendRow(dst []byte, t *catalog.Thread, i int, v *treeView, here bool) []byte {
	n := &t.Tree[i]
	dst = appendLevel(append(dst, "<li class=\""...), n.Level)
	if n.Msg == nil {
		dst = append(dst, " ghost\"><span class=\"row\"><span class=\"quiet\">not in the archive: </span><a href=\""...)
		dst = appendMessagePath(dst, v.inbox, n.MessageID)
		dst = append(dst, "\">&lt;"...)
		return append(appendText(dst, n.MessageID), "&gt;</a></span></li>\n"...)
	}
	if here {
		dst = append(dst, " here\" id=\"r\" aria-current=\"true"...)
	}
	dst = append(dst, '"')
	if v.anchors {
		dst = append(appendAnchor(append(dst, " id=\"r"...), n.MessageID), '"')
	}
	dst = append(dst, '>')
	dst = appendTime(dst, n.Msg.Sent)
	dst = append(dst, "<span class=\"row\"><a href=\""...)
	switch {
	case here:
		dst = append(dst, "#t"...)
	case v.anchors && v.inline[n.MessageID]:
		dst = appendAnchor(append(dst, "#m"...), n.MessageID)
	default:
		dst = appendMessagePath(dst, v.inbox, n.MessageID)
	}
	dst = append(dst, "\">"...)
	if known(t, i) {
		dst = append(appendName(dst, n.Msg.From), "</a>"...)
	} else {
		dst = append(appendSubject(dst, n.Msg.Subject), "</a> <span class=\"who\">"...)
		dst = append(appendName(dst, n.Msg.From), "</span>"...)
	}
	if here {
		dst = append(dst, " <span class=\"mark\">this message</span>"...)
	}
	return append(dst, "</span></li>\n"...)
}

// appendLevel appends the class that indents a line.
func appendLevel(dst []byte, level int) []byte {
	level = max(0, min(level, maxIndent))
	if level >= 10 {
		return append(dst, 'l', byte('0'+level/10), byte('0'+level%10))
	}
	return append(dst, 'l', byte('0'+level))
}

// known reports whether the subject of line i says nothing that its parent's did not.
func known(t *catalog.Thread, i int) bool {
	n := &t.Tree[i]
	if n.Parent < 0 || t.Tree[n.Parent].Msg == nil {
		return false
	}
	return trimRe(n.Msg.Subject) == trimRe(t.Tree[n.Parent].Msg.Subject)
}

// trimRe takes reply marks off a subject: it only decides what is shown.
func trimRe(s string) string {
	for {
		s = strings.TrimLeft(s, " \t")
		if len(s) < 3 || s[2] != ':' || s[0]|0x20 != 'r' || s[1]|0x20 != 'e' {
			return s
		}
		s = s[3:]
	}
}

// appendMessagePath appends "/INBOX/MSGID/".
func appendMessagePath(dst []byte, inbox, msgid string) []byte {
	dst = appendEscaped(append(dst, '/'), inbox)
	dst = appendEscaped(append(dst, '/'), msgid)
	return append(dst, '/')
}

// appendAnchor appends what public-inbox names a message by within a page, without the
// letter before it: the SHA-1 of its id. Links from elsewhere rely on it.
func appendAnchor(dst []byte, msgid string) []byte {
	var buf [256]byte
	sum := sha1.Sum(append(buf[:0], msgid...))
	return hex.AppendEncode(dst, sum[:])
}
