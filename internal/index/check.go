package index

import (
	"context"
	"fmt"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
	"bobbin/internal/git"
	"bobbin/internal/mail"
	"bobbin/internal/store"
)

// Problem is something that Check found.
type Problem struct {
	Inbox string
	Epoch int    // -1: the whole inbox, or the index
	What  string // one line
}

// Check verifies the epochs (git fsck, the form of their trees) and the index against
// them. It changes nothing.
func Check(ctx context.Context, dir string, sources []Source) ([]Problem, error) {
	db, err := store.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c := &checker{ctx: ctx, db: db}
	if err := c.database(); err != nil {
		return c.found, err
	}
	rows, err := db.Inboxes(ctx)
	if err != nil {
		return c.found, err
	}
	ids := map[string]store.InboxID{}
	for _, r := range rows {
		ids[r.Name] = r.ID
	}
	for _, src := range sources {
		if err := c.inbox(src, ids[src.Name]); err != nil {
			return c.found, fmt.Errorf("check %s: %w", src.Name, err)
		}
	}
	return c.found, nil
}

type checker struct {
	ctx   context.Context
	db    *store.DB
	found []Problem
}

func (c *checker) report(inbox string, epoch int, format string, args ...any) {
	c.found = append(c.found, Problem{inbox, epoch, fmt.Sprintf(format, args...)})
}

// database looks at the index by itself.
func (c *checker) database() error {
	bad, err := c.db.Integrity(c.ctx)
	if err != nil {
		return err
	}
	for _, b := range bad {
		c.report("", -1, "index: %s", b)
	}
	messages, texts, articles, err := c.db.Orphans(c.ctx)
	if err != nil {
		return err
	}
	for _, o := range []struct {
		n    int64
		what string
	}{{messages, "messages without an article"}, {texts, "messages without their text"}, {articles, "articles without a message"}} {
		if o.n > 0 {
			c.report("", -1, "index: %d %s", o.n, o.what)
		}
	}
	faults, err := c.db.Faults(c.ctx)
	for _, f := range faults {
		c.report(f.Inbox, f.Epoch, "commit %s: blob %s: %s", f.Commit, f.Blob, f.Reason)
	}
	return err
}

func (c *checker) inbox(src Source, id store.InboxID) error {
	b, err := archive.Open(src.Dir)
	if err != nil {
		c.report(src.Name, -1, "%v", err)
		return nil
	}
	for _, p := range b.Check(c.ctx) {
		c.report(src.Name, p.Epoch, "%s", p.What)
	}
	if id == 0 {
		c.report(src.Name, -1, "not indexed")
		return nil
	}
	cursors, err := c.db.Cursors(c.ctx, id)
	if err != nil {
		return err
	}
	epochs, err := b.Epochs(c.ctx)
	if err != nil {
		return err
	}
	for _, e := range epochs {
		_, tip, err := e.Repo.Tip(c.ctx)
		if err != nil {
			c.report(src.Name, e.N, "%v", err)
			continue
		}
		if at := cursors[e.N]; at != tip {
			c.report(src.Name, e.N, "indexed up to %q, the epoch is at %q: run 'bobbin index'", short(at), short(tip))
			continue
		}
		if err := c.epoch(src, e, store.Place{Inbox: id, Epoch: e.N}, tip); err != nil {
			return err
		}
	}
	return nil
}

func short(oid string) string { return oid[:min(12, len(oid))] }

// epoch compares what the history adds with the articles that came from it.
func (c *checker) epoch(src Source, e archive.Epoch, at store.Place, tip string) error {
	if tip == "" {
		return nil
	}
	have, err := c.db.EpochBlobs(c.ctx, at)
	if err != nil {
		return err
	}
	want := map[string]int{}
	for ch, err := range e.Repo.Log(c.ctx, "", tip) {
		switch {
		case err != nil:
			c.report(src.Name, e.N, "%v", err)
			return nil
		case ch.Path == "m" && ch.Status != 'D':
			want[ch.Blob]++
		case ch.Path == "d" && ch.Status != 'D' && want[ch.Blob] > 0:
			want[ch.Blob]--
		}
	}
	for blob, n := range have {
		if n > want[blob] {
			c.report(src.Name, e.N, "blob %s is indexed and not in the epoch", blob)
		}
	}
	pool, err := git.NewPool([]string{e.Dir}, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	for blob, n := range want {
		if n > have[blob] {
			if err := c.absent(src, e, at, pool, blob); err != nil {
				return err
			}
		}
	}
	return nil
}

// absent looks at a blob that has no article: it should be a duplicate, purged, or known
// to be unreadable.
func (c *checker) absent(src Source, e archive.Epoch, at store.Place, pool *git.Pool, blob string) error {
	raw, err := pool.Read(c.ctx, blob)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Corrupt) {
		return nil // among the faults
	}
	if err != nil || len(raw) == 0 {
		return err
	}
	for _, id := range mail.Parse(raw).IDs() {
		held, err := c.db.ContentHashes(c.ctx, at.Inbox, id)
		if err != nil || len(held) > 0 {
			return err
		}
	}
	c.report(src.Name, e.N, "blob %s is in the epoch and not indexed", blob)
	return nil
}
