package git

import (
	"bufio"
	"compress/flate"
	"io"

	"bobbin/internal/errs"
)

const (
	// firstRead is how much of an entry is read before its size is known; most mails
	// are not larger, packed.
	firstRead = 8 << 10
	// wholeRead bounds what is read and unpacked in one piece.
	wholeRead = 256 << 10
	// growStep bounds what is allocated on the word of a file alone.
	growStep = 1 << 20
)

// inflater unpacks zlib streams (RFC 1950) out of files. It belongs to one goroutine at
// a time. The checksum at a stream's end is not looked at: what is read is held against
// its object name, which says more.
type inflater struct {
	src []byte // what was read last
	d   deflater
	out []byte        // what was unpacked; see inflate
	buf *bufio.Reader // for large objects
}

// keepOut bounds the memory for what was unpacked that is kept for the next object.
const keepOut = 1 << 20

// reset makes room; what inflate gave before is no longer valid.
func (in *inflater) reset() {
	if in.out = in.out[:0]; cap(in.out) > keepOut {
		in.out = nil
	}
}

// fill reads up to n bytes at an offset, not beyond end.
func (in *inflater) fill(r io.ReaderAt, off, end int64, n int64) ([]byte, error) {
	n = min(n, end-off)
	if int64(cap(in.src)) < n {
		in.src = make([]byte, n)
	}
	in.src = in.src[:n]
	if k, err := r.ReadAt(in.src, off); int64(k) < n {
		return nil, errs.New(errs.Corrupt, "pack: %w", noEOF(err))
	}
	return in.src, nil
}

// inflate unpacks the stream that begins head bytes after an offset, of which fill has
// read the beginning, and that must give size bytes. The bytes are valid until reset.
func (in *inflater) inflate(r io.ReaderAt, off, head, end, size int64) ([]byte, error) {
	// Deflate stores what it cannot make smaller in blocks with a head of 5 bytes.
	bound := head + size + size/1000 + 64
	if bound > wholeRead {
		return in.stream(io.NewSectionReader(r, off+head, end-off-head), size)
	}
	if bound > int64(len(in.src)) && off+int64(len(in.src)) < end {
		if _, err := in.fill(r, off, end, bound); err != nil {
			return nil, err
		}
	}
	src := in.src[min(head, int64(len(in.src))):]
	if len(src) < len(zlibHead{}) || !zlibHead(src).ok() {
		return nil, errs.New(errs.Corrupt, "pack: no zlib stream")
	}
	data := in.room(int(size))
	if !in.d.decode(data, src[len(zlibHead{}):]) {
		return nil, errs.New(errs.Corrupt, "pack: bad deflate stream")
	}
	in.out = in.out[:len(in.out)+len(data)]
	return data[:len(data):len(data)], nil
}

// room gives size bytes behind what was unpacked since the last reset, and a margin.
func (in *inflater) room(size int) []byte {
	n := len(in.out)
	if cap(in.out)-n < size+outMargin {
		in.out = make([]byte, 0, max(2*size, 32<<10)+outMargin) // what was given before stays where it is
		n = 0
	}
	return in.out[n : n+size]
}

// stream unpacks a large object.
func (in *inflater) stream(r io.Reader, size int64) ([]byte, error) {
	if in.buf == nil {
		in.buf = bufio.NewReaderSize(nil, 64<<10)
	}
	in.buf.Reset(r)
	defer in.buf.Reset(nil)
	z, err := inflateReader(in.buf)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	return readExactly(z, size)
}

// zlibHead is what a zlib stream begins with.
type zlibHead [2]byte

func (h zlibHead) ok() bool {
	const deflate, dictionary = 8, 0x20
	return h[0]&0x0f == deflate && (uint(h[0])<<8|uint(h[1]))%31 == 0 && h[1]&dictionary == 0
}

// inflateReader unpacks a zlib stream piece by piece.
func inflateReader(r io.Reader) (io.ReadCloser, error) {
	var h zlibHead
	if _, err := io.ReadFull(r, h[:]); err != nil || !h.ok() {
		return nil, errs.New(errs.Corrupt, "object: no zlib stream")
	}
	return flate.NewReader(r), nil
}

// readExactly reads a stream that must have size bytes.
func readExactly(r io.Reader, size int64) ([]byte, error) {
	data := make([]byte, min(size, growStep))
	for n := 0; ; {
		k, err := io.ReadFull(r, data[n:])
		if n += k; err != nil && n < len(data) {
			return nil, errs.New(errs.Corrupt, "object: %w", noEOF(err))
		}
		if int64(n) == size {
			break
		}
		grown := make([]byte, min(size, 2*int64(n)))
		copy(grown, data)
		data = grown
	}
	var more [1]byte
	if k, err := r.Read(more[:]); k > 0 || err != io.EOF {
		return nil, errs.New(errs.Corrupt, "object: is longer than it says")
	}
	return data, nil
}
