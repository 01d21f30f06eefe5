package demo

import (
	"fmt"
	"strings"
)

// A series section posts commits. Headers, besides those of a mail: Commits,
// Version, Prefix ("PATCH" when absent), Base ("yes": name the base commit),
// Change-Id, Style ("b4", "stable"), Plain ("yes": no numbers in the subjects).
// Subject and body make the cover letter; without a subject there is none. Parts
// that begin with "--- note N" go below the three dashes of patch N.

// subjectPrefix is the part of a subject in brackets, and a blank.
func subjectPrefix(s *section, nr int) string {
	p := s.get("Prefix")
	if p == "" {
		p = "PATCH"
	}
	if v := s.get("Version"); v != "" {
		p += " v" + v
	}
	n := len(s.words("Commits"))
	if n > 1 || s.get("Subject") != "" {
		width := len(fmt.Sprint(n))
		p += fmt.Sprintf(" %0*d/%d", width, nr, n)
	}
	return "[" + p + "] "
}

// seriesID is the Message-ID of a mail of a series, as git send-email or b4 make it.
func (w *world) seriesID(d *draft) string {
	s := d.sec
	if id := s.get("Change-Id"); s.get("Style") == "b4" && id != "" {
		slug, hex, _ := cutLast(id, "-")
		v := s.get("Version")
		if v == "" {
			v = "1"
		}
		return fmt.Sprintf("%s-v%s-%d-%s@%s", slug, v, d.nr, hex, d.from.host())
	}
	first := d
	if d.nr > 0 && d.parent != nil && d.parent.sec == s {
		first = d.parent
	}
	return fmt.Sprintf("%s.%d-%d-%s", first.date.UTC().Format("20060102150405"),
		1000+number("pid", s.label, 900000), d.nr+1, d.from.addr)
}

// notes splits the body of a series section into the cover letter and the notes
// for single patches.
func notes(body string) (cover string, below map[int]string) {
	parts := strings.Split("\n"+body, "\n--- note ")
	below = map[int]string{}
	for _, p := range parts[1:] {
		n := 0
		head, text, _ := strings.Cut(p, "\n")
		fmt.Sscan(head, &n)
		below[n] = strings.Trim(text, "\n")
	}
	return strings.Trim(parts[0], "\n"), below
}

const gitVersion = "-- \n2.47.1\n"

// patchText is the body of patch nr.
func (w *world) patchText(d *draft) (string, error) {
	s := d.sec
	c, err := w.commit(s.words("Commits")[d.nr-1])
	if err != nil {
		return "", err
	}
	_, below := notes(s.body)
	note, err := w.expand(below[d.nr])
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if s.get("Style") == "stable" {
		b.WriteString("2.4-stable review patch.  If anyone has any objections, please let me know.\n\n------------------\n\n")
	}
	if c.author != d.from {
		b.WriteString("From: " + c.author.String() + "\n\n")
	}
	b.WriteString(c.message() + "---\n")
	if note != "" {
		b.WriteString(note + "\n\n")
	}
	b.WriteString(c.patch())
	if d.nr == 1 && s.get("Base") != "" && s.get("Subject") == "" {
		base, err := w.base(s)
		if err != nil {
			return "", err
		}
		b.WriteString("\nbase-commit: " + base.id + "\n")
		if id := s.get("Change-Id"); id != "" {
			b.WriteString("change-id: " + id + "\n")
		}
	}
	return b.String() + gitVersion, nil
}

// patch is the diffstat and the diff of a commit.
func (c *commit) patch() string {
	cs := changes(c.before(), c.tree)
	var b strings.Builder
	b.WriteString(diffstat(cs) + "\n")
	for _, ch := range cs {
		b.WriteString(ch.diff())
	}
	return b.String()
}

// base is the commit a series applies to.
func (w *world) base(s *section) (*commit, error) {
	c, err := w.commit(s.words("Commits")[0])
	if err != nil {
		return nil, err
	}
	return c.parent, nil
}

// coverText is the body of a series' cover letter.
func (w *world) coverText(d *draft) (string, error) {
	s := d.sec
	cover, _ := notes(s.body)
	cover, err := w.expand(cover)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(cover + "\n\n")
	last, err := w.commit(s.words("Commits")[len(s.words("Commits"))-1])
	if err != nil {
		return "", err
	}
	base, err := w.base(s)
	if err != nil {
		return "", err
	}
	if s.get("Style") == "b4" {
		b.WriteString("---\n")
	}
	if err := w.shortlog(&b, s); err != nil {
		return "", err
	}
	b.WriteString(diffstat(changes(base.tree, last.tree)))
	if s.get("Style") == "b4" {
		fmt.Fprintf(&b, "---\nbase-commit: %s\nchange-id: %s\n\nBest regards,\n-- \n%s\n", base.id, s.get("Change-Id"), d.from)
		return b.String(), nil
	}
	if s.get("Base") != "" {
		b.WriteString("\n\nbase-commit: " + base.id + "\n")
	}
	if id := s.get("Change-Id"); id != "" {
		b.WriteString("change-id: " + id + "\n")
	}
	return b.String() + gitVersion, nil
}

// shortlog lists the subjects of a series by author.
func (w *world) shortlog(b *strings.Builder, s *section) error {
	titles := map[*person][]string{}
	var who []*person
	for _, label := range s.words("Commits") {
		c, err := w.commit(label)
		if err != nil {
			return err
		}
		if titles[c.author] == nil {
			who = append(who, c.author)
		}
		titles[c.author] = append(titles[c.author], c.subject)
	}
	for _, p := range who {
		fmt.Fprintf(b, "%s (%d):\n", p.name, len(titles[p]))
		for _, t := range titles[p] {
			b.WriteString("      " + t + "\n")
		}
		b.WriteByte('\n')
	}
	return nil
}
