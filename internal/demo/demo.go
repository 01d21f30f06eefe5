// Package demo writes a small archive of its own invention, so that everything
// Bobbin does can be tried offline, and so that tests have mail to work on.
//
// The story is that of three mailing lists around an invented kernel called
// Loom: loom-devel (development), shuttle (its user-space tool) and weavers
// (general talk and the stable rounds). The text lives in data/*.txt; what can be
// computed is computed from it: diffs, blob and commit ids, diffstats, quotations,
// Message-IDs, References, Received headers, character sets, transfer encodings.
// Two calls give the same bytes: there is neither a clock nor randomness here.
//
// What it is not: a mail library. The bytes are made by hand, because some mails
// have to be odd.
package demo

import "bobbin/internal/errs"

// Inbox describes one of the archive's inboxes.
type Inbox struct {
	Name        string // the directory's name and the list's
	Address     string // where one posts
	Description string // one line
}

// Inboxes gives the three inboxes in the order in which they should be listed.
func Inboxes() []Inbox {
	return []Inbox{
		{"loom-devel", "loom-devel@lists.loom.example", "Development of the Loom kernel"},
		{"shuttle", "shuttle@lists.loom.example", "shuttle, the tool that talks to Loom boards"},
		{"weavers", "weavers@lists.loom.example", "Weavers: announcements, stable reviews, everything else"},
	}
}

// Mail is one mail as one inbox received it.
type Mail struct {
	Inbox string // name of the inbox
	Raw   []byte // RFC 5322, lines end in LF
}

// Mails gives every mail of the demo archive, in the order of delivery. A mail
// posted to two lists is there twice, with different trace headers.
// It needs no other part of the module. An error is a mistake in the data.
func Mails() (_ []Mail, err error) {
	defer errs.Wrap(&err, "demo.Mails")
	w, err := load()
	if err != nil {
		return nil, err
	}
	return w.deliver()
}
