package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
)

// keyMask keeps 47 bits: SQLite stores such integers in six bytes.
const keyMask = 1<<47 - 1

func hashKey(s string) int64 {
	h := sha256.Sum256([]byte(s))
	return int64(binary.BigEndian.Uint64(h[:8]) & keyMask)
}

// midRow is a Message-ID as the database knows it, or the free place where it belongs.
type midRow struct {
	key    int64
	thread int64
	known  bool
}

// midCacheMax bounds the entries kept between lookups.
const midCacheMax = 1 << 16

// mid finds the row of a Message-ID.
func (w *Writer) mid(ctx context.Context, id string) (midRow, error) {
	if r, ok := w.mids[id]; ok {
		return r, nil
	}
	r, err := lookupMid(ctx, w.stmt.midByKey, hashKey(id), id)
	if err == nil && r.known {
		w.remember(id, r)
	}
	return r, err
}

func (w *Writer) remember(id string, r midRow) {
	if len(w.mids) >= midCacheMax {
		clear(w.mids)
	}
	w.mids[id] = r
}

// addMid stores a Message-ID that mid did not find.
func (w *Writer) addMid(ctx context.Context, id string, r midRow) error {
	if _, err := w.stmt.addMid.ExecContext(ctx, r.key, id, r.thread); err != nil {
		return err
	}
	r.known = true
	w.remember(id, r)
	return nil
}

// lookupMid probes from key on. When the id is unknown, the row's key is the free place.
func lookupMid(ctx context.Context, byKey *sql.Stmt, key int64, id string) (midRow, error) {
	for ; ; key++ {
		r := midRow{key: key, known: true}
		var have string
		err := byKey.QueryRowContext(ctx, key).Scan(&have, &r.thread)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return midRow{key: key}, nil
		case err != nil:
			return r, err
		case have == id:
			return r, nil
		}
	}
}

// keyBytes is the size of a packed key.
const keyBytes = 6

// packKeys stores keys in six bytes each, big endian.
func packKeys(keys []int64) []byte {
	if len(keys) == 0 {
		return nil
	}
	b := make([]byte, 0, keyBytes*len(keys))
	for _, k := range keys {
		b = append(b, byte(k>>40), byte(k>>32), byte(k>>24), byte(k>>16), byte(k>>8), byte(k))
	}
	return b
}

// unpackKeys undoes packKeys.
func unpackKeys(b []byte) []int64 {
	keys := make([]int64, 0, len(b)/keyBytes)
	for ; len(b) >= keyBytes; b = b[keyBytes:] {
		keys = append(keys, int64(b[0])<<40|int64(b[1])<<32|int64(b[2])<<24|int64(b[3])<<16|int64(b[4])<<8|int64(b[5]))
	}
	return keys
}
