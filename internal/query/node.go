package query

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Node is a query or a part of one. The kinds are [And], [Or], [Not], [Xor], [Near],
// [Term], [Range] and [All], as values, never pointers.
type Node interface {
	// String gives the text of the node in the search language.
	String() string
	node()
}

// And matches what every kid matches.
type And struct{ Kids []Node }

// Or matches what at least one kid matches.
type Or struct{ Kids []Node }

// Not matches what Kid does not match.
type Not struct{ Kid Node }

// Xor matches what exactly one of A and B matches.
type Xor struct{ A, B Node }

// Near matches where the kids, all of the same field, stand close together.
type Near struct {
	Kids []Term
	// N is how many words the last may be away from the first when there are two
	// kids: neighbours are 1 away. Each further kid widens the window by one.
	N int
	// Ordered asks for the kids in the order given (ADJ).
	Ordered bool
}

// Term is a word, a phrase, or an exact value.
type Term struct {
	// Field is a prefix of the search language in lower case ("s", "dfpre", …), or ""
	// for the text that is searched without a prefix. tcf comes as "a".
	Field string
	// Words are Value's words as [Tokens] makes them. Several must stand next to each
	// other in this order. Never empty for fields of words; may be empty for an
	// exact value such as a Message-ID of nothing but signs.
	Words []string
	// Value is the text as typed, without prefix, quotes and the signs around it. An
	// exact field keeps its signs and is compared by this: a Message-ID or List-Id
	// without its angle brackets, and what has no case in lower case.
	Value string
	// Phrase says that there are several words. Prefix says that the last word is
	// only the beginning of one (trailing *).
	Phrase, Prefix bool
}

// Range matches numbers and times between two bounds.
type Range struct {
	// Field is d (Date header), dt (the same, to the second), rt (received), z (size
	// in bytes) or uid (article number).
	Field string
	// From is the first value that matches. To is the first value after it that does
	// not match for times (d, dt, rt: Unix seconds) and the last value that does for
	// z and uid. math.MinInt64 and math.MaxInt64 leave a side open.
	From, To int64
}

// All matches everything.
type All struct{}

func (And) node()   {}
func (Or) node()    {}
func (Not) node()   {}
func (Xor) node()   {}
func (Near) node()  {}
func (Term) node()  {}
func (Range) node() {}
func (All) node()   {}

// Binding strength of each kind of node when printed, loosest first.
const (
	bindOr = iota
	bindXor
	bindAnd
	bindElement // signs, NEAR
	bindAtom
)

func binding(n Node) int {
	switch n.(type) {
	case Or:
		return bindOr
	case Xor:
		return bindXor
	case And:
		return bindAnd
	case Near, Not:
		return bindElement
	}
	return bindAtom
}

// within prints n as an operand that must bind at least as tightly as min.
func within(n Node, min int) string {
	if binding(n) < min {
		return "(" + n.String() + ")"
	}
	return n.String()
}

// String gives the kids side by side.
func (n And) String() string {
	sep := " "
	if sharesExactField(n.Kids) {
		sep = " AND " // side by side they would mean OR
	}
	var b strings.Builder
	for _, k := range n.Kids {
		if _, ok := k.(All); ok {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(sep)
		}
		b.WriteString(within(k, bindElement))
	}
	return b.String()
}

// sharesExactField reports whether two terms side by side would be read as alternatives.
func sharesExactField(kids []Node) bool {
	var seen []string
	for _, k := range kids {
		if t, ok := k.(Term); ok && fieldKinds[t.Field] == exactOne {
			if slices.Contains(seen, t.Field) {
				return true
			}
			seen = append(seen, t.Field)
		}
	}
	return false
}

// String joins the kids with OR.
func (n Or) String() string {
	parts := make([]string, len(n.Kids))
	for i, k := range n.Kids {
		parts[i] = within(k, bindXor)
	}
	return strings.Join(parts, " OR ")
}

// String puts a minus before the kid.
func (n Not) String() string { return "-" + within(n.Kid, bindAtom) }

// String joins both sides with XOR.
func (n Xor) String() string {
	return within(n.A, bindXor) + " XOR " + within(n.B, bindAnd)
}

// String joins the kids with NEAR/n or ADJ/n.
func (n Near) String() string {
	op := " NEAR/"
	if n.Ordered {
		op = " ADJ/"
	}
	op += strconv.Itoa(n.N) + " "
	parts := make([]string, len(n.Kids))
	for i, k := range n.Kids {
		parts[i] = k.String()
	}
	return strings.Join(parts, op)
}

// String gives prefix, value and star, quoted where the value needs it.
func (t Term) String() string {
	var b strings.Builder
	if t.Field != "" {
		b.WriteString(t.Field)
		b.WriteByte(':')
	}
	switch kind := fieldKinds[t.Field]; {
	case kind.exact() && !plainValue(t.Value):
		b.WriteString(`"` + strings.ReplaceAll(t.Value, `"`, `""`) + `"`)
	case !kind.exact() && (isOperator(t.Value) || strings.ContainsFunc(t.Value, notWordRune) || t.Phrase):
		b.WriteString(`"` + t.Value + `"`)
	default:
		b.WriteString(t.Value)
	}
	if t.Prefix {
		b.WriteByte('*')
	}
	return b.String()
}

// plainValue reports whether an exact value can stand without quotes.
func plainValue(s string) bool {
	for i := range len(s) {
		if !isASCIIWord(s[i]) && strings.IndexByte(".-@+=/:~%", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

// String gives field:FROM..TO in the field's own notation.
func (r Range) String() string {
	from, to := "", ""
	if r.From != math.MinInt64 {
		from = r.bound(r.From)
	}
	if r.To != math.MaxInt64 {
		last := r.To
		if isTimeField(r.Field) {
			last-- // the notation names the last second or day, the tree the one after
		}
		to = r.bound(last)
	}
	return r.Field + ":" + from + ".." + to
}

func (r Range) bound(v int64) string {
	switch r.Field {
	case "d":
		return time.Unix(v, 0).UTC().Format("20060102")
	case "dt":
		return time.Unix(v, 0).UTC().Format("20060102150405")
	case "rt":
		// Fewer than five digits would be read as a year.
		if v < 0 {
			return "-" + pad5(uint64(-v))
		}
		return pad5(uint64(v))
	}
	return strconv.FormatInt(v, 10)
}

func pad5(v uint64) string {
	s := strconv.FormatUint(v, 10)
	if len(s) < 5 {
		s = "00000"[len(s):] + s
	}
	return s
}

// String gives the empty query.
func (All) String() string { return "" }

// depth counts the parentheses that n's text nests, including those that hold n when
// it binds less tightly than min. It stops counting soon after maxDepth.
func depth(n Node, min int) int {
	d := 0
	switch n := n.(type) {
	case And:
		for _, k := range n.Kids {
			d = max(d, depth(k, bindElement))
		}
	case Or:
		for _, k := range n.Kids {
			d = max(d, depth(k, bindXor))
		}
	case Xor:
		d = max(depth(n.A, bindXor), depth(n.B, bindAnd))
	case Not:
		return depth(n.Kid, bindAtom)
	}
	if binding(n) < min {
		d++
	}
	return d
}
