package demo

import (
	"fmt"
	"regexp"
	"strings"
)

// compose sets the text and the attachments of a mail.
func (w *world) compose(d *draft) (err error) {
	if d.composed {
		return nil
	}
	d.composed = true
	switch {
	case d.sec.kind == "series" && d.nr == 0:
		d.text, err = w.coverText(d)
	case d.sec.kind == "series":
		d.text, err = w.patchText(d)
	default:
		err = w.write(d)
	}
	if err != nil {
		return d.sec.fault("%w", err)
	}
	return nil
}

// token is a reference inside prose: a commit with its subject {c:L}, its short
// or full id {h:L} {H:L}, a Message-ID {mid:L}, its URL {url:L}, a person {p:P},
// the shortlog and diffstat of a pull request {log:A..B} {stat:A..B}.
var token = regexp.MustCompile(`\{(c|h|H|mid|url|p|log|stat):([^{}\s]+)\}`)

// expand replaces the tokens.
func (w *world) expand(text string) (string, error) {
	var fail error
	out := token.ReplaceAllStringFunc(text, func(t string) string {
		m := token.FindStringSubmatch(t)
		s, err := w.resolve(m[1], m[2])
		if err != nil && fail == nil {
			fail = err
		}
		return s
	})
	return out, fail
}

func (w *world) resolve(kind, name string) (string, error) {
	switch kind {
	case "p":
		if p := w.people[name]; p != nil {
			return p.String(), nil
		}
		return "", fmt.Errorf("nobody called %q", name)
	case "mid", "url":
		d, err := w.mail(name)
		if err != nil {
			return "", err
		}
		if kind == "mid" {
			return d.mid, nil
		}
		return archiveURL(d), nil
	case "log", "stat":
		return w.span(kind, name)
	}
	c, err := w.commit(name)
	if err != nil {
		return "", err
	}
	switch kind {
	case "h":
		return c.id[:12], nil
	case "H":
		return c.id, nil
	}
	return fmt.Sprintf("%s (\"%s\")", c.id[:12], c.subject), nil
}

// span writes the shortlog or the diffstat of the commits after A up to B.
func (w *world) span(kind, name string) (string, error) {
	from, to, _ := strings.Cut(name, "..")
	a, err := w.commit(from)
	if err != nil {
		return "", err
	}
	b, err := w.commit(to)
	if err != nil {
		return "", err
	}
	if kind == "stat" {
		return strings.TrimRight(diffstat(changes(a.tree, b.tree)), "\n"), nil
	}
	titles := map[*person][]string{}
	var who []*person
	for c := b; c != nil && c.id != a.id; c = c.parent {
		if titles[c.author] == nil {
			who = append(who, c.author)
		}
		titles[c.author] = append([]string{c.subject}, titles[c.author]...)
	}
	var out strings.Builder
	for _, p := range who {
		fmt.Fprintf(&out, "%s (%d):\n      %s\n\n", p.name, len(titles[p]), strings.Join(titles[p], "\n      "))
	}
	return strings.TrimRight(out.String(), "\n"), nil
}

// write makes the body of a plain mail. Lines that begin with % are orders:
//
//	%q NEEDLE       quote the paragraph of the parent that holds NEEDLE
//	%q A | B        quote from the line with A to the next one with B
//	%hunk NEEDLE    quote from the hunk's header to the line with NEEDLE
//	%file NEEDLE    the same from the line "diff --git"
//	%qall           quote everything
//	%patch COMMIT   diffstat and diff of a commit
//	%diff COMMIT    its diff alone
//	%repeat N TEXT  TEXT N times on one line
//	%html … %end    an HTML alternative
//	%attach … %end  an attachment, see attach
//
// The first quotation gets the attribution line of the writer's mail program.
func (w *world) write(d *draft) error {
	var b strings.Builder
	attributed := d.sec.get("Attribution") == "none" || d.parent == nil
	ls := strings.Split(d.sec.body, "\n")
	for i := 0; i < len(ls); i++ {
		l := ls[i]
		order, arg, _ := strings.Cut(l, " ")
		quoting := order == "%q" || order == "%hunk" || order == "%file" || order == "%qall" || strings.HasPrefix(l, ">")
		if quoting && !attributed {
			attributed = true
			b.WriteString(d.from.attribution(d.parent) + "\n")
		}
		switch order {
		case "%attach", "%html":
			end := i + 1
			for end < len(ls) && ls[end] != "%end" {
				end++
			}
			if err := w.attach(d, order, arg, strings.Join(ls[i+1:end], "\n")); err != nil {
				return err
			}
			i = end
		default:
			text, err := w.obey(d, order, arg, l)
			if err != nil {
				return err
			}
			b.WriteString(text + "\n")
		}
	}
	d.text = strings.TrimRight(b.String(), "\n") + "\n"
	if d.from.sig != "" && d.sec.get("Sig") != "no" {
		d.text += "\n-- \n" + d.from.sig + "\n"
	}
	return nil
}

// obey carries out one line of a body.
func (w *world) obey(d *draft, order, arg, line string) (string, error) {
	switch order {
	case "%q", "%hunk", "%file", "%qall":
		return w.quote(d, order, arg)
	case "%patch", "%diff":
		c, err := w.commit(arg)
		if err != nil {
			return "", err
		}
		text := c.patch()
		if order == "%diff" {
			text = text[strings.Index(text, "diff --git"):]
		}
		return strings.TrimRight(text, "\n"), nil
	case "%repeat":
		n := 0
		_, text, _ := strings.Cut(arg, " ")
		fmt.Sscan(arg, &n)
		return strings.Repeat(text, n), nil
	}
	return w.expand(line)
}

// quote gives lines of the parent's text behind "> ".
func (w *world) quote(d *draft, order, arg string) (string, error) {
	p := d.parent
	if v := d.sec.get("Quoting"); v != "" {
		var err error
		if p, err = w.mail(v); err != nil {
			return "", err
		}
	}
	if p == nil {
		return "", fmt.Errorf("nothing to quote from")
	}
	if err := w.compose(p); err != nil {
		return "", err
	}
	text, _, _ := strings.Cut(p.text, "\n-- \n")
	ls := strings.Split(strings.TrimRight(text, "\n"), "\n")
	from, to, err := quoteRange(ls, order, arg)
	if err != nil {
		return "", fmt.Errorf("%w in %s", err, p.label)
	}
	var b strings.Builder
	for _, l := range ls[from : to+1] {
		switch {
		case l == "":
			b.WriteString(">\n")
		case l[0] == '>':
			b.WriteString(">" + l + "\n")
		default:
			b.WriteString("> " + l + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n"), nil
}

// quoteRange finds the first and last line to quote.
func quoteRange(ls []string, order, arg string) (from, to int, err error) {
	if order == "%qall" {
		return 0, len(ls) - 1, nil
	}
	first, last, isRange := strings.Cut(arg, " | ")
	if from = find(ls, 0, first); from < 0 {
		return 0, 0, fmt.Errorf("%q not found", first)
	}
	to = from
	if isRange {
		if to = find(ls, from, last); to < 0 {
			return 0, 0, fmt.Errorf("%q not found", last)
		}
	}
	start := map[string]string{"%hunk": "@@ -", "%file": "diff --git "}[order]
	if start != "" {
		for from > 0 && !strings.HasPrefix(ls[from], start) {
			from--
		}
		return from, to, nil
	}
	if !isRange {
		quoted := strings.HasPrefix(ls[from], ">")
		same := func(l string) bool { return l != "" && l != ">" && strings.HasPrefix(l, ">") == quoted }
		for from > 0 && same(ls[from-1]) {
			from--
		}
		for to+1 < len(ls) && same(ls[to+1]) {
			to++
		}
	}
	return from, to, nil
}

// find is the first line from start on that holds needle, or whose end holds the
// beginning of needle when the next line has the rest; -1 when there is none.
func find(ls []string, start int, needle string) int {
	for i := start; i < len(ls); i++ {
		if strings.Contains(ls[i], needle) {
			return i
		}
		if i+1 < len(ls) && !strings.Contains(ls[i+1], needle) && strings.Contains(ls[i]+" "+ls[i+1], needle) {
			return i
		}
	}
	return -1
}
