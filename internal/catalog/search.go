package catalog

import (
	"cmp"
	"context"
	"iter"
	"math"
	"time"

	"bobbin/internal/errs"
	"bobbin/internal/query"
	"bobbin/internal/store"
)

// MaxHits is the most hits a page of a search holds.
const MaxHits = 200

// searchTime is the default of Options.SearchTime: people do not wait longer.
const searchTime = 10 * time.Second

// maxSearches bounds the searches that run at the same time, so that slow ones leave
// connections to the pages that only look something up.
const maxSearches = store.Readers / 2

// Search runs a query. A query that does not parse is errs.Invalid; one that takes longer
// than Options.SearchTime, waiting for others included, is errs.Busy.
func (c *Catalog) Search(ctx context.Context, r Request) (*Result, error) {
	f, err := c.find(ctx, r)
	if err != nil {
		return nil, err
	}
	if r.Limit <= 0 || r.Limit > MaxHits {
		r.Limit = MaxHits
	}
	f.Limit, f.Offset = r.Limit+1, max(r.Offset, 0)
	res := &Result{Anchor: r.Anchor}
	if res.Anchor == 0 {
		if res.Anchor, err = c.db.LastSeq(ctx); err != nil {
			return nil, err
		}
	} else {
		f.Seq = r.Anchor
	}
	found, err := c.search(ctx, f)
	if err != nil {
		return nil, err
	}
	if f.Seq == 0 { // mail that came meanwhile must not be on this page and off the next
		if last, err := c.db.LastSeq(ctx); err != nil {
			return nil, err
		} else if last != res.Anchor {
			f.Seq = res.Anchor
			if found, err = c.search(ctx, f); err != nil {
				return nil, err
			}
		}
	}
	res.More = len(found) > r.Limit
	res.Exact = !res.More && (len(found) > 0 || f.Offset == 0)
	res.Total = f.Offset + len(found)
	if res.More {
		found = found[:r.Limit]
	}
	res.Hits, err = c.hits(ctx, found, r)
	return res, err
}

// hits gives what was found as the reader sees it.
func (c *Catalog) hits(ctx context.Context, found []store.Found, r Request) ([]Hit, error) {
	ids := make([]MsgID, len(found))
	scores := make(map[MsgID]float64, len(found))
	best := 0.0
	for i, h := range found {
		ids[i], scores[h.ID] = h.ID, h.Score
		best = max(best, h.Score)
	}
	rows, err := c.rowsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var homes map[MsgID]string
	if r.Inbox == All {
		if homes, err = c.db.Homes(ctx, ids, c.visible); err != nil {
			return nil, err
		}
	}
	hits := make([]Hit, len(rows))
	for i, row := range rows {
		hits[i].Summary, hits[i].Inbox = row.Summary, r.Inbox
		if r.Inbox == All {
			hits[i].Inbox = cmp.Or(homes[row.ID], All)
		}
		if r.Relevance && best > 0 {
			hits[i].Percent = int(math.Round(100 * scores[row.ID] / best))
		}
	}
	return hits, nil
}

// visible reports whether readers may be shown the inbox.
func (c *Catalog) visible(inbox string) bool {
	b, err := c.Inbox(context.Background(), inbox)
	return err == nil && !b.Hidden
}

// search runs one search of the store within the time and the number that are allowed.
func (c *Catalog) search(ctx context.Context, f store.Find) ([]store.Found, error) {
	limited, cancel := context.WithTimeout(ctx, c.opt.SearchTime)
	defer cancel()
	select {
	case c.searching <- struct{}{}:
		defer func() { <-c.searching }()
	case <-limited.Done():
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errs.WithHint(errs.Busy, "try again later", "search: too many others are running")
	}
	found, err := c.db.Search(limited, f)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return nil, errs.WithHint(errs.Busy, "ask for rarer words, or for less", "search: it took longer than %v", c.opt.SearchTime)
	}
	return found, err
}

// find translates a request.
func (c *Catalog) find(ctx context.Context, r Request) (store.Find, error) {
	in, err := c.inboxID(r.Inbox)
	if err != nil {
		return store.Find{}, err
	}
	q, err := query.Parse(r.Query, c.opt.Now())
	if err != nil {
		return store.Find{}, err
	}
	f := store.Find{Query: q, Inbox: in, Relevance: r.Relevance, Ascending: r.Ascending, Collapse: r.Collapse}
	if r.Thread != "" {
		around, err := c.carriers(ctx, in, r.Thread)
		if err != nil {
			return f, err
		}
		if len(around) == 0 {
			return f, errs.New(errs.NotFound, "message <%s> in %s: not found", r.Thread, r.Inbox)
		}
		row, ok, err := c.db.Message(ctx, around[0].ID) // fresh: threads may have joined
		if err != nil {
			return f, err
		}
		if f.Thread = around[0].Thread; ok {
			f.Thread = row.Thread
		}
	}
	return f, nil
}

// Matches streams every match newest first (r.Offset and r.Limit are ignored), with
// threads the whole strict thread of each. For mboxes: memory stays bounded.
func (c *Catalog) Matches(ctx context.Context, r Request, threads bool) iter.Seq2[Article, error] {
	return func(yield func(Article, error) bool) {
		f, err := c.find(ctx, r)
		if err != nil {
			yield(Article{}, err)
			return
		}
		f.Limit, f.Offset, f.Relevance, f.Ascending, f.Collapse, f.Sweep = chunk, 0, false, false, threads, true
		seen := map[int64]bool{}
		for {
			found, err := c.search(ctx, f)
			if err != nil {
				yield(Article{}, err)
				return
			}
			for _, h := range found {
				if threads && seen[h.Thread] {
					continue
				}
				seen[h.Thread] = threads
				if !c.yieldMatch(ctx, f, h, threads, yield) {
					return
				}
			}
			if len(found) < f.Limit {
				return
			}
			f.Below = found[len(found)-1].ID
		}
	}
}

// yieldMatch gives a match, or its whole thread newest first; false to stop.
func (c *Catalog) yieldMatch(ctx context.Context, f store.Find, h store.Found, threads bool, yield func(Article, error) bool) bool {
	ids := []MsgID{h.ID}
	if threads {
		var err error
		if ids, err = c.threadAround(ctx, f.Inbox, h.ID, h.Thread); err != nil {
			yield(Article{}, err)
			return false
		}
	}
	for i := range ids {
		list, err := c.appendArticle(ctx, nil, f.Inbox, ids[len(ids)-1-i])
		if err != nil {
			yield(Article{}, err)
			return false
		}
		for _, a := range list {
			if !yield(a, nil) {
				return false
			}
		}
	}
	return true
}
