// Package render writes mail as HTML. It is the one place where what strangers wrote
// becomes markup, so it is small, has no dependencies but the mail and diff packages, and
// is tested by parsing what it wrote.
//
// Everything is appended to a byte slice, in time and space linear in the mail. What it
// promises, for any input:
//
//   - The only elements are those of whitelist_test.go, without style, script or event
//     attributes; every attribute value is double-quoted; no element is void, so that the
//     output is well-formed XML too (for Atom feeds).
//   - Links lead to the schemes of linkSchemes, to mailto: (reply block only) or to paths
//     the caller gave.
//   - The text of <pre class="body"> is the mail's text, but that control characters are
//     shown as symbols and bidirectional controls as [U+202E], and blank lines at the end
//     are dropped. HTML parts are never shown, only offered for download.
//
// The classes that the style sheet knows: body, q q2 q3 (quotes; q2 and q3 carry q too),
// sig, head, hunk, add, del, ctx, stat, fname (a file's link in a diffstat), att (line of an
// attachment), warn, hdr and addr (header block, list of addresses), ctl (a character shown
// by its number), ref (link to a message here), reply and cmd (reply block).
package render

import (
	"slices"

	"bobbin/internal/mail"
)

// DefaultLimit is how many bytes of a message's text are shown unless Options say
// otherwise.
const DefaultLimit = 2 << 20

// Options say what a message's surroundings are. The zero value works on the message's
// own page, with relative links and without links to other messages.
type Options struct {
	// Self is the path of the message's own page with its final slash, percent-encoded
	// ("/inbox/id@host/"): attachments are below it. Empty: relative links.
	Self string
	// Base is the path that message links begin with, with its final slash ("/inbox/").
	// Empty: no link to the message answered.
	Base string
	// Prefix sets apart the anchors of messages that share a page: "../../MSGID/", as
	// public-inbox has them, or anything else that differs from message to message.
	Prefix string
	// Related is where "changed" below a diffstat links to, such as "#related"; may be empty.
	Related string
	// Resolve gives the path of the page of the message with that id, or "" when there is
	// none worth linking. It is asked for what looks like a reference in the text, at most
	// maxLookups times a message. Nil: no such links.
	Resolve func(msgid string) string
	// Limit is the number of bytes of text that are shown, all parts together; 0 stands
	// for DefaultLimit. The rest is linked to.
	Limit int
}

// maxLookups bounds the calls of Options.Resolve for one message.
const maxLookups = 200

// AppendBody appends what m says: a note when it was damaged, its text parts in order,
// each in a <pre class="body">, and a line for every attachment.
func AppendBody(dst []byte, m *mail.Message, opt Options) []byte {
	w := writer{dst: dst, opt: &opt, room: opt.Limit, fresh: true}
	if w.room <= 0 {
		w.room = DefaultLimit
	}
	// Room for the markup of a usual mail, so that dst grows once.
	w.dst = slices.Grow(w.dst, min(len(m.Raw), w.room)*5/4+512)
	w.defects(m)
	if m.Root != nil {
		w.part(m.Root)
	}
	if !w.shown {
		w.add("<pre class=\"body\">\n</pre>\n")
	}
	return w.dst
}

// writer carries the state of one message's rendering.
type writer struct {
	dst   []byte
	opt   *Options
	room  int               // bytes of text that may still be shown
	fresh bool              // no text of this message (or the one inside) has been met yet
	shown bool              // there is something to see
	asked int               // calls of Resolve
	tags  map[string]string // what came of them: the opening tags

	// Of the part at hand:
	links bool // there may be URLs
	refs  bool // there may be references to messages
	files fileIndex
	class class // of the open span
}

func (w *writer) add(s string)  { w.dst = append(w.dst, s...) }
func (w *writer) text(s string) { w.dst = AppendText(w.dst, s) }
