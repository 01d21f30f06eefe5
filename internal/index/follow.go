package index

import (
	"context"
	"log/slog"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/store"
)

// pollEvery is how often Follow looks at the epochs' tips; that costs a few stat calls an
// inbox.
const pollEvery = 250 * time.Millisecond

// retryAfter is how long Follow leaves an inbox alone that could not be indexed.
const retryAfter = 30 * time.Second

// follower remembers the tips it has seen, so that an idle poll touches no database.
type follower struct {
	dir   string
	opt   Options
	seen  map[string]string // inbox → its epochs' tips when last indexed
	pause map[string]time.Time
}

// Follow keeps the index up with the epochs until ctx ends: it looks at their tips four
// times a second and indexes what is new, however it came. sources is asked at every look,
// so that inboxes can come and go. It holds the directory's lock only while it indexes;
// when another process has it, Follow tries again at the next look.
func Follow(ctx context.Context, dir string, sources func() ([]Source, error), opt Options) error {
	f := &follower{dir: dir, opt: opt, seen: map[string]string{}, pause: map[string]time.Time{}}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		list, err := sources()
		if err != nil {
			logger(opt).Error("list inboxes", "err", err)
		}
		f.look(ctx, list)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look indexes the inboxes whose tips moved.
func (f *follower) look(ctx context.Context, list []Source) {
	for _, src := range list {
		if time.Now().Before(f.pause[src.Name]) {
			continue
		}
		tips, err := tipsOf(ctx, src)
		if err == nil && tips == f.seen[src.Name] {
			continue
		}
		if err == nil {
			err = f.catchUp(ctx, src)
		}
		switch {
		case err == nil:
			f.seen[src.Name] = tips
		case ctx.Err() != nil:
			return
		case errs.Is(err, errs.Busy):
			logger(f.opt).Debug("another process is indexing", "inbox", src.Name)
		default:
			logger(f.opt).LogAttrs(ctx, slog.LevelError, "index", slog.String("inbox", src.Name), slog.Any("err", err))
			f.pause[src.Name] = time.Now().Add(retryAfter)
		}
	}
}

func (f *follower) catchUp(ctx context.Context, src Source) error {
	stats, err := Run(ctx, f.dir, []Source{src}, f.opt)
	if err == nil && stats.Messages+stats.Removed > 0 {
		logger(f.opt).Info("indexed", "inbox", src.Name, "messages", stats.Messages, "removed", stats.Removed,
			"elapsed", stats.Elapsed.Round(time.Millisecond))
	}
	return err
}

// tipsOf gives the epochs' tips as one string.
func tipsOf(ctx context.Context, src Source) (string, error) {
	b, err := archive.Open(src.Dir)
	if err != nil {
		return "", err
	}
	epochs, err := b.Epochs(ctx)
	if err != nil {
		return "", err
	}
	tips := ""
	for _, e := range epochs {
		_, tip, err := e.Repo.Tip(ctx)
		if err != nil {
			return "", err
		}
		tips += tip + "\n"
	}
	return tips, nil
}

// Deduper answers a writer's questions about one inbox from the index, and remembers what
// was added since. It implements archive.Deduper. Not safe for concurrent use.
type Deduper struct {
	db    *store.DB
	in    store.InboxID
	added map[string][][32]byte
}

// NewDeduper opens the index of a data directory, which must be caught up with the inbox.
func NewDeduper(ctx context.Context, dir, inbox string) (*Deduper, error) {
	d := &Deduper{added: map[string][][32]byte{}}
	db, err := store.Open(ctx, dir)
	if errs.Is(err, errs.NotFound) {
		return d, nil // nothing is indexed yet
	}
	if err != nil {
		return nil, err
	}
	d.db = db
	list, err := db.Inboxes(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	for _, r := range list {
		if r.Name == inbox {
			d.in = r.ID
		}
	}
	return d, nil
}

// Known reports whether an article of the inbox carries the Message-ID.
func (d *Deduper) Known(ctx context.Context, msgid string) (bool, error) {
	if _, ok := d.added[msgid]; ok {
		return true, nil
	}
	held, err := d.hashes(ctx, msgid)
	return len(held) > 0, err
}

// HasContent reports whether an article with the Message-ID has this content hash.
func (d *Deduper) HasContent(ctx context.Context, msgid string, hash [32]byte) (bool, error) {
	for _, h := range d.added[msgid] {
		if h == hash {
			return true, nil
		}
	}
	held, err := d.hashes(ctx, msgid)
	for _, h := range held {
		if string(h) == string(hash[:len(h)]) {
			return true, nil
		}
	}
	return false, err
}

// Added tells that a mail was added.
func (d *Deduper) Added(msgid string, hash [32]byte) {
	d.added[msgid] = append(d.added[msgid], hash)
}

func (d *Deduper) hashes(ctx context.Context, msgid string) ([][]byte, error) {
	if d.db == nil || d.in == 0 {
		return nil, nil
	}
	return d.db.ContentHashes(ctx, d.in, msgid)
}

// Close closes the index.
func (d *Deduper) Close() error {
	if d.db == nil {
		return nil
	}
	return d.db.Close()
}
