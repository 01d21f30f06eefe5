package archive

import (
	"context"

	"bobbin/internal/errs"
)

// Deduper knows the mails that an inbox has. The writer calls it from its own goroutine,
// some times for every mail.
type Deduper interface {
	// Known reports whether a mail of the inbox carries the Message-ID.
	Known(ctx context.Context, msgid string) (bool, error)
	// HasContent reports whether a mail that carries it has this content hash.
	HasContent(ctx context.Context, msgid string, hash [32]byte) (bool, error)
	// Added tells of every Message-ID of a mail that was written.
	Added(msgid string, hash [32]byte)
}

// WriterOptions tune a writer.
type WriterOptions struct {
	// Dedupe answers for the mails that are there; nil: the inbox is scanned first.
	Dedupe Deduper
	// EpochBytes is how much mail, unpacked, makes an epoch full; 0: as public-inbox.
	EpochBytes int64
}

// AddResult says what became of a mail.
type AddResult struct {
	Blob      string // object name of the mail as it is stored; "" for a duplicate
	MessageID string // the first one, without <>
	Duplicate bool   // the inbox has a mail of this Message-ID and content; nothing was written
	Renamed   bool   // its Message-ID is another mail's; it got a new one in front of which the old one stays
}

// Writer appends to an inbox. It belongs to one goroutine.
type Writer struct{ l *lock }

// Writer takes the inbox's lock, waiting as long as ctx lasts (then Busy), and prepares
// to append to the newest epoch.
func (b *Inbox) Writer(ctx context.Context, opt WriterOptions) (*Writer, error) {
	l, err := b.acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &Writer{l: l}, nil
}

// Add appends a mail unless the inbox has it.
func (w *Writer) Add(ctx context.Context, raw []byte) (AddResult, error) {
	return AddResult{}, errs.New(errs.Internal, "writing is not there yet")
}

// Remove appends a commit that removes a mail.
func (w *Writer) Remove(ctx context.Context, raw []byte) error {
	return errs.New(errs.Internal, "writing is not there yet")
}

// Flush makes what was written durable. Only then is it acknowledged.
func (w *Writer) Flush(ctx context.Context) error { return nil }

// Close flushes and lets go of the lock.
func (w *Writer) Close() error { return w.l.release(false) }
