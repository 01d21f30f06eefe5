package query

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestManual checks that doc/search.md tells of every prefix and that its examples,
// the indented lines, are queries.
func TestManual(t *testing.T) {
	b, err := os.ReadFile("../../doc/search.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for field := range fieldKinds {
		if !strings.Contains(text, "`"+field+":") {
			t.Errorf("the prefix %s: is not described", field)
		}
	}
	gap := regexp.MustCompile(` {2,}`)
	examples := 0
	for line := range strings.Lines(text) {
		example, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if !ok {
			continue
		}
		examples++
		q := gap.Split(example, 2)[0]
		if strings.HasPrefix(q, "query, ") {
			if _, err := Parse("lock OR", testNow); err == nil || err.Error() != q {
				t.Errorf("the error shown is not the one given: %v", err)
			}
			continue
		}
		n, err := Parse(q, testNow)
		if err != nil {
			t.Errorf("the example %q: %v", q, err)
			continue
		}
		checkText(t, n)
	}
	if examples < 50 {
		t.Errorf("found only %d examples", examples)
	}
}
