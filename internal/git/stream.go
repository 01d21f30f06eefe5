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

// inFlight is how many requests may be on their way. It must exceed what git holds back
// in its output buffer, or both sides would wait for each other; the shortest answer has
// 50 bytes.
const inFlight = 4096

// Stream reads the blob of every change, in order, one git doing the reading while the
// caller works; deletions pass through without contents. A blob that cannot be read is
// yielded as Missing and reading goes on. An error among changes is passed on and ends
// the sequence.
//
// changes is drawn from in another goroutine, which has ended when the loop ends.
func (r *Repo) Stream(ctx context.Context, changes iter.Seq2[Change, error]) iter.Seq2[Blob, error] {
	return func(yield func(Blob, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		s := &stream{repo: r, src: make(chan request, 256)}
		drawn := make(chan struct{})
		go func() {
			defer close(drawn)
			s.draw(ctx, changes)
		}()
		defer func() { cancel(); <-drawn }()
		if err := s.run(ctx, yield); err != nil && err != errStopped {
			yield(Blob{}, err)
		}
	}
}

// request is a change on its way, or the error that ended them.
type request struct {
	Change
	err error
}

type stream struct {
	repo  *Repo
	src   chan request
	again []request // asked of a git that died; to be asked again before src
}

func (s *stream) draw(ctx context.Context, changes iter.Seq2[Change, error]) {
	defer close(s.src)
	for c, err := range changes {
		select {
		case s.src <- request{c, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// run starts one git after the other until everything is answered. One dies over a
// corrupt object; the object that it died over twice is given up.
func (s *stream) run(ctx context.Context, yield func(Blob, error) bool) error {
	for {
		answered, err := s.pass(ctx, yield)
		if err == nil || err == errStopped {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(s.again) == 0 || s.again[0].err != nil {
			return err
		}
		if answered > 0 {
			continue
		}
		lost := s.again[0]
		s.again = s.again[1:]
		if !yield(Blob{Change: lost.Change, Missing: true}, nil) {
			return errStopped
		}
	}
}

// pass answers requests with one git. When it returns an error, s.again begins with the
// request that was not answered.
func (s *stream) pass(ctx context.Context, yield func(Blob, error) bool) (answered int, err error) {
	p, err := startCatFile(ctx, []string{s.repo.dir}, true)
	if err != nil {
		s.again = nil // without git there is nothing to try again
		return 0, err
	}
	asked := make(chan request, inFlight)
	quit, done := make(chan struct{}), make(chan struct{})
	var left []request
	go func() {
		defer close(done)
		left = s.feed(p, asked, quit)
	}()
	pending, err := s.answers(p, asked, yield, &answered)
	close(quit)
	if err != nil {
		p.cancel()
	}
	<-done
	if err == nil {
		return answered, p.finish()
	}
	p.stop()
	again := pending
	for q := range asked {
		again = append(again, q)
	}
	s.again = append(again, left...)
	if err == errStopped || errs.KindOf(err) != errs.Internal {
		return answered, err
	}
	return answered, failure(ctx, "cat-file", err, p.said.String())
}

// feed writes requests to git until there are no more or quit is closed, and gives back
// those that it took and did not announce.
func (s *stream) feed(p *catFile, asked chan<- request, quit <-chan struct{}) (left []request) {
	defer close(asked)
	defer p.pipe.Close()
	todo := s.again
	for {
		var q request
		if len(todo) > 0 {
			q, todo = todo[0], todo[1:]
		} else {
			var ok bool
			if q, ok = s.take(p, quit); !ok {
				return nil
			}
		}
		select {
		case asked <- q:
		default:
			p.flush() // git must see what it is to answer before we wait for room
			select {
			case asked <- q:
			case <-quit:
				return append([]request{q}, todo...)
			}
		}
		if q.err != nil {
			p.flush()
			return todo
		}
		if q.Status != 'D' {
			p.ask(q.Blob) // that git is gone shows at the answers
		}
	}
}

// take draws the next request; what was asked before is flushed when there is a wait.
func (s *stream) take(p *catFile, quit <-chan struct{}) (q request, ok bool) {
	select {
	case q, ok = <-s.src:
	default:
		p.flush()
		select {
		case q, ok = <-s.src:
		case <-quit:
			return q, false
		}
	}
	if !ok {
		p.flush()
	}
	return q, ok
}

// answers yields in the order of the requests. On an error it gives back the request
// that has no answer.
func (s *stream) answers(p *catFile, asked <-chan request, yield func(Blob, error) bool, n *int) ([]request, error) {
	for q := range asked {
		if q.err != nil {
			return []request{q}, q.err
		}
		b := Blob{Change: q.Change}
		if q.Status != 'D' {
			var err error
			b.Data, err = p.answer()
			if b.Missing = err == errMissing; err != nil && !b.Missing {
				return []request{q}, err
			}
		}
		*n++
		if !yield(b, nil) {
			return nil, errStopped
		}
	}
	return nil, nil
}
