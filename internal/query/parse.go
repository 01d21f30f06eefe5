package query

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bobbin/internal/errs"
)

// Limits of a query, so that no text can make a server work without bound.
const (
	maxDepth = 100  // nested parentheses
	maxTerms = 1000 // words, exact values and ranges together
)

// Parse reads a query. Words such as yesterday are taken from now; times without a zone
// are UTC. Errors are of kind errs.Invalid and say at which character what is wrong and
// how to write it.
//
// Much is forgiven, as public-inbox does: parentheses and quotes that do not match,
// unknown prefixes (their words are searched for), signs without a word.
func Parse(text string, now time.Time) (Node, error) {
	p := &parser{text: strings.ToValidUTF8(text, " "), now: now}
	n, _, err := p.or()
	switch {
	case err != nil:
		return nil, err
	case n == nil && strings.TrimFunc(p.text, isSpaceRune) == "":
		return All{}, nil
	case n == nil:
		return nil, p.errorf(0, "there is nothing to search for: give at least one word or number")
	case depth(n, bindOr) > maxDepth:
		return nil, p.errorf(0, "the query nests more than %d deep: write it with fewer parentheses", maxDepth)
	}
	return n, nil
}

// parser reads a query by recursive descent, straight from the text: what a piece of
// text means depends on the prefix before it. A method that reads an operand returns a
// nil node when the operand has no words, and false when there was no operand at all.
type parser struct {
	text  string
	pos   int // byte offset of what comes next
	now   time.Time
	field string // prefix of the parenthesis around
	depth int
	terms int
}

// errorf makes an error about the text at byte offset at.
func (p *parser) errorf(at int, format string, args ...any) error {
	char := utf8.RuneCountInString(p.text[:at]) + 1
	return errs.New(errs.Invalid, "query, character %d: "+format, append([]any{char}, args...)...)
}

// or reads alternatives: the loosest level.
func (p *parser) or() (Node, bool, error) {
	return p.level("OR", p.xor, func(a, b Node) Node { return makeOr(a, b) })
}

func (p *parser) xor() (Node, bool, error) {
	return p.level("XOR", p.and, func(a, b Node) Node {
		if a == nil || b == nil {
			return either(a, b)
		}
		return Xor{a, b}
	})
}

// level reads operands of next joined by an operator.
func (p *parser) level(op string, next func() (Node, bool, error), combine func(a, b Node) Node) (Node, bool, error) {
	left, some, err := next()
	for err == nil {
		at, ok := p.operator(op)
		if !ok {
			break
		}
		if !some {
			return nil, false, p.missing(at, op, "before")
		}
		var right Node
		if right, some, err = next(); err == nil && !some {
			return nil, false, p.missing(at, op, "after")
		}
		left = combine(left, right)
	}
	return left, some, err
}

// missing tells that an operator has an empty side.
func (p *parser) missing(at int, op, side string) error {
	return p.errorf(at, "%s has nothing %s it: add a word, or write %q in quotes to search for the word itself", op, side, op)
}

// and reads groups joined by AND, NOT and AND NOT, from left to right.
func (p *parser) and() (Node, bool, error) {
	var left Node
	some := false
	for {
		at, and := p.operator("AND")
		if and && !some {
			return nil, false, p.missing(at, "AND", "before")
		}
		notAt, not := p.operator("NOT")
		if some && !and && !not {
			return left, true, nil
		}
		right, ok, err := p.group()
		switch {
		case err != nil:
			return nil, false, err
		case !ok && not:
			return nil, false, p.missing(notAt, "NOT", "after")
		case !ok && and:
			return nil, false, p.missing(at, "AND", "after")
		case !ok:
			return nil, false, nil
		case not && right != nil:
			right = makeAnd(Not{right})
		}
		left, some = join(left, right), true
	}
}

// group reads operands side by side. Exact values of one field are alternatives.
func (p *parser) group() (Node, bool, error) {
	var kids []Node
	var same map[string]int // exact field to index in kids
	some := false
	for {
		p.skipSpace()
		bare := !strings.HasPrefix(p.text[p.pos:], "(")
		n, ok, err := p.element()
		if err != nil {
			return nil, false, err
		}
		if !ok {
			break
		}
		some = true
		if n == nil {
			continue
		}
		if t, ok := n.(Term); ok && bare && fieldKinds[t.Field] == exactOne {
			if i, seen := same[t.Field]; seen {
				kids[i] = makeOr(kids[i], t)
				continue
			}
			if same == nil {
				same = make(map[string]int)
			}
			same[t.Field] = len(kids)
		}
		kids = append(kids, n)
	}
	return makeAnd(kids...), some, nil
}

// element reads one operand with its sign and what NEAR or ADJ joins to it.
func (p *parser) element() (Node, bool, error) {
	sign := p.sign()
	at := p.pos
	n, ok, err := p.operand()
	if err != nil || !ok {
		return nil, false, err
	}
	if n, err = p.near(n, at); err != nil {
		return nil, false, err
	}
	if sign == '-' && n != nil {
		n = Not{n}
	}
	return n, true, nil
}

// sign skips white space and reads a "-" or "+" that stands right before an operand and
// right after white space or "(". Other signs mean nothing and are skipped: "--option"
// asks for the word, not against it.
func (p *parser) sign() byte {
	for {
		p.skipSpace()
		if p.pos >= len(p.text) {
			return 0
		}
		c := p.text[p.pos]
		if c != '-' && c != '+' {
			return 0
		}
		before, _ := utf8.DecodeLastRuneInString(p.text[:p.pos])
		p.pos++
		after, _ := utf8.DecodeRuneInString(p.text[p.pos:])
		if (p.pos == 1 || before == '(' || isSpaceRune(before)) && (after == '(' || isQuote(after) || isWordRune(after)) {
			return c
		}
	}
}

// near reads what NEAR and ADJ join to the operand left, which began at byte at.
func (p *parser) near(left Node, at int) (Node, error) {
	var near Near
	for {
		opAt, op, n, err := p.nearOperator()
		if err != nil {
			return nil, err
		}
		if op == "" {
			break
		}
		if near.Kids == nil {
			t, ok := left.(Term)
			if !ok || fieldKinds[t.Field].exact() {
				return nil, p.errorf(at, "%s joins single words and phrases only: repeat it for each word", op)
			}
			near = Near{Kids: []Term{t}, Ordered: op == "ADJ"}
		}
		if near.Ordered != (op == "ADJ") {
			return nil, p.errorf(opAt, "NEAR and ADJ cannot be mixed: put one pair in a query of its own, joined by AND")
		}
		p.skipSpace()
		at = p.pos
		right, ok, err := p.operand()
		if err != nil {
			return nil, err
		}
		t, isTerm := right.(Term)
		switch {
		case !ok:
			return nil, p.missing(opAt, op, "after")
		case !isTerm || fieldKinds[t.Field].exact():
			return nil, p.errorf(at, "%s joins single words and phrases only: repeat it for each word", op)
		case t.Field != near.Kids[0].Field:
			return nil, p.errorf(at, "%s joins words of one field: put the prefix before both, as in s:(one %s two)", op, op)
		}
		near.Kids = append(near.Kids, t)
		near.N = max(near.N, n)
	}
	if near.Kids == nil {
		return left, nil
	}
	return near, nil
}

// operand reads a parenthesis, a phrase, or a word, with its prefix.
func (p *parser) operand() (Node, bool, error) {
	p.skipSpace()
	if p.pos >= len(p.text) || p.text[p.pos] == ')' {
		return nil, false, nil
	}
	at := p.pos
	switch op, _, _ := strings.Cut(keyword(p.text[at:]), "/"); op {
	case "":
	case "NEAR", "ADJ": // the others are missed where they are read
		return nil, false, p.missing(at, op, "before")
	default:
		return nil, false, nil
	}
	field := p.field
	if f, n := fieldAt(p.text[at:]); n > 0 {
		p.pos += n
		if fieldKinds[f] == span {
			n, err := p.rangeOf(f, at)
			return n, true, err
		}
		field = f
	}
	if p.text[p.pos] == '(' {
		n, err := p.parens(field)
		return n, true, err
	}
	if fieldKinds[field].exact() {
		n, err := p.exact(field, at)
		return n, true, err
	}
	value, star := p.value()
	n, err := p.term(field, value, star, at)
	return n, true, err
}

// parens reads a parenthesis whose words belong to field unless they say otherwise.
func (p *parser) parens(field string) (Node, error) {
	at := p.pos
	p.pos++
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf(at, "parentheses nest more than %d deep: leave out those that change nothing", maxDepth)
	}
	outer := p.field
	p.field = field
	n, _, err := p.or()
	p.field = outer
	p.depth--
	if p.pos < len(p.text) { // at the ")"
		p.pos++
	}
	return n, err
}

// value reads a phrase in quotes or a run of text without white space, and the star
// after it. Leading and trailing signs are cut off.
func (p *parser) value() (v string, star bool) {
	s := p.text[p.pos:]
	if r, n := utf8.DecodeRuneInString(s); isQuote(r) {
		v, n = quoted(s[n:], r)
		p.pos += utf8.RuneLen(r) + n
		if star = strings.HasPrefix(p.text[p.pos:], "*"); star {
			p.pos++
		}
		return strings.TrimFunc(v, notWordRune), star
	}
	n := runLen(s)
	p.pos += n
	s = strings.TrimLeftFunc(s[:n], notWordRune)
	v = strings.TrimRightFunc(s, notWordRune)
	return v, s[len(v):] == "*"
}

// runLen gives the length of the text up to white space, a quote, or a parenthesis that
// is not part of it; the callers see to it that the first character is none of these.
// "kfree(ptr)" is one run: its parenthesis opens after a letter.
func runLen(s string) int {
	open, word := 0, false
	for i, r := range s {
		switch {
		case isSpaceRune(r), isQuote(r), r == '(' && !word, r == ')' && open == 0:
			return i
		case r == '(':
			open++
		case r == ')':
			open--
		}
		word = isWordRune(r)
	}
	return len(s)
}

// quoted reads up to the quote that closes a phrase opened by q; an open end is closed
// by the end of the text. n is the length read, with the quote.
func quoted(s string, q rune) (v string, n int) {
	for i, r := range s {
		if r == '"' || q != '"' && isQuote(r) {
			return s[:i], i + utf8.RuneLen(r)
		}
	}
	return s, len(s)
}

// term makes a term of a field of words; nil when value holds no word.
func (p *parser) term(field, value string, star bool, at int) (Node, error) {
	w := Tokens(value)
	if len(w) == 0 {
		return nil, nil
	}
	if err := p.count(len(w), at); err != nil {
		return nil, err
	}
	return Term{Field: field, Words: w, Value: value, Phrase: len(w) > 1, Prefix: star}, nil
}

// count adds n terms and checks the limit.
func (p *parser) count(n, at int) error {
	if p.terms += n; p.terms > maxTerms {
		return p.errorf(at, "the query has more than %d words: ask for less at once", maxTerms)
	}
	return nil
}

// exact reads the value of a field that compares values whole; nil when it is empty.
func (p *parser) exact(field string, at int) (Node, error) {
	v := cleanValue(field, p.exactValue())
	if v == "" {
		return nil, nil
	}
	if known, ok := flagValues[field]; ok && !slices.Contains(known, v) {
		return nil, p.errorf(at, "%s:%s is not known: write %s:%s", field, v, field, strings.Join(known, " or "+field+":"))
	}
	if field == "thread" && v[0] == '{' {
		return nil, p.errorf(at, "thread: takes a Message-ID and no query: write thread:MESSAGE-ID")
	}
	w := Tokens(v)
	if err := p.count(max(len(w), 1), at); err != nil {
		return nil, err
	}
	return Term{Field: field, Words: w, Value: v, Phrase: len(w) > 1}, nil
}

// exactValue reads a value up to white space or the end of the parenthesis, or in
// quotes, where "" stands for one quote.
func (p *parser) exactValue() string {
	s := p.text[p.pos:]
	r, n := utf8.DecodeRuneInString(s)
	if !isQuote(r) {
		n = exactLen(s)
		p.pos += n
		return s[:n]
	}
	var v strings.Builder
	for {
		p.pos += n
		part, m := quoted(p.text[p.pos:], r)
		v.WriteString(part)
		p.pos += m
		if r != '"' || !strings.HasPrefix(p.text[p.pos:], `"`) {
			return v.String()
		}
		v.WriteByte('"')
		n = 1
	}
}

// exactLen is runLen for exact values: quotes belong to them.
func exactLen(s string) int {
	open := 0
	for i, r := range s {
		switch {
		case isSpaceRune(r), r == ')' && open == 0:
			return i
		case r == '(':
			open++
		case r == ')':
			open--
		}
	}
	return len(s)
}

// skipSpace skips white space, and any ")" that closes nothing.
func (p *parser) skipSpace() {
	for p.pos < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.text[p.pos:])
		if !isSpaceRune(r) && (r != ')' || p.depth > 0) {
			return
		}
		p.pos += n
	}
}

// isQuote knows the straight double quote and the curly ones that word processors make
// of it; which of them opens or closes makes no difference.
func isQuote(r rune) bool { return r == '"' || r == '\u201c' || r == '\u201d' }

func isSpaceRune(r rune) bool { return r <= ' ' || unicode.IsSpace(r) }

func notWordRune(r rune) bool { return !isWordRune(r) }
