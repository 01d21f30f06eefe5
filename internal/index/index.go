// Package index brings what the archive holds into the database: one resumable pass with
// a reader that streams mails out of the epochs, parsers on every core, and one writer.
//
// The archive is the truth and the database is derived. Every epoch has a cursor that
// moves in the transaction that stores the mails before it, so a pass that is killed at
// any moment goes on where the last transaction ended and gives the same database. An
// epoch whose history was rewritten is reconciled (reconcile.go).
//
// One process indexes a data directory at a time; DIR/index.lock says which.
package index

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/store"
)

// Source is an inbox to index.
type Source struct {
	Name string
	Dir  string // public-inbox v2 directory
}

// Options tune a pass.
type Options struct {
	Log      *slog.Logger   // nil: nothing is logged
	Progress func(Progress) // called from one goroutine, a few times a second; may be nil
	Rebuild  bool           // start from nothing
	// Committed is called after each transaction, from the writing goroutine; may be nil.
	Committed func()
	// Wait: wait for the lock of another process instead of failing with errs.Busy.
	Wait bool

	commitMails int // instead of the constant, in tests
}

// Progress is how far a pass is.
type Progress struct {
	Inbox string
	Phase string // "index" or "optimize"
	Done  int64  // mails
	Total int64  // mails to do in this epoch; 0 when not known
}

// Stats counts what a pass did.
type Stats struct {
	Messages   int64 // articles added
	Duplicates int64 // mails that their inbox had already
	Removed    int64
	Missing    int64 // entries that could not be read
	Elapsed    time.Duration
}

func (s *Stats) add(o Stats) {
	s.Messages += o.Messages
	s.Duplicates += o.Duplicates
	s.Removed += o.Removed
	s.Missing += o.Missing
}

// bulkAbove is how many new commits make it worth storing the full text unmerged and
// merging it at the end.
const bulkAbove = 2000

// Run catches every source up. Busy when another process indexes the directory.
func Run(ctx context.Context, dir string, sources []Source, opt Options) (Stats, error) {
	lock, err := acquire(ctx, dir, opt.Wait)
	if err != nil {
		return Stats{}, err
	}
	defer lock.release()
	return run(ctx, dir, sources, opt)
}

// run is Run under the lock.
func run(ctx context.Context, dir string, sources []Source, opt Options) (Stats, error) {
	start := time.Now()
	if err := prepare(ctx, dir, opt); err != nil {
		return Stats{}, err
	}
	w, err := store.Create(ctx, dir)
	if err != nil {
		return Stats{}, err
	}
	defer w.Close()
	total, err := catchUp(ctx, w, sources, opt)
	if ctx.Err() == nil && (w.Unmerged() || total.Messages > bulkAbove) {
		report(opt, Progress{Phase: "optimize"})
		err = cmp.Or(err, optimize(ctx, w))
	}
	if err == nil && total != (Stats{}) {
		err = w.Checkpoint(ctx)
		committed(opt)
	}
	total.Elapsed = time.Since(start)
	return total, err
}

// optimize merges the full text and ends bulk mode.
func optimize(ctx context.Context, w *store.Writer) error {
	if err := w.Optimize(ctx); err != nil {
		return err
	}
	return w.Bulk(ctx, false)
}

// prepare removes a database that has to be built anew.
func prepare(ctx context.Context, dir string, opt Options) error {
	if opt.Rebuild {
		return store.Renew(ctx, dir)
	}
	v, err := store.Version(ctx, dir)
	if err != nil {
		return err
	}
	if v != 0 && v < store.SchemaVersion {
		logger(opt).Info("rebuilding the index", "from_schema", v, "to_schema", store.SchemaVersion)
		return store.Remove(dir)
	}
	return nil
}

// catchUp indexes what is new in each source; one that fails does not stop the others.
func catchUp(ctx context.Context, w *store.Writer, sources []Source, opt Options) (Stats, error) {
	var total Stats
	var first error
	for _, src := range sources {
		s, err := inbox(ctx, w, src, opt)
		total.add(s)
		if ctx.Err() != nil {
			return total, ctx.Err()
		}
		if err != nil {
			err = fmt.Errorf("index %s: %w", src.Name, err)
			logger(opt).Error("indexing stopped", "inbox", src.Name, "err", err)
			if first == nil {
				first = err
			}
		}
	}
	return total, first
}

// inbox indexes what is new in one source.
func inbox(ctx context.Context, w *store.Writer, src Source, opt Options) (Stats, error) {
	var total Stats
	b, err := archive.Open(src.Dir)
	if err != nil {
		return total, err
	}
	id, err := w.Inbox(ctx, src.Name)
	if err != nil {
		return total, err
	}
	epochs, err := b.Epochs(ctx)
	if err != nil {
		return total, err
	}
	for _, e := range epochs {
		s, err := epoch(ctx, w, b, e, src.Name, store.Place{Inbox: id, Epoch: e.N}, opt)
		total.add(s)
		if err != nil {
			return total, fmt.Errorf("epoch %d: %w", e.N, err)
		}
	}
	return total, nil
}

// epoch indexes what is new in one epoch.
func epoch(ctx context.Context, w *store.Writer, b *archive.Inbox, e archive.Epoch, name string, at store.Place, opt Options) (Stats, error) {
	_, tip, err := e.Repo.Tip(ctx)
	if err != nil || tip == "" {
		return Stats{}, err
	}
	from, err := w.Cursor(ctx, at)
	if err != nil || from == tip {
		return Stats{}, err
	}
	p := &pass{w: w, opt: opt, name: name, at: at, from: from, tip: tip}
	if from != "" {
		ok, err := e.Repo.IsAncestor(ctx, from, tip)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return Stats{}, err
		}
		if !ok || err != nil {
			return reconcile(ctx, p, b, e)
		}
	}
	if p.total, err = e.Repo.Count(ctx, from, tip); err != nil {
		return Stats{}, err
	}
	if p.total > bulkAbove {
		if err := w.Bulk(ctx, true); err != nil {
			return Stats{}, err
		}
	}
	return p.run(ctx, b.Walk(ctx, e.N, from, tip))
}

func logger(opt Options) *slog.Logger {
	if opt.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return opt.Log
}

func report(opt Options, p Progress) {
	if opt.Progress != nil {
		opt.Progress(p)
	}
}

func committed(opt Options) {
	if opt.Committed != nil {
		opt.Committed()
	}
}
