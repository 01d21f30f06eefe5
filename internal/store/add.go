package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// Add stores a mail of an inbox: the article, and the message, its thread and its text
// unless another inbox brought the same message before. The rules for duplicates are
// public-inbox's: a mail is known to an inbox when each of its Message-IDs is the first id
// of one of its articles.
func (w *Writer) Add(ctx context.Context, at Place, d *Doc) (Outcome, error) {
	if len(d.IDs) == 0 {
		return 0, fmt.Errorf("store message %s: no Message-ID", d.Blob)
	}
	own, err := w.lookupAll(ctx, d.IDs)
	if err != nil {
		return 0, err
	}
	first, twin, err := w.match(ctx, at.Inbox, d, own)
	if err != nil || first < 0 {
		return Duplicate, err
	}
	refs, err := w.lookupAll(ctx, boundRefs(d.Refs))
	if err != nil {
		return 0, err
	}
	thread, err := w.join(ctx, d.IDs, own, boundRefs(d.Refs), refs)
	if err != nil {
		return 0, err
	}
	if twin == 0 {
		if twin, err = w.addMessage(ctx, d, own, first, refs, thread); err != nil {
			return 0, err
		}
		return Added, w.addArticle(ctx, at, twin, d.List, nil, nil)
	}
	if len(own) > 1 { // the copy may carry ids that the first one did not
		for _, r := range own {
			if _, err := w.stmt.addTwinAlias.ExecContext(ctx, r.key, twin); err != nil {
				return 0, fmt.Errorf("store message %s: %w", d.Blob, err)
			}
		}
	}
	blob, err := blobBytes(d.Blob)
	if err != nil {
		return 0, err
	}
	return Added, w.addArticle(ctx, at, twin, d.List, blob, d.Received.Unix())
}

func boundRefs(refs []string) []string {
	if len(refs) <= maxRefs {
		return refs
	}
	return append(slices.Clone(refs[:1]), refs[len(refs)-maxRefs+1:]...)
}

func (w *Writer) lookupAll(ctx context.Context, ids []string) ([]midRow, error) {
	rows := make([]midRow, len(ids))
	for i, id := range ids {
		r, err := w.mid(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("look up <%s>: %w", id, err)
		}
		rows[i] = r
	}
	return rows, nil
}

// match looks among the mails with the same ids. first is the index of the Message-ID
// that is new to the inbox (-1: none, a duplicate), twin the same message when another
// inbox holds it (0: none).
func (w *Writer) match(ctx context.Context, in InboxID, d *Doc, own []midRow) (first int, twin int64, err error) {
	first = -1
	for i, r := range own {
		taken := false
		if r.known {
			var t int64
			if taken, t, err = w.carriers(ctx, in, r.key, d.Hash[:16]); err != nil {
				return 0, 0, err
			}
			if twin == 0 {
				twin = t
			}
		}
		if !taken && first < 0 {
			first = i
		}
	}
	return first, twin, nil
}

// carriers reports whether an article of the inbox has the id as its first one, and which
// message of other inboxes has the same content.
func (w *Writer) carriers(ctx context.Context, in InboxID, mid int64, hash []byte) (taken bool, twin int64, err error) {
	rows, err := w.stmt.carriers.QueryContext(ctx, mid, in)
	if err != nil {
		return false, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var msg, primary int64
		var have []byte
		var here bool
		if err := rows.Scan(&msg, &primary, &have, &here); err != nil {
			return false, 0, err
		}
		switch {
		case here && primary == mid:
			taken = true
		case !here && twin == 0 && string(have) == string(hash):
			twin = msg
		}
	}
	return taken, twin, rows.Err()
}

// join puts a mail's own ids and its references into one thread, storing the new ones,
// and gives the thread.
func (w *Writer) join(ctx context.Context, ids []string, own []midRow, refIDs []string, refs []midRow) (int64, error) {
	var threads []int64
	for _, rows := range [][]midRow{own, refs} {
		for _, r := range rows {
			if r.known && !slices.Contains(threads, r.thread) {
				threads = append(threads, r.thread)
			}
		}
	}
	thread := own[0].key
	if len(threads) > 0 {
		thread = threads[0]
	}
	for _, other := range threads[min(1, len(threads)):] {
		var err error
		if thread, err = w.mergeThreads(ctx, thread, other); err != nil {
			return 0, fmt.Errorf("merge threads: %w", err)
		}
	}
	if err := w.settle(ctx, ids, own, thread); err != nil {
		return 0, err
	}
	return thread, w.settle(ctx, refIDs, refs, thread)
}

// settle stores ids that are new, and the thread of those that no message carried along.
func (w *Writer) settle(ctx context.Context, ids []string, rows []midRow, thread int64) error {
	for i := range rows {
		r := &rows[i]
		known := r.thread
		r.thread = thread
		if r.known {
			if known != thread {
				if _, err := w.stmt.setMidThread.ExecContext(ctx, thread, r.key); err != nil {
					return err
				}
				w.remember(ids[i], *r)
			}
			continue
		}
		// The free place may have been taken by another id of the same mail.
		free, err := w.mid(ctx, ids[i])
		if err != nil {
			return err
		}
		r.key = free.key
		if free.known {
			r.known = true
			continue
		}
		if err := w.addMid(ctx, ids[i], *r); err != nil {
			return err
		}
		r.known = true
	}
	return nil
}

// mergeThreads makes two threads one and gives the one that stays: that with more
// messages, so that a message changes its thread at most log2(n) times.
func (w *Writer) mergeThreads(ctx context.Context, a, b int64) (int64, error) {
	var na, nb int64
	if err := w.stmt.countThreads.QueryRowContext(ctx, a, b).Scan(&na, &nb); err != nil {
		return 0, err
	}
	if nb > na || nb == na && b < a {
		a, b = b, a
	}
	rows, err := w.stmt.threadKeys.QueryContext(ctx, b)
	if err != nil {
		return 0, err
	}
	keys, limit := []int64{}, 1<<16
	for rows.Next() {
		var mid int64
		var refs []byte
		if err := rows.Scan(&mid, &refs); err != nil {
			rows.Close()
			return 0, err
		}
		keys = append(append(keys, mid), unpackKeys(refs)...)
		if len(keys) >= limit { // the mails of a thread refer to the same few
			slices.Sort(keys)
			keys = slices.Compact(keys)
			limit = max(limit, 2*len(keys))
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return 0, err
	}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		if _, err := w.stmt.setMidThread.ExecContext(ctx, a, k); err != nil {
			return 0, err
		}
	}
	for _, s := range []*sql.Stmt{w.stmt.setThread, w.stmt.moveStrays} {
		if _, err := s.ExecContext(ctx, a, b); err != nil {
			return 0, err
		}
	}
	if len(keys) > 0 {
		w.shaken++
	}
	clear(w.mids)
	return a, nil
}

// addMessage stores the overview row, the Message-IDs it carries and queues its text.
func (w *Writer) addMessage(ctx context.Context, d *Doc, own []midRow, first int, refs []midRow, thread int64) (int64, error) {
	blob, err := blobBytes(d.Blob)
	if err != nil {
		return 0, err
	}
	id, err := w.newID(ctx, d.Received)
	if err != nil {
		return 0, err
	}
	keys := make([]int64, len(refs))
	for i, r := range refs {
		keys[i] = r.key
	}
	w.seq++
	_, err = w.stmt.addMessage.ExecContext(ctx, id, w.seq, own[first].key, thread, hashKey(d.BaseSubject),
		d.Sent.Unix(), d.Received.Unix(), d.Bytes, int64(d.Flags), d.Subject, d.From.Name, d.From.Addr,
		packKeys(keys), blob, d.Hash[:16])
	if err != nil {
		return 0, fmt.Errorf("store message %s: %w", d.Blob, err)
	}
	for i, r := range own {
		if i == first {
			continue
		}
		if _, err := w.stmt.addAlias.ExecContext(ctx, r.key, id); err != nil {
			return 0, fmt.Errorf("store message %s: %w", d.Blob, err)
		}
	}
	w.text = append(w.text, textRow{id: id, cols: d.Text})
	for _, c := range d.Text {
		w.queued += len(c)
	}
	if w.queued >= textBatch {
		return id, w.flushText(ctx)
	}
	return id, nil
}

func (w *Writer) addArticle(ctx context.Context, at Place, msg int64, list string, blob []byte, received any) error {
	number, ok := w.numbers[at.Inbox]
	if !ok {
		if err := w.stmt.nextNumber.QueryRowContext(ctx, at.Inbox).Scan(&number); err != nil {
			return fmt.Errorf("number article: %w", err)
		}
	}
	w.numbers[at.Inbox] = number + 1
	listID, err := w.list(ctx, list)
	if err != nil {
		return fmt.Errorf("store List-Id %q: %w", list, err)
	}
	var b any
	if blob != nil {
		b = blob
	}
	if _, err := w.stmt.addArticle.ExecContext(ctx, at.Inbox, number, msg, at.Epoch, listID, b, received); err != nil {
		return fmt.Errorf("store article %d: %w", number, err)
	}
	return nil
}

// maxListCache bounds the List-Ids kept in memory.
const maxListCache = 4096

// list gives the number of a List-Id, nil for none.
func (w *Writer) list(ctx context.Context, name string) (any, error) {
	if name == "" {
		return nil, nil
	}
	if id, ok := w.lists[name]; ok {
		return id, nil
	}
	var id int64
	if err := w.stmt.addList.QueryRowContext(ctx, name).Scan(&id); err != nil {
		return nil, err
	}
	if len(w.lists) >= maxListCache {
		clear(w.lists)
	}
	w.lists[name] = id
	return id, nil
}

// maxSecond bounds ids made from times (year 36812).
const maxSecond = 1 << 40

// newID gives the first free id at or after the second a mail was received.
func (w *Writer) newID(ctx context.Context, received time.Time) (int64, error) {
	want := min(max(received.Unix(), 1), maxSecond)
	id := want
	for id <= w.maxID {
		if n, ok := w.next[id]; ok {
			id = n
			continue
		}
		var taken bool
		if err := w.stmt.taken.QueryRowContext(ctx, id).Scan(&taken); err != nil {
			return 0, err
		}
		if !taken {
			break
		}
		id++
	}
	if len(w.next) > 1<<16 {
		clear(w.next)
	}
	w.next[want] = id + 1
	w.maxID = max(w.maxID, id)
	w.spill = max(w.spill, id-want)
	return id, nil
}
