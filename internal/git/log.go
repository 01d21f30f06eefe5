package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"bobbin/internal/errs"
)

// IsAncestor reports whether commit a is b or can be reached from it. NotFound when
// either is not there.
func (r *Repo) IsAncestor(ctx context.Context, a, b string) (_ bool, err error) {
	defer errs.Wrap(&err, "history of %s", r.dir)
	if err := errors.Join(checkOID(a), checkOID(b)); err != nil {
		return false, err
	}
	_, code, err := outputCode(ctx, r.dir, "merge-base", "--is-ancestor", a, b)
	if code == 1 {
		return false, nil
	}
	return err == nil, err
}

// MergeBase gives the best common ancestor of two commits, "" when they have none.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (_ string, err error) {
	defer errs.Wrap(&err, "history of %s", r.dir)
	if err := errors.Join(checkOID(a), checkOID(b)); err != nil {
		return "", err
	}
	out, code, err := outputCode(ctx, r.dir, "merge-base", a, b)
	if code == 1 {
		return "", nil
	}
	return strings.TrimSpace(string(out)), err
}

// Count gives the number of commits that lead to the commit to and not to from ("" for
// all).
func (r *Repo) Count(ctx context.Context, from, to string) (_ int64, err error) {
	defer errs.Wrap(&err, "history of %s", r.dir)
	args := []string{"rev-list", "--count", to}
	if from != "" {
		args = append(args, "^"+from)
		err = checkOID(from)
	}
	if err := errors.Join(err, checkOID(to)); err != nil {
		return 0, err
	}
	out, err := output(ctx, r.dir, args...)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
}

// Committed gives a commit's date.
func (r *Repo) Committed(ctx context.Context, commit string) (_ time.Time, err error) {
	defer errs.Wrap(&err, "history of %s", r.dir)
	if err := checkOID(commit); err != nil {
		return time.Time{}, err
	}
	out, err := output(ctx, r.dir, "log", "-1", "--format=%ct", commit)
	if err != nil {
		return time.Time{}, err
	}
	return commitTime(strings.TrimSpace(string(out))), nil
}

// Change is one file that one commit added, changed or deleted.
type Change struct {
	Commit    string // object name, hex
	Status    byte   // 'A', 'M', 'D'
	Path      string
	Blob      string // the new contents' object name; all zeros when deleted
	Author    time.Time
	Committer time.Time
}

// Log gives the changes of the commits that lead to the commit to and not to from (""
// for all), oldest first. Merges contribute nothing. Times are UTC; a commit whose date
// makes no sense has the time 0 (1970).
//
// The sequence ends after the first error: NotFound when from or to is not there. git
// runs until the loop is left or ctx ends.
func (r *Repo) Log(ctx context.Context, from, to string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		err := r.log(ctx, from, to, func(c Change) bool { return yield(c, nil) })
		if err != nil && !errors.Is(err, errStopped) {
			errs.Wrap(&err, "history of %s", r.dir)
			yield(Change{}, err)
		}
	}
}

// errStopped says that the consumer of a sequence left.
var errStopped = errors.New("stopped")

func (r *Repo) log(ctx context.Context, from, to string, yield func(Change) bool) error {
	args := []string{"-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=16m", // git takes 140 MB else
		"log", "--reverse", "--raw", "-r", "-z", "--no-abbrev", "--no-renames", "--no-notes",
		"--no-color", "--no-mailmap", "--no-decorate", "--no-ext-diff", "--encoding=none", "--format=tformat:c %H %at %ct"}
	if err := checkOID(to); err != nil {
		return err
	}
	args = append(args, to)
	if from != "" {
		if err := checkOID(from); err != nil {
			return err
		}
		args = append(args, "^"+from)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := command(ctx, r.dir, append(args, "--")...)
	var said tail
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return failure(ctx, "log", err, "")
	}
	perr := parseLog(bufio.NewReaderSize(out, 64<<10), yield)
	if perr != nil {
		cancel()
	}
	werr := cmd.Wait()
	if perr != nil {
		return perr
	}
	if werr != nil {
		return failure(ctx, "log", werr, said.String())
	}
	return nil
}

// parseLog reads records that end in NUL: "c COMMIT AUTHORTIME COMMITTIME", then, for
// each file, ":MODE MODE OLD NEW STATUS" (the first after a newline) and its path.
func parseLog(r *bufio.Reader, yield func(Change) bool) error {
	var cur Change
	for {
		rec, err := r.ReadSlice(0)
		if errors.Is(err, io.EOF) && len(bytes.TrimSpace(rec)) == 0 {
			return nil
		}
		if err != nil {
			return errs.New(errs.Corrupt, "git log: %w", err)
		}
		rec = bytes.TrimLeft(rec[:len(rec)-1], "\n")
		switch {
		case len(rec) == 0:
		case rec[0] == 'c':
			cur = parseCommit(string(rec))
		case rec[0] == ':':
			f := strings.Fields(string(rec))
			path, err := r.ReadSlice(0)
			if len(f) != 5 || err != nil || f[4] == "" {
				return errs.New(errs.Corrupt, "git log: a change of %s is not understood", cur.Commit)
			}
			cur.Blob, cur.Status, cur.Path = f[3], f[4][0], string(path[:len(path)-1])
			if !yield(cur) {
				return errStopped
			}
		default:
			return errs.New(errs.Corrupt, "git log: %.60q is not understood", rec)
		}
	}
}

func parseCommit(rec string) Change {
	f := strings.Split(rec, " ")
	var c Change
	if len(f) > 1 {
		c.Commit = f[1]
	}
	c.Author, c.Committer = time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC()
	if len(f) > 2 {
		c.Author = commitTime(f[2])
	}
	if len(f) > 3 {
		c.Committer = commitTime(f[3])
	}
	return c
}

// lastSecond is the end of the year 9999, beyond which times do not format.
const lastSecond = 253402300799

// commitTime reads seconds since 1970 as git prints them; nonsense becomes 0.
func commitTime(s string) time.Time {
	sec, err := strconv.ParseInt(s, 10, 64)
	if err != nil || sec < 0 || sec > lastSecond {
		sec = 0
	}
	return time.Unix(sec, 0).UTC()
}
