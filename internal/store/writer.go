package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"bobbin/internal/errs"
	"bobbin/internal/mail"
)

// Doc is what the index keeps of one mail; the parsers make it, the Writer stores it.
type Doc struct {
	IDs         []string // Message-IDs, at least one
	Refs        []string // References, then In-Reply-To, without its own
	Subject     string
	BaseSubject string // mail.BaseSubject
	From        mail.Address
	Sent        time.Time
	Received    time.Time
	Bytes       int
	Flags       Flags
	Hash        [32]byte            // content hash
	Blob        string              // hex
	List        string              // List-Id, without angle brackets, lower case
	Text        [TextColumns][]byte // words joined by spaces, a column of the full text each
}

// Outcome says what adding a mail did.
type Outcome uint8

// The outcomes of Add.
const (
	Added     Outcome = iota // a new article
	Duplicate                // the inbox has a mail with each of its Message-IDs already
)

// textBatch bounds the text that waits to be stored in the order of its ids.
const textBatch = 8 << 20

// fullText is how FTS5 works: the bytes it collects before it writes a segment (small
// enough for a processor's cache), and how many segments of a level it lets stand.
var fullText = map[bool]string{
	// Mail comes one by one: few segments, for quick searches.
	false: `INSERT INTO words (words, rank) VALUES ('hashsize', 1048576), ('automerge', 4), ('crisismerge', 16)`,
	// Thousands come: merging is left to Optimize.
	true: `INSERT INTO words (words, rank) VALUES ('hashsize', 4194304), ('automerge', 0), ('crisismerge', 1000)`,
}

// maxRefs bounds the references kept of one mail: the first and the newest ones.
const maxRefs = 512

// Writer is the one writer of a database. It is not safe for concurrent use; the caller
// holds the data directory's write lock. Everything between Begin and Commit happens
// together or not at all.
type Writer struct {
	sql     *sql.DB
	conn    *sql.Conn
	stmt    writeStmts
	mids    map[string]midRow
	next    map[int64]int64   // next free id after a taken one
	numbers map[InboxID]int64 // next article numbers, of inboxes touched in this transaction
	maxID   int64
	lists   map[string]int64 // List-Ids met lately
	spill   int64
	seq     int64
	shaken  int64
	bulk    bool
	text    []textRow
	queued  int // bytes in text
}

type textRow struct {
	id   int64
	cols [TextColumns][]byte
}

// Create opens the database of a data directory for writing and makes it when it is not
// there. Invalid when its schema is another version's.
func Create(ctx context.Context, dir string) (*Writer, error) {
	path := filepath.Join(dir, FileName)
	if st, err := os.Stat(path); err == nil && st.Size() == 0 {
		os.Remove(path) // a kill before the first write
	}
	v, err := Version(ctx, dir)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	w := &Writer{sql: db, mids: map[string]midRow{}, next: map[int64]int64{}, numbers: map[InboxID]int64{}, lists: map[string]int64{}}
	if err := w.open(ctx, path, v); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (w *Writer) open(ctx context.Context, path string, v int) (err error) {
	if w.conn, err = w.sql.Conn(ctx); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if v == 0 {
		init := "BEGIN IMMEDIATE;" + schema + fmt.Sprintf("PRAGMA user_version = %d; COMMIT;", SchemaVersion)
		if _, err := w.conn.ExecContext(ctx, init); err != nil {
			return fmt.Errorf("create %s: %w", path, err)
		}
	} else if v != SchemaVersion {
		return versionError(path, v)
	}
	if err := w.stmt.prepare(ctx, w.conn); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return w.load(ctx)
}

// load reads what the writer keeps in memory between transactions.
func (w *Writer) load(ctx context.Context) error {
	const q = `SELECT coalesce((SELECT max(id) FROM message), 0), (SELECT value FROM meta WHERE key = 'seq'),
		(SELECT value FROM meta WHERE key = 'spill'), (SELECT value FROM meta WHERE key = 'shaken'),
		EXISTS (SELECT 1 FROM words_config WHERE k = 'automerge' AND v = 0)`
	return w.conn.QueryRowContext(ctx, q).Scan(&w.maxID, &w.seq, &w.spill, &w.shaken, &w.bulk)
}

// Close closes the database; what was not committed is gone.
func (w *Writer) Close() error {
	if w.conn != nil {
		w.conn.Close()
	}
	return w.sql.Close()
}

// Begin starts a transaction.
func (w *Writer) Begin(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	return err
}

// Commit stores everything since Begin.
func (w *Writer) Commit(ctx context.Context) error {
	if err := w.flushText(ctx); err != nil {
		return err
	}
	for key, value := range map[string]int64{"spill": w.spill, "seq": w.seq, "shaken": w.shaken} {
		if _, err := w.conn.ExecContext(ctx, "UPDATE meta SET value = ? WHERE key = ?", value, key); err != nil {
			return err
		}
	}
	for in, n := range w.numbers {
		if _, err := w.stmt.setNumber.ExecContext(ctx, n, in); err != nil {
			return err
		}
	}
	clear(w.numbers)
	_, err := w.conn.ExecContext(ctx, "COMMIT")
	return err
}

// Rollback drops everything since Begin.
func (w *Writer) Rollback(ctx context.Context) error {
	w.text, w.queued = nil, 0
	clear(w.mids)
	clear(w.next)
	clear(w.lists)
	clear(w.numbers)
	if _, err := w.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		return err
	}
	return w.load(ctx)
}

// flushText stores the waiting text by ascending id: FTS5 starts a new segment at every
// step back.
func (w *Writer) flushText(ctx context.Context) error {
	slices.SortFunc(w.text, func(a, b textRow) int { return cmp.Compare(a.id, b.id) })
	args := make([]any, TextColumns+1)
	for i := range w.text {
		row := &w.text[i]
		args[0] = row.id
		for c := range row.cols {
			args[c+1] = nil
			if len(row.cols[c]) > 0 {
				args[c+1] = textArg(row.cols[c])
			}
		}
		if _, err := w.stmt.addText.ExecContext(ctx, args...); err != nil {
			return fmt.Errorf("store text of message %d: %w", row.id, err)
		}
		row.cols = [TextColumns][]byte{}
	}
	w.text, w.queued = w.text[:0], 0
	return nil
}

// Bulk tunes the full text for thousands of mails that are coming, to be merged by
// Optimize afterwards; or back. Outside a transaction.
func (w *Writer) Bulk(ctx context.Context, on bool) error {
	if w.bulk == on {
		return nil
	}
	w.bulk = on
	_, err := w.conn.ExecContext(ctx, fullText[on])
	return err
}

// Unmerged reports whether Bulk is on: by this writer or by one that was killed, for the
// database keeps it.
func (w *Writer) Unmerged() bool { return w.bulk }

// Optimize merges the full text's segments into one; worth it after a first import.
func (w *Writer) Optimize(ctx context.Context) error {
	if _, err := w.conn.ExecContext(ctx, "INSERT INTO words (words) VALUES ('optimize')"); err != nil {
		return err
	}
	_, err := w.conn.ExecContext(ctx, "PRAGMA incremental_vacuum")
	return err
}

// Checkpoint moves the write-ahead log into the database file, and cuts it to nothing when
// no reader needs it; it does not wait long for one that does.
func (w *Writer) Checkpoint(ctx context.Context) error {
	for _, q := range [...]string{
		"PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA busy_timeout(250)", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA busy_timeout(10000)",
	} {
		if _, err := w.conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// Inbox gives the number of the inbox of that name, making it when it is new.
func (w *Writer) Inbox(ctx context.Context, name string) (InboxID, error) {
	if _, err := w.conn.ExecContext(ctx, "INSERT OR IGNORE INTO inbox (name) VALUES (?)", name); err != nil {
		return 0, err
	}
	var id InboxID
	err := w.conn.QueryRowContext(ctx, "SELECT id FROM inbox WHERE name = ?", name).Scan(&id)
	return id, err
}

// InboxID numbers an inbox in the database.
type InboxID int64

// Place is where a mail comes from.
type Place struct {
	Inbox InboxID
	Epoch int
}

func blobBytes(hexID string) ([]byte, error) {
	b, err := hex.DecodeString(hexID)
	if err != nil || len(b) == 0 {
		return nil, errs.New(errs.Invalid, "blob id %q", hexID)
	}
	return b, nil
}
