package store

import (
	"context"
	"database/sql"
	"strings"
)

// preparer is a *sql.DB or a *sql.Conn.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepareAll prepares each query into its place.
func prepareAll(ctx context.Context, p preparer, queries map[**sql.Stmt]string) error {
	for dst, q := range queries {
		s, err := p.PrepareContext(ctx, q)
		if err != nil {
			return err
		}
		*dst = s
	}
	return nil
}

// carries is the condition that message m carries the Message-ID with key ?1.
const carries = `m.id IN (SELECT id FROM message WHERE mid = ?1 UNION SELECT msg FROM alias WHERE mid = ?1)`

// textArg hands bytes to SQLite as text.
func textArg(b []byte) any { return string(b) }

// writeStmts are the statements of the index pass.
type writeStmts struct {
	midByKey, addMid, setMidThread                *sql.Stmt
	carriers, countThreads, threadKeys, setThread *sql.Stmt
	taken, addMessage, addAlias, addText          *sql.Stmt
	nextNumber, setNumber, addArticle, addList    *sql.Stmt
	articleByBlob, delArticle, others             *sql.Stmt
	delMessage, delAliases, delText               *sql.Stmt
	cursor, setCursor, addFault, inEpoch          *sql.Stmt
	moveStrays, addStray, threadOf                *sql.Stmt
	adopt, addTwinAlias, delFaults                *sql.Stmt
}

func (s *writeStmts) prepare(ctx context.Context, p preparer) error {
	return prepareAll(ctx, p, map[**sql.Stmt]string{
		&s.midByKey:     `SELECT id, thread FROM mid WHERE key = ?`,
		&s.addMid:       `INSERT INTO mid (key, id, thread) VALUES (?, ?, ?)`,
		&s.setMidThread: `UPDATE mid SET thread = ? WHERE key = ?`,
		&s.carriers: `SELECT m.id, m.mid, m.hash, EXISTS (SELECT 1 FROM article a WHERE a.msg = m.id AND a.inbox = ?2)
			FROM message m WHERE ` + carries + ` ORDER BY m.id`,
		&s.countThreads: `SELECT (SELECT count(*) FROM message WHERE thread = ?), (SELECT count(*) FROM message WHERE thread = ?)`,
		&s.threadKeys: `SELECT mid, refs FROM message WHERE thread = ?1
			UNION ALL SELECT a.mid, NULL FROM message m CROSS JOIN alias a ON a.msg = m.id WHERE m.thread = ?1
			UNION ALL SELECT key, NULL FROM stray WHERE thread = ?1`,
		&s.moveStrays: `UPDATE OR REPLACE stray SET thread = ? WHERE thread = ?`,
		&s.addStray:   `INSERT OR IGNORE INTO stray (thread, key) VALUES (?, ?)`,
		&s.threadOf: `SELECT thread, mid, refs FROM message WHERE id = ?1
			UNION ALL SELECT m.thread, a.mid, NULL FROM alias a CROSS JOIN message m ON m.id = a.msg WHERE a.msg = ?1`,
		&s.adopt: `UPDATE message SET blob = (SELECT blob FROM article WHERE msg = ?1 ORDER BY inbox LIMIT 1)
			WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM article WHERE msg = ?1 AND blob IS NULL)`,
		&s.addTwinAlias: `INSERT OR IGNORE INTO alias (mid, msg)
			SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = ?2 AND mid = ?1)`,
		&s.setThread: `UPDATE message SET thread = ? WHERE thread = ?`,
		&s.taken:     `SELECT EXISTS (SELECT 1 FROM message WHERE id = ?)`,
		&s.addMessage: `INSERT INTO message (id, seq, mid, thread, sid, sent, received, bytes, flags, subject, name, addr, refs, blob, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		&s.addAlias:   `INSERT OR IGNORE INTO alias (mid, msg) VALUES (?, ?)`,
		&s.addText:    `INSERT INTO words (rowid, ` + textColumns + `) VALUES (?` + strings.Repeat(", ?", TextColumns) + `)`,
		&s.setNumber:  `UPDATE inbox SET next_number = ? WHERE id = ?`,
		&s.nextNumber: `SELECT next_number FROM inbox WHERE id = ?`,
		&s.addArticle: `INSERT INTO article (inbox, number, msg, epoch, list, blob, received) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		&s.addList:    `INSERT INTO list (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id`,
		&s.articleByBlob: `SELECT a.number, m.id FROM message m CROSS JOIN article a ON a.msg = m.id AND a.inbox = ?2
			WHERE ` + carries + ` AND coalesce(a.blob, m.blob) = ?3`,
		&s.delArticle: `DELETE FROM article WHERE inbox = ? AND number = ?`,
		&s.others:     `SELECT EXISTS (SELECT 1 FROM article WHERE msg = ?)`,
		&s.delMessage: `DELETE FROM message WHERE id = ?`,
		&s.delAliases: `DELETE FROM alias WHERE msg = ?`,
		&s.delText:    `DELETE FROM words WHERE rowid = ?`,
		&s.cursor:     `SELECT tip FROM cursor WHERE inbox = ? AND epoch = ?`,
		&s.setCursor:  `INSERT INTO cursor (inbox, epoch, tip) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET tip = excluded.tip`,
		&s.addFault:   `INSERT OR REPLACE INTO fault (inbox, epoch, tip, blob, reason) VALUES (?, ?, ?, ?, ?)`,
		&s.delFaults:  `DELETE FROM fault WHERE inbox = ? AND epoch = ?`,
		&s.inEpoch: `SELECT a.number, a.msg, coalesce(a.blob, m.blob) FROM article a JOIN message m ON m.id = a.msg
			WHERE a.inbox = ? AND a.epoch = ? ORDER BY a.number`,
	})
}
