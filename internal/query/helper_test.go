package query

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// testNow is what the tests call now: a Sunday.
var testNow = time.Date(2021, 11, 21, 12, 34, 56, 0, time.UTC)

// dump writes a tree as the tables of these tests do: operators before their kids,
// terms as field:word word, with ! before an exact value and * after a prefix.
func dump(n Node) string {
	switch n := n.(type) {
	case And:
		return "(and " + dumpAll(n.Kids) + ")"
	case Or:
		return "(or " + dumpAll(n.Kids) + ")"
	case Xor:
		return "(xor " + dump(n.A) + " " + dump(n.B) + ")"
	case Not:
		return "(not " + dump(n.Kid) + ")"
	case Near:
		op := "near"
		if n.Ordered {
			op = "adj"
		}
		parts := make([]string, len(n.Kids))
		for i, k := range n.Kids {
			parts[i] = dump(k)
		}
		return fmt.Sprintf("(%s/%d %s)", op, n.N, strings.Join(parts, " "))
	case Term:
		star := ""
		if n.Prefix {
			star = "*"
		}
		if fieldKinds[n.Field].exact() {
			return "[" + n.Field + "!" + n.Value + "]"
		}
		if n.Field == "" {
			return "[" + strings.Join(n.Words, " ") + star + "]"
		}
		return "[" + n.Field + ":" + strings.Join(n.Words, " ") + star + "]"
	case Range:
		return "[" + n.Field + " " + dumpBound(n.Field, n.From) + " " + dumpBound(n.Field, n.To) + "]"
	case All:
		return "all"
	}
	return fmt.Sprintf("?%T", n)
}

func dumpAll(kids []Node) string {
	parts := make([]string, len(kids))
	for i, k := range kids {
		parts[i] = dump(k)
	}
	return strings.Join(parts, " ")
}

func dumpBound(field string, v int64) string {
	switch {
	case v == math.MinInt64 || v == math.MaxInt64:
		return "-"
	case !isTimeField(field):
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(time.Unix(v, 0).UTC().Format("2006-01-02T15:04:05"), "T00:00:00")
}

// reporter is what *testing.T and *rapid.T share.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkNormal reports what breaks the normal form of the package comment.
func checkNormal(t reporter, n Node) {
	t.Helper()
	if _, ok := n.(All); !ok {
		checkNode(t, n)
	}
}

func checkNode(t reporter, n Node) {
	t.Helper()
	switch n := n.(type) {
	case And:
		checkAnd(t, n)
	case Or:
		if len(n.Kids) < 2 {
			t.Errorf("Or with %d kids", len(n.Kids))
		}
		for _, k := range n.Kids {
			if _, ok := k.(Or); ok {
				t.Errorf("Or within Or: %s", n)
			}
			checkNode(t, k)
		}
	case Xor:
		checkNode(t, n.A)
		checkNode(t, n.B)
	case Near:
		for _, k := range n.Kids {
			if k.Field != n.Kids[0].Field || fieldKinds[k.Field].exact() {
				t.Errorf("Near of unlike terms: %s", n)
			}
			checkNode(t, k)
		}
		if len(n.Kids) < 2 || n.N < 1 {
			t.Errorf("Near of %d kids, N %d", len(n.Kids), n.N)
		}
	case Term:
		if len(n.Words) == 0 && !fieldKinds[n.Field].exact() || n.Phrase != (len(n.Words) > 1) {
			t.Errorf("Term %+v", n)
		}
	case Range:
		if fieldKinds[n.Field] != span {
			t.Errorf("Range %+v", n)
		}
	default:
		t.Errorf("%T where it must not be", n)
	}
}

func checkAnd(t reporter, n And) {
	t.Helper()
	if len(n.Kids) < 2 {
		t.Errorf("And with %d kids", len(n.Kids))
	}
	nots := false
	for i, k := range n.Kids {
		switch k := k.(type) {
		case And:
			t.Errorf("And within And: %s", n)
		case All:
			if _, ok := n.Kids[1].(Not); !ok || i != 0 {
				t.Errorf("All is kid %d of %s", i, n)
			}
		case Not:
			if i == 0 {
				t.Errorf("And begins with a Not: %s", n)
			}
			nots = true
			checkNode(t, k.Kid)
		default:
			if nots {
				t.Errorf("a Not stands before others: %s", n)
			}
			checkNode(t, k)
		}
	}
}
