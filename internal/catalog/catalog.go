// Package catalog is the one read side of Bobbin: servers and commands ask it for
// inboxes, messages, threads, topics and search results, and never see SQL or git.
// It owns the caches (bounded in bytes) and decides what is visible.
//
// A Catalog is safe for concurrent use. Every method takes the inbox by name; the name
// All stands for every inbox together, each message once. Errors have the kinds of
// package errs: NotFound for an inbox or message that is not there, Invalid for a
// query that makes no sense, Corrupt for a blob that cannot be read.
package catalog

import (
	"context"
	"errors"
	"iter"
	"time"
)

var errTODO = errors.New("not built yet")

// Catalog answers all reads.
type Catalog struct{}

// Options tune a Catalog.
type Options struct {
	CacheBytes int64            // memory for caches; 0 = 64 MiB
	Now        func() time.Time // nil = time.Now
}

// Open opens the index and the archives of a data directory for reading.
func Open(ctx context.Context, dir string, opt Options) (*Catalog, error) { return nil, errTODO }

// Close releases everything. No method may run or be called afterwards.
func (c *Catalog) Close() error { return nil }

// Generation changes whenever the answer to any other method may have changed; what was
// rendered at one generation is valid as long as it stays. Costs next to nothing.
func (c *Catalog) Generation() uint64 { return 0 }

// Inboxes lists the visible inboxes by name, without All.
func (c *Catalog) Inboxes(ctx context.Context) ([]Inbox, error) { return nil, errTODO }

// Inbox describes one inbox; All works too.
func (c *Catalog) Inbox(ctx context.Context, name string) (*Inbox, error) { return nil, errTODO }

// Messages gives every message of the inbox with this Message-ID (mostly one; an id can
// be reused), in article order. NotFound when there is none.
func (c *Catalog) Messages(ctx context.Context, inbox, msgid string) ([]Article, error) {
	return nil, errTODO
}

// Raw gives the bytes of a mail as the archive keeps them (no mbox "From " line).
// The caller must not change them.
func (c *Catalog) Raw(ctx context.Context, blob string) ([]byte, error) { return nil, errTODO }

// Thread gives the discussion around a message: strict, and with loose also what is
// joined by subject only. NotFound when the inbox has no such message.
func (c *Catalog) Thread(ctx context.Context, inbox, msgid string, loose bool) (*Thread, error) {
	return nil, errTODO
}

// Recent lists messages, newest arrival first.
func (c *Catalog) Recent(ctx context.Context, inbox string, s Span) (*Recent, error) {
	return nil, errTODO
}

// Topics groups the newest messages of a span by thread, as public-inbox's landing page does.
func (c *Catalog) Topics(ctx context.Context, inbox string, s Span) ([]Topic, *Recent, error) {
	return nil, nil, errTODO
}

// Threads lists whole threads in the given order (topics_new, topics_active).
func (c *Catalog) Threads(ctx context.Context, inbox string, o TopicOrder, s Span) ([]Topic, error) {
	return nil, errTODO
}

// Search runs a query. A query that does not parse is errs.Invalid.
func (c *Catalog) Search(ctx context.Context, r Request) (*Result, error) { return nil, errTODO }

// Matches streams every match newest first (r.Offset and r.Limit are ignored), with
// threads the whole strict thread of each. For mboxes: memory stays bounded.
func (c *Catalog) Matches(ctx context.Context, r Request, threads bool) iter.Seq2[Article, error] {
	return func(yield func(Article, error) bool) { yield(Article{}, errTODO) }
}

// Articles streams an inbox in article order, from number from (inclusive). For All the
// order is that of arrival and Number is 0.
func (c *Catalog) Articles(ctx context.Context, inbox string, from int64) iter.Seq2[Article, error] {
	return func(yield func(Article, error) bool) { yield(Article{}, errTODO) }
}

// Elsewhere lists the other inboxes that hold a Message-ID.
func (c *Catalog) Elsewhere(ctx context.Context, inbox, msgid string) ([]Elsewhere, error) {
	return nil, errTODO
}

// Partial lists messages of any inbox whose Message-ID resembles the one given: longer
// ones that begin with it, or (tail trimmed) share its beginning. At most 100.
func (c *Catalog) Partial(ctx context.Context, inbox, msgid string) ([]Elsewhere, error) {
	return nil, errTODO
}

// Neighbours gives the messages next to one in its thread's reading order and its parent; "" for none.
func (t *Thread) Neighbours(msgid string) (prev, next, parent string) { return "", "", "" }
