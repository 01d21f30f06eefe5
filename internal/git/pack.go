package git

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"strings"

	"bobbin/internal/errs"
)

// The types of a pack's entries (gitformat-pack(5)).
const (
	entryCommit   = 1
	entryTree     = 2
	entryBlob     = 3
	entryTag      = 4
	entryOfsDelta = 6
	entryRefDelta = 7
)

const (
	packHeader  = 12
	packTrailer = 20
	// maxChain bounds the deltas between an object and one that is whole; git makes no
	// longer chains.
	maxChain = 4096
)

// pack is a pack file with its index. It is safe for concurrent use.
type pack struct {
	r    io.ReaderAt
	size int64
	idx  *packIndex
}

// newPack checks that a pack of so many bytes belongs to the index.
func newPack(r io.ReaderAt, size int64, idx *packIndex) (*pack, error) {
	var head [packHeader]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, errs.New(errs.Corrupt, "pack: %w", noEOF(err))
	}
	version, n := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:])
	if string(head[:4]) != "PACK" || version != 2 && version != 3 {
		return nil, errs.New(errs.Invalid, "pack: another version")
	}
	var sum oid
	if size < packHeader+packTrailer {
		return nil, errs.New(errs.Corrupt, "pack: too short")
	}
	if _, err := r.ReadAt(sum[:], size-packTrailer); err != nil {
		return nil, errs.New(errs.Corrupt, "pack: %w", noEOF(err))
	}
	if int64(n) != idx.n || sum != idx.sum {
		return nil, errs.New(errs.Corrupt, "pack: is not the one of its index")
	}
	return &pack{r: r, size: size, idx: idx}, nil
}

// openPack opens the pack that belongs to an index file. The files are closed when
// nobody refers to them.
func openPack(idxPath string) (*pack, error) {
	idx, err := openPackIndex(idxPath)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(strings.TrimSuffix(idxPath, ".idx") + ".pack")
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	var p *pack
	if err == nil {
		p, err = newPack(f, fi.Size(), idx)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return p, nil
}

// entry is the head of an object in a pack.
type entry struct {
	kind byte
	size int64 // of what follows, unpacked
	head int   // bytes that the head takes
	back int64 // entryOfsDelta: the base is so many bytes before
	base oid   // entryRefDelta
}

// parseEntry reads an entry's head.
func parseEntry(b []byte) (e entry, err error) {
	bad := errs.New(errs.Corrupt, "pack: bad entry")
	if len(b) == 0 {
		return e, bad
	}
	c := b[0]
	e.kind, e.size, e.head = c>>4&7, int64(c&15), 1
	for shift := 4; c&0x80 != 0; shift += 7 {
		if e.head == len(b) || shift > 56 {
			return e, bad
		}
		c = b[e.head]
		e.size |= int64(c&0x7f) << shift
		e.head++
	}
	if e.size < 0 || e.size > maxBlob {
		return e, errs.New(errs.Invalid, "pack: an object of %d bytes is too large", e.size)
	}
	switch e.kind {
	case entryCommit, entryTree, entryBlob, entryTag:
	case entryOfsDelta:
		for first := true; ; first = false {
			if e.head == len(b) || e.back > 1<<55 {
				return e, bad
			}
			c = b[e.head]
			e.head++
			if !first {
				e.back++
			}
			e.back = e.back<<7 | int64(c&0x7f)
			if c&0x80 == 0 {
				break
			}
		}
	case entryRefDelta:
		if len(b) < e.head+len(e.base) {
			return e, bad
		}
		e.head += copy(e.base[:], b[e.head:])
	default:
		return e, bad
	}
	return e, nil
}

// baseKey names an object in a pack.
type baseKey struct {
	p   *pack
	off int64
}

// read gives the object at an offset, unpacked, and its type. The bytes are somebody
// else's, the cache's or the inflater's, when shared; then they must not be changed, and
// are valid until the inflater is used again.
func (p *pack) read(off int64, in *inflater, cache *baseCache) (data []byte, kind byte, shared bool, err error) {
	in.reset()
	var room [8]link
	chain := room[:0] // deltas, the last one first to apply
	var total int64
	for shared = true; ; {
		if data, kind = cache.get(baseKey{p, off}); data != nil {
			break
		}
		var e entry
		if data, e, err = p.unpack(off, in); err != nil {
			return nil, 0, false, err
		}
		base := int64(0)
		switch e.kind {
		case entryOfsDelta:
			base = off - e.back
		case entryRefDelta:
			found := false
			if base, found, err = p.idx.find(e.base); err == nil && !found {
				err = errs.New(errs.Corrupt, "pack: the base of a delta is not there")
			}
			if err != nil {
				return nil, 0, false, err
			}
		default:
			kind = e.kind
		}
		if kind != 0 {
			if len(chain) > 0 {
				cache.put(baseKey{p, off}, bytes.Clone(data), kind)
			}
			break
		}
		chain = append(chain, link{off, data})
		if total += int64(len(data)); len(chain) > maxChain || total > maxBlob || base == off {
			return nil, 0, false, errs.New(errs.Corrupt, "pack: a chain of deltas does not end")
		}
		off = base
	}
	for i := len(chain) - 1; i >= 0; i-- {
		if data, err = applyDelta(data, chain[i].delta); err != nil {
			return nil, 0, false, err
		}
		if shared = i > 0; shared {
			cache.put(baseKey{p, chain[i].off}, data, kind)
		}
	}
	return data, kind, shared, nil
}

// link is a delta of a chain.
type link struct {
	off   int64
	delta []byte
}

// unpack inflates the entry at an offset. The bytes are the inflater's.
func (p *pack) unpack(off int64, in *inflater) ([]byte, entry, error) {
	if off < packHeader || off >= p.size-packTrailer {
		return nil, entry{}, errs.New(errs.Corrupt, "pack: offset %d is outside", off)
	}
	src, err := in.fill(p.r, off, p.size-packTrailer, firstRead)
	if err != nil {
		return nil, entry{}, err
	}
	e, err := parseEntry(src)
	if err != nil {
		return nil, e, err
	}
	data, err := in.inflate(p.r, off, int64(e.head), p.size-packTrailer, e.size)
	return data, e, err
}

// applyDelta makes an object out of its base (gitformat-pack(5), "Deltified
// representation").
func applyDelta(base, delta []byte) ([]byte, error) {
	bad := errs.New(errs.Corrupt, "pack: bad delta")
	from, n := binary.Uvarint(delta)
	if n <= 0 || from != uint64(len(base)) {
		return nil, bad
	}
	delta = delta[n:]
	size, n := binary.Uvarint(delta)
	if n <= 0 || size > maxBlob {
		return nil, bad
	}
	delta = delta[n:]
	out := make([]byte, 0, min(size, growStep))
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		if op == 0 {
			return nil, bad
		}
		if op&0x80 == 0 { // the next op bytes
			if int(op) > len(delta) || uint64(len(out)+int(op)) > size {
				return nil, bad
			}
			out = append(out, delta[:op]...)
			delta = delta[op:]
			continue
		}
		var args [7]byte // offset in 4 bytes, size in 3, of which those that are 0 are left out
		for i := range args {
			if op>>i&1 == 0 {
				continue
			}
			if len(delta) == 0 {
				return nil, bad
			}
			args[i], delta = delta[0], delta[1:]
		}
		at := uint64(args[0]) | uint64(args[1])<<8 | uint64(args[2])<<16 | uint64(args[3])<<24
		length := uint64(args[4]) | uint64(args[5])<<8 | uint64(args[6])<<16
		if length == 0 {
			length = 0x10000
		}
		if at+length > uint64(len(base)) || uint64(len(out))+length > size {
			return nil, bad
		}
		out = append(out, base[at:at+length]...)
	}
	if uint64(len(out)) != size {
		return nil, bad
	}
	return out, nil
}
