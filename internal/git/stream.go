package git

import (
	"context"
	"iter"

	"bobbin/internal/errs"
)

// Blob is a change with the new contents of its file.
type Blob struct {
	Change
	Data    []byte // a slice of its own; nil when Missing
	Missing bool   // the object is not there, cannot be read, is no blob or is too large
}

// Stream reads the blob of every change, in order and ahead of the caller; deletions pass
// through without contents. A blob that cannot be read is yielded as Missing and reading
// goes on. An error among changes is passed on and ends the sequence.
//
// changes is drawn from in another goroutine, which has ended when the loop ends.
func (r *Repo) Stream(ctx context.Context, changes iter.Seq2[Change, error]) iter.Seq2[Blob, error] {
	return func(yield func(Blob, error) bool) {
		within, cancel := context.WithCancel(ctx)
		defer cancel()
		batches := make(chan batch, batchesAhead)
		go readAhead(within, r.dir, changes, batches)
		defer func() {
			cancel()
			for range batches { // until the reader has ended
			}
		}()
		for b := range batches {
			for _, bl := range b.blobs {
				if !yield(bl, nil) {
					return
				}
			}
			if b.err != nil {
				yield(Blob{}, b.err)
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Blob{}, err)
		}
	}
}

// Blobs are handed over some at a time, and so many batches may wait.
const (
	batchBlobs   = 64
	batchBytes   = 256 << 10
	batchesAhead = 2
)

// batch is some blobs, and the error that came after them.
type batch struct {
	blobs []Blob
	err   error
}

// readAhead reads until there are no more changes or ctx ends, and closes out.
func readAhead(ctx context.Context, dir string, changes iter.Seq2[Change, error], out chan<- batch) {
	defer close(out)
	pool := newPool([]string{dir}, 1, streamBases)
	defer pool.Close()
	var b batch
	size := 0
	send := func() bool {
		select {
		case out <- b:
		case <-ctx.Done():
			return false
		}
		b, size = batch{}, 0
		return true
	}
	for c, err := range changes {
		bl := Blob{Change: c}
		if err == nil && c.Status != 'D' {
			bl.Data, err = pool.Read(ctx, c.Blob)
			if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Corrupt) {
				bl.Missing, err = true, nil
			}
		}
		if err != nil {
			b.err = err
			break
		}
		b.blobs = append(b.blobs, bl)
		size += len(bl.Data)
		if (size >= batchBytes || len(b.blobs) >= batchBlobs) && !send() {
			return
		}
	}
	send()
}
