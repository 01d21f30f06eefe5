package demo

import (
	"crypto/sha1"
	"encoding/binary"
)

// digest turns a label into bytes that look random and are always the same; use
// keeps the various uses of one label apart.
func digest(use, label string) []byte {
	sum := sha1.Sum([]byte(use + "\x00" + label))
	return sum[:]
}

// number is a number from 0 to n-1 made from a label.
func number(use, label string, n int) int {
	return int(binary.BigEndian.Uint32(digest(use, label)) % uint32(n))
}

// alnum gives n letters and digits made from a label.
func alnum(use, label string, n int) string {
	const set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var out []byte
	for i := 0; len(out) < n; i++ {
		for _, c := range digest(use+string(rune('a'+i)), label) {
			out = append(out, set[int(c)%len(set)])
		}
	}
	return string(out[:n])
}
