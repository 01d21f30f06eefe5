package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"bobbin/internal/errs"
	"bobbin/internal/query"
)

// plan is a query in SQL: messages m for which match (an FTS5 expression; "" matches all)
// and cond (SQL; "" is true) hold.
type plan struct {
	match string
	depth int  // how deep parentheses nest in match
	seek  bool // cond holds for a few messages that an index finds
	cond  string
	args  []any
}

// columns says which columns of the full text a search prefix looks at.
var columns = map[string]string{
	"":          "{m s f n nq q dfn dfa dfb dfhh dfctx dfpre dfpost cid}",
	"s":         "{s}",
	"f":         "{f}",
	"t":         "{t}",
	"c":         "{c}",
	"a":         "{f t c}",
	"tcf":       "{f t c}",
	"tc":        "{t c}",
	"b":         "{nq q dfn dfa dfb dfhh dfctx}",
	"nq":        "{nq dfn dfa dfb dfhh dfctx}",
	"q":         "{q}",
	"bs":        "{s nq q dfn dfa dfb dfhh dfctx}",
	"n":         "{n}",
	"dfn":       "{dfn}",
	"dfa":       "{dfa}",
	"dfb":       "{dfb}",
	"dfhh":      "{dfhh}",
	"dfctx":     "{dfctx}",
	"dfpre":     "{dfpre}",
	"dfpost":    "{dfpost}",
	"dfblob":    "{dfpre dfpost}",
	"patchid":   "{patchid}",
	"m":         "{m}",
	"change-id": "{cid}",
}

// maxDepth bounds the nesting of one FTS5 expression, whose parser has a small stack: what
// nests deeper becomes a condition of its own.
const maxDepth = 24

// maxPrefixes bounds what the words with a star of one search may cost together: a prefix
// reads every word that begins with it, and can not be interrupted while it does.
const maxPrefixes = 64

// maxListTerms bounds the terms of one search that look through the List-Ids.
const maxListTerms = 16

// compiler turns a query's tree into a plan, looking ids up as it goes.
type compiler struct {
	ctx      context.Context
	db       *DB
	in       InboxID // the inbox that is searched
	prefixes int     // spent of maxPrefixes
	lists    int     // spent of maxListTerms
}

func (c *compiler) plan(n query.Node) (plan, error) {
	switch n := n.(type) {
	case query.All:
		return plan{}, nil
	case query.Term:
		return c.term(n)
	case query.Range:
		return c.rangePlan(n)
	case query.And:
		return c.and(n.Kids)
	case query.Or:
		return c.or(n.Kids)
	case query.Not:
		p, err := c.plan(n.Kid)
		if err != nil {
			return plan{}, err
		}
		sql, args := p.where()
		return plan{cond: "NOT " + sql, args: args}, nil
	case query.Xor:
		return c.xor(n)
	case query.Near:
		return c.near(n)
	}
	return plan{}, errs.New(errs.Invalid, "search: %s is not supported", n)
}

// where gives the plan as one SQL condition on message m.
func (p plan) where() (string, []any) {
	var parts []string
	var args []any
	if p.match != "" {
		parts = append(parts, "m.id IN (SELECT rowid FROM words WHERE words MATCH ?)")
		args = append(args, p.match)
	}
	if p.cond != "" {
		parts = append(parts, p.cond)
		args = append(args, p.args...)
	}
	if len(parts) == 0 {
		return "(1)", nil
	}
	return "(" + strings.Join(parts, " AND ") + ")", args
}

// textOnly reports whether the plan is nothing but full text.
func (p plan) textOnly() bool { return p.match != "" && p.cond == "" }

// fits makes a plan whose full text nests too deep a condition.
func (p plan) fits() plan {
	if p.depth <= maxDepth {
		return p
	}
	cond, args := p.where()
	return plan{cond: cond, args: args}
}

// joinMatch joins the full text of plans.
func joinMatch(op string, plans []plan) (match string, depth int) {
	if len(plans) == 1 {
		return plans[0].match, plans[0].depth
	}
	parts := make([]string, len(plans))
	for i, p := range plans {
		parts[i], depth = "("+p.match+")", max(depth, p.depth)
	}
	return strings.Join(parts, op), depth + 1
}

// joinConds joins conditions as a balanced tree, because SQLite bounds the depth of
// expressions.
func joinConds(op string, conds []string) string {
	if len(conds) == 1 {
		return conds[0]
	}
	half := len(conds) / 2
	return "(" + joinConds(op, conds[:half]) + op + joinConds(op, conds[half:]) + ")"
}

func (c *compiler) and(kids []query.Node) (plan, error) {
	var match, without []plan
	var seek bool
	var conds []string
	var args []any
	for _, k := range kids {
		not, negative := k.(query.Not)
		if negative {
			k = not.Kid
		}
		p, err := c.plan(k)
		if err != nil {
			return plan{}, err
		}
		switch {
		case negative && p.textOnly():
			without = append(without, p)
			continue
		case negative:
			sql, a := p.where()
			conds, args = append(conds, "NOT "+sql), append(args, a...)
			continue
		case p.match != "":
			match = append(match, p)
		}
		if p.cond != "" {
			conds, args, seek = append(conds, p.cond), append(args, p.args...), seek || p.seek
		}
	}
	all := plan{seek: seek}
	if len(match) > 0 {
		all.match, all.depth = joinMatch(" AND ", match)
	}
	if len(without) > 0 {
		w, depth := joinMatch(" OR ", without)
		if all.match != "" {
			all.match, all.depth = "("+all.match+") NOT ("+w+")", max(all.depth, depth)+1
		} else {
			conds, args = append(conds, "m.id NOT IN (SELECT rowid FROM words WHERE words MATCH ?)"), append(args, w)
		}
	}
	if len(conds) > 0 {
		all.cond, all.args = "("+joinConds(" AND ", conds)+")", args
	}
	return all.fits(), nil
}

func (c *compiler) or(kids []query.Node) (plan, error) {
	var plans []plan
	text := true
	for _, k := range kids {
		p, err := c.plan(k)
		if err != nil {
			return plan{}, err
		}
		plans = append(plans, p)
		text = text && p.textOnly()
	}
	if text {
		var p plan
		p.match, p.depth = joinMatch(" OR ", plans)
		return p.fits(), nil
	}
	var conds []string
	var args []any
	for _, p := range plans {
		sql, a := p.where()
		conds, args = append(conds, sql), append(args, a...)
	}
	return plan{cond: "(" + joinConds(" OR ", conds) + ")", args: args}, nil
}

func (c *compiler) xor(n query.Xor) (plan, error) {
	a, err := c.plan(n.A)
	if err != nil {
		return plan{}, err
	}
	b, err := c.plan(n.B)
	if err != nil {
		return plan{}, err
	}
	sa, aa := a.where()
	sb, ab := b.where()
	return plan{cond: "(" + sa + " <> " + sb + ")", args: append(aa, ab...)}, nil
}

// phrase writes words as FTS5 wants them. Words hold nothing but letters, digits,
// underscores and marks (query.Tokens), so quotes need no escape.
func phrase(words []string, prefix bool) string {
	s := `"` + strings.Join(words, " ") + `"`
	if prefix {
		s += " *"
	}
	return s
}

// spend pays for a prefix search for a word. Invalid when the search asks for too many.
func (c *compiler) spend(word string) error {
	switch utf8.RuneCountInString(word) {
	case 1:
		c.prefixes += 16
	case 2:
		c.prefixes += 8
	case 3, 4, 5:
		c.prefixes++ // longer ones find few words
	}
	if c.prefixes > maxPrefixes {
		return errs.WithHint(errs.Invalid, "write more letters before each *", "search: too many short beginnings of words, such as %s*", word)
	}
	return nil
}

// near compiles NEAR and ADJ. FTS5 counts the words between the first kid and the last that
// are none of theirs; it knows no order inside NEAR, so ADJ is NEAR.
func (c *compiler) near(n query.Near) (plan, error) {
	var parts []string
	for _, k := range n.Kids {
		if len(k.Words) == 0 {
			continue
		}
		if k.Prefix {
			if err := c.spend(k.Words[len(k.Words)-1]); err != nil {
				return plan{}, err
			}
		}
		parts = append(parts, phrase(k.Words, k.Prefix))
	}
	if len(parts) == 0 {
		return plan{}, nil
	}
	cols, ok := columns[n.Kids[0].Field]
	if !ok {
		cols = columns[""]
	}
	return plan{match: fmt.Sprintf("%s : NEAR(%s, %d)", cols, strings.Join(parts, " "), max(n.N+len(n.Kids)-3, 0))}, nil
}

func (c *compiler) term(t query.Term) (plan, error) {
	switch t.Field {
	case "mid", "references", "thread":
		return c.midTerm(t)
	case "is", "has":
		return flagTerm(t)
	case "list":
		return c.inbox(t)
	case "l", "lid":
		return c.list(t)
	case "dfpre", "dfpost", "dfblob":
		return c.blobTerm(t)
	}
	if len(t.Words) == 0 {
		return plan{}, nil // nothing but punctuation
	}
	cols, ok := columns[t.Field]
	if !ok {
		return plan{}, errs.New(errs.Invalid, "search: unknown prefix %q", t.Field)
	}
	if t.Prefix {
		if err := c.spend(t.Words[len(t.Words)-1]); err != nil {
			return plan{}, err
		}
	}
	return plan{match: cols + " : " + phrase(t.Words, t.Prefix)}, nil
}

// shortestBlob is the shortest abbreviation of a blob id that git writes.
const shortestBlob = 7

// blobTerm finds abbreviated blob ids: those that begin with the one asked for and, when
// that is longer than what was mailed, those it begins with.
func (c *compiler) blobTerm(t query.Term) (plan, error) {
	if len(t.Words) == 0 {
		return plan{cond: "0"}, nil
	}
	id := t.Words[0]
	if err := c.spend(id); err != nil {
		return plan{}, err
	}
	parts := []string{phrase([]string{id}, true)}
	for n := shortestBlob; n < len(id) && n < 40; n++ {
		parts = append(parts, phrase([]string{id[:n]}, false))
	}
	return plan{match: columns[t.Field] + " : (" + strings.Join(parts, " OR ") + ")"}, nil
}

func (c *compiler) midTerm(t query.Term) (plan, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(t.Value, "<"), ">")
	key, thread, ok, err := c.db.Mid(c.ctx, id)
	if err != nil {
		return plan{}, err
	}
	if !ok {
		return plan{cond: "0"}, nil
	}
	switch t.Field {
	case "thread":
		return plan{cond: "m.thread = ?", args: []any{thread}, seek: true}, nil
	case "references":
		return plan{cond: "(m.thread = ? AND instr(m.refs, ?) > 0)", args: []any{thread, packKeys([]int64{key})}, seek: true}, nil
	}
	return plan{cond: "(m.mid = ? OR m.id IN (SELECT msg FROM alias WHERE mid = ?))", args: []any{key, key}, seek: true}, nil
}

var flagNames = map[string]Flags{
	"is:patch": IsPatch, "is:reply": IsReply, "has:attachment": HasAttachment, "is:defective": IsDefective,
}

func flagTerm(t query.Term) (plan, error) {
	f, ok := flagNames[t.Field+":"+strings.ToLower(t.Value)]
	if !ok {
		return plan{}, errs.WithHint(errs.Invalid, "there are is:patch, is:reply, is:defective and has:attachment",
			"search: %s:%s is not known", t.Field, t.Value)
	}
	return plan{cond: fmt.Sprintf("(m.flags & %d) <> 0", f)}, nil
}

// inbox finds mail of an inbox by its name, or by (part of) its List-Id.
func (c *compiler) inbox(t query.Term) (plan, error) {
	id, ok, err := c.db.inboxNamed(c.ctx, t.Value)
	if err != nil {
		return plan{}, err
	}
	if ok {
		return plan{cond: "EXISTS (SELECT 1 FROM article la WHERE la.msg = m.id AND la.inbox = ?)", args: []any{id}}, nil
	}
	return c.list(t)
}

// list finds mail by its List-Id: l by some of its words, lid by all of it.
func (c *compiler) list(t query.Term) (plan, error) {
	if c.lists++; c.lists > maxListTerms {
		return plan{}, errs.New(errs.Invalid, "search: more than %d terms about lists", maxListTerms)
	}
	ids, err := c.db.lists(c.ctx, func(name string) bool {
		if t.Field == "lid" {
			return slices.Contains(strings.Fields(name), strings.ToLower(t.Value))
		}
		return containsPhrase(query.Tokens(name), t.Words, t.Prefix)
	})
	if err != nil || len(ids) == 0 {
		return plan{cond: "0"}, err
	}
	in := strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ")
	return c.article("la.list IN ("+in+")", ids), nil
}

// article finds messages by what holds for their article la, in the inbox that is searched
// or in any.
func (c *compiler) article(cond string, args []any) plan {
	if c.in != AnyInbox {
		cond, args = cond+" AND la.inbox = ?", append(args, c.in)
	}
	return plan{cond: "EXISTS (SELECT 1 FROM article la WHERE la.msg = m.id AND " + cond + ")", args: args}
}

// containsPhrase reports whether the words of phrase follow each other in words; with
// prefix the last one may be only the beginning.
func containsPhrase(words, phrase []string, prefix bool) bool {
	for i := 0; len(phrase) > 0 && i+len(phrase) <= len(words); i++ {
		at, last := words[i:i+len(phrase)], len(phrase)-1
		if slices.Equal(at[:last], phrase[:last]) && (at[last] == phrase[last] || prefix && strings.HasPrefix(at[last], phrase[last])) {
			return true
		}
	}
	return false
}

func (c *compiler) rangePlan(r query.Range) (plan, error) {
	switch r.Field {
	case "d", "dt":
		return between("m.sent", r), nil
	case "rt":
		return c.arrived(r)
	case "z":
		return between("m.bytes", r), nil
	case "uid":
		p := between("la.number", r)
		return c.article(p.cond, p.args), nil
	}
	return plan{}, errs.New(errs.Invalid, "search: unknown range %q", r.Field)
}

// arrived finds messages by their time of arrival: an id lies at or after that second, and
// by no more than the spill.
func (c *compiler) arrived(r query.Range) (plan, error) {
	p := between("m.received", r)
	if r.From > 0 {
		p = plan{cond: "(m.id >= ? AND " + p.cond + ")", args: append([]any{min(r.From, maxSecond)}, p.args...)}
	}
	if r.To < maxSecond {
		spill, err := c.db.spill(c.ctx)
		if err != nil {
			return plan{}, err
		}
		p = plan{cond: "(m.id <= ? AND " + p.cond + ")", args: append([]any{max(r.To, 1) + spill}, p.args...)}
	}
	return p, nil
}

// between includes the lower end; the upper one only where the range counts no seconds.
func between(col string, r query.Range) plan {
	if r.Field == "z" || r.Field == "uid" {
		return plan{cond: "(" + col + " >= ? AND " + col + " <= ?)", args: []any{r.From, r.To}}
	}
	return plan{cond: "(" + col + " >= ? AND " + col + " < ?)", args: []any{r.From, r.To}}
}
