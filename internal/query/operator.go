package query

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The distance of NEAR and ADJ when none is given, and the greatest.
const (
	defaultNear = 10
	maxNear     = 10000
)

// isOperator reports whether s is read as an operator where it stands alone.
func isOperator(s string) bool {
	switch s {
	case "AND", "OR", "XOR", "NOT", "NEAR", "ADJ":
		return true
	}
	return false
}

// keyword gives the operator at the start of s, with a distance ("NEAR/3"), or "".
func keyword(s string) string {
	n := 0
	for n < len(s) && s[n] >= 'A' && s[n] <= 'Z' {
		n++
	}
	if !isOperator(s[:n]) {
		return ""
	}
	if (s[:n] == "NEAR" || s[:n] == "ADJ") && n+1 < len(s) && s[n] == '/' && isDigit(s[n+1]) {
		for n++; n < len(s) && isDigit(s[n]); n++ {
		}
	}
	if r, _ := utf8.DecodeRuneInString(s[n:]); n < len(s) && !isSpaceRune(r) && !isQuote(r) && r != '(' && r != ')' {
		return ""
	}
	return s[:n]
}

// operator reads the operator op if it comes next and gives its byte offset.
func (p *parser) operator(op string) (at int, ok bool) {
	p.skipSpace()
	at = p.pos
	if keyword(p.text[at:]) != op {
		return at, false
	}
	p.pos += len(op)
	return at, true
}

// nearOperator reads NEAR or ADJ with its distance; op is "" when neither comes next.
func (p *parser) nearOperator() (at int, op string, n int, err error) {
	p.skipSpace()
	at = p.pos
	word := keyword(p.text[at:])
	op, num, given := strings.Cut(word, "/")
	if op != "NEAR" && op != "ADJ" {
		return at, "", 0, nil
	}
	p.pos += len(word)
	if !given {
		return at, op, defaultNear, nil
	}
	if n, err = strconv.Atoi(num); err != nil || n < 1 || n > maxNear {
		return at, op, 0, p.errorf(at, "%s/%s: the distance is a number of words from 1 to %d, as in %s/5", op, num, maxNear, op)
	}
	return at, op, n, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// join is a AND b; either may be nil.
func join(a, b Node) Node {
	if a == nil || b == nil {
		return either(a, b)
	}
	return makeAnd(a, b)
}

// either gives the one that is not nil, if any.
func either(a, b Node) Node {
	if a == nil {
		return b
	}
	return a
}

// makeAnd brings a conjunction into the normal form that the package comment tells.
// nil when there are no kids.
func makeAnd(kids ...Node) Node {
	var pos, neg []Node
	add := func(k Node) {
		switch k := k.(type) {
		case All:
		case Not:
			neg = append(neg, k)
		default:
			pos = append(pos, k)
		}
	}
	for _, k := range kids {
		if and, ok := k.(And); ok {
			for _, k := range and.Kids {
				add(k)
			}
			continue
		}
		add(k)
	}
	if len(pos) == 0 && len(neg) > 0 {
		pos = []Node{All{}}
	}
	switch kids = slices.Concat(pos, neg); len(kids) {
	case 0:
		return nil
	case 1:
		return kids[0]
	}
	return And{kids}
}

// makeOr joins two alternatives, either of which may be nil.
func makeOr(a, b Node) Node {
	if a == nil || b == nil {
		return either(a, b)
	}
	var kids []Node
	for _, k := range []Node{a, b} {
		if or, ok := k.(Or); ok {
			kids = append(kids, or.Kids...)
			continue
		}
		kids = append(kids, k)
	}
	return Or{kids}
}
