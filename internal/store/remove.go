package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
)

// Remove takes the article with this blob, whose mail has these Message-IDs, out of its
// inbox, and the message too when no other inbox holds it. Its number is not given again.
// It reports whether there was such an article.
func (w *Writer) Remove(ctx context.Context, at Place, ids []string, blob string) (bool, error) {
	b, err := blobBytes(blob)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		r, err := w.mid(ctx, id)
		if err != nil || !r.known {
			if err != nil {
				return false, err
			}
			continue
		}
		var number, msg int64
		err = w.stmt.articleByBlob.QueryRowContext(ctx, r.key, at.Inbox, b).Scan(&number, &msg)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return false, err
		}
		return true, w.RemoveArticle(ctx, at.Inbox, number, MsgID(msg))
	}
	return false, nil
}

// RemoveArticle takes an article out by its number.
func (w *Writer) RemoveArticle(ctx context.Context, in InboxID, number int64, msg MsgID) error {
	if err := w.flushText(ctx); err != nil {
		return err
	}
	if _, err := w.stmt.delArticle.ExecContext(ctx, in, number); err != nil {
		return fmt.Errorf("remove article %d: %w", number, err)
	}
	var held bool
	if err := w.stmt.others.QueryRowContext(ctx, msg).Scan(&held); err != nil {
		return err
	}
	if held { // by another inbox, whose copy may now be the message's only one
		w.shaken++
		_, err := w.stmt.adopt.ExecContext(ctx, msg)
		return err
	}
	if err := w.leaveStrays(ctx, msg); err != nil {
		return fmt.Errorf("remove message %d: %w", msg, err)
	}
	for _, s := range []*sql.Stmt{w.stmt.delText, w.stmt.delAliases, w.stmt.delMessage} {
		if _, err := s.ExecContext(ctx, msg); err != nil {
			return fmt.Errorf("remove message %d: %w", msg, err)
		}
	}
	clear(w.next)
	w.shaken++
	return nil
}

// leaveStrays keeps what a message that goes tied to its thread.
func (w *Writer) leaveStrays(ctx context.Context, msg MsgID) error {
	rows, err := w.stmt.threadOf.QueryContext(ctx, msg)
	if err != nil {
		return err
	}
	defer rows.Close()
	var thread int64
	var keys []int64
	for rows.Next() {
		var mid int64
		var refs []byte
		if err := rows.Scan(&thread, &mid, &refs); err != nil {
			return err
		}
		keys = append(append(keys, mid), unpackKeys(refs)...)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	for _, k := range keys {
		if _, err := w.stmt.addStray.ExecContext(ctx, thread, k); err != nil {
			return err
		}
	}
	return nil
}

// Cursor gives the last commit of an epoch that was read, "" when none was.
func (w *Writer) Cursor(ctx context.Context, at Place) (string, error) {
	var tip string
	err := w.stmt.cursor.QueryRowContext(ctx, at.Inbox, at.Epoch).Scan(&tip)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return tip, err
}

// SetCursor moves an epoch's cursor.
func (w *Writer) SetCursor(ctx context.Context, at Place, tip string) error {
	_, err := w.stmt.setCursor.ExecContext(ctx, at.Inbox, at.Epoch, tip)
	return err
}

// Fault notes an entry of an epoch that could not be read.
func (w *Writer) Fault(ctx context.Context, at Place, commit, blob, reason string) error {
	_, err := w.stmt.addFault.ExecContext(ctx, at.Inbox, at.Epoch, commit, blob, reason)
	return err
}

// ClearFaults forgets what could not be read of an epoch that is going to be read again.
func (w *Writer) ClearFaults(ctx context.Context, at Place) error {
	_, err := w.stmt.delFaults.ExecContext(ctx, at.Inbox, at.Epoch)
	return err
}

// Held is an article as reconciling a rewritten epoch needs it.
type Held struct {
	Number int64
	Msg    MsgID
	Blob   string
}

// InEpoch lists the articles that came from an epoch.
func (w *Writer) InEpoch(ctx context.Context, at Place) ([]Held, error) {
	rows, err := w.stmt.inEpoch.QueryContext(ctx, at.Inbox, at.Epoch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Held
	for rows.Next() {
		var h Held
		var blob []byte
		if err := rows.Scan(&h.Number, &h.Msg, &blob); err != nil {
			return nil, err
		}
		h.Blob = hex.EncodeToString(blob)
		list = append(list, h)
	}
	return list, rows.Err()
}
