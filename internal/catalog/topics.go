package catalog

import (
	"context"
	"slices"
	"time"

	"bobbin/internal/errs"
	"bobbin/internal/mail"
	"bobbin/internal/store"
)

// defaultPage is how many messages or threads a listing shows.
const defaultPage = 200

func (s *Span) limit() int {
	if s.Limit <= 0 {
		return defaultPage
	}
	return s.Limit
}

// Recent lists messages, newest arrival first. With only After set it gives the page that
// follows it in time: the oldest messages after it.
func (c *Catalog) Recent(ctx context.Context, inbox string, s Span) (*Recent, error) {
	in, err := c.inboxID(inbox)
	if err != nil {
		return nil, err
	}
	rows, r, err := c.recent(ctx, in, s)
	if err != nil {
		return nil, err
	}
	r.Messages = summaries(rows)
	return r, nil
}

func (c *Catalog) recent(ctx context.Context, in store.InboxID, s Span) ([]*store.Row, *Recent, error) {
	n := s.limit()
	list := c.db.Recent
	if s.Before.IsZero() && !s.After.IsZero() {
		list = c.db.RecentAscending
	}
	ids, err := list(ctx, in, s.Before, s.After, n+1)
	if err != nil {
		return nil, nil, err
	}
	r := &Recent{Older: len(ids) > n, Newer: !s.Before.IsZero()}
	if len(ids) > n {
		ids = ids[:n]
	}
	if s.Before.IsZero() && !s.After.IsZero() {
		slices.Reverse(ids)
		r.Older, r.Newer = true, r.Older
	}
	rows, err := c.rowsOf(ctx, ids)
	return rows, r, err
}

// Topics groups the newest messages of a span by thread, newest activity first.
func (c *Catalog) Topics(ctx context.Context, inbox string, s Span) ([]Topic, *Recent, error) {
	in, err := c.inboxID(inbox)
	if err != nil {
		return nil, nil, err
	}
	rows, r, err := c.recent(ctx, in, s)
	if err != nil {
		return nil, nil, err
	}
	r.Messages = summaries(rows)
	var order []int64
	groups := map[int64][]*store.Row{}
	for _, row := range rows {
		if groups[row.Thread] == nil {
			order = append(order, row.Thread)
		}
		groups[row.Thread] = append(groups[row.Thread], row)
	}
	topics := make([]Topic, 0, len(order))
	for _, th := range order {
		t, err := c.topic(ctx, in, th, groups[th])
		if err != nil {
			return nil, nil, err
		}
		topics = append(topics, t)
	}
	return topics, r, nil
}

// topic describes a thread by the messages of it that a page holds, newest first.
func (c *Catalog) topic(ctx context.Context, in store.InboxID, thread int64, rows []*store.Row) (Topic, error) {
	n, err := c.db.CountThread(ctx, in, thread)
	if err != nil {
		return Topic{}, err
	}
	t := Topic{Latest: rows[0].Summary, Messages: max(n, len(rows))} // n is 0 when the thread has just joined another
	f := grow(rows)
	newest := map[string]*store.Row{} // by base subject; rows are newest first
	for _, r := range rows {
		if s := mail.BaseSubject(r.Subject); newest[s] == nil {
			newest[s] = r
		}
	}
	seen := map[string]bool{}
	for _, node := range f.walk(f.settle(), func(int64) string { return "" }) {
		if node.Msg == nil {
			continue
		}
		base := mail.BaseSubject(node.Msg.Subject)
		if seen[base] {
			continue
		}
		seen[base] = true
		if len(seen) == 1 {
			t.Root = *node.Msg
			t.RootLatest = newest[base].Summary
			continue
		}
		t.Subjects = append(t.Subjects, newest[base].Summary)
		t.Depth = append(t.Depth, max(node.Level, 1))
	}
	return t, nil
}

// Threads lists whole threads in the given order.
func (c *Catalog) Threads(ctx context.Context, inbox string, o TopicOrder, s Span) ([]Topic, error) {
	in, err := c.inboxID(inbox)
	if err != nil {
		return nil, err
	}
	before := s.Before
	if before.IsZero() {
		before = time.Unix(1<<40, 0)
	}
	threads, err := c.db.Threads(ctx, in, o == ByRoot, before, s.limit())
	if err != nil {
		return nil, err
	}
	topics := make([]Topic, 0, len(threads))
	for _, th := range threads {
		ids, err := c.db.Thread(ctx, in, th)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			continue
		}
		first, err := c.row(ctx, ids[0])
		if err != nil {
			return nil, err
		}
		last, err := c.row(ctx, ids[len(ids)-1])
		if err != nil {
			return nil, err
		}
		if first == nil || last == nil {
			continue
		}
		topics = append(topics, Topic{Root: first.Summary, RootLatest: last.Summary, Latest: last.Summary, Messages: len(ids)})
	}
	if len(topics) == 0 {
		return nil, errs.New(errs.NotFound, "topics of %s in that time: not found", inbox)
	}
	return topics, nil
}
