package web

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// doc is a parsed page.
type doc struct {
	t    *testing.T
	root *html.Node
}

// parse reads an answer's body as HTML.
func parse(t *testing.T, body string) doc {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("HTML: %v", err)
	}
	return doc{t, root}
}

// all gives the elements that a selector finds: compounds of tag, #id, .class, [name]
// and [name=value], separated by spaces for "inside of".
func (d doc) all(selector string) []*html.Node {
	found := []*html.Node{d.root}
	for part := range strings.FieldsSeq(selector) {
		var next []*html.Node
		for _, n := range found {
			for c := range n.Descendants() {
				if c.Type == html.ElementNode && fits(c, part) && !slices.Contains(next, c) {
					next = append(next, c)
				}
			}
		}
		found = next
	}
	return found
}

// one gives the only element that a selector finds.
func (d doc) one(selector string) *html.Node {
	d.t.Helper()
	found := d.all(selector)
	if len(found) != 1 {
		d.t.Fatalf("%s: %d elements, want 1", selector, len(found))
	}
	return found[0]
}

// texts gives the text of what a selector finds, white space squeezed.
func (d doc) texts(selector string) []string {
	var out []string
	for _, n := range d.all(selector) {
		out = append(out, text(n))
	}
	return out
}

// attrs gives an attribute of what a selector finds.
func (d doc) attrs(selector, name string) []string {
	var out []string
	for _, n := range d.all(selector) {
		v, _ := attrOf(n, name)
		out = append(out, v)
	}
	return out
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attrOf(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// fits reports whether an element fits a compound selector.
func fits(n *html.Node, part string) bool {
	tag := part
	if i := strings.IndexAny(part, "#.["); i >= 0 {
		tag, part = part[:i], part[i:]
	} else {
		part = ""
	}
	if tag != "" && n.Data != tag {
		return false
	}
	for part != "" {
		end := strings.IndexAny(part[1:], "#.[") + 1
		if end == 0 || part[0] == '[' {
			if end = len(part); part[0] == '[' {
				end = strings.IndexByte(part, ']') + 1
			}
		}
		if !fitsOne(n, part[:end]) {
			return false
		}
		part = part[end:]
	}
	return true
}

func fitsOne(n *html.Node, cond string) bool {
	switch cond[0] {
	case '#':
		id, _ := attrOf(n, "id")
		return id == cond[1:]
	case '.':
		class, _ := attrOf(n, "class")
		return slices.Contains(strings.Fields(class), cond[1:])
	}
	name, value, given := strings.Cut(strings.Trim(cond, "[]"), "=")
	got, ok := attrOf(n, name)
	return ok && (!given || got == value)
}
