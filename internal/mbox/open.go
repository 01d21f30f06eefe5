package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"bobbin/internal/errs"
)

// The guard against decompression bombs.
const (
	bombFloor = 64 << 20  // bytes that may always come out
	bombRatio = 200       // beyond that, at most so many times what went in
	bombLimit = 256 << 30 // and never more than this
)

// Open opens a mail source for reading: a file, or stdin when path is "-". gzip and zstd
// are recognised by their first bytes and undone. Reading gives an error of kind
// Corrupt where compressed data is damaged or ends early, and one of kind Invalid where
// it grows out of all proportion. Closing does not close stdin.
func Open(path string, stdin io.Reader) (_ io.ReadCloser, err error) {
	if path == "-" {
		return open("standard input", stdin, io.NopCloser(nil))
	}
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errs.New(errs.NotFound, "mbox: %w", err)
		}
		return nil, fmt.Errorf("mbox: %w", err)
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		f.Close()
		return nil, errs.New(errs.Invalid, "mbox: %s is a directory", path)
	}
	return open(path, f, f)
}

// open recognises what src holds; close belongs to it.
func open(name string, src io.Reader, closer io.Closer) (io.ReadCloser, error) {
	counted := &counter{r: src}
	br := bufio.NewReaderSize(counted, 64<<10)
	head, err := br.Peek(4)
	if err != nil && err != io.EOF {
		closer.Close()
		return nil, fmt.Errorf("mbox: %s: %w", name, err)
	}
	s := &source{name: name, in: counted, close: []io.Closer{closer}}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(br)
		if err != nil {
			closer.Close()
			return nil, s.corrupt(err)
		}
		s.out = z
		s.close = append(s.close, z)
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		// 128 MiB is the window of zstd --long, the largest that is read by default.
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			closer.Close()
			return nil, s.corrupt(err)
		}
		s.out = z
		s.close = append(s.close, z.IOReadCloser())
	default:
		return plain{br, closer}, nil
	}
	return s, nil
}

// plain is a source that is not compressed.
type plain struct {
	io.Reader
	c io.Closer
}

func (p plain) Close() error { return p.c.Close() }

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// source is a compressed source.
type source struct {
	name  string
	in    *counter
	out   io.Reader
	n     int64 // bytes that came out
	err   error // sticky
	close []io.Closer
}

// Read gives decompressed bytes.
func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.out.Read(p)
	s.n += int64(n)
	switch {
	case s.n > bombFloor && s.n/bombRatio > s.in.n || s.n > bombLimit:
		s.err = errs.WithHint(errs.Invalid, "decompress it yourself and give the result, if it is real",
			"mbox: %s: %d bytes decompress to more than %d", s.name, s.in.n, s.n)
		return 0, s.err
	case err == io.EOF:
		s.err = io.EOF
	case err != nil:
		s.err = s.corrupt(err)
	}
	return n, s.err
}

// corrupt says where decompression stopped. Errors of the input itself keep their kind.
func (s *source) corrupt(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("mbox: %s: %w", s.name, err)
	}
	return errs.New(errs.Corrupt, "mbox: %s: compressed data ends early or is damaged near byte %d: %w", s.name, s.in.n, err)
}

// Close closes the decompressor and the file.
func (s *source) Close() error {
	var first error
	for i := len(s.close) - 1; i >= 0; i-- {
		if err := s.close[i].Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
