package git

import (
	"encoding/binary"
	"math/bits"
)

// deflater decodes a deflate stream (RFC 1951) that is in memory whole into a buffer of
// the size that it must have. Knowing both is what makes it about twice as fast as
// compress/flate, which is most of the time that reading a mail takes. It belongs to one
// goroutine at a time.
type deflater struct {
	lit     [litTable]uint32
	dist    [distTable]uint32
	pre     [1 << preBits]uint32
	lens    [maxLit + maxDist]uint8
	isFixed bool // lit and dist hold the fixed codes

	src  []byte
	pos  int    // in src
	bb   uint64 // bits that were taken out of src; what is above bc is of no account
	bc   uint   // how many
	dst  []byte // with what may be overwritten behind it
	size int    // of what must come
	out  int    // in dst
}

// A code is looked up by its first bits in a table, and when it is longer than those in
// a second table behind it. An entry holds
//
//	bits 0–3    how many bits the code takes, in this table
//	bit 4       literal: the value is the byte
//	bit 5       end of the block
//	bit 6       there is a second table: the value is where it begins
//	bits 8–12   extra bits that follow the code, or the bits of the second table
//	bits 16–31  the value: byte, least length, least distance, code length
//
// and 0 when no code begins like this. Lengths and distances are never 0.
const (
	isLiteral = 1 << 4
	isEnd     = 1 << 5
	isTable   = 1 << 6

	litBits  = 10
	distBits = 8
	preBits  = 7
	// Sizes are powers of two so that a masked index needs no check; what a valid code
	// takes at most is 1334 and 402 entries.
	litTable  = 2048
	distTable = 512

	maxLit  = 288
	maxDist = 32
	maxCode = 15

	// The fast loop needs room for the longest match, copied in words, and for words of
	// input.
	outMargin = 258 + 8
	inMargin  = 16
)

// litValues, distValues and preValues are the entries of each symbol, without the bits.
var (
	litValues  = makeLitValues()
	distValues = makeDistValues()
	preValues  = makePreValues()
)

func makeLitValues() (v [maxLit]uint32) {
	for i := range 256 {
		v[i] = uint32(i)<<16 | isLiteral
	}
	v[256] = isEnd
	length := uint32(3)
	for i := range 28 {
		extra := uint32(max(0, i/4-1))
		v[257+i] = length<<16 | extra<<8
		length += 1 << extra
	}
	v[285] = 258 << 16
	return v
}

func makeDistValues() (v [maxDist]uint32) {
	dist := uint32(1)
	for i := range 30 {
		extra := uint32(max(0, i/2-1))
		v[i] = dist<<16 | extra<<8
		dist += 1 << extra
	}
	return v
}

func makePreValues() (v [19]uint32) {
	for i := range v {
		v[i] = uint32(i) << 16
	}
	return v
}

// preOrder is the order in which the lengths of the code for lengths come.
var preOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// decode fills dst from the stream at the beginning of src; it is false when the stream
// is bad, or does not give exactly len(dst) bytes. More may follow the stream. What is in
// dst behind its length, up to its capacity, may be overwritten: with outMargin bytes
// there, most of the careful decoding of the last bytes is not needed.
func (d *deflater) decode(dst, src []byte) bool {
	d.src, d.pos, d.bb, d.bc = src, 0, 0, 0
	d.size = len(dst)
	d.dst, d.out = dst[:min(cap(dst), len(dst)+outMargin)], 0
	defer func() { d.src, d.dst = nil, nil }()
	for {
		head, ok := d.take(3)
		if !ok {
			return false
		}
		switch head >> 1 {
		case 0:
			ok = d.stored()
		case 1:
			ok = d.fixed() && d.block()
		case 2:
			ok = d.dynamic() && d.block()
		default:
			return false
		}
		if !ok || d.out > d.size {
			return false
		}
		if head&1 != 0 {
			return d.out == d.size
		}
	}
}

// fill takes bytes out of src until there are 48 bits, or no more bytes.
func (d *deflater) fill() {
	if len(d.src)-d.pos < 8 {
		d.fillLast()
		return
	}
	// Of the eight bytes, those that fit count; the others are or'ed in again later,
	// which changes nothing.
	d.bb |= binary.LittleEndian.Uint64(d.src[d.pos:]) << (d.bc & 63)
	d.pos += int((63 - d.bc) >> 3)
	d.bc |= 56
}

// fillLast is fill near the end of src. The bits above bc become 0.
func (d *deflater) fillLast() {
	d.bb &= 1<<d.bc - 1
	for d.bc < 48 && d.pos < len(d.src) {
		d.bb |= uint64(d.src[d.pos]) << d.bc
		d.pos++
		d.bc += 8
	}
}

// take gives the next n bits, 16 at most.
func (d *deflater) take(n uint) (uint32, bool) {
	d.fill()
	if d.bc < n {
		return 0, false
	}
	v := uint32(d.bb & (1<<n - 1))
	d.bb >>= n
	d.bc -= n
	return v, true
}

// stored copies a block that is not compressed (§3.2.4).
func (d *deflater) stored() bool {
	d.pos -= int(d.bc / 8) // whole bytes go back
	d.bb, d.bc = 0, 0
	if len(d.src)-d.pos < 4 {
		return false
	}
	n, not := binary.LittleEndian.Uint16(d.src[d.pos:]), binary.LittleEndian.Uint16(d.src[d.pos+2:])
	d.pos += 4
	if n != ^not || len(d.src)-d.pos < int(n) || len(d.dst)-d.out < int(n) {
		return false
	}
	copy(d.dst[d.out:], d.src[d.pos:d.pos+int(n)])
	d.pos += int(n)
	d.out += int(n)
	return true
}

// fixed makes the tables of the fixed codes (§3.2.6).
func (d *deflater) fixed() bool {
	if d.isFixed {
		return true
	}
	lens := d.lens[:]
	for i := range lens {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		case i < maxLit:
			lens[i] = 8
		default:
			lens[i] = 5
		}
	}
	d.isFixed = buildTable(d.lit[:], litBits, lens[:maxLit], litValues[:]) &&
		buildTable(d.dist[:], distBits, lens[maxLit:], distValues[:])
	return d.isFixed
}

// dynamic reads the codes of a block and makes their tables (§3.2.7).
func (d *deflater) dynamic() bool {
	d.isFixed = false
	head, ok := d.take(14)
	nlit, ndist, npre := 257+head&31, 1+head>>5&31, 4+head>>10
	if !ok || nlit > 286 || ndist > 30 {
		return false
	}
	var preLens [19]uint8
	for i := range npre {
		n, ok := d.take(3)
		if !ok {
			return false
		}
		preLens[preOrder[i]] = uint8(n)
	}
	if !buildTable(d.pre[:], preBits, preLens[:], preValues[:]) {
		return false
	}
	lens := d.lens[:nlit+ndist]
	for i := 0; i < len(lens); {
		n, ok := d.repeat(lens, i)
		if !ok {
			return false
		}
		i += n
	}
	return buildTable(d.lit[:], litBits, lens[:nlit], litValues[:]) &&
		buildTable(d.dist[:], distBits, lens[nlit:], distValues[:])
}

// repeat reads one code length, or a run of them, into lens from i on.
func (d *deflater) repeat(lens []uint8, i int) (n int, ok bool) {
	d.fill()
	e := d.pre[d.bb&(1<<preBits-1)]
	if e == 0 || uint(e&15) > d.bc {
		return 0, false
	}
	d.bb >>= e & 15
	d.bc -= uint(e & 15)
	sym := e >> 16
	if sym < 16 {
		lens[i] = uint8(sym)
		return 1, true
	}
	value, least, extra := uint8(0), uint32(3), uint(3)
	switch sym {
	case 16:
		if i == 0 {
			return 0, false
		}
		value, extra = lens[i-1], 2
	case 18:
		least, extra = 11, 7
	}
	more, ok := d.take(extra)
	n = int(least + more)
	if !ok || n > len(lens)-i {
		return 0, false
	}
	for k := range n {
		lens[i+k] = value
	}
	return n, true
}

// buildTable makes the table of the code whose symbols have these lengths (§3.2.2). It
// is false when there are too many codes, or too few; a single code of one bit and none
// at all are allowed.
func buildTable(table []uint32, tableBits uint, lens []uint8, values []uint32) bool {
	var count [maxCode + 1]int
	for _, n := range lens {
		count[n]++
	}
	used := len(lens) - count[0]
	count[0] = 0
	left, longest := 1, uint(0)
	var next [maxCode + 2]int // where the symbols of each length begin in order
	for n := 1; n <= maxCode; n++ {
		if left = left<<1 - count[n]; left < 0 {
			return false
		}
		if count[n] > 0 {
			longest = uint(n)
		}
		next[n+1] = next[n] + count[n]
	}
	if left > 0 {
		if used > 1 || used == 1 && longest != 1 {
			return false
		}
		clear(table[:1<<tableBits])
	}
	var order [maxLit]uint16
	for sym, n := range lens {
		if n > 0 {
			order[next[n]] = uint16(sym)
			next[n]++
		}
	}
	if left > 0 {
		if used == 1 {
			for i := 0; i < 1<<tableBits; i += 2 {
				table[i] = values[order[0]] | 1
			}
		}
		return true
	}
	return fillTable(table, tableBits, &count, order[:used], values)
}

// fillTable writes the entries of a complete code. Codes are read from their last bit,
// so they are counted up in reverse; the table of n bits is copied to become that of
// n+1.
func fillTable(table []uint32, tableBits uint, count *[maxCode + 1]int, order []uint16, values []uint32) bool {
	code, n, have := uint(0), uint(1), 0 // have: entries that are made; a power of two
	for ; n <= tableBits; n++ {
		if have > 0 {
			copy(table[have:2*have], table[:have])
			have *= 2
		}
		for range count[n] {
			if have == 0 {
				have = 1 << n
			}
			table[code] = values[order[0]] | uint32(n)
			order = order[1:]
			code = nextCode(code, n)
		}
	}
	if len(order) == 0 {
		return true
	}
	free, first := 1<<tableBits, ^uint(0)
	var sub, subBits uint
	for ; n <= maxCode; n++ {
		for done := range count[n] {
			if prefix := code & (1<<tableBits - 1); prefix != first {
				first = prefix
				subBits = n - tableBits
				for room := count[n] - done; room < 1<<subBits && subBits < maxCode-tableBits; {
					subBits++
					room = room<<1 + count[tableBits+subBits]
				}
				if free+1<<subBits > len(table) {
					return false
				}
				sub = uint(free)
				free += 1 << subBits
				table[prefix] = uint32(sub)<<16 | uint32(subBits)<<8 | isTable | uint32(tableBits)
			}
			e := values[order[0]] | uint32(n-tableBits)
			order = order[1:]
			for i := code >> tableBits; i < 1<<subBits; i += 1 << (n - tableBits) {
				table[sub+i] = e
			}
			code = nextCode(code, n)
		}
	}
	return true
}

// nextCode counts a reversed code of n bits up.
func nextCode(code, n uint) uint {
	ones := ^code & (1<<n - 1)
	if ones == 0 {
		return 0 // the last one
	}
	top := uint(1) << (bits.Len(ones) - 1)
	return code&(top-1) | top
}
