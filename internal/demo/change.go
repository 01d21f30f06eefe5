package demo

import (
	"fmt"
	"sort"
	"strings"
)

// change is what a commit does to one file. A zero file means that there is none.
type change struct {
	oldPath, newPath string
	old, new         file
	ops              []op
	adds, dels       int
}

// changes compares two trees. A file that vanished and one that appeared with at
// least half of its lines are a rename.
func changes(a, b tree) []change {
	var out []change
	var gone []string
	for p := range a {
		if _, ok := b[p]; !ok {
			gone = append(gone, p)
		}
	}
	sort.Strings(gone)
	for p, now := range b {
		was, ok := a[p]
		if ok && was == now {
			continue
		}
		from := p
		if !ok {
			for i, g := range gone {
				if similarity(a[g].text, now.text) >= 50 {
					from, was = g, a[g]
					gone = append(gone[:i:i], gone[i+1:]...)
					break
				}
			}
		}
		out = append(out, newChange(from, p, was, now))
	}
	for _, g := range gone {
		out = append(out, newChange(g, g, a[g], file{}))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].newPath < out[j].newPath })
	return out
}

func newChange(oldPath, newPath string, old, now file) change {
	c := change{oldPath: oldPath, newPath: newPath, old: old, new: now, ops: script(lines(old.text), lines(now.text))}
	for _, o := range c.ops {
		switch o.kind {
		case '+':
			c.adds++
		case '-':
			c.dels++
		}
	}
	return c
}

// similarity is the share of the larger text's bytes that stay, in percent.
func similarity(a, b string) int {
	same := 0
	for _, o := range script(lines(a), lines(b)) {
		if o.kind == ' ' {
			same += len(o.text) + 1
		}
	}
	if n := max(len(a), len(b)); n > 0 {
		return 100 * same / n
	}
	return 0
}

// diff writes the change as `git diff` does.
func (c change) diff() string {
	var b strings.Builder
	fmt.Fprintf(&b, "diff --git a/%s b/%s\n", c.oldPath, c.newPath)
	from, to := "a/"+c.oldPath, "b/"+c.newPath
	mode := ""
	switch {
	case c.old.mode == "":
		from = "/dev/null"
		fmt.Fprintf(&b, "new file mode %s\n", c.new.mode)
	case c.new.mode == "":
		to = "/dev/null"
		fmt.Fprintf(&b, "deleted file mode %s\n", c.old.mode)
	case c.old.mode != c.new.mode:
		fmt.Fprintf(&b, "old mode %s\nnew mode %s\n", c.old.mode, c.new.mode)
	default:
		mode = " " + c.old.mode
	}
	if c.oldPath != c.newPath {
		fmt.Fprintf(&b, "similarity index %d%%\nrename from %s\nrename to %s\n",
			similarity(c.old.text, c.new.text), c.oldPath, c.newPath)
	}
	if c.old.text != c.new.text {
		fmt.Fprintf(&b, "index %.12s..%.12s%s\n--- %s\n+++ %s\n%s", c.old.blob(), c.new.blob(), mode, from, to, hunks(c.ops))
	}
	return b.String()
}

// statName is the path as a diffstat shows it.
func (c change) statName() string {
	if c.oldPath == c.newPath {
		return c.newPath
	}
	at := strings.LastIndexByte(c.oldPath, '/') + 1
	if strings.HasPrefix(c.newPath, c.oldPath[:at]) && at > 0 {
		return fmt.Sprintf("%s{%s => %s}", c.oldPath[:at], c.oldPath[at:], c.newPath[at:])
	}
	return c.oldPath + " => " + c.newPath
}

// diffstat writes what `git diff --stat --summary` does.
func diffstat(cs []change) string {
	name, most, adds, dels := 0, 0, 0, 0
	for _, c := range cs {
		name, most = max(name, len(c.statName())), max(most, c.adds+c.dels)
		adds, dels = adds+c.adds, dels+c.dels
	}
	digits := len(fmt.Sprint(most))
	graph := max(72-name-digits-5, 10)
	scale := func(n int) int {
		if most <= graph || n == 0 {
			return n
		}
		return 1 + n*(graph-1)/most
	}
	var b strings.Builder
	for _, c := range cs {
		fmt.Fprintf(&b, " %-*s | %*d %s%s", name, c.statName(), digits, c.adds+c.dels,
			strings.Repeat("+", scale(c.adds)), strings.Repeat("-", scale(c.dels)))
		if c.adds+c.dels == 0 {
			b.WriteString("\b")
		}
		b.WriteByte('\n')
	}
	text := strings.ReplaceAll(b.String(), " \b", "")
	return text + statSum(len(cs), adds, dels) + summary(cs)
}

// statSum is the diffstat's last line.
func statSum(files, adds, dels int) string {
	s := fmt.Sprintf(" %d file%s changed", files, plural(files))
	if adds > 0 || dels == 0 {
		s += fmt.Sprintf(", %d insertion%s(+)", adds, plural(adds))
	}
	if dels > 0 || adds == 0 {
		s += fmt.Sprintf(", %d deletion%s(-)", dels, plural(dels))
	}
	return s + "\n"
}

// summary is the list of created, deleted, renamed and re-moded files.
func summary(cs []change) string {
	var b strings.Builder
	for _, c := range cs {
		switch {
		case c.old.mode == "":
			fmt.Fprintf(&b, " create mode %s %s\n", c.new.mode, c.newPath)
		case c.new.mode == "":
			fmt.Fprintf(&b, " delete mode %s %s\n", c.old.mode, c.oldPath)
		case c.oldPath != c.newPath:
			fmt.Fprintf(&b, " rename %s (%d%%)\n", c.statName(), similarity(c.old.text, c.new.text))
		case c.old.mode != c.new.mode:
			fmt.Fprintf(&b, " mode change %s => %s %s\n", c.old.mode, c.new.mode, c.newPath)
		}
	}
	return b.String()
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
