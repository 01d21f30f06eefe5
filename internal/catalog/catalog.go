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
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/git"
	"bobbin/internal/store"
)

// Options tune a Catalog.
type Options struct {
	CacheBytes int64            // memory for caches; 0 = 48 MiB
	Now        func() time.Time // nil = time.Now
	Log        *slog.Logger     // nil: nothing is logged
	SearchTime time.Duration    // how long a search may take; 0 = 10 s
	// Inboxes gives what the configuration knows of the inboxes: name, directory,
	// description, addresses. Nil: the directories under DIR/inbox. It is asked again
	// when the index changes.
	Inboxes func() ([]Inbox, error)
}

// Catalog answers all reads.
type Catalog struct {
	dir    string
	db     *store.DB
	opt    Options
	log    *slog.Logger
	gen    atomic.Uint64
	state  atomic.Pointer[state]
	shaken atomic.Int64
	rows   *cache[MsgID, *store.Row]
	blobs  *cache[string, []byte]
	mids   *cache[int64, string]
	found  *cache[carrier, []Article]
	// searching has a place for each search that may run.
	searching chan struct{}
	retired   []retired // written by watch
	stop      context.CancelFunc
	stopped   sync.WaitGroup
}

// retired is a pool of an older state, which is closed later.
type retired struct {
	pool  *git.Pool
	later *time.Timer
}

// state is what is read anew when the index changes.
type state struct {
	inboxes []Inbox // visible ones, by name
	ids     map[string]store.InboxID
	all     Inbox
	pool    *git.Pool
	dirs    []string // what pool reads
}

const (
	defaultCache = 48 << 20
	pollEvery    = 100 * time.Millisecond
)

// Open opens the index and the archives of a data directory for reading.
func Open(ctx context.Context, dir string, opt Options) (*Catalog, error) {
	db, err := store.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	if opt.CacheBytes == 0 {
		opt.CacheBytes = defaultCache
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.SearchTime == 0 {
		opt.SearchTime = searchTime
	}
	if opt.Inboxes == nil {
		opt.Inboxes = func() ([]Inbox, error) { return discover(dir) }
	}
	c := &Catalog{
		dir: dir, db: db, opt: opt, log: opt.Log, searching: make(chan struct{}, maxSearches),
		rows:  newCache[MsgID, *store.Row](opt.CacheBytes/2, rowCost),
		blobs: newCache[string, []byte](opt.CacheBytes*3/8, func(b []byte) int64 { return int64(cap(b)) + 96 }),
		mids:  newCache[int64, string](opt.CacheBytes/16, func(s string) int64 { return int64(len(s)) + 80 }),
		found: newCache[carrier, []Article](opt.CacheBytes/16, func(l []Article) int64 { return int64(400*len(l)) + 160 }),
	}
	c.gen.Store(uint64(opt.Now().UnixNano()))
	versions, err := db.DataVersion(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	// Read before the first load, so that no commit falls between the two.
	last, err := versions.Read(ctx)
	if err == nil {
		err = c.reload(ctx)
	}
	if err != nil {
		versions.Close()
		db.Close()
		return nil, err
	}
	bg, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	c.stopped.Go(func() { c.watch(bg, versions, last) })
	return c, nil
}

// Close releases everything. No method may run or be called afterwards.
func (c *Catalog) Close() error {
	c.stop()
	c.stopped.Wait()
	if s := c.state.Load(); s.pool != nil {
		s.pool.Close()
	}
	for _, r := range c.retired {
		if r.later.Stop() {
			r.pool.Close()
		}
	}
	return c.db.Close()
}

// Generation changes whenever the answer to any other method may have changed; what was
// rendered at one generation is valid as long as it stays. Costs next to nothing. It lags
// behind the index by a tenth of a second at most.
func (c *Catalog) Generation() uint64 { return c.gen.Load() }

// watch notices commits to the index after the version last.
func (c *Catalog) watch(ctx context.Context, versions *store.VersionReader, last int64) {
	defer versions.Close()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := versions.Read(ctx)
		if err != nil || now == last {
			continue
		}
		if err := c.reload(ctx); err != nil {
			c.log.Error("reload after the index changed", "err", err)
			continue
		}
		last = now
	}
}

// reload reads the inboxes anew, drops what may be stale and steps the generation.
func (c *Catalog) reload(ctx context.Context) error {
	list, err := c.opt.Inboxes()
	if err != nil {
		return err
	}
	counts, err := c.db.Inboxes(ctx)
	if err != nil {
		return err
	}
	s := &state{ids: map[string]store.InboxID{}}
	if err := c.fill(ctx, s, list, counts); err != nil {
		return err
	}
	old := c.state.Load()
	if old != nil && old.pool != nil && equal(old.dirs, s.dirs) {
		s.pool = old.pool
	} else if s.pool, err = git.NewPool(s.dirs, readersPerPool); err != nil {
		return err
	}
	shaken, err := c.db.Shaken(ctx)
	if err != nil {
		return err
	}
	if c.shaken.Swap(shaken) != shaken {
		c.rows.clear()
		c.mids.clear()
	}
	c.found.clear()
	c.state.Store(s)
	c.gen.Add(1)
	if old != nil && old.pool != nil && old.pool != s.pool {
		later := time.AfterFunc(time.Minute, func() { old.pool.Close() }) // readers may still be in it
		c.retired = append(c.retired, retired{old.pool, later})
	}
	return nil
}

// readersPerPool is how many git processes may read blobs at the same time.
const readersPerPool = 2

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// fill joins what the configuration knows of the inboxes with what the index and the
// archive know.
func (c *Catalog) fill(ctx context.Context, s *state, list []Inbox, counts []store.InboxRow) error {
	rows := map[string]store.InboxRow{}
	for _, r := range counts {
		rows[r.Name] = r
	}
	s.all = Inbox{Name: All, Description: "All inboxes together"}
	for _, b := range list {
		if r, ok := rows[b.Name]; ok {
			s.ids[b.Name] = r.ID
			b.Messages = r.Messages
			var err error
			if b.Newest, err = c.received(ctx, r.Newest); err != nil {
				return err
			}
			if b.Oldest, err = c.received(ctx, r.Oldest); err != nil {
				return err
			}
		}
		if err := c.onDisk(ctx, s, &b); err != nil {
			c.log.Error("read inbox", "inbox", b.Name, "err", err)
			continue
		}
		if b.Newest.After(s.all.Newest) {
			s.all.Newest = b.Newest
		}
		if s.all.Oldest.IsZero() || !b.Oldest.IsZero() && b.Oldest.Before(s.all.Oldest) {
			s.all.Oldest = b.Oldest
		}
		s.inboxes = append(s.inboxes, b)
	}
	var err error
	s.all.Messages, err = c.db.CountMessages(ctx)
	return err
}

// received gives the time of arrival of a message.
func (c *Catalog) received(ctx context.Context, id MsgID) (time.Time, error) {
	if id == 0 {
		return time.Time{}, nil
	}
	r, err := c.row(ctx, id)
	if err != nil || r == nil {
		return time.Time{}, err
	}
	return r.Received, nil
}

// onDisk reads what the inbox's directory says.
func (c *Catalog) onDisk(ctx context.Context, s *state, b *Inbox) error {
	a, err := archive.Open(b.Dir)
	if err != nil {
		return err
	}
	if b.Description == "" {
		b.Description = a.Description()
	}
	epochs, err := a.Epochs(ctx)
	if err != nil {
		return err
	}
	for _, e := range epochs {
		ref, tip, err := e.Repo.Tip(ctx)
		if err != nil {
			return err
		}
		s.dirs = append(s.dirs, e.Dir)
		b.Epochs = append(b.Epochs, Epoch{N: e.N, Dir: e.Dir, Tip: tip, Ref: ref, Modified: c.modified(ctx, e, tip)})
	}
	if b.Created.IsZero() {
		b.Created = created(b.Dir)
	}
	return nil
}

// Inboxes lists the visible inboxes by name, without All.
func (c *Catalog) Inboxes(ctx context.Context) ([]Inbox, error) {
	var list []Inbox
	for _, b := range c.state.Load().inboxes {
		if !b.Hidden {
			list = append(list, b)
		}
	}
	return list, nil
}

// Inbox describes one inbox; All works too.
func (c *Catalog) Inbox(ctx context.Context, name string) (*Inbox, error) {
	s := c.state.Load()
	if name == All {
		return &s.all, nil
	}
	for i := range s.inboxes {
		if s.inboxes[i].Name == name {
			return &s.inboxes[i], nil
		}
	}
	return nil, errs.New(errs.NotFound, "inbox %q: not found", name)
}

// inboxID gives the index's number of an inbox.
func (c *Catalog) inboxID(name string) (store.InboxID, error) {
	if name == All {
		return store.AnyInbox, nil
	}
	s := c.state.Load()
	if id, ok := s.ids[name]; ok {
		return id, nil
	}
	for i := range s.inboxes {
		if s.inboxes[i].Name == name {
			return -1, nil // not indexed yet: there, and empty
		}
	}
	return 0, errs.New(errs.NotFound, "inbox %q: not found", name)
}

// discover finds the inboxes of a data directory that has no configuration.
func discover(dir string) ([]Inbox, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "inbox", "*", "inbox.lock"))
	if err != nil {
		return nil, err
	}
	var list []Inbox
	for _, p := range paths {
		d := filepath.Dir(p)
		list = append(list, Inbox{Name: filepath.Base(d), Dir: d})
	}
	return list, nil
}
