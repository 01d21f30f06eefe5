package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"bobbin/internal/errs"
)

// LockName is the file in the data directory that the indexing process holds locked; it
// contains the process's number.
const LockName = "index.lock"

type dirLock struct{ f *os.File }

// patience is how long a lock may outlive its holder: a child that was being started when
// the holder was killed still has the file open.
const patience = time.Second

// acquire takes the lock. Busy, naming the holder, when another process has it and wait
// is false or the context ends.
func acquire(ctx context.Context, dir string, wait bool) (*dirLock, error) {
	path := filepath.Join(dir, LockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the index: %w", err)
	}
	for start := time.Now(); ; {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if !wait && time.Since(start) > patience || ctx.Err() != nil {
			pid, _ := io.ReadAll(io.LimitReader(f, 32))
			f.Close()
			return nil, errs.WithHint(errs.Busy, "wait for it, or stop it",
				"%s: process %s is indexing this directory", path, strings.TrimSpace(string(pid)))
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
	f.Truncate(0)
	fmt.Fprintf(f, "%d\n", os.Getpid())
	return &dirLock{f}, nil
}

func (l *dirLock) release() { l.f.Close() }
