package demo

import (
	"slices"
	"strings"
	"time"

	"bobbin/internal/errs"
)

// A land section takes commits up into a branch. Headers: By (who), Date, Commits,
// As (the new labels are "AS/LABEL"), Onto (the commit the branch starts at), Link
// (the series they were posted in), Add (trailers), Style (empty, or "stable": an
// upstream line above the message), Fresh (start at Onto again). Sections with the
// same Onto follow each other in the order of their dates.

// landed is the label that a commit has after section l took it up.
func landed(l *section, label string) string {
	_, name, ok := strings.Cut(label, "/")
	if !ok {
		name = label
	}
	return l.get("As") + "/" + name
}

// land makes all commits of section l.
func (w *world) land(l *section) error {
	parent := l.get("Onto")
	if l.get("Fresh") == "" {
		chain := w.chains[l.get("Onto")]
		if i := slices.Index(chain, l); i > 0 {
			before := chain[i-1]
			ws := before.words("Commits")
			parent = landed(before, ws[len(ws)-1])
		}
	}
	tip, err := w.commit(parent)
	if err != nil {
		return err
	}
	by := w.people[l.get("By")]
	if by == nil {
		return l.fault("nobody called %q", l.get("By"))
	}
	date, err := time.ParseInLocation("2006-01-02 15:04", l.get("Date"), by.zone)
	if err != nil {
		return l.fault("%w", err)
	}
	for i, label := range l.words("Commits") {
		o, err := w.commit(label)
		if err != nil {
			return err
		}
		c := *o
		c.label, c.parent = landed(l, label), tip
		c.committer, c.committed = by, date.Add(time.Duration(i)*time.Second)
		c.trailers = slices.Clone(o.trailers)
		if err := w.countersign(&c, o, l, label); err != nil {
			return err
		}
		if err := c.seal(); err != nil {
			return l.fault("%s: %w", label, err)
		}
		w.commits[c.label] = &c
		tip = &c
	}
	return nil
}

// countersign adds what whoever applies a patch adds to its message.
func (w *world) countersign(c, o *commit, l *section, label string) error {
	for _, add := range l.head["Add"] {
		t, err := w.trailer(add)
		if err != nil {
			return err
		}
		c.trailers = append(c.trailers, t)
	}
	if link := l.get("Link"); link != "" {
		s := w.series[link]
		if s == nil {
			return l.fault("no series %q", link)
		}
		at := slices.Index(s.words("Commits"), label)
		if at < 0 {
			return l.fault("%s is not in series %s", label, link)
		}
		d, err := w.mail(seriesLabel(s.label, at+1))
		if err != nil {
			return err
		}
		c.trailers = append(c.trailers, "Link: "+archiveURL(d))
	}
	switch l.get("Style") {
	case "stable":
		c.prose = strings.TrimSpace("commit " + o.id + " upstream.\n\n" + c.prose)
	case "autosel":
		c.prose = strings.TrimSpace("[ Upstream commit " + o.id + " ]\n\n" + c.prose)
	}
	if so := "Signed-off-by: " + c.committer.String(); !slices.Contains(c.trailers, so) {
		c.trailers = append(c.trailers, so)
	}
	return nil
}

// indexLands notes which section makes which commit, and the order of sections.
func (w *world) indexLands(all []*section) error {
	for _, l := range all {
		if l.kind != "land" {
			continue
		}
		for _, label := range l.words("Commits") {
			if w.landOf[landed(l, label)] != nil {
				return errs.New(errs.Invalid, "%s lands twice", landed(l, label))
			}
			w.landOf[landed(l, label)] = l
		}
		if l.get("Fresh") == "" {
			w.chains[l.get("Onto")] = append(w.chains[l.get("Onto")], l)
		}
	}
	for _, c := range w.chains {
		slices.SortStableFunc(c, func(a, b *section) int { return strings.Compare(a.get("Date"), b.get("Date")) })
	}
	return nil
}
