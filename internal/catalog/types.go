package catalog

import (
	"time"

	"bobbin/internal/store"
)

// The overview row and its numbered form are the store's; readers name them here.
type (
	Summary = store.Summary
	Article = store.Article
	MsgID   = store.MsgID
	Flags   = store.Flags
)

// The flags of a message.
const (
	IsReply       = store.IsReply
	IsPatch       = store.IsPatch
	HasAttachment = store.HasAttachment
	IsDefective   = store.IsDefective
)

// All is the name of the inbox that holds every message of every inbox once.
const All = "all"

// Inbox describes one inbox, or all of them together.
type Inbox struct {
	Name        string
	Description string
	Addresses   []string
	ListIDs     []string
	URLs        []string
	InfoURLs    []string
	Newsgroup   string
	Dir         string // the public-inbox v2 directory; empty for All
	Hidden      bool
	Created     time.Time // when the archive was created; mirrors use it as UIDVALIDITY
	Messages    int64
	Newest      time.Time // received; zero when empty
	Oldest      time.Time
	Epochs      []Epoch // oldest first; empty for All
}

// IsAll reports whether b is the union of all inboxes.
func (b *Inbox) IsAll() bool { return b.Name == All }

// Epoch is one git repository of an inbox.
type Epoch struct {
	N        int
	Dir      string // bare repository
	Tip      string // commit, hex; empty when unborn
	Ref      string // refs/heads/master
	Modified time.Time
}

// Thread is a discussion as a page shows it.
type Thread struct {
	// Messages are the strict thread (joined by References) in the order they were
	// received, then the loose ones (joined by subject only), likewise.
	Messages []Summary
	Strict   int // the first Strict messages are the strict thread
	// Tree is Messages as a forest, in reading order: a pre-order walk of all nodes.
	Tree []Node
}

// Node is a line of a thread's tree.
type Node struct {
	Msg       *Summary // nil: a message that others refer to and that is not in the archive
	MessageID string
	Level     int   // 0 for a root
	Parent    int   // index into Tree, -1 for a root
	Kids      []int // indexes into Tree, oldest first
	Loose     bool  // joined by subject only
}

// Span limits a listing to a time of arrival. Zero times are open.
type Span struct {
	Before time.Time // at or before
	After  time.Time // strictly after; alone: the page next to it in time
	Limit  int
}

// Recent is a page of a listing, newest first.
type Recent struct {
	Messages []Summary
	Older    bool // there are older ones
	Newer    bool // there are newer ones
}

// Topic is a line of the landing page: a thread, with the subjects that its messages on
// the page carry.
type Topic struct {
	Root       Summary   // the first message of the thread (landing: on the page)
	RootLatest Summary   // the newest one with the root's subject: what the line links to
	Latest     Summary   // the newest message of the thread (landing: on the page)
	Messages   int       // messages of the thread in the inbox, by References
	Subjects   []Summary // further subjects in reading order, the newest message of each
	Depth      []int     // of each of Subjects, 1 and up
}

// TopicOrder says how Topics are ordered.
type TopicOrder uint8

// The orders of topics.
const (
	ByActivity TopicOrder = iota // newest message first
	ByRoot                       // newest thread first
)

// Request is a search.
type Request struct {
	Inbox     string // a name or All
	Query     string // the text the user typed
	Thread    string // when set: only the thread of this Message-ID
	Relevance bool   // best match first instead of newest first
	Ascending bool   // oldest first
	Offset    int
	Limit     int   // 1..200; 0 = 200
	Collapse  bool  // one hit a thread
	Anchor    int64 // from Result.Anchor of the first page: mail indexed since is left out, so that pages do not shift; 0 = now
}

// Hit is a message that a search found.
type Hit struct {
	Summary
	Inbox   string // one that holds it: the one searched or, of all, the first visible one by name
	Percent int    // relevance, 0..100; 0 when ordered by time
}

// Result is one page of a search.
type Result struct {
	Hits   []Hit
	Total  int   // messages that match; when !Exact, at least that many
	Exact  bool  // Total is a count, not a lower bound
	More   bool  // there is a next page
	Anchor int64 // give back to get the next page of the same result
}

// Elsewhere is a message found in another inbox than the one asked for.
type Elsewhere struct {
	Inbox     string
	MessageID string
	Subject   string
}
