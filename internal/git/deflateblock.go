package git

import "encoding/binary"

// block decodes the symbols of a compressed block (§3.2.3).
func (d *deflater) block() bool {
	for {
		end, ok := d.fast()
		if end || !ok {
			return ok
		}
		if end, ok = d.symbol(); end || !ok {
			return ok
		}
	}
}

// symbol decodes one symbol where the ends of the buffers are near.
func (d *deflater) symbol() (end, ok bool) {
	d.fill()
	e := d.lit[d.bb&(1<<litBits-1)]
	if e&isTable != 0 {
		if d.bc < litBits {
			return false, false
		}
		d.bb >>= litBits
		d.bc -= litBits
		e = d.lit[(e>>16+uint32(d.bb)&(1<<(e>>8&31)-1))&(litTable-1)]
	}
	if uint(e&15) > d.bc || e == 0 {
		return false, false
	}
	d.bb >>= e & 15
	d.bc -= uint(e & 15)
	switch {
	case e&isLiteral != 0:
		if d.out == len(d.dst) {
			return false, false
		}
		d.dst[d.out] = byte(e >> 16)
		d.out++
		return false, true
	case e&isEnd != 0:
		return true, true
	}
	length, ok := d.value(e)
	if !ok || length == 0 {
		return false, false
	}
	d.fill()
	e = d.dist[d.bb&(1<<distBits-1)]
	if e&isTable != 0 {
		if d.bc < distBits {
			return false, false
		}
		d.bb >>= distBits
		d.bc -= distBits
		e = d.dist[(e>>16+uint32(d.bb)&(1<<(e>>8&31)-1))&(distTable-1)]
	}
	if uint(e&15) > d.bc || e == 0 {
		return false, false
	}
	d.bb >>= e & 15
	d.bc -= uint(e & 15)
	dist, ok := d.value(e)
	if !ok || dist == 0 || dist > d.out || length > len(d.dst)-d.out {
		return false, false
	}
	for range length {
		d.dst[d.out] = d.dst[d.out-dist]
		d.out++
	}
	return false, true
}

// value adds the extra bits of an entry to its value.
func (d *deflater) value(e uint32) (int, bool) {
	n := uint(e >> 8 & 31)
	if n > d.bc {
		return 0, false
	}
	v := int(e>>16) + int(d.bb&(1<<n-1))
	d.bb >>= n
	d.bc -= n
	return v, true
}

// fast decodes symbols as long as both buffers have room for whatever comes, which saves
// most of the checks. end means that the block ended.
func (d *deflater) fast() (end, ok bool) {
	src, dst, pos, out, bb, bc := d.src, d.dst, d.pos, d.out, d.bb, d.bc
	lit, distances := &d.lit, &d.dist
	ok = true
loop:
	for pos <= len(src)-inMargin && out <= len(dst)-outMargin {
		// At least 56 bits; two literals of 10 leave 36.
		bb |= binary.LittleEndian.Uint64(src[pos:]) << (bc & 63)
		pos += int((63 - bc) >> 3)
		bc |= 56
		e := lit[bb&(1<<litBits-1)]
		if e&isLiteral != 0 {
			bb >>= e & 15
			bc -= uint(e & 15)
			dst[out] = byte(e >> 16)
			out++
			e = lit[bb&(1<<litBits-1)]
			if e&isLiteral != 0 {
				bb >>= e & 15
				bc -= uint(e & 15)
				dst[out] = byte(e >> 16)
				out++
				continue
			}
		}
		if e&isTable != 0 {
			bb >>= litBits
			bc -= litBits
			e = lit[(e>>16+uint32(bb)&(1<<(e>>8&31)-1))&(litTable-1)]
		}
		bb >>= e & 15
		bc -= uint(e & 15)
		if e&isLiteral != 0 {
			dst[out] = byte(e >> 16)
			out++
			continue
		}
		// A length, the end, or nothing. 48 bits are the most that both values take, of
		// which the length has had 15 here.
		bb |= binary.LittleEndian.Uint64(src[pos:]) << (bc & 63)
		pos += int((63 - bc) >> 3)
		bc |= 56
		n := uint(e >> 8 & 31)
		length := int(e>>16) + int(bb&(1<<n-1))
		bb >>= n
		bc -= n
		if length == 0 {
			end = e&isEnd != 0
			ok = end
			break loop
		}
		e = distances[bb&(1<<distBits-1)]
		if e&isTable != 0 {
			bb >>= distBits
			bc -= distBits
			e = distances[(e>>16+uint32(bb)&(1<<(e>>8&31)-1))&(distTable-1)]
		}
		bb >>= e & 15
		bc -= uint(e & 15)
		n = uint(e >> 8 & 31)
		dist := int(e>>16) + int(bb&(1<<n-1))
		bb >>= n
		bc -= n
		if dist == 0 || dist > out {
			ok = false
			break loop
		}
		repeatBytes(dst[out-dist:], dst[out:], dist, length)
		out += length
	}
	d.pos, d.out, d.bb, d.bc = pos, out, bb, bc
	return end, ok
}

// repeatBytes copies length bytes from dist bytes before. In words it copies up to seven
// more, for which there is room.
func repeatBytes(from, to []byte, dist, length int) {
	if dist < 8 {
		for i := range length {
			to[i] = from[i]
		}
		return
	}
	for length > 0 && len(from) >= 8 && len(to) >= 8 {
		binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
		from, to, length = from[8:], to[8:], length-8
	}
}
