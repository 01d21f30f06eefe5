package git

import (
	"context"
	"slices"
	"sync"

	"bobbin/internal/errs"
)

// Pool reads blobs in any order out of several repositories at once, as if they were
// one. It is safe for concurrent use.
//
// It reads packs and loose objects itself, and asks git for what it does not find or
// understand, or finds damaged.
type Pool struct {
	dirs []string
	objs *objects
	free chan *catFile // nil: may be started
	once sync.Once
	done chan struct{}
}

// NewPool makes a pool over bare repositories, which must hold one directory at least.
// At most n gits run at the same time; they start when they are needed and stay. Packs
// that come or go later are noticed.
func NewPool(dirs []string, n int) (*Pool, error) {
	return newPool(dirs, n, randomBases), nil
}

func newPool(dirs []string, n int, bases int64) *Pool {
	p := &Pool{
		dirs: slices.Clone(dirs), objs: newObjects(dirs, bases),
		free: make(chan *catFile, max(n, 1)), done: make(chan struct{}),
	}
	for range cap(p.free) {
		p.free <- nil
	}
	return p
}

// Read gives a blob's contents, a slice of its own. NotFound when no repository has it,
// Corrupt when it cannot be read.
func (p *Pool) Read(ctx context.Context, oid string) (_ []byte, err error) {
	defer errs.Wrap(&err, "blob %.64s", oid)
	if err := checkOID(oid); err != nil {
		return nil, err
	}
	if len(p.dirs) == 0 {
		return nil, errs.New(errs.NotFound, "no repository")
	}
	select {
	case <-p.done:
		return nil, errClosed()
	default:
	}
	data, fault := p.objs.read(oid)
	if fault == nil {
		return data, nil
	}
	data, err = p.readByGit(ctx, oid)
	if errs.Is(err, errs.NotFound) && errs.Is(fault, errs.Corrupt) {
		err = fault // git calls a damaged file missing
	}
	return data, err
}

// readByGit asks one of the processes.
func (p *Pool) readByGit(ctx context.Context, oid string) ([]byte, error) {
	var c *catFile
	select {
	case c = <-p.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.done:
		return nil, errClosed()
	}
	data, c, err := p.read(ctx, c, oid)
	p.free <- c
	select {
	case <-p.done:
		p.drain()
	default:
	}
	return data, err
}

func errClosed() error { return errs.New(errs.Internal, "pool is closed") }

// read asks c, starting or restarting it where needed, and gives the process that is to
// be kept. A git that ran for long may have died since; so the first failure of an old
// one does not count.
func (p *Pool) read(ctx context.Context, c *catFile, oid string) ([]byte, *catFile, error) {
	for {
		fresh := c == nil
		if fresh {
			var err error
			if c, err = startCatFile(context.WithoutCancel(ctx), p.dirs); err != nil {
				return nil, nil, err
			}
		}
		unhook := context.AfterFunc(ctx, c.cancel)
		err := c.ask(oid)
		var data []byte
		if err == nil {
			data, err = c.answer()
		}
		if !unhook() { // it was killed, or is about to be
			c.stop()
			if err != nil && err != errMissing {
				return nil, nil, ctx.Err()
			}
			c = nil
		}
		switch {
		case err == nil:
			return data, c, nil
		case err == errMissing:
			return nil, c, errs.New(errs.NotFound, "not in the repository")
		}
		c.stop()
		if fresh {
			err = failure(ctx, "cat-file", err, c.said.String())
			if errs.KindOf(err) == errs.Internal {
				err = errs.New(errs.Corrupt, "%w", err)
			}
			return nil, nil, err
		}
		c = nil
	}
}

// Close ends the processes; a Read that is under way may still succeed.
func (p *Pool) Close() error {
	p.once.Do(func() { close(p.done) })
	p.drain()
	return nil
}

// drain stops the processes that nobody uses.
func (p *Pool) drain() {
	for {
		select {
		case c := <-p.free:
			if c != nil {
				c.stop()
			}
		default:
			return
		}
	}
}
