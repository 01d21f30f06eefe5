package demo

import (
	"fmt"
	"strings"
)

// op is one line of an edit script: ' ', '-' or '+', and the line.
type op struct {
	kind byte
	text string
}

// script finds a shortest edit script between two texts, line by line, by dynamic
// programming: the files here have some hundred lines.
func script(a, b []string) []op {
	pre := 0
	for pre < len(a) && pre < len(b) && a[pre] == b[pre] {
		pre++
	}
	post := 0
	for post < len(a)-pre && post < len(b)-pre && a[len(a)-1-post] == b[len(b)-1-post] {
		post++
	}
	var out []op
	for _, l := range a[:pre] {
		out = append(out, op{' ', l})
	}
	out = append(out, middle(a[pre:len(a)-post], b[pre:len(b)-post])...)
	for _, l := range a[len(a)-post:] {
		out = append(out, op{' ', l})
	}
	slide(out)
	return out
}

// middle is script without the common ends.
func middle(a, b []string) []op {
	// common[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []op
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, op{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, op{'-', a[i]})
			i++
		default:
			out = append(out, op{'+', b[j]})
			j++
		}
	}
	return out
}

// slide moves runs of added or of removed lines to where a reader would have put
// them: a run may rotate as long as the line it leaves equals the line it takes.
// The best place starts at the lowest indentation and after an empty line.
func slide(ops []op) {
	for at := 0; at < len(ops); {
		k := ops[at].kind
		end := at
		for end < len(ops) && ops[end].kind == k {
			end++
		}
		if k == ' ' || at > 0 && ops[at-1].kind != ' ' || end < len(ops) && ops[end].kind != ' ' {
			at = end
			continue
		}
		for at > 0 && ops[at-1].kind == ' ' && ops[at-1].text == ops[end-1].text {
			ops[at-1].kind, ops[end-1].kind = k, ' '
			at, end = at-1, end-1
		}
		best, back := cost(ops, at), 0
		for end < len(ops) && ops[end].kind == ' ' && ops[end].text == ops[at].text {
			ops[end].kind, ops[at].kind = k, ' '
			at, end, back = at+1, end+1, back+1
			if c := cost(ops, at); c <= best {
				best, back = c, 0
			}
		}
		for ; back > 0; back-- {
			ops[at-1].kind, ops[end-1].kind = k, ' '
			at, end = at-1, end-1
		}
		at = end
	}
}

// cost says how odd it looks when a run starts at ops[at].
func cost(ops []op, at int) int {
	t := ops[at].text
	c := 2 * (len(t) - len(strings.TrimLeft(t, "\t ")))
	if t == "" {
		c = 3
	}
	if at > 0 && ops[at-1].text != "" {
		c++
	}
	return c
}

// hunks writes ops as unified hunks with three lines of context, as git does.
func hunks(ops []op) string {
	const around = 3
	var b strings.Builder
	for at := 0; at < len(ops); {
		first := at
		for first < len(ops) && ops[first].kind == ' ' {
			first++
		}
		if first == len(ops) {
			break
		}
		last := first // the last changed line of this hunk
		for i := first; i < len(ops) && i-last <= 2*around; i++ {
			if ops[i].kind != ' ' {
				last = i
			}
		}
		from, to := max(first-around, at), min(last+around+1, len(ops))
		writeHunk(&b, ops, from, to)
		at = to
	}
	return b.String()
}

// writeHunk writes ops[from:to] and the header above it.
func writeHunk(b *strings.Builder, ops []op, from, to int) {
	oldAt, newAt, function := 0, 0, ""
	for _, o := range ops[:from] {
		if o.kind != '+' {
			oldAt++
			if o.text != "" && (o.text[0] == '_' || o.text[0]|0x20 >= 'a' && o.text[0]|0x20 <= 'z') {
				function = o.text
			}
		}
		if o.kind != '-' {
			newAt++
		}
	}
	oldN, newN := 0, 0
	for _, o := range ops[from:to] {
		if o.kind != '+' {
			oldN++
		}
		if o.kind != '-' {
			newN++
		}
	}
	fmt.Fprintf(b, "@@ -%s +%s @@", span(oldAt, oldN), span(newAt, newN))
	if function != "" {
		if len(function) > 80 {
			function = function[:80]
		}
		b.WriteString(" " + strings.TrimRight(function, " \t"))
	}
	b.WriteByte('\n')
	for _, o := range ops[from:to] {
		b.WriteString(string(o.kind) + o.text + "\n")
	}
}

// span writes a hunk's start and length; before is the number of lines above it.
func span(before, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", before)
	case 1:
		return fmt.Sprint(before + 1)
	}
	return fmt.Sprintf("%d,%d", before+1, n)
}
