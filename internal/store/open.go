package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"bobbin/internal/errs"

	_ "modernc.org/sqlite" // the database/sql driver "sqlite"
)

// FileName is the database's name in the data directory.
const FileName = "index.db"

// Readers is how many connections a DB keeps for reading.
const Readers = 8

// DB is an open database for reading. It is safe for concurrent use.
type DB struct {
	sql  *sql.DB
	path string
	stmt readStmts
}

// dsn is what the driver opens. A reader may have to roll back or recover what a killed
// writer left, so it opens the file for writing where that is allowed, and promises SQLite
// not to.
func dsn(path string, reader bool) string {
	v := url.Values{}
	v.Add("_pragma", "busy_timeout(10000)")
	if reader {
		if !writable(path) {
			v.Set("mode", "ro")
		}
		v.Add("_pragma", "query_only(1)")
		v.Add("_pragma", "cache_size(-2048)")
	} else {
		v.Set("_txlock", "immediate")
		v.Add("_pragma", "auto_vacuum(INCREMENTAL)") // holds when the file is made, before all else
		v.Add("_pragma", "journal_mode(WAL)")
		v.Add("_pragma", "synchronous(NORMAL)")
		v.Add("_pragma", "cache_size(-12288)")
		v.Add("_pragma", "wal_autocheckpoint(8192)")
		v.Add("_pragma", "temp_store(MEMORY)")
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: v.Encode()}
	return u.String()
}

func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// Open opens the database of a data directory for reading. NotFound when there is none
// yet, Invalid when its schema is not this version's.
func Open(ctx context.Context, dir string) (*DB, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return nil, errs.WithHint(errs.NotFound, "run 'bobbin index'", "%s: no index", path)
	}
	v, err := Version(ctx, dir)
	if err != nil {
		return nil, err
	}
	if v == 0 { // being made, or killed while it was
		return nil, errs.WithHint(errs.NotFound, "run 'bobbin index'", "%s: no index", path)
	}
	if v != SchemaVersion {
		return nil, versionError(path, v)
	}
	db, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(Readers)
	db.SetMaxIdleConns(Readers)
	d := &DB{sql: db, path: path}
	if err := d.stmt.prepare(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return d, nil
}

// Close closes the database.
func (d *DB) Close() error { return d.sql.Close() }

// Version gives the schema version of a data directory's database, 0 when there is none.
func Version(ctx context.Context, dir string) (int, error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return 0, nil
	}
	db, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", path, err)
	}
	defer db.Close()
	var v int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&v); err != nil {
		return 0, errs.WithHint(errs.Corrupt, "remove it and run 'bobbin index'", "%s: %v", path, err)
	}
	return v, nil
}

func versionError(path string, v int) error {
	if v > SchemaVersion {
		return errs.WithHint(errs.Invalid, "use the newer bobbin, or remove the file and run 'bobbin index'",
			"%s: made by a newer bobbin (schema %d, this one knows %d)", path, v, SchemaVersion)
	}
	return errs.WithHint(errs.Invalid, "run 'bobbin index', which rebuilds it",
		"%s: made by an older bobbin (schema %d, this one needs %d)", path, v, SchemaVersion)
}

// Renew empties the database of a data directory. Those who have it open for reading see
// it fill again; only one that cannot be emptied is deleted.
func Renew(ctx context.Context, dir string) error {
	path := filepath.Join(dir, FileName)
	if st, err := os.Stat(path); err != nil || st.Size() == 0 {
		return Remove(dir)
	}
	db, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	err = renew(ctx, db)
	db.Close()
	if err != nil && ctx.Err() == nil {
		return Remove(dir)
	}
	return err
}

func renew(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var shaken int64
	if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'shaken'`).Scan(&shaken); err != nil {
		return err
	}
	// The full text first: its tables go with it.
	const next = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
		ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC LIMIT 1`
	for {
		var table string
		err := tx.QueryRowContext(ctx, next).Scan(&table)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `DROP TABLE "`+table+`"`)
		}
		if err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA user_version = %d;", SchemaVersion)); err != nil {
		return err
	}
	// What readers remember of the rows is over.
	if _, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE key = 'shaken'`, shaken+1); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA incremental_vacuum")
	return err
}

// Remove deletes the database of a data directory, so that the next Create starts anew.
func Remove(dir string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, FileName+suffix)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
