package store

import (
	"time"

	"bobbin/internal/mail"
)

// MsgID numbers a message in the index. Identifiers grow with the time a message
// was received (they start at its Unix second), so "newest first" is "id descending".
// They are the index's own: a rebuild may give others, so they never go into a URL
// that is meant to last.
type MsgID int64

// Flags are facts about a message that searches ask for.
type Flags uint32

// The flags of a message.
const (
	IsReply       Flags = 1 << iota // has In-Reply-To or References, or a "Re:" subject
	IsPatch                         // the body holds a diff
	HasAttachment                   // a part with a file name, or one that is no inline text
	IsDefective                     // the parser had to repair something
)

// Summary is what lists, trees and feeds need of a message: one overview row.
type Summary struct {
	ID        MsgID
	MessageID string // without angle brackets
	Subject   string // decoded, one line, may be empty
	From      mail.Address
	Sent      time.Time // the Date header, UTC
	Received  time.Time // the topmost Received header, UTC
	Blob      string    // git blob id, hex, of the copy that was indexed first
	Bytes     int       // size of the mail on the wire, its lines ended by CRLF
	Flags     Flags
	Thread    int64 // equal for messages of one strict thread; the index's own
}

// Article is a message as one inbox numbers it.
type Article struct {
	Summary
	Inbox  string
	Number int64  // as public-inbox would number it
	Blob   string // this inbox's copy, hex
	// Received is this copy's time of arrival; the embedded one belongs to the first copy.
	Received time.Time
}
