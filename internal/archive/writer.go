package archive

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"bobbin/internal/errs"
	"bobbin/internal/git"
	"bobbin/internal/mail"
)

// Deduper knows the mails that an inbox has. The writer calls it from its own goroutine,
// some times for every mail. One that also has the method
//
//	Removed(msgid string, hash [32]byte)
//
// is told of every Message-ID of a mail that was removed.
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
	// Now is the clock; nil: the machine's.
	Now func() time.Time
}

// AddResult says what became of a mail.
type AddResult struct {
	Blob      string // object name of the mail as it is stored; "" for a duplicate
	MessageID string // by which the mail is known, without <>
	Duplicate bool   // the inbox has a mail of this Message-ID and content; nothing was written
	Renamed   bool   // another mail has its Message-ID; a new one was added at the header's end
}

// The sizes of an epoch: public-inbox starts a new one when the packs reach about 1 GiB,
// and takes mail to shrink to 0.4 of its size in a pack.
const (
	epochPacked  = 1 << 30
	packingShare = 0.4
)

// flushBytes is how much mail may be written and not yet be durable: what a killed import
// has to do again.
const flushBytes = 128 << 20

// Writer appends to an inbox and holds its lock. It belongs to one goroutine.
type Writer struct {
	b       *Inbox
	opt     WriterOptions
	lock    *lock
	epoch   int
	repo    *git.Repo
	im      *git.Importer
	ident   git.Ident // When is not set
	size    int64     // of the mail in the epoch, unpacked; an estimate
	pending int64     // bytes written since the last flush
	dirty   bool      // commits since the last flush
	changed bool      // commits since the writer was opened
	err     error     // of git; ends the writer
}

// Writer takes the inbox's lock, waiting as long as ctx lasts (then Busy), and prepares
// to append to the newest epoch.
func (b *Inbox) Writer(ctx context.Context, opt WriterOptions) (_ *Writer, err error) {
	defer errs.Wrap(&err, "write to %s", b.dir)
	if opt.EpochBytes == 0 {
		const full = epochPacked / packingShare
		opt.EpochBytes = int64(full)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	l, err := b.acquire(ctx)
	if err != nil {
		return nil, err
	}
	w := &Writer{b: b, opt: opt, lock: l}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(err, l.release(false))
	}
	return w, nil
}

func (w *Writer) open(ctx context.Context) error {
	epochs, err := w.b.Epochs(ctx)
	if err != nil {
		return err
	}
	if len(epochs) == 0 {
		e, err := w.b.newEpoch(ctx, 0)
		if err != nil {
			return err
		}
		epochs = append(epochs, e)
	}
	if err := w.b.refreshAlternates(); err != nil {
		return err
	}
	if err := w.use(ctx, epochs[len(epochs)-1]); err != nil {
		return err
	}
	if w.ident, err = w.b.ident(ctx, epochs); err != nil {
		return err
	}
	if w.opt.Dedupe == nil {
		w.opt.Dedupe, err = ScanDeduper(ctx, w.b)
	}
	return err
}

// use makes e the epoch that is appended to.
func (w *Writer) use(ctx context.Context, e Epoch) error {
	if err := includeAll(e.Dir); err != nil {
		return err
	}
	ref, tip, err := e.Repo.Tip(ctx)
	if err != nil {
		return err
	}
	packed, err := e.Repo.ObjectBytes(ctx)
	if err != nil {
		return err
	}
	im, err := e.Repo.Import(ctx, ref, tip, w.lock.f)
	if err != nil {
		return err
	}
	w.epoch, w.repo, w.im = e.N, e.Repo, im
	w.size = int64(float64(packed) / packingShare)
	return nil
}

// ident is the committer: what the inbox was created with, else that of the last commit,
// else the directory's name.
func (b *Inbox) ident(ctx context.Context, epochs []Epoch) (git.Ident, error) {
	id, err := git.ConfiguredIdent(ctx, filepath.Join(b.dir, allName, "config"))
	if err != nil || id.Email != "" {
		return id, err
	}
	for i := len(epochs) - 1; i >= 0; i-- {
		_, tip, err := epochs[i].Repo.Tip(ctx)
		if err != nil {
			return id, err
		}
		if tip == "" {
			continue
		}
		if id, err = epochs[i].Repo.CommitterOf(ctx, tip); err == nil && id.Email != "" {
			return id, nil
		}
	}
	name := filepath.Base(b.dir)
	return git.Ident{Name: name, Email: name + "@localhost"}, nil
}

// Add appends a mail unless the inbox has it. It is stored as it is, without a leading
// "From " line and the fields that only say how it was delivered or kept. The mail is not
// acknowledged by this, but by the next Flush.
func (w *Writer) Add(ctx context.Context, raw []byte) (_ AddResult, err error) {
	defer errs.Wrap(&err, "add a mail to %s", w.b.dir)
	if w.err != nil {
		return AddResult{}, w.err
	}
	raw = storedForm(raw)
	if len(raw) == 0 {
		return AddResult{}, errs.New(errs.Invalid, "it is empty")
	}
	m := mail.Parse(raw)
	id, err := w.identify(ctx, m)
	if err != nil || id.duplicate {
		return AddResult{MessageID: id.msgid, Duplicate: id.duplicate}, err
	}
	if id.added {
		raw = appendMessageID(raw, id.msgid)
	}
	if w.size >= w.opt.EpochBytes {
		if err := w.rotate(ctx); err != nil {
			return AddResult{}, err
		}
	}
	c := commitOf(m, w.ident, w.opt.Now())
	c.Path, c.Data = pathAdd, raw
	blob, err := w.write(ctx, c)
	if err != nil {
		return AddResult{}, err
	}
	for _, mid := range id.all {
		w.opt.Dedupe.Added(mid, id.hash)
	}
	return AddResult{Blob: blob, MessageID: id.msgid, Renamed: id.renamed}, nil
}

// write appends a commit.
func (w *Writer) write(ctx context.Context, c git.Commit) (blob string, err error) {
	if blob, err = w.im.Add(c); err != nil {
		w.err = err
		return "", err
	}
	n := int64(len(c.Data))
	w.size += n
	w.pending += n
	w.dirty, w.changed = true, true
	if w.pending >= flushBytes {
		return blob, w.Flush(ctx)
	}
	return blob, nil
}

// Remove appends a commit that removes a mail, given as the archive stores it (as Walk
// gives it). It stays in the history. NotFound when the inbox does not have it.
func (w *Writer) Remove(ctx context.Context, raw []byte) (err error) {
	defer errs.Wrap(&err, "remove a mail from %s", w.b.dir)
	if w.err != nil {
		return w.err
	}
	raw = storedForm(raw)
	m := mail.Parse(raw)
	hash, found := m.ContentHash(), false
	ids := allIDs(m)
	for _, mid := range ids {
		ok, err := w.opt.Dedupe.HasContent(ctx, mid, hash)
		if err != nil {
			return err
		}
		found = found || ok
	}
	if found {
		found, err = w.stored(ctx, git.BlobName(raw))
		if err != nil {
			return err
		}
	}
	if !found {
		return errs.New(errs.NotFound, "it is not there")
	}
	id := w.ident
	id.When = w.opt.Now().UTC()
	_, err = w.write(ctx, git.Commit{Author: id, Committer: id, Message: "rm\n", Path: pathRemove, Data: raw})
	if err != nil {
		return err
	}
	if f, ok := w.opt.Dedupe.(interface{ Removed(string, [32]byte) }); ok {
		for _, mid := range ids {
			f.Removed(mid, hash)
		}
	}
	return nil
}

// stored reports whether a blob is in one of the epochs.
func (w *Writer) stored(ctx context.Context, blob string) (bool, error) {
	if err := w.Flush(ctx); err != nil {
		return false, err
	}
	epochs, err := w.b.Epochs(ctx)
	if err != nil {
		return false, err
	}
	for _, e := range epochs {
		if ok, err := e.Repo.HasBlob(ctx, blob); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// rotate begins a new epoch.
func (w *Writer) rotate(ctx context.Context) error {
	if err := w.finish(ctx); err != nil {
		return err
	}
	e, err := w.b.newEpoch(ctx, w.epoch+1)
	if err == nil {
		err = w.use(ctx, e)
	}
	w.err = err
	return err
}

// Flush makes what was written durable and visible. Only then is it acknowledged.
func (w *Writer) Flush(ctx context.Context) (err error) {
	if w.err != nil || !w.dirty {
		return w.err
	}
	defer errs.Wrap(&err, "write to %s", w.b.dir)
	if _, err := w.im.Checkpoint(); err != nil {
		w.err = err
		return err
	}
	w.dirty, w.pending = false, 0
	return w.repo.UpdateServerInfo(context.WithoutCancel(ctx))
}

// finish ends the work on an epoch.
func (w *Writer) finish(ctx context.Context) error {
	if err := w.Flush(ctx); err != nil {
		return err
	}
	return w.im.Close()
}

// Close flushes, ends git and lets go of the lock. After an error it gives that error
// again; what an earlier Flush acknowledged is kept.
func (w *Writer) Close() error {
	if w.lock == nil {
		return nil
	}
	ctx := context.Background()
	err := w.finish(ctx)
	if err != nil {
		w.im.Close()
	} else if w.changed {
		// The mail is safe whatever becomes of this; git keeps its complaints in gc.log.
		_ = w.repo.GCAuto(ctx)
	}
	err = errors.Join(err, w.lock.release(w.changed))
	w.lock, w.err = nil, errs.New(errs.Internal, "writer is closed")
	return err
}
