package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"bobbin/internal/errs"
	"bobbin/internal/query"
)

// plan is a query in SQL: messages m for which match (an FTS5 expression; "" matches all)
// and cond (SQL; "" is true) hold.
type plan struct {
	match string
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

// compiler turns a query's tree into a plan, looking ids up as it goes.
type compiler struct {
	ctx context.Context
	db  *DB
}

func (c *compiler) plan(n query.Node) (plan, error) {
	switch n := n.(type) {
	case query.All:
		return plan{}, nil
	case query.Term:
		return c.term(n)
	case query.Range:
		return rangePlan(n)
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
		return near(n), nil
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

func (c *compiler) and(kids []query.Node) (plan, error) {
	var match, without, conds []string
	var args []any
	for _, k := range kids {
		if not, ok := k.(query.Not); ok {
			p, err := c.plan(not.Kid)
			if err != nil {
				return plan{}, err
			}
			if p.textOnly() {
				without = append(without, p.match)
				continue
			}
		}
		p, err := c.plan(k)
		if err != nil {
			return plan{}, err
		}
		if p.match != "" {
			match = append(match, "("+p.match+")")
		}
		if p.cond != "" {
			conds = append(conds, p.cond)
			args = append(args, p.args...)
		}
	}
	all := plan{match: strings.Join(match, " AND ")}
	for _, w := range without {
		if all.match != "" {
			all.match = "(" + all.match + ") NOT (" + w + ")"
			continue
		}
		conds = append(conds, "m.id NOT IN (SELECT rowid FROM words WHERE words MATCH ?)")
		args = append(args, w)
	}
	if len(conds) > 0 {
		all.cond, all.args = "("+strings.Join(conds, " AND ")+")", args
	}
	return all, nil
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
	var parts []string
	var args []any
	for _, p := range plans {
		if text {
			parts = append(parts, "("+p.match+")")
			continue
		}
		sql, a := p.where()
		parts = append(parts, sql)
		args = append(args, a...)
	}
	if text {
		return plan{match: strings.Join(parts, " OR ")}, nil
	}
	return plan{cond: "(" + strings.Join(parts, " OR ") + ")", args: args}, nil
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

// near compiles NEAR and ADJ. FTS5 counts the words between the first kid and the last that
// are none of theirs; it knows no order inside NEAR, so ADJ is NEAR.
func near(n query.Near) plan {
	if len(n.Kids) == 0 {
		return plan{}
	}
	var parts []string
	for _, k := range n.Kids {
		if len(k.Words) > 0 {
			parts = append(parts, phrase(k.Words, k.Prefix))
		}
	}
	cols, ok := columns[n.Kids[0].Field]
	if !ok {
		cols = columns[""]
	}
	return plan{match: fmt.Sprintf("%s : NEAR(%s, %d)", cols, strings.Join(parts, " "), max(n.N+len(n.Kids)-3, 0))}
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
		return blobTerm(t), nil
	}
	if len(t.Words) == 0 {
		return plan{}, nil // nothing but punctuation
	}
	cols, ok := columns[t.Field]
	if !ok {
		return plan{}, errs.New(errs.Invalid, "search: unknown prefix %q", t.Field)
	}
	return plan{match: cols + " : " + phrase(t.Words, t.Prefix)}, nil
}

// shortestBlob is the shortest abbreviation of a blob id that git writes.
const shortestBlob = 7

// blobTerm finds abbreviated blob ids: those that begin with the one asked for and, when
// that is longer than what was mailed, those it begins with.
func blobTerm(t query.Term) plan {
	if len(t.Words) == 0 {
		return plan{cond: "0"}
	}
	id := t.Words[0]
	parts := []string{phrase([]string{id}, true)}
	for n := shortestBlob; n < len(id) && n < 40; n++ {
		parts = append(parts, phrase([]string{id[:n]}, false))
	}
	return plan{match: columns[t.Field] + " : (" + strings.Join(parts, " OR ") + ")"}
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
		return plan{cond: "m.thread = ?", args: []any{thread}}, nil
	case "references":
		return plan{cond: "(m.thread = ? AND instr(m.refs, ?) > 0)", args: []any{thread, packKeys([]int64{key})}}, nil
	}
	return plan{cond: "(m.mid = ? OR m.id IN (SELECT msg FROM alias WHERE mid = ?))", args: []any{key, key}}, nil
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
	inboxes, err := c.db.Inboxes(c.ctx)
	if err != nil {
		return plan{}, err
	}
	for _, b := range inboxes {
		if strings.EqualFold(b.Name, t.Value) {
			return plan{cond: "EXISTS (SELECT 1 FROM article la WHERE la.msg = m.id AND la.inbox = ?)", args: []any{b.ID}}, nil
		}
	}
	return c.list(t)
}

// list finds mail by its List-Id: l by some of its words, lid by all of it.
func (c *compiler) list(t query.Term) (plan, error) {
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
	return plan{cond: "EXISTS (SELECT 1 FROM article la WHERE la.msg = m.id AND la.list IN (" + in + "))", args: ids}, nil
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

func rangePlan(r query.Range) (plan, error) {
	switch r.Field {
	case "d", "dt":
		return between("m.sent", r), nil
	case "rt":
		p := between("m.received", r)
		if r.From > 0 && r.From != math.MinInt64 { // an id is at or after its second of arrival
			p = plan{cond: "(m.id >= ? AND " + p.cond + ")", args: append([]any{r.From}, p.args...)}
		}
		return p, nil
	case "z":
		return between("m.bytes", r), nil
	case "uid":
		p := between("ua.number", r)
		return plan{cond: "EXISTS (SELECT 1 FROM article ua WHERE ua.msg = m.id AND " + p.cond + ")", args: p.args}, nil
	}
	return plan{}, errs.New(errs.Invalid, "search: unknown range %q", r.Field)
}

// between includes the lower end; the upper one only where the range counts no seconds.
func between(col string, r query.Range) plan {
	if r.Field == "z" || r.Field == "uid" {
		return plan{cond: "(" + col + " >= ? AND " + col + " <= ?)", args: []any{r.From, r.To}}
	}
	return plan{cond: "(" + col + " >= ? AND " + col + " < ?)", args: []any{r.From, r.To}}
}
