package demo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"bobbin/internal/errs"
)

// commit is one commit of an invented history.
type commit struct {
	label     string
	parent    *commit // nil for a root
	author    *person
	committer *person
	authored  time.Time
	committed time.Time
	subject   string
	prose     string   // the message without subject and trailers
	trailers  []string // in order
	edits     string   // see tree.edit
	tree      tree
	id        string
}

// before is the tree that the commit changes.
func (c *commit) before() tree {
	if c.parent == nil {
		return tree{}
	}
	return c.parent.tree
}

// message is the message without its subject; trailers form the last paragraph.
func (c *commit) message() string {
	parts := []string{c.prose, strings.Join(c.trailers, "\n")}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n\n") + "\n"
}

// seal computes the tree and git's id of the commit.
func (c *commit) seal() (err error) {
	if c.tree, err = c.before().edit(c.edits); err != nil {
		return err
	}
	c.hash()
	return nil
}

// hash computes git's id of the commit.
func (c *commit) hash() {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree.id())
	if c.parent != nil {
		fmt.Fprintf(&b, "parent %s\n", c.parent.id)
	}
	fmt.Fprintf(&b, "author %s %d %s\n", c.author, c.authored.Unix(), c.authored.Format("-0700"))
	fmt.Fprintf(&b, "committer %s %d %s\n", c.committer, c.committed.Unix(), c.committed.Format("-0700"))
	fmt.Fprintf(&b, "\n%s\n\n%s", c.subject, c.message())
	c.id = object("commit", b.String())
}

// commit finds or makes the commit of that name.
func (w *world) commit(label string) (*commit, error) {
	if c := w.commits[label]; c != nil {
		return c, nil
	}
	if w.busy[label] {
		return nil, errs.New(errs.Invalid, "commit %s rests on itself", label)
	}
	w.busy[label] = true
	defer delete(w.busy, label)
	if l := w.landOf[label]; l != nil {
		if err := w.land(l); err != nil {
			return nil, err
		}
		if c := w.commits[label]; c != nil {
			return c, nil
		}
	}
	s := w.commitSections[label]
	if s == nil {
		return nil, errs.New(errs.Invalid, "no commit %q", label)
	}
	c, err := w.newCommit(s)
	if err != nil {
		return nil, s.fault("%w", err)
	}
	w.commits[label] = c
	return c, nil
}

// newCommit makes a commit from its section. Headers: Author, Date, On (the
// parent), Like (a commit to start from), Subject, Add (a trailer more, a person's
// handle is spelled out), Tree (a root commit with that source tree).
func (w *world) newCommit(s *section) (*commit, error) {
	c := &commit{label: s.label, subject: s.get("Subject")}
	if on := w.on(s); on != "" {
		p, err := w.commit(on)
		if err != nil {
			return nil, err
		}
		c.parent = p
	}
	prose, edits, _ := strings.Cut("\n"+s.body, "\n--- ")
	if edits != "" {
		edits = "--- " + edits + "\n"
	}
	var own []string
	if like := s.get("Like"); like != "" {
		o, err := w.commit(like)
		if err != nil {
			return nil, err
		}
		c.author, c.authored, c.prose, c.edits = o.author, o.authored, o.prose, o.edits
		c.trailers = slices.Clone(o.trailers)
		if c.subject == "" {
			c.subject = o.subject
		}
	}
	var err error
	if prose = strings.TrimSpace(prose); prose != "" {
		if prose, err = w.expand(prose); err != nil {
			return nil, err
		}
		c.prose, own = splitTrailers(prose)
	}
	c.edits += edits
	if err := w.sign(c, s, own); err != nil {
		return nil, err
	}
	if name := s.get("Tree"); name != "" {
		if c.tree, err = readTree(name); err != nil {
			return nil, err
		}
		if c.tree, err = c.tree.edit(c.edits); err != nil {
			return nil, err
		}
		c.hash()
		return c, nil
	}
	return c, c.seal()
}

// on is the label of a commit section's parent: the one named, else the commit
// section before it in the file.
func (w *world) on(s *section) string {
	if v := s.get("On"); v != "" || s.get("Tree") != "" {
		return v
	}
	return w.previous[s.label]
}

// sign sets author, dates and trailers.
func (w *world) sign(c *commit, s *section, own []string) error {
	if h := s.get("Author"); h != "" {
		if c.author = w.people[h]; c.author == nil {
			return fmt.Errorf("nobody called %q", h)
		}
	}
	if c.author == nil {
		return fmt.Errorf("no author")
	}
	if d := s.get("Date"); d != "" {
		t, err := time.ParseInLocation("2006-01-02 15:04", d, c.author.zone)
		if err != nil {
			return err
		}
		c.authored = t
	} else if c.authored.IsZero() && c.parent != nil {
		c.authored = c.parent.authored.Add(time.Duration(9+number("authored", c.label, 50)) * time.Minute).In(c.author.zone)
	}
	c.committer, c.committed = c.author, c.authored
	if s.get("Like") == "" {
		c.trailers = append(own, "Signed-off-by: "+c.author.String())
	}
	for _, add := range s.head["Add"] {
		t, err := w.trailer(add)
		if err != nil {
			return err
		}
		c.trailers = append(c.trailers, t)
	}
	return nil
}

// trailer writes "Reviewed-by ines" out in full.
func (w *world) trailer(short string) (string, error) {
	k, h, _ := strings.Cut(short, " ")
	if p := w.people[h]; p != nil {
		return strings.TrimSuffix(k, ":") + ": " + p.String(), nil
	}
	return w.expand(short)
}

var trailerLine = regexp.MustCompile(`^([A-Z][A-Za-z-]+: |\[\w+: )`)

// splitTrailers cuts the last paragraph off when it consists of trailers.
func splitTrailers(text string) (prose string, trailers []string) {
	head, last, ok := cutLast(text, "\n\n")
	if !ok {
		head, last = "", text
	}
	ls := strings.Split(last, "\n")
	for _, l := range ls {
		if !trailerLine.MatchString(l) {
			return text, nil
		}
	}
	return head, ls
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
