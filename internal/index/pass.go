package index

import (
	"context"
	"iter"
	"runtime"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/store"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

const (
	// window bounds the bytes of mail that are between the reader and the writer.
	window = 12 << 20
	// groupBytes and groupMails are how much a parser takes at a time.
	groupBytes = 256 << 10
	groupMails = 32
	// commitMails and commitEvery bound a transaction: what a kill can cost, and how
	// long readers wait for the first results of a long pass.
	commitMails = 20000
	commitEvery = 5 * time.Second
)

// pass reads one epoch from one commit to another.
type pass struct {
	w         *store.Writer
	opt       Options
	name      string
	at        store.Place
	from, tip string
	stats     Stats
	done      int64
	total     int64          // commits to read
	skip      map[string]int // reconciling: blobs that are indexed already
	// reconciling: how often a blob is added and removed again, which is left out
	unadded, unremoved map[string]int
	reported           time.Time
}

// group is a run of entries on its way through the pass.
type group struct {
	entries []archive.Entry
	docs    []*store.Doc // in step with entries; nil where there is nothing to store
	weight  int64
	ready   chan struct{}
}

// run stores the entries in order. Reader and parsers run beside it; at most window bytes
// are under way.
func (p *pass) run(ctx context.Context, entries iter.Seq2[archive.Entry, error]) (Stats, error) {
	parsers := runtime.GOMAXPROCS(0)
	work := make(chan *group, parsers)
	order := make(chan *group, 256)
	room := semaphore.NewWeighted(window)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(order)
		defer close(work)
		return readGroups(ctx, entries, room, work, order)
	})
	for range parsers {
		g.Go(func() error {
			b := newBuilder()
			for gr := range work {
				gr.docs = make([]*store.Doc, len(gr.entries))
				for i := range gr.entries {
					gr.docs[i] = b.doc(&gr.entries[i])
				}
				close(gr.ready)
			}
			return nil
		})
	}
	g.Go(func() error { return p.write(ctx, order, room) })
	err := g.Wait()
	return p.stats, err
}

// readGroups cuts the stream into groups and hands each to the parsers and, in order, to
// the writer.
func readGroups(ctx context.Context, entries iter.Seq2[archive.Entry, error], room *semaphore.Weighted, work, order chan<- *group) error {
	cur := &group{ready: make(chan struct{})}
	send := func() error {
		if len(cur.entries) == 0 {
			return nil
		}
		if err := room.Acquire(ctx, min(cur.weight, window)); err != nil {
			return err
		}
		for _, ch := range []chan<- *group{work, order} {
			select {
			case ch <- cur:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		cur = &group{ready: make(chan struct{})}
		return nil
	}
	for e, err := range entries {
		if err != nil {
			if serr := send(); serr != nil {
				return serr
			}
			return err
		}
		cur.entries = append(cur.entries, e)
		cur.weight += int64(len(e.Raw)) + 512
		if cur.weight >= groupBytes || len(cur.entries) >= groupMails {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

// write stores the groups in order, a transaction at a time.
func (p *pass) write(ctx context.Context, order <-chan *group, room *semaphore.Weighted) (err error) {
	if err := p.w.Begin(ctx); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			p.w.Rollback(context.WithoutCancel(ctx))
		}
	}()
	limit := commitMails
	if p.opt.commitMails > 0 {
		limit = p.opt.commitMails
	}
	last, count, began := "", 0, time.Now()
	for gr := range order {
		select {
		case <-gr.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		for i := range gr.entries {
			if err := p.store(ctx, &gr.entries[i], gr.docs[i]); err != nil {
				return err
			}
			last = gr.entries[i].Commit
		}
		count += len(gr.entries)
		p.done += int64(len(gr.entries))
		p.progress(false)
		room.Release(min(gr.weight, window))
		if count >= limit || time.Since(began) >= commitEvery {
			if err := p.commit(ctx, last); err != nil {
				return err
			}
			if err := p.w.Begin(ctx); err != nil {
				return err
			}
			count, began = 0, time.Now()
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.progress(true)
	return p.commit(ctx, p.tip)
}

// commit ends the transaction with the cursor at a commit. While reconciling, the cursor
// moves only at the end.
func (p *pass) commit(ctx context.Context, at string) error {
	if p.skip == nil || at == p.tip {
		if err := p.w.SetCursor(ctx, p.at, at); err != nil {
			return err
		}
	}
	if err := p.w.Commit(ctx); err != nil {
		return err
	}
	committed(p.opt)
	return nil
}

// store brings one entry into the database.
func (p *pass) store(ctx context.Context, e *archive.Entry, d *store.Doc) error {
	switch {
	case e.Missing:
		p.stats.Missing++
		return p.w.Fault(ctx, p.at, e.Commit, e.Blob, "missing or unreadable blob")
	case d == nil: // purged
		return nil
	case e.Op == archive.Remove && p.unremoved[e.Blob] > 0:
		p.unremoved[e.Blob]--
		return nil
	case e.Op == archive.Remove:
		ok, err := p.w.Remove(ctx, p.at, d.IDs, e.Blob)
		if ok {
			p.stats.Removed++
		}
		return err
	case p.unadded[e.Blob] > 0:
		p.unadded[e.Blob]--
		return nil
	case p.skip[e.Blob] > 0:
		p.skip[e.Blob]--
		return nil
	}
	o, err := p.w.Add(ctx, p.at, d)
	switch {
	case err != nil:
		return err
	case o == store.Duplicate:
		p.stats.Duplicates++
	default:
		p.stats.Messages++
	}
	return nil
}

// progressEvery is how often a pass reports.
const progressEvery = 200 * time.Millisecond

func (p *pass) progress(last bool) {
	if now := time.Now(); last || now.Sub(p.reported) >= progressEvery {
		p.reported = now
		report(p.opt, Progress{Inbox: p.name, Phase: "index", Done: p.done, Total: p.total})
	}
}
