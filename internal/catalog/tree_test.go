package catalog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bobbin/internal/store"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// mails are "key date ref ref…" a line.
func mails(t interface{ Fatalf(string, ...any) }, text string) []*store.Row {
	var rows []*store.Row
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var nums []int64
		for _, w := range strings.Fields(line) {
			var n int64
			if _, err := fmt.Sscan(w, &n); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			nums = append(nums, n)
		}
		r := &store.Row{Key: nums[0], Refs: nums[2:]}
		r.ID, r.MessageID, r.Sent = store.MsgID(nums[0]), fmt.Sprint(nums[0]), time.Unix(nums[1], 0)
		rows = append(rows, r)
	}
	return rows
}

func draw(rows []*store.Row) string {
	f := grow(rows)
	var b strings.Builder
	for _, n := range f.walk(f.settle(), func(k int64) string { return fmt.Sprintf("(%d)", k) }) {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat(" ", n.Level), n.MessageID)
	}
	return b.String()
}

func TestTree(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"series", "1 10\n2 11 1\n3 12 1\n4 20 1 3\n", "1\n 2\n 3\n  4\n"},
		{"missing parent", "2 11 1\n3 12 1\n", "(1)\n 2\n 3\n"},
		{"missing root and middle", "4 11 1 2 3\n", "(1)\n (2)\n  (3)\n   4\n"},
		{"loop", "1 10 2\n2 11 1\n", "2\n 1\n"},
		{"refers to itself", "1 10 1\n", "1\n"},
		{"id used twice", "1 10\n1 11\n2 12 1\n", "1\n 2\n1\n"},
		{"older reply by its date", "1 10\n3 30 1\n2 20 1\n", "1\n 2\n 3\n"},
		{"last reference wins", "1 10\n2 11 1\n3 12 1\n4 13 1 2 3\n", "1\n 2\n 3\n  4\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, draw(mails(t, tt.in))); d != "" {
				t.Error(d)
			}
		})
	}
}

// Every message is in the tree once, whatever refers to what, and the order in which the
// mails come changes nothing.
func TestTreeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "mails")
		var rows []*store.Row
		for i := range n {
			r := &store.Row{Key: int64(i), Refs: rapid.SliceOfN(rapid.Int64Range(0, 15), 0, 4).Draw(t, "refs")}
			r.ID, r.MessageID, r.Sent = store.MsgID(i), fmt.Sprint(i), time.Unix(int64(100+i), 0)
			rows = append(rows, r)
		}
		want := draw(rows)
		seen := map[string]int{}
		for _, l := range strings.Fields(want) {
			seen[l]++
		}
		for i := range n {
			if seen[fmt.Sprint(i)] != 1 {
				t.Fatalf("message %d is in the tree %d times:\n%s", i, seen[fmt.Sprint(i)], want)
			}
		}
		if got := draw(rapid.Permutation(rows).Draw(t, "arrival")); got != want {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

func TestTreeDeep(t *testing.T) {
	var rows []*store.Row
	for i := range 20000 {
		r := &store.Row{Key: int64(i)}
		r.ID, r.MessageID, r.Sent = store.MsgID(i), fmt.Sprint(i), time.Unix(int64(i), 0)
		if i > 0 {
			r.Refs = []int64{int64(i - 1)}
		}
		rows = append(rows, r)
	}
	f := grow(rows)
	tree := f.walk(f.settle(), nil)
	if len(tree) != len(rows) || tree[len(tree)-1].Level != len(rows)-1 {
		t.Errorf("got %d nodes, the last at level %d", len(tree), tree[len(tree)-1].Level)
	}
}
