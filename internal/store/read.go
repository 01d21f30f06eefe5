package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"time"
)

// AnyInbox stands for all inboxes together.
const AnyInbox InboxID = 0

// Row is an overview row as threading needs it: ids as keys.
type Row struct {
	Summary
	Key  int64   // of the Message-ID
	Refs []int64 // keys of References, then In-Reply-To
}

// readStmts are the statements of the hot reads.
type readStmts struct {
	messages, midByKey, message, carriers *sql.Stmt
	threadAll, threadIn                   *sql.Stmt
	subjectAll, subjectIn                 *sql.Stmt
	countAll, countIn                     *sql.Stmt
	recentAll, recentIn                   *sql.Stmt
	articles, articleOf                   *sql.Stmt
	firstNumber, midText, meta            *sql.Stmt
	after, risingAll, risingIn, homes     *sql.Stmt
}

func (s *readStmts) prepare(ctx context.Context, db *sql.DB) error {
	// SQLite looks at the value bound to a LIMIT when it plans, and so compiles the
	// statement anew at each use; a number that is always the same stands in the text.
	loose := ` LIMIT ` + strconv.Itoa(MaxLoose)
	const in = ` AND EXISTS (SELECT 1 FROM article a WHERE a.msg = m.id AND a.inbox = ?2)`
	return prepareAll(ctx, db, map[**sql.Stmt]string{
		&s.midByKey: `SELECT id, thread FROM mid WHERE key = ?`,
		&s.homes: `SELECT a.msg, n.name FROM json_each(?) j CROSS JOIN article a ON a.msg = j.value
			CROSS JOIN inbox n ON n.id = a.inbox`,
		&s.after:   `SELECT id FROM message WHERE id > ? ORDER BY id LIMIT ?`,
		&s.meta:    `SELECT value FROM meta WHERE key = ?`,
		&s.midText: `SELECT id FROM mid WHERE key = ?`,
		&s.message: `SELECT ` + rowColumns + ` FROM message m JOIN mid i ON i.key = m.mid WHERE m.id = ?`,
		&s.messages: `SELECT ` + rowColumns + ` FROM json_each(?) j CROSS JOIN message m ON m.id = j.value
			JOIN mid i ON i.key = m.mid`,
		&s.carriers:   `SELECT id FROM message WHERE mid = ?1 UNION SELECT msg FROM alias WHERE mid = ?1 LIMIT ` + maxCarriers,
		&s.threadAll:  `SELECT m.id FROM message m WHERE m.thread = ?1 ORDER BY m.id`,
		&s.threadIn:   `SELECT m.id FROM message m WHERE m.thread = ?1` + in + ` ORDER BY m.id`,
		&s.subjectAll: `SELECT m.id FROM message m WHERE m.sid = ?1 AND m.thread <> ?3` + loose,
		&s.subjectIn:  `SELECT m.id FROM message m WHERE m.sid = ?1 AND m.thread <> ?3` + in + loose,
		&s.countAll:   `SELECT count(*) FROM message m WHERE m.thread = ?1`,
		&s.countIn:    `SELECT count(*) FROM message m WHERE m.thread = ?1` + in,
		&s.recentAll: `SELECT m.id FROM message m WHERE m.id <= ?1 AND m.id > ?2 AND m.received <= ?3 AND m.received > ?4
			ORDER BY m.id DESC LIMIT ?5`,
		&s.recentIn: `SELECT m.id FROM article a CROSS JOIN message m ON m.id = a.msg
			WHERE a.inbox = ?6 AND a.msg <= ?1 AND a.msg > ?2 AND m.received <= ?3 AND m.received > ?4 ORDER BY a.msg DESC LIMIT ?5`,
		&s.risingAll: `SELECT m.id FROM message m WHERE m.id > ?1 AND m.received > ?2 AND m.received <= ?3 ORDER BY m.id LIMIT ?4`,
		&s.risingIn: `SELECT m.id FROM article a CROSS JOIN message m ON m.id = a.msg
			WHERE a.inbox = ?5 AND a.msg > ?1 AND m.received > ?2 AND m.received <= ?3 ORDER BY a.msg LIMIT ?4`,
		&s.articles: `SELECT a.number, a.msg, a.blob, a.received FROM article a WHERE a.inbox = ? AND a.number >= ? ORDER BY a.number LIMIT ?`,
		&s.articleOf: `SELECT n.name, a.number, a.blob, a.received FROM article a JOIN inbox n ON n.id = a.inbox
			WHERE a.msg = ?1 AND (?2 = 0 OR a.inbox = ?2) ORDER BY a.inbox`,
		&s.firstNumber: `SELECT coalesce(min(a.number), 0) FROM message m JOIN article a ON a.msg = m.id WHERE m.thread = ? AND a.inbox = ?`,
	})
}

// brief is for queries that take microseconds: the driver starts a goroutine for each
// query whose context can end.
func brief(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// queryIDs runs a statement that gives one column of ids.
func queryIDs(ctx context.Context, s *sql.Stmt, args ...any) ([]MsgID, error) {
	rows, err := s.QueryContext(brief(ctx), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []MsgID
	for rows.Next() {
		var id MsgID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Mid finds a Message-ID: its key and its thread. ok is false when no mail has it or
// refers to it.
func (d *DB) Mid(ctx context.Context, msgid string) (key, thread int64, ok bool, err error) {
	r, err := lookupMid(brief(ctx), d.stmt.midByKey, hashKey(msgid), msgid)
	return r.key, r.thread, r.known, err
}

// MidText gives the Message-ID of a key.
func (d *DB) MidText(ctx context.Context, key int64) (string, error) {
	var id string
	err := d.stmt.midText.QueryRowContext(brief(ctx), key).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// maxCarriers bounds the messages shown under one Message-ID.
const maxCarriers = "200"

// Carriers gives the first messages that carry a Message-ID, by its key.
func (d *DB) Carriers(ctx context.Context, key int64) ([]MsgID, error) {
	return queryIDs(ctx, d.stmt.carriers, key)
}

// Message reads one overview row; ok is false when it is gone.
func (d *DB) Message(ctx context.Context, id MsgID) (*Row, bool, error) {
	r, err := scanRow(d.stmt.message.QueryRowContext(brief(ctx), id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return r, err == nil, err
}

// Messages reads several overview rows at once, in any order; those that are gone are
// left out.
func (d *DB) Messages(ctx context.Context, ids []MsgID) ([]*Row, error) {
	rows, err := d.stmt.messages.QueryContext(brief(ctx), jsonIDs(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make([]*Row, 0, len(ids))
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// jsonIDs writes ids as SQLite's json_each reads them.
func jsonIDs(ids []MsgID) string {
	list := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, int64(id), 10)
	}
	return string(append(list, ']'))
}

// Homes names an inbox of each message: of those that ok accepts, the first by name.
func (d *DB) Homes(ctx context.Context, ids []MsgID, ok func(inbox string) bool) (map[MsgID]string, error) {
	rows, err := d.stmt.homes.QueryContext(brief(ctx), jsonIDs(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	homes := make(map[MsgID]string, len(ids))
	for rows.Next() {
		var id MsgID
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		if have, there := homes[id]; ok(name) && (!there || name < have) {
			homes[id] = name
		}
	}
	return homes, rows.Err()
}

// rowColumns are what scanRow reads, of message m and its Message-ID i.
const rowColumns = `m.id, i.id, m.subject, m.name, m.addr, m.sent, m.received, m.blob, m.bytes, m.flags, m.thread, m.mid, m.refs`

func scanRow(row interface{ Scan(...any) error }) (*Row, error) {
	var r Row
	var sent, received int64
	var blob, refs []byte
	err := row.Scan(&r.ID, &r.MessageID, &r.Subject, &r.From.Name, &r.From.Addr,
		&sent, &received, &blob, &r.Bytes, &r.Flags, &r.Thread, &r.Key, &refs)
	if err != nil {
		return nil, err
	}
	r.Sent, r.Received = time.Unix(sent, 0).UTC(), time.Unix(received, 0).UTC()
	r.Blob = hex.EncodeToString(blob)
	r.Refs = unpackKeys(refs)
	return &r, nil
}

// Copy is an inbox's copy of a message. Blob is "" and Received zero when they are the
// message's own.
type Copy struct {
	Inbox    string
	Number   int64
	Msg      MsgID
	Blob     string
	Received time.Time
}

func (c *Copy) set(blob []byte, received sql.NullInt64) {
	c.Blob = hex.EncodeToString(blob)
	if received.Valid {
		c.Received = time.Unix(received.Int64, 0).UTC()
	}
}

// Copies gives a message's articles, in one inbox or in all.
func (d *DB) Copies(ctx context.Context, in InboxID, id MsgID) ([]Copy, error) {
	rows, err := d.stmt.articleOf.QueryContext(brief(ctx), id, in)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Copy
	for rows.Next() {
		c := Copy{Msg: id}
		var blob []byte
		var received sql.NullInt64
		if err := rows.Scan(&c.Inbox, &c.Number, &blob, &received); err != nil {
			return nil, err
		}
		c.set(blob, received)
		list = append(list, c)
	}
	return list, rows.Err()
}

// Articles lists an inbox's articles from a number on, in order.
func (d *DB) Articles(ctx context.Context, in InboxID, from int64, limit int) ([]Copy, error) {
	rows, err := d.stmt.articles.QueryContext(ctx, in, from, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Copy
	for rows.Next() {
		var c Copy
		var blob []byte
		var received sql.NullInt64
		if err := rows.Scan(&c.Number, &c.Msg, &blob, &received); err != nil {
			return nil, err
		}
		c.set(blob, received)
		list = append(list, c)
	}
	return list, rows.Err()
}

// Thread gives the messages of a strict thread, oldest first.
func (d *DB) Thread(ctx context.Context, in InboxID, thread int64) ([]MsgID, error) {
	if in == AnyInbox {
		return queryIDs(ctx, d.stmt.threadAll, thread)
	}
	return queryIDs(ctx, d.stmt.threadIn, thread, in)
}

// MaxLoose bounds the messages that are joined to a thread by their subject only.
const MaxLoose = 1000

// SameSubject gives at most MaxLoose messages of other threads with a base subject (or, once in 2^47, one of
// the same hash), oldest first.
func (d *DB) SameSubject(ctx context.Context, in InboxID, base string, notThread int64) ([]MsgID, error) {
	s, sid := d.stmt.subjectIn, hashKey(base)
	if in == AnyInbox {
		s = d.stmt.subjectAll
	}
	ids, err := queryIDs(ctx, s, sid, in, notThread)
	slices.Sort(ids) // here, because SQLite would build a table to sort a handful of rows
	return ids, err
}

// CountThread counts a strict thread.
func (d *DB) CountThread(ctx context.Context, in InboxID, thread int64) (n int, err error) {
	if in == AnyInbox {
		err = d.stmt.countAll.QueryRowContext(brief(ctx), thread).Scan(&n)
	} else {
		err = d.stmt.countIn.QueryRowContext(brief(ctx), thread, in).Scan(&n)
	}
	return n, err
}

// FirstNumber gives the number of the first article of a strict thread in an inbox, 0 when
// there is none.
func (d *DB) FirstNumber(ctx context.Context, in InboxID, thread int64) (n int64, err error) {
	err = d.stmt.firstNumber.QueryRowContext(ctx, thread, in).Scan(&n)
	return n, err
}

// Recent lists messages by time of arrival, newest first: received at or before "before"
// and strictly after "after" (zero times are open).
func (d *DB) Recent(ctx context.Context, in InboxID, before, after time.Time, limit int) ([]MsgID, error) {
	hi, lo := int64(maxSecond), int64(-1<<62)
	if !before.IsZero() {
		hi = before.Unix()
	}
	if !after.IsZero() {
		lo = after.Unix()
	}
	spill, err := d.spill(ctx)
	if err != nil {
		return nil, err
	}
	if in == AnyInbox {
		return queryIDs(ctx, d.stmt.recentAll, max(hi, 1)+spill, lo, hi, lo, limit)
	}
	return queryIDs(ctx, d.stmt.recentIn, max(hi, 1)+spill, lo, hi, lo, limit, in)
}

// InboxRow is an inbox with its counts.
type InboxRow struct {
	ID       InboxID
	Name     string
	Messages int64
	Newest   MsgID
	Oldest   MsgID
}

// Inboxes lists the inboxes of the index by name.
func (d *DB) Inboxes(ctx context.Context) ([]InboxRow, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT id, name,
		(SELECT count(*) FROM article WHERE inbox = i.id),
		coalesce((SELECT max(msg) FROM article WHERE inbox = i.id), 0),
		coalesce((SELECT min(msg) FROM article WHERE inbox = i.id), 0) FROM inbox i ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []InboxRow
	for rows.Next() {
		var r InboxRow
		if err := rows.Scan(&r.ID, &r.Name, &r.Messages, &r.Newest, &r.Oldest); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// inboxNamed finds an inbox by its name, in any case.
func (d *DB) inboxNamed(ctx context.Context, name string) (id InboxID, ok bool, err error) {
	err = d.sql.QueryRowContext(ctx, `SELECT id FROM inbox WHERE lower(name) = lower(?) ORDER BY name = ?1 DESC`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return id, err == nil, err
}

// lists gives the numbers of the List-Ids that ok accepts.
func (d *DB) lists(ctx context.Context, ok func(name string) bool) ([]any, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT id, name FROM list`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []any
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		if ok(name) && len(ids) < maxLists {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

// maxLists bounds the List-Ids that one search term stands for.
const maxLists = 500

// CountMessages counts all messages, each once.
func (d *DB) CountMessages(ctx context.Context) (n int64, err error) {
	err = d.sql.QueryRowContext(ctx, `SELECT count(*) FROM message`).Scan(&n)
	return n, err
}

// DataVersion gives a reader of a number that changes with every commit of another
// connection. The reader is for one goroutine and must be closed.
func (d *DB) DataVersion(ctx context.Context) (*VersionReader, error) {
	c, err := d.sql.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &VersionReader{c}, nil
}

// VersionReader reads PRAGMA data_version, which SQLite keeps for each connection.
type VersionReader struct{ conn *sql.Conn }

// Read gives the current number.
func (v *VersionReader) Read(ctx context.Context) (n int64, err error) {
	err = v.conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&n)
	return n, err
}

// Close gives the connection back.
func (v *VersionReader) Close() error { return v.conn.Close() }

// Fault is an entry of an epoch that could not be read.
type Fault struct {
	Inbox  string
	Epoch  int
	Commit string
	Blob   string
	Reason string
}

// Faults lists what could not be read.
func (d *DB) Faults(ctx context.Context) ([]Fault, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT n.name, f.epoch, f.tip, f.blob, f.reason FROM fault f
		JOIN inbox n ON n.id = f.inbox ORDER BY n.name, f.epoch, f.tip`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Fault
	for rows.Next() {
		var f Fault
		if err := rows.Scan(&f.Inbox, &f.Epoch, &f.Commit, &f.Blob, &f.Reason); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, rows.Err()
}

// After lists ids above one, ascending.
func (d *DB) After(ctx context.Context, id MsgID, limit int) ([]MsgID, error) {
	return queryIDs(ctx, d.stmt.after, id, limit)
}
