package catalog

import (
	"context"
	"iter"
	"math"

	"bobbin/internal/errs"
	"bobbin/internal/query"
	"bobbin/internal/store"
)

// MaxHits is the most hits a page of a search holds.
const MaxHits = 200

// Search runs a query. A query that does not parse is errs.Invalid.
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
	found, err := c.db.Search(ctx, f)
	if err != nil {
		return nil, err
	}
	res.More = len(found) > r.Limit
	res.Exact = !res.More && (len(found) > 0 || f.Offset == 0)
	res.Total = f.Offset + len(found)
	if res.More {
		found = found[:r.Limit]
	}
	res.Hits, err = c.hits(ctx, found, r.Relevance)
	return res, err
}

// hits gives what was found as the reader sees it.
func (c *Catalog) hits(ctx context.Context, found []store.Found, relevance bool) ([]Hit, error) {
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
	hits := make([]Hit, len(rows))
	for i, r := range rows {
		hits[i].Summary = r.Summary
		if relevance && best > 0 {
			hits[i].Percent = int(math.Round(100 * scores[r.ID] / best))
		}
	}
	return hits, nil
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
		f.Thread = around[0].Thread
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
		f.Limit, f.Offset, f.Relevance, f.Ascending, f.Collapse = chunk, 0, false, false, threads
		seen := map[int64]bool{}
		for {
			found, err := c.db.Search(ctx, f)
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
		if ids, err = c.db.Thread(ctx, f.Inbox, h.Thread); err != nil {
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
