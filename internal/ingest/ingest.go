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

// Import brings a source into an inbox. What was written before an error stays, and the
// Stats count it; the next import of the same source goes on from there.
func Import(ctx context.Context, b *archive.Inbox, src Source, opt Options) (_ Stats, err error) {
	defer errs.Wrap(&err, "import %s", src.Path)
	if src.Kind.IsGit() {
		return importEpochs(ctx, b, src, opt)
	}
	w, closer, err := openWriter(ctx, b, opt)
	if err != nil {
		return Stats{}, err
	}
	im := &importer{w: w, opt: opt, src: src}
	err = im.read(ctx)
	// What was read before a fault is as good as any mail: keep it.
	return im.stats, errors.Join(err, w.Close(), closer.Close())
}

func openWriter(ctx context.Context, b *archive.Inbox, opt Options) (*archive.Writer, io.Closer, error) {
	if opt.Dedupe == nil {
		w, err := b.Writer(ctx, archive.WriterOptions{})
		return w, io.NopCloser(nil), err
	}
	d, err := opt.Dedupe(ctx)
	if err != nil {
		return nil, nil, err
	}
	w, err := b.Writer(ctx, archive.WriterOptions{Dedupe: d})
	if err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return w, d, nil
}

// importer writes the mails of one source.
type importer struct {
	w     *archive.Writer
	opt   Options
	src   Source
	stats Stats
	mails int64
	said  time.Time
}

// read passes every mail of the source to add.
func (im *importer) read(ctx context.Context) error {
	switch im.src.Kind {
	case Maildir:
		return im.maildir(ctx)
	case MailFile:
		return im.mailFile(ctx)
	default:
		return im.mbox(ctx)
	}
}

// mbox imports the mails of an mbox. One that is too large is passed over, as is what
// comes after a damaged place; the first such fault is the result.
func (im *importer) mbox(ctx context.Context) (fault error) {
	r, err := mbox.Open(im.src.Path, im.opt.Stdin)
	if err != nil {
		return err
	}
	defer r.Close()
	size, read := plainSize(im.src), int64(0)
	mails := mbox.NewReader(r)
	for {
		raw, err := mails.Next()
		switch {
		case errors.Is(err, io.EOF):
			if im.mails == 0 && fault == nil {
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
			im.stats.Skipped++
			continue
		}
		read += int64(len(raw)) + separatorLen
		if err := im.add(ctx, raw, estimate(im.mails+1, read, size)); err != nil {
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
func (im *importer) maildir(ctx context.Context) (fault error) {
	for f, err := range mbox.Maildir(im.src.Path) {
		if err == nil {
			if err = im.add(ctx, f.Raw, 0); err != nil {
				return err
			}
			continue
		}
		if fault == nil {
			fault = err
		}
		im.stats.Skipped++
	}
	return fault
}

// mailFile imports a file that holds one mail.
func (im *importer) mailFile(ctx context.Context) error {
	fi, err := os.Stat(im.src.Path)
	if err != nil {
		return err
	}
	if fi.Size() > mbox.MaxMessage {
		return errs.New(errs.Invalid, "%d bytes are too many for a mail", fi.Size())
	}
	raw, err := os.ReadFile(im.src.Path)
	if err != nil {
		return err
	}
	return im.add(ctx, raw, 1)
}

// add writes one mail. total is the estimated number of mails, 0 when not known.
func (im *importer) add(ctx context.Context, raw []byte, total int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	im.mails++
	if len(raw) == 0 {
		im.stats.Skipped++
		return nil
	}
	res, err := im.w.Add(ctx, raw)
	if err != nil {
		return err
	}
	switch {
	case res.Duplicate:
		im.stats.Duplicates++
	default:
		im.stats.Added++
		if res.Renamed {
			im.stats.Renamed++
		}
	}
	if now := time.Now(); im.opt.Progress != nil && now.Sub(im.said) >= progressEvery {
		im.said = now
		im.opt.Progress(Progress{Source: im.src.Path, Mails: im.mails, Total: total})
	}
	return nil
}
