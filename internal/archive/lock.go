package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bobbin/internal/errs"
)

// lock is a held inbox.lock.
type lock struct{ f *os.File }

// lockPoll is how often a waiter looks again; flock(2) itself cannot be cancelled.
const lockPoll = 20 * time.Millisecond

// acquire takes the lock that public-inbox takes too: flock LOCK_EX on inbox.lock. It
// waits as long as ctx lasts; then Busy, saying who holds it where the system tells.
func (b *Inbox) acquire(ctx context.Context) (*lock, error) {
	path := filepath.Join(b.dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, errs.WithHint(errs.Internal, "check who owns the directory", "inbox is not writable: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return &lock{f}, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK):
			f.Close()
			return nil, errs.New(errs.Internal, "lock %s: %w", path, err)
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			who := holder(f)
			f.Close()
			return nil, errs.WithHint(errs.Busy, "wait until it is done", "%s is held by %s", path, who)
		}
	}
}

// release lets go. changed wakes those who watch the file, as public-inbox does: it writes
// one byte at the beginning.
func (l *lock) release(changed bool) error {
	if l == nil || l.f == nil {
		return nil
	}
	var err error
	if changed {
		_, err = l.f.WriteString(".")
	}
	err = errors.Join(err, syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN), l.f.Close())
	l.f = nil
	return err
}

// holder says which process has a lock on f, from /proc/locks.
func holder(f *os.File) string {
	const nobody = "another process"
	fi, err := f.Stat()
	if err != nil {
		return nobody
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return nobody
	}
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return nobody
	}
	for line := range strings.Lines(string(table)) {
		// 1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF
		w := strings.Fields(line)
		if len(w) < 6 || w[1] != "FLOCK" || !strings.HasSuffix(w[5], ":"+strconv.FormatUint(st.Ino, 10)) {
			continue
		}
		comm, err := os.ReadFile(filepath.Join("/proc", w[4], "comm"))
		if err != nil {
			return "process " + w[4]
		}
		return "process " + w[4] + " (" + strings.TrimSpace(string(comm)) + ")"
	}
	return nobody
}
