package git

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"

	"bobbin/internal/errs"
)

// oid is a SHA-1 object name.
type oid [20]byte

func parseOID(s string) (id oid, ok bool) {
	if len(s) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

// The layout of a pack index, version 2 (gitformat-pack(5)): header, a table that counts
// the names whose first byte is at most i, the names in order, their CRCs, their offsets
// in the pack, the offsets that need 64 bits, and the checksums of the pack and of this.
const (
	idxHeader  = 8
	idxFanout  = 256 * 4
	idxNames   = idxHeader + idxFanout
	idxTrailer = 2 * len(oid{})
	idxEntry   = len(oid{}) + 4 + 4
)

// packIndex finds objects in a pack. It keeps the counts in memory and reads the rest
// when it is asked, about two reads of a page each: nothing that somebody does to the
// file can hurt more than an error.
type packIndex struct {
	r      io.ReaderAt
	n      int64 // objects
	wide   int64 // offsets of 64 bits
	fanout [257]uint32
	sum    oid // of the pack
}

// newPackIndex checks an index of so many bytes. Version 1 and other names than SHA-1
// are Invalid: git can read them.
func newPackIndex(r io.ReaderAt, size int64) (*packIndex, error) {
	var head [idxNames]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, errs.New(errs.Corrupt, "pack index: %w", noEOF(err))
	}
	if !bytes.Equal(head[:idxHeader], []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}) {
		return nil, errs.New(errs.Invalid, "pack index: another version")
	}
	x := &packIndex{r: r}
	for i := range 256 {
		x.fanout[i+1] = binary.BigEndian.Uint32(head[idxHeader+4*i:])
		if x.fanout[i+1] < x.fanout[i] {
			return nil, errs.New(errs.Corrupt, "pack index: counts are not in order")
		}
	}
	x.n = int64(x.fanout[256])
	rest := size - idxNames - x.n*int64(idxEntry) - int64(idxTrailer)
	if rest < 0 || rest%8 != 0 || rest/8 > x.n {
		return nil, errs.New(errs.Corrupt, "pack index: %d bytes do not fit %d objects", size, x.n)
	}
	x.wide = rest / 8
	if _, err := r.ReadAt(x.sum[:], size-int64(idxTrailer)); err != nil {
		return nil, errs.New(errs.Corrupt, "pack index: %w", noEOF(err))
	}
	return x, nil
}

// windowNames is how many names are read at a time.
const windowNames = 200

// find gives an object's offset in the pack.
func (x *packIndex) find(id oid) (offset int64, ok bool, err error) {
	lo, hi := int64(x.fanout[id[0]]), int64(x.fanout[int(id[0])+1])
	var buf [windowNames * len(id)]byte
	for try := 0; lo < hi; try++ {
		// Names are spread evenly, so that the right place can be foretold; where that
		// fails, halving does not.
		mid := lo + (hi-lo)/2
		if try < 3 {
			first, all := int64(x.fanout[id[0]]), int64(x.fanout[int(id[0])+1])-int64(x.fanout[id[0]])
			mid = first + int64(uint64(binary.BigEndian.Uint32(id[1:]))*uint64(all)>>32)
		}
		from := max(lo, min(mid-windowNames/2, hi-windowNames))
		to := min(hi, from+windowNames)
		names := buf[:(to-from)*int64(len(id))]
		if _, err := x.r.ReadAt(names, idxNames+from*int64(len(id))); err != nil {
			return 0, false, errs.New(errs.Corrupt, "pack index: %w", noEOF(err))
		}
		i, found := searchNames(names, id)
		switch {
		case found:
			offset, err = x.offset(from + i)
			return offset, err == nil, err
		case i == 0:
			hi = from
		case i == to-from:
			lo = to
		default:
			return 0, false, nil
		}
	}
	return 0, false, nil
}

// searchNames gives where id is in a sorted list, or where it would be.
func searchNames(names []byte, id oid) (int64, bool) {
	lo, hi := 0, len(names)/len(id)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch c := bytes.Compare(names[mid*len(id):(mid+1)*len(id)], id[:]); {
		case c == 0:
			return int64(mid), true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return int64(lo), false
}

// offset gives the offset of the i-th object.
func (x *packIndex) offset(i int64) (int64, error) {
	var b [8]byte
	table := idxNames + x.n*int64(len(oid{})+4)
	if _, err := x.r.ReadAt(b[:4], table+4*i); err != nil {
		return 0, errs.New(errs.Corrupt, "pack index: %w", noEOF(err))
	}
	off := binary.BigEndian.Uint32(b[:])
	if off&(1<<31) == 0 {
		return int64(off), nil
	}
	k := int64(off &^ (1 << 31))
	if k >= x.wide {
		return 0, errs.New(errs.Corrupt, "pack index: an offset is not there")
	}
	if _, err := x.r.ReadAt(b[:], table+4*x.n+8*k); err != nil {
		return 0, errs.New(errs.Corrupt, "pack index: %w", noEOF(err))
	}
	return int64(binary.BigEndian.Uint64(b[:]) &^ (1 << 63)), nil
}

// openPackIndex opens an index file. The file is closed when nobody refers to it.
func openPackIndex(path string) (*packIndex, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	var x *packIndex
	if err == nil {
		x, err = newPackIndex(f, fi.Size())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return x, nil
}
