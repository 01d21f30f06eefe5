package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"bobbin/internal/errs"
)

// MaxMessage is the largest message a Reader delivers, in bytes.
const MaxMessage = 256 << 20

// keepBuffer is the largest line buffer a Reader keeps from one message to the next.
const keepBuffer = 1 << 20

// Reader splits an mbox into messages. It is for one goroutine.
//
// A message begins at a line "From " that either has a time of day and stands after an
// empty line, or is followed by a header field: writers that do not quote such lines
// in bodies are as common as writers that forget the empty line. Of quoted lines
// (">From ", ">>From " …) one '>' is removed, as mboxrd wants; of mboxo, whose quoting
// cannot be undone for certain, that restores what can be. An input that begins with a
// header field instead is one message as it stands.
type Reader struct {
	br      *bufio.Reader
	off     int64 // of the next byte to read
	buf     []byte
	started bool
	single  bool // the input is a bare message
	done    bool
	max     int // MaxMessage; smaller in tests
}

// NewReader reads an mbox from r.
func NewReader(r io.Reader) *Reader {
	return &Reader{br: bufio.NewReaderSize(r, 64<<10), max: MaxMessage}
}

// Next gives the next message, without its "From " line and the empty line after it;
// the slice is the caller's. At the end the error is io.EOF.
//
// An error of kind Invalid says that the input is no mbox, or that one message is too
// large: then Next goes on with the one after it. An error of kind Corrupt says that the
// input ends early; raw is then what was read of the last message, perhaps nothing.
// Errors name the byte offset in the (decompressed) input.
func (r *Reader) Next() (raw []byte, err error) {
	if r.done {
		return nil, io.EOF
	}
	if !r.started {
		if err := r.start(); err != nil {
			r.done = true
			return nil, err
		}
	}
	for {
		raw, err := r.message()
		if len(raw) > 0 || err != nil {
			return raw, err
		}
		if r.done {
			return nil, io.EOF
		}
	}
}

// start skips empty lines and reads the first "From " line.
func (r *Reader) start() error {
	r.started = true
	for {
		b, err := r.br.Peek(1)
		if err != nil {
			return r.readError(err)
		}
		if b[0] != '\n' && b[0] != '\r' {
			break
		}
		r.br.Discard(1)
		r.off++
	}
	head, err := r.br.Peek(1000)
	if err != nil && len(head) == 0 {
		return r.readError(err)
	}
	switch {
	case bytes.HasPrefix(head, fromPrefix):
		if err := r.skipLine(); err != io.EOF {
			return err
		}
		return errs.New(errs.Corrupt, "mbox: the input ends within its first line at byte %d", r.off)
	case isField(head):
		r.single = true
		return nil
	}
	return errs.WithHint(errs.Invalid, "an mbox begins with a line \"From \", a message with a header field",
		"mbox: byte %d: neither an mbox nor a message", r.off)
}

var fromPrefix = []byte("From ")

// skipLine reads the rest of a line.
func (r *Reader) skipLine() error {
	for {
		b, err := r.br.ReadSlice('\n')
		r.off += int64(len(b))
		switch err {
		case nil:
			return nil
		case bufio.ErrBufferFull:
		default:
			return r.readError(err)
		}
	}
}

// message reads up to the next separator, which it consumes, or the end.
func (r *Reader) message() ([]byte, error) {
	r.buf = r.buf[:0]
	begin := r.off
	tooLarge := false
	lineStart, afterBlank := true, false
	for {
		line, err := r.br.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 && !tooLarge {
			r.done = true
			return r.finish(lineStart)
		}
		if lineStart && !r.single {
			if bytes.HasPrefix(line, fromPrefix) {
				line = bytes.Clone(line) // separates may move the buffer
			}
			if r.separates(line, afterBlank, err) {
				r.off += int64(len(line))
				if tooLarge {
					return nil, r.largeError(begin)
				}
				r.done = err != nil
				return r.finish(true)
			}
		}
		r.off += int64(len(line))
		afterBlank = lineStart && isBlank(line)
		if lineStart && !r.single {
			line = unquote(line)
		}
		lineStart = err == nil
		if tooLarge = tooLarge || len(r.buf)+len(line) > r.max; !tooLarge {
			r.buf = append(r.buf, line...)
		}
		if err != nil && err != bufio.ErrBufferFull {
			r.done = true
			if tooLarge {
				return nil, r.largeError(begin)
			}
			if err == io.EOF {
				return r.finish(lineStart)
			}
			return r.take(), r.readError(err)
		}
	}
}

// finish delivers the message read. complete is false when the input ended within a
// line: what was written as an mbox always ends with a newline.
func (r *Reader) finish(complete bool) ([]byte, error) {
	if r.single {
		return r.take(), nil
	}
	if !complete {
		return r.take(), errs.New(errs.Corrupt, "mbox: the input ends within a line at byte %d", r.off)
	}
	// The last empty line is the format's, unless it is the one that ends the header.
	if n := len(r.buf); isBlank(r.buf) {
		r.buf = r.buf[:0]
	} else if bytes.HasSuffix(r.buf, []byte("\n\n")) {
		r.buf = r.buf[:n-1]
	} else if bytes.HasSuffix(r.buf, []byte("\n\r\n")) {
		r.buf = r.buf[:n-2]
	}
	if len(r.buf) == 0 && r.done {
		return nil, errs.New(errs.Corrupt, "mbox: the input ends after a \"From \" line at byte %d", r.off)
	}
	return r.take(), nil
}

// take hands the buffer's content over.
func (r *Reader) take() []byte {
	if len(r.buf) > keepBuffer {
		b := r.buf
		r.buf = nil
		return b
	}
	return bytes.Clone(r.buf)
}

func (r *Reader) largeError(begin int64) error {
	r.buf = nil
	return errs.New(errs.Invalid, "mbox: the message at byte %d is larger than %d bytes", begin, r.max)
}

// readError says where reading stopped.
func (r *Reader) readError(err error) error {
	switch {
	case err == io.EOF:
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errs.New(errs.Corrupt, "mbox: the input ends early, at byte %d: %w", r.off, err)
	case errs.KindOf(err) != errs.Internal:
		return errs.New(errs.KindOf(err), "mbox: byte %d: %w", r.off, err)
	}
	return errs.New(errs.Internal, "mbox: byte %d: %w", r.off, err)
}

// separates reports whether line begins a new message.
func (r *Reader) separates(line []byte, afterBlank bool, err error) bool {
	if err == bufio.ErrBufferFull || !bytes.HasPrefix(line, fromPrefix) { // 64 KiB long, or no such line
		return false
	}
	if afterBlank && hasClock(line) {
		return true
	}
	next, _ := r.br.Peek(200)
	return isField(next) && (afterBlank || hasClock(line))
}

// hasClock reports whether a time of day ("15:04") stands in line.
func hasClock(line []byte) bool {
	for i := 2; i+2 < len(line); i++ {
		if line[i] == ':' && isDigit(line[i-1]) && isDigit(line[i-2]) && isDigit(line[i+1]) && isDigit(line[i+2]) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isField reports whether b begins with a header field's name and colon.
func isField(b []byte) bool {
	for i, c := range b {
		switch {
		case c == ':':
			return i > 0
		case c <= ' ' || c >= 0x7f:
			return false
		}
	}
	return false
}

func isBlank(line []byte) bool {
	return len(line) == 1 && line[0] == '\n' || len(line) == 2 && line[0] == '\r' && line[1] == '\n'
}

// unquote removes one '>' of ">From ", ">>From " …
func unquote(line []byte) []byte {
	if len(line) > 0 && line[0] == '>' && bytes.HasPrefix(bytes.TrimLeft(line, ">"), fromPrefix) {
		return line[1:]
	}
	return line
}
