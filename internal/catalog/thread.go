package catalog

import (
	"context"
	"slices"

	"bobbin/internal/errs"
	"bobbin/internal/mail"
	"bobbin/internal/store"
)

// Thread gives the discussion around a message: strict, and with loose also what is
// joined by subject only. NotFound when the inbox has no such message.
func (c *Catalog) Thread(ctx context.Context, inbox, msgid string, loose bool) (*Thread, error) {
	in, err := c.inboxID(inbox)
	if err != nil {
		return nil, err
	}
	around, err := c.carriers(ctx, in, msgid)
	if err != nil {
		return nil, err
	}
	if len(around) == 0 {
		return nil, errs.New(errs.NotFound, "message <%s> in %s: not found", msgid, inbox)
	}
	ids, err := c.threadAround(ctx, in, around[0].ID, around[0].Thread)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, errs.New(errs.NotFound, "message <%s> in %s: not found", msgid, inbox)
	}
	strict, err := c.rowsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var others []*store.Row
	if loose {
		if others, err = c.sameSubject(ctx, in, &around[0].Summary); err != nil {
			return nil, err
		}
	}
	return c.thread(ctx, strict, others), nil
}

// threadAround gives the thread that a message is in, none when the message has gone. thread
// is what was known of it: between a commit and the next reload threads may have joined.
func (c *Catalog) threadAround(ctx context.Context, in store.InboxID, id MsgID, thread int64) ([]MsgID, error) {
	for {
		ids, err := c.db.Thread(ctx, in, thread)
		if err != nil || slices.Contains(ids, id) {
			return ids, err
		}
		r, ok, err := c.db.Message(ctx, id)
		if err != nil || !ok || r.Thread == thread {
			return nil, err
		}
		thread = r.Thread
	}
}

// sameSubject gives the messages of other threads whose base subject is that of r.
func (c *Catalog) sameSubject(ctx context.Context, in store.InboxID, r *Summary) ([]*store.Row, error) {
	base := mail.BaseSubject(r.Subject)
	if base == "" {
		return nil, nil
	}
	ids, err := c.db.SameSubject(ctx, in, base, r.Thread)
	if err != nil {
		return nil, err
	}
	rows, err := c.rowsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(o *store.Row) bool { return mail.BaseSubject(o.Subject) != base }), nil
}

// thread builds the trees of both parts.
func (c *Catalog) thread(ctx context.Context, strict, loose []*store.Row) *Thread {
	t := &Thread{Strict: len(strict)}
	t.Messages = append(summaries(strict), summaries(loose)...)
	text := func(key int64) string { return c.midText(ctx, key) }
	f := grow(strict)
	t.Tree = f.walk(f.settle(), text)
	if len(loose) == 0 {
		return t
	}
	f = grow(loose)
	base := len(t.Tree)
	for _, n := range f.walk(f.settle(), text) {
		n.Loose = true
		if n.Parent >= 0 {
			n.Parent += base
		}
		for i := range n.Kids {
			n.Kids[i] += base
		}
		t.Tree = append(t.Tree, n)
	}
	return t
}

// midText gives the Message-ID of a key, "" when it cannot be read.
func (c *Catalog) midText(ctx context.Context, key int64) string {
	s, ok, epoch := c.mids.get(key)
	if ok {
		return s
	}
	s, err := c.db.MidText(ctx, key)
	if err != nil {
		c.log.Error("read a Message-ID", "key", key, "err", err)
		return ""
	}
	c.mids.put(key, s, epoch)
	return s
}

// Neighbours gives the messages next to one in its thread's reading order, and its
// parent; "" for none. The parent may be a message that is not in the archive.
func (t *Thread) Neighbours(msgid string) (prev, next, parent string) {
	at := slices.IndexFunc(t.Tree, func(n Node) bool { return n.Msg != nil && n.MessageID == msgid })
	if at < 0 {
		return "", "", ""
	}
	for i := at - 1; i >= 0 && prev == ""; i-- {
		if t.Tree[i].Msg != nil {
			prev = t.Tree[i].MessageID
		}
	}
	for i := at + 1; i < len(t.Tree) && next == ""; i++ {
		if t.Tree[i].Msg != nil {
			next = t.Tree[i].MessageID
		}
	}
	if p := t.Tree[at].Parent; p >= 0 {
		parent = t.Tree[p].MessageID
	}
	return prev, next, parent
}
