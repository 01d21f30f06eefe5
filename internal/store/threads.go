package store

import (
	"context"
	"time"
)

// RecentAscending is Recent from the other end: the oldest messages after "after", oldest
// first.
func (d *DB) RecentAscending(ctx context.Context, in InboxID, before, after time.Time, limit int) ([]MsgID, error) {
	hi, lo := int64(maxSecond), int64(-1<<62)
	if !before.IsZero() {
		hi = before.Unix()
	}
	if !after.IsZero() {
		lo = after.Unix()
	}
	if in == AnyInbox {
		return queryIDs(ctx, d.stmt.risingAll, max(lo, 0), lo, hi, limit)
	}
	return queryIDs(ctx, d.stmt.risingIn, max(lo, 0), lo, hi, limit, in)
}

// Threads lists threads newest first: by their first message, or by their last one. Only
// messages received at or before "before" count.
func (d *DB) Threads(ctx context.Context, in InboxID, byRoot bool, before time.Time, limit int) ([]int64, error) {
	// A message stands for its thread when there is none before (after) it.
	side := "n.id > m.id AND n.received <= ?1"
	if byRoot {
		side = "n.id < m.id"
	}
	q := `SELECT m.thread FROM message m WHERE m.received <= ?1 AND NOT EXISTS (SELECT 1 FROM message n WHERE n.thread = m.thread AND ` +
		side + `) ORDER BY m.id DESC LIMIT ?2`
	args := []any{before.Unix(), limit}
	if in != AnyInbox {
		q = `SELECT m.thread FROM article a CROSS JOIN message m ON m.id = a.msg
			WHERE a.inbox = ?3 AND m.received <= ?1 AND NOT EXISTS (SELECT 1 FROM message n CROSS JOIN article b ON b.msg = n.id AND b.inbox = ?3
			WHERE n.thread = m.thread AND ` + side + `) ORDER BY a.msg DESC LIMIT ?2`
		args = append(args, in)
	}
	rows, err := d.sql.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var t int64
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
