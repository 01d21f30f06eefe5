package catalog

import (
	"context"
	"iter"
	"slices"

	"bobbin/internal/errs"
	"bobbin/internal/store"
)

// rowCost estimates the memory a row takes, with the cache's own overhead.
func rowCost(r *store.Row) int64 {
	return int64(480 + len(r.MessageID) + len(r.Subject) + len(r.From.Name) + len(r.From.Addr) + 8*len(r.Refs))
}

// row gives one overview row, nil when it is gone.
func (c *Catalog) row(ctx context.Context, id MsgID) (*store.Row, error) {
	r, ok, epoch := c.rows.get(id)
	if ok {
		return r, nil
	}
	r, ok, err := c.db.Message(ctx, id)
	if err != nil || !ok {
		return nil, err
	}
	c.rows.put(id, r, epoch)
	return r, nil
}

// rowsOf gives the rows of ids in their order, leaving out those that are gone.
func (c *Catalog) rowsOf(ctx context.Context, ids []MsgID) ([]*store.Row, error) {
	list := make([]*store.Row, len(ids))
	var missing []MsgID
	var epoch uint64
	for i, id := range ids {
		r, ok, e := c.rows.get(id)
		if list[i] = r; !ok {
			missing = append(missing, id)
			epoch = e
		}
	}
	if len(missing) == 0 {
		return list, nil
	}
	read, err := c.db.Messages(ctx, missing)
	if err != nil {
		return nil, err
	}
	byID := make(map[MsgID]*store.Row, len(read))
	for _, r := range read {
		byID[r.ID] = r
		c.rows.put(r.ID, r, epoch)
	}
	for i, id := range ids {
		if list[i] == nil {
			list[i] = byID[id]
		}
	}
	return slices.DeleteFunc(list, func(r *store.Row) bool { return r == nil }), nil
}

func summaries(rows []*store.Row) []Summary {
	list := make([]Summary, len(rows))
	for i, r := range rows {
		list[i] = r.Summary
	}
	return list
}

// carrier is a question that a page asks several times.
type carrier struct {
	in    store.InboxID
	msgid string
}

// carriers gives the messages of an inbox that carry a Message-ID.
func (c *Catalog) carriers(ctx context.Context, in store.InboxID, msgid string) ([]Article, error) {
	list, ok, epoch := c.found.get(carrier{in, msgid})
	if ok {
		return list, nil
	}
	key, _, ok, err := c.db.Mid(ctx, msgid)
	if err != nil || !ok {
		return nil, err
	}
	ids, err := c.db.Carriers(ctx, key)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if list, err = c.appendArticle(ctx, list, in, id); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b Article) int { return int(a.Number - b.Number) })
	c.found.put(carrier{in, msgid}, list, epoch)
	return list, nil
}

// Messages gives every message of the inbox with this Message-ID (mostly one; an id can
// be reused), in article order. NotFound when there is none.
func (c *Catalog) Messages(ctx context.Context, inbox, msgid string) ([]Article, error) {
	in, err := c.inboxID(inbox)
	if err != nil {
		return nil, err
	}
	list, err := c.carriers(ctx, in, msgid)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.New(errs.NotFound, "message <%s> in %s: not found", msgid, inbox)
	}
	return slices.Clone(list), nil
}

// appendArticle adds an inbox's copy of a message, or the first one for All.
func (c *Catalog) appendArticle(ctx context.Context, list []Article, in store.InboxID, id MsgID) ([]Article, error) {
	r, err := c.row(ctx, id)
	if err != nil || r == nil {
		return list, err
	}
	copies, err := c.db.Copies(ctx, in, id)
	if err != nil || len(copies) == 0 {
		return list, err
	}
	return append(list, article(r, copies[0])), nil
}

func article(r *store.Row, cp store.Copy) Article {
	a := Article{Summary: r.Summary, Inbox: cp.Inbox, Number: cp.Number, Blob: r.Blob, Received: r.Received}
	if cp.Blob != "" {
		a.Blob = cp.Blob
	}
	if !cp.Received.IsZero() {
		a.Received = cp.Received
	}
	return a
}

// Raw gives the bytes of a mail as the archive keeps them. The caller must not change
// them.
func (c *Catalog) Raw(ctx context.Context, blob string) ([]byte, error) {
	b, ok, epoch := c.blobs.get(blob)
	if ok {
		return b, nil
	}
	pool := c.state.Load().pool
	if pool == nil {
		return nil, errs.New(errs.NotFound, "blob %s: no inbox", blob)
	}
	b, err := pool.Read(ctx, blob)
	if err != nil {
		return nil, err
	}
	c.blobs.put(blob, b, epoch)
	return b, nil
}

// chunk is how many articles are read at a time.
const chunk = 500

// Articles streams an inbox in article order, from number from (inclusive). For All the
// order is that of arrival, newest last, and Number is 0.
func (c *Catalog) Articles(ctx context.Context, inbox string, from int64) iter.Seq2[Article, error] {
	return func(yield func(Article, error) bool) {
		in, err := c.inboxID(inbox)
		if err != nil {
			yield(Article{}, err)
			return
		}
		if in == store.AnyInbox {
			c.everything(ctx, yield)
			return
		}
		for {
			copies, err := c.db.Articles(ctx, in, from, chunk)
			if err != nil {
				yield(Article{}, err)
				return
			}
			if !c.yieldCopies(ctx, inbox, copies, yield) {
				return
			}
			if len(copies) < chunk {
				return
			}
			from = copies[len(copies)-1].Number + 1
		}
	}
}

// yieldCopies gives articles in their order; false to stop.
func (c *Catalog) yieldCopies(ctx context.Context, inbox string, copies []store.Copy, yield func(Article, error) bool) bool {
	ids := make([]MsgID, len(copies))
	for i, cp := range copies {
		ids[i] = cp.Msg
	}
	rows, err := c.rowsOf(ctx, ids)
	if err != nil {
		yield(Article{}, err)
		return false
	}
	for _, cp := range copies {
		if len(rows) == 0 || rows[0].ID != cp.Msg {
			continue // gone
		}
		cp.Inbox = inbox
		if !yield(article(rows[0], cp), nil) {
			return false
		}
		rows = rows[1:]
	}
	return true
}

// everything streams all messages by time of arrival, each once.
func (c *Catalog) everything(ctx context.Context, yield func(Article, error) bool) {
	last := MsgID(0)
	for {
		ids, err := c.db.After(ctx, last, chunk)
		if err != nil {
			yield(Article{}, err)
			return
		}
		rows, err := c.rowsOf(ctx, ids)
		if err != nil {
			yield(Article{}, err)
			return
		}
		for _, r := range rows {
			if !yield(Article{Summary: r.Summary, Blob: r.Blob, Received: r.Received}, nil) {
				return
			}
		}
		if len(ids) < chunk {
			return
		}
		last = ids[len(ids)-1]
	}
}

// FirstNumber gives the number of the first article of a message's strict thread in an
// inbox.
func (c *Catalog) FirstNumber(ctx context.Context, inbox string, thread int64) (int64, error) {
	in, err := c.inboxID(inbox)
	if err != nil {
		return 0, err
	}
	return c.db.FirstNumber(ctx, in, thread)
}
