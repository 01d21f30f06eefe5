package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/mbox"
)

// progressEvery is the time between two calls of Options.Progress.
const progressEvery = 200 * time.Millisecond

// Importer brings sources into one inbox. It belongs to one goroutine, and holds the
// inbox's lock from the first single mail until Close.
type Importer struct {
	b     *archive.Inbox
	opt   Options
	w     *archive.Writer
	dups  *lateDeduper
	stats Stats // what is in the archive for good
	open  Stats // what the writer has taken and not acknowledged
}

// New makes an Importer into b.
func New(b *archive.Inbox, opt Options) *Importer { return &Importer{b: b, opt: opt} }

// Import brings one source in. What was read before an error stays; the next import of
// the same source goes on from there. Mail is acknowledged when Close has returned
// without an error.
func (im *Importer) Import(ctx context.Context, src Source) (err error) {
	defer errs.Wrap(&err, "import %s", src.Path)
	if src.Kind.IsGit() {
		if err := im.Close(); err != nil { // the lock is wanted, and what the inbox has changes
			return err
		}
		stats, err := importEpochs(ctx, im.b, src, im.opt)
		im.stats.add(stats)
		return err
	}
	if im.w == nil {
		if err := im.begin(ctx); err != nil {
			return err
		}
	}
	u := &run{w: im.w, opt: im.opt, src: src}
	err = u.read(ctx)
	im.open.add(u.stats)
	return err
}

func (im *Importer) begin(ctx context.Context) error {
	var opt archive.WriterOptions
	if im.opt.Dedupe != nil {
		im.dups = &lateDeduper{open: im.opt.Dedupe}
		opt.Dedupe = im.dups
	}
	var err error
	im.w, err = im.b.Writer(ctx, opt)
	return err
}

// Close makes durable what was written and lets go of the inbox. After an error some of
// the mail may be in the archive all the same; it is not imported twice.
func (im *Importer) Close() error {
	if im.w == nil {
		return nil
	}
	err := im.w.Close()
	if err == nil {
		im.stats.add(im.open)
	}
	if im.dups != nil && im.dups.Deduper != nil {
		err = errors.Join(err, im.dups.Close())
	}
	im.w, im.dups, im.open = nil, nil, Stats{}
	return err
}

// Stats counts what has come in and was acknowledged.
func (im *Importer) Stats() Stats { return im.stats }

// lateDeduper opens a Deduper at the first question: by then the writer holds the
// inbox's lock, and what the inbox has cannot change any more.
type lateDeduper struct {
	Deduper
	open func(context.Context) (Deduper, error)
}

func (d *lateDeduper) ready(ctx context.Context) (err error) {
	if d.Deduper == nil {
		d.Deduper, err = d.open(ctx)
	}
	return err
}

// Known reports whether a mail of the inbox carries the Message-ID.
func (d *lateDeduper) Known(ctx context.Context, msgid string) (bool, error) {
	if err := d.ready(ctx); err != nil {
		return false, err
	}
	return d.Deduper.Known(ctx, msgid)
}

// HasContent reports whether a mail that carries the Message-ID has this content hash.
func (d *lateDeduper) HasContent(ctx context.Context, msgid string, hash [32]byte) (bool, error) {
	if err := d.ready(ctx); err != nil {
		return false, err
	}
	return d.Deduper.HasContent(ctx, msgid, hash)
}

// run is the import of one source of mails.
type run struct {
	w     *archive.Writer
	opt   Options
	src   Source
	stats Stats
	mails int64
	said  time.Time
}

// read passes every mail of the source to add.
func (u *run) read(ctx context.Context) error {
	switch u.src.Kind {
	case Maildir:
		return u.maildir(ctx)
	case MailFile:
		return u.mailFile(ctx)
	default:
		return u.mbox(ctx)
	}
}

// mbox imports the mails of an mbox. One that is too large is passed over, as is what
// comes after a damaged place; the first such fault is the result.
func (u *run) mbox(ctx context.Context) (fault error) {
	r, err := mbox.Open(u.src.Path, u.opt.Stdin)
	if err != nil {
		return err
	}
	defer r.Close()
	size, read := plainSize(u.src), int64(0)
	mails := mbox.NewReader(r)
	for {
		raw, err := mails.Next()
		switch {
		case errors.Is(err, io.EOF):
			if u.mails == 0 && fault == nil {
				fault = errs.WithHint(errs.Invalid, whatWorks, "no mail in it")
			}
			return fault
		case err != nil: // what comes with it is not whole
			if fault == nil {
				fault = err
			}
			if !errs.Is(err, errs.Invalid) {
				return fault
			}
			u.stats.Skipped++
			continue
		}
		read += int64(len(raw)) + separatorLen
		if err := u.add(ctx, raw, estimate(u.mails+1, read, size)); err != nil {
			return err
		}
	}
}

// separatorLen is about what an mbox has between two mails.
const separatorLen = 60

// plainSize gives the size of a source that is not compressed; 0 when it cannot be told.
func plainSize(src Source) int64 {
	if src.compressed || src.Kind != Mbox {
		return 0
	}
	fi, err := os.Stat(src.Path)
	if err != nil || !fi.Mode().IsRegular() {
		return 0
	}
	return fi.Size()
}

// estimate gives the number of mails in size bytes when so many are in read bytes.
func estimate(mails, read, size int64) int64 {
	if size == 0 || read == 0 {
		return 0
	}
	return max(mails, int64(float64(mails)*float64(size)/float64(read)))
}

// maildir imports the mails of a Maildir. One that cannot be read is passed over, and
// the first such fault is the result.
func (u *run) maildir(ctx context.Context) (fault error) {
	for f, err := range mbox.Maildir(u.src.Path) {
		if err == nil {
			if err = u.add(ctx, f.Raw, 0); err != nil {
				return err
			}
			continue
		}
		if fault == nil {
			fault = err
		}
		u.stats.Skipped++
	}
	return fault
}

// mailFile imports a file that holds one mail.
func (u *run) mailFile(ctx context.Context) error {
	fi, err := os.Stat(u.src.Path)
	if err != nil {
		return err
	}
	if fi.Size() > mbox.MaxMessage {
		return errs.New(errs.Invalid, "%d bytes are too many for a mail", fi.Size())
	}
	raw, err := os.ReadFile(u.src.Path)
	if err != nil {
		return err
	}
	return u.add(ctx, raw, 1)
}

// add writes one mail. total is the estimated number of mails, 0 when not known.
func (u *run) add(ctx context.Context, raw []byte, total int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u.mails++
	if len(raw) == 0 {
		u.stats.Skipped++
		return nil
	}
	res, err := u.w.Add(ctx, raw)
	if err != nil {
		return err
	}
	switch {
	case res.Duplicate:
		u.stats.Duplicates++
	default:
		u.stats.Added++
		if res.Renamed {
			u.stats.Renamed++
		}
	}
	if now := time.Now(); u.opt.Progress != nil && now.Sub(u.said) >= progressEvery {
		u.said = now
		u.opt.Progress(Progress{Source: u.src.Path, Mails: u.mails, Total: total})
	}
	return nil
}
