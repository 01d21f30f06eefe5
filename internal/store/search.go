package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"bobbin/internal/errs"
	"bobbin/internal/query"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Find is a search in the store's terms.
type Find struct {
	Query     query.Node
	Inbox     InboxID
	Thread    int64 // 0: any
	Relevance bool
	Ascending bool
	Collapse  bool
	Offset    int
	Limit     int
	Seq       int64 // only messages that arrived here up to this one; 0: all
	Below     MsgID // only ids below; 0: all
	// Sweep: the caller goes on from the last hit until there are no more, so the mails are
	// looked at in the order of ids, each once, and not sorted again for each part.
	Sweep bool
}

// Found is a message that matches.
type Found struct {
	ID     MsgID
	Thread int64   // only when collapsing
	Score  float64 // only by relevance: higher is better
}

// weights of the columns for relevance, in their order: the subject counts most, quoted
// text nothing.
var weights = [TextColumns]float64{
	ColSubject: 10, ColFrom: 4, ColTo: 1, ColCc: 1, ColName: 4, ColBody: 2, ColQuote: 0, ColDiffName: 3,
	ColDel: 1, ColAdd: 1, ColHunk: 1, ColContext: 0.5, ColPre: 1, ColPost: 1, ColPatchID: 1, ColMessageID: 1, ColChangeID: 1,
}

// Search gives up to f.Limit messages after f.Offset, in order.
func (d *DB) Search(ctx context.Context, f Find) ([]Found, error) {
	p, err := (&compiler{ctx: ctx, db: d, in: f.Inbox}).plan(f.Query)
	if err != nil {
		return nil, err
	}
	sql, args := f.statement(p)
	rows, err := d.sql.QueryContext(ctx, sql, args...)
	if err != nil {
		return nil, searchError(ctx, err)
	}
	defer rows.Close()
	var list []Found
	skip := f.Offset
	seen := map[int64]bool{}
	for rows.Next() {
		var r Found
		if err := rows.Scan(&r.ID, &r.Thread, &r.Score); err != nil {
			return nil, err
		}
		if f.Collapse {
			if seen[r.Thread] {
				continue
			}
			seen[r.Thread] = true
			if skip > 0 {
				skip--
				continue
			}
		}
		r.Score = -r.Score // bm25 is better the lower it is
		list = append(list, r)
		if len(list) >= f.Limit {
			break
		}
	}
	return list, searchError(ctx, rows.Err())
}

// searchError names what went wrong: the end of the context before what SQLite says about
// being interrupted; Invalid when the query is beyond what SQLite can take.
func searchError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code() != sqlite3.SQLITE_ERROR && e.Code() != sqlite3.SQLITE_TOOBIG {
		return err
	}
	for _, limit := range [...]string{"fts5:", "too large", "too many", "too big", "stack overflow"} {
		if strings.Contains(e.Error(), limit) {
			return errs.WithHint(errs.Invalid, "ask for less at once", "search: the query is too complicated: %v", err)
		}
	}
	return err
}

// statement writes the search. The driving table is the full text where the query has
// any, else the messages by id; both deliver in the order of ids, so that the newest hits
// are found without looking at the others.
func (f *Find) statement(p plan) (string, []any) {
	var sql strings.Builder
	var args, conds = []any{}, []string{}
	id := "m.id"
	needMessage := p.match == "" || p.cond != "" || f.Collapse || f.Thread != 0 || f.Seq != 0
	thread, score := "0", "0.0"
	if f.Collapse {
		thread = "m.thread"
	}
	if p.match != "" {
		id = "x.rowid"
		if f.Relevance {
			score = "bm25(words" + strings.Repeat(", ?", TextColumns) + ")"
			for _, w := range weights {
				args = append(args, w)
			}
		}
		conds, args = append(conds, "x.words MATCH ?"), append(args, p.match)
	}
	sql.WriteString("SELECT " + id + ", " + thread + ", " + score + " FROM ")
	switch {
	case p.match == "" && f.Sweep && !p.seek && f.Thread == 0:
		sql.WriteString("message m NOT INDEXED")
	case p.match == "":
		sql.WriteString("message m")
	case needMessage:
		sql.WriteString("words x CROSS JOIN message m ON m.id = x.rowid")
	default:
		sql.WriteString("words x")
	}
	if p.cond != "" {
		conds, args = append(conds, p.cond), append(args, p.args...)
	}
	conds, args = f.limits(id, conds, args)
	if len(conds) > 0 {
		sql.WriteString(" WHERE " + strings.Join(conds, " AND "))
	}
	switch {
	case f.Relevance && p.match != "":
		sql.WriteString(" ORDER BY 3, 1 DESC")
	case f.Ascending:
		sql.WriteString(" ORDER BY 1")
	default:
		sql.WriteString(" ORDER BY 1 DESC")
	}
	if !f.Collapse {
		// In the text: a bound LIMIT makes SQLite compile the statement twice.
		fmt.Fprintf(&sql, " LIMIT %d OFFSET %d", f.Limit, f.Offset)
	}
	return sql.String(), args
}

// limits adds what every search may be limited by.
func (f *Find) limits(id string, conds []string, args []any) ([]string, []any) {
	add := func(cond string, arg any) {
		conds, args = append(conds, cond), append(args, arg)
	}
	if f.Inbox != AnyInbox {
		add("EXISTS (SELECT 1 FROM article ia WHERE ia.msg = "+id+" AND ia.inbox = ?)", f.Inbox)
	}
	if f.Thread != 0 {
		add("m.thread = ?", f.Thread)
	}
	if f.Seq != 0 {
		add("m.seq <= ?", f.Seq)
	}
	if f.Below != 0 && f.Below != math.MaxInt64 {
		add(id+" < ?", f.Below)
	}
	return conds, args
}

// LastSeq gives the order of arrival of the last message.
func (d *DB) LastSeq(ctx context.Context) (int64, error) { return d.meta(ctx, "seq") }

// Shaken counts the changes of rows that stood: merged threads and removals. As long as it
// stays, a row that was read once is still true.
func (d *DB) Shaken(ctx context.Context) (int64, error) { return d.meta(ctx, "shaken") }

// spill is how far an id can lie after the second of arrival.
func (d *DB) spill(ctx context.Context) (int64, error) { return d.meta(ctx, "spill") }

func (d *DB) meta(ctx context.Context, key string) (n int64, err error) {
	err = d.stmt.meta.QueryRowContext(brief(ctx), key).Scan(&n)
	return n, err
}
