package store

import (
	"context"
	"encoding/hex"
)

// ContentHashes gives the first halves of the content hashes of an inbox's articles that
// carry a Message-ID.
func (d *DB) ContentHashes(ctx context.Context, in InboxID, msgid string) ([][]byte, error) {
	key, _, ok, err := d.Mid(ctx, msgid)
	if err != nil || !ok {
		return nil, err
	}
	rows, err := d.sql.QueryContext(ctx, `SELECT m.hash FROM message m
		CROSS JOIN article a ON a.msg = m.id AND a.inbox = ?2 WHERE `+carries, key, in)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list [][]byte
	for rows.Next() {
		var h []byte
		if err := rows.Scan(&h); err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, rows.Err()
}

// Integrity runs SQLite's own checks, of the B-trees and of the full text, and gives what
// they complain about.
func (d *DB) Integrity(ctx context.Context) ([]string, error) {
	rows, err := d.sql.QueryContext(ctx, `PRAGMA integrity_check(20)`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		if s != "ok" {
			list = append(list, s)
		}
	}
	return list, rows.Err()
}

// Cursors gives the commits up to which an inbox's epochs were read.
func (d *DB) Cursors(ctx context.Context, in InboxID) (map[int]string, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT epoch, tip FROM cursor WHERE inbox = ?`, in)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tips := map[int]string{}
	for rows.Next() {
		var epoch int
		var tip string
		if err := rows.Scan(&epoch, &tip); err != nil {
			return nil, err
		}
		tips[epoch] = tip
	}
	return tips, rows.Err()
}

// EpochBlobs gives the blobs of the articles that came from an epoch, with how often.
func (d *DB) EpochBlobs(ctx context.Context, at Place) (map[string]int, error) {
	rows, err := d.sql.QueryContext(ctx, `SELECT coalesce(a.blob, m.blob) FROM article a JOIN message m ON m.id = a.msg
		WHERE a.inbox = ? AND a.epoch = ?`, at.Inbox, at.Epoch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	blobs := map[string]int{}
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		blobs[hex.EncodeToString(b)]++
	}
	return blobs, rows.Err()
}

// Orphans counts rows that belong to nothing: messages without an article, without text,
// articles without a message.
func (d *DB) Orphans(ctx context.Context) (messages, texts, articles int64, err error) {
	const q = `SELECT
		(SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM article a WHERE a.msg = m.id)),
		(SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM words_docsize w WHERE w.id = m.id)),
		(SELECT count(*) FROM article a WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = a.msg))`
	err = d.sql.QueryRowContext(ctx, q).Scan(&messages, &texts, &articles)
	return messages, texts, articles, err
}
