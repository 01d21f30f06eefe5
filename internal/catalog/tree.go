package catalog

import (
	"cmp"
	"slices"
	"time"

	"bobbin/internal/store"
)

// container is a place in the forest: a message, or an id that others refer to.
type container struct {
	key    int64
	row    *store.Row // nil: not in the archive
	parent int        // -1: none
	kids   []int
	date   time.Time // of the earliest message at or under it
}

// forest links messages by their references, after Jamie Zawinski's algorithm
// (https://www.jwz.org/doc/threading.html): the chain of references gives each unknown
// place its parent, and a message's last reference is its parent whatever was there
// before. The result does not depend on the order of rows beyond their dates.
type forest struct {
	nodes []container
	byKey map[int64]int
}

// grow builds the forest of rows.
func grow(rows []*store.Row) *forest {
	f := &forest{byKey: make(map[int64]int, 2*len(rows))}
	ordered := slices.Clone(rows)
	slices.SortStableFunc(ordered, func(a, b *store.Row) int {
		if c := a.Sent.Compare(b.Sent); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	for _, r := range ordered {
		f.add(r)
	}
	return f
}

// place gives the container of a key, making it.
func (f *forest) place(key int64) int {
	if i, ok := f.byKey[key]; ok {
		return i
	}
	i := len(f.nodes)
	f.nodes = append(f.nodes, container{key: key, parent: -1})
	f.byKey[key] = i
	return i
}

func (f *forest) add(r *store.Row) {
	at := f.place(r.Key)
	if f.nodes[at].row != nil { // the id is used twice: a place of its own beside the first
		at = len(f.nodes)
		f.nodes = append(f.nodes, container{key: r.Key, parent: -1})
	}
	f.nodes[at].row = r
	prev := -1
	for _, k := range r.Refs {
		i := f.place(k)
		if i == at {
			continue
		}
		if prev >= 0 && f.nodes[i].parent < 0 && !f.under(prev, i) {
			f.link(prev, i)
		}
		prev = i
	}
	if prev >= 0 && !f.under(prev, at) {
		f.link(prev, at)
	}
}

// under reports whether a is b or below it.
func (f *forest) under(a, b int) bool {
	if a == b {
		return true
	}
	if len(f.nodes[b].kids) == 0 {
		return false
	}
	for a >= 0 {
		if a == b {
			return true
		}
		a = f.nodes[a].parent
	}
	return false
}

func (f *forest) link(parent, kid int) {
	if old := f.nodes[kid].parent; old == parent {
		return
	} else if old >= 0 {
		kids := f.nodes[old].kids
		if i := slices.Index(kids, kid); i >= 0 {
			f.nodes[old].kids = slices.Delete(kids, i, i+1)
		}
	}
	f.nodes[kid].parent = parent
	f.nodes[parent].kids = append(f.nodes[parent].kids, kid)
}

// frame is a step of a walk that keeps its own stack: threads can be deeper than a
// goroutine's.
type frame struct{ at, level, parent int }

// date sets the date of each container bottom-up and drops places without messages.
func (f *forest) settle() (roots []int) {
	var order []int
	for i := range f.nodes {
		if f.nodes[i].parent < 0 {
			order = append(order, i)
		}
	}
	for i := 0; i < len(order); i++ { // breadth first: parents before their kids
		order = append(order, f.nodes[order[i]].kids...)
	}
	for _, i := range slices.Backward(order) {
		n := &f.nodes[i]
		n.kids = slices.DeleteFunc(n.kids, func(k int) bool { return f.nodes[k].date.IsZero() })
		slices.SortStableFunc(n.kids, f.byDate)
		if n.row != nil {
			n.date = n.row.Sent
		} else if len(n.kids) > 0 {
			n.date = f.nodes[n.kids[0]].date
		}
	}
	for _, i := range order {
		if f.nodes[i].parent < 0 && !f.nodes[i].date.IsZero() {
			roots = append(roots, i)
		}
	}
	slices.SortStableFunc(roots, f.byDate)
	return roots
}

func (f *forest) byDate(a, b int) int { return f.nodes[a].date.Compare(f.nodes[b].date) }

// walk gives the forest in reading order. text names the ids that no message carries.
func (f *forest) walk(roots []int, text func(key int64) string) []Node {
	tree := make([]Node, 0, len(f.nodes))
	var stack []frame
	for _, r := range slices.Backward(roots) {
		stack = append(stack, frame{r, 0, -1})
	}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		c := &f.nodes[at.at]
		n := Node{Level: at.level, Parent: at.parent}
		if c.row != nil {
			n.Msg, n.MessageID = &c.row.Summary, c.row.MessageID
		} else {
			n.MessageID = text(c.key)
		}
		i := len(tree)
		tree = append(tree, n)
		if at.parent >= 0 {
			tree[at.parent].Kids = append(tree[at.parent].Kids, i)
		}
		for _, k := range slices.Backward(c.kids) {
			stack = append(stack, frame{k, at.level + 1, i})
		}
	}
	return tree
}
