package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bobbin/internal/errs"
)

// draft is a mail before it is turned into bytes.
type draft struct {
	label   string
	sec     *section
	nr      int // place in its series; 0 is the cover letter
	from    *person
	to, cc  []string // handles, names of inboxes, or addresses
	subject string   // "" is a mail without one
	date    time.Time
	mid     string // without brackets
	parent  *draft
	refs    []string // Message-IDs, oldest first

	text     string // plain text; set by compose
	html     string
	parts    []part
	composed bool
}

// seriesLabel is the label of patch i of a series; 0 is the cover letter.
func seriesLabel(series string, i int) string { return fmt.Sprintf("%s/%d", series, i) }

// mail finds or makes the mail of that name, its text aside.
func (w *world) mail(label string) (*draft, error) {
	if d := w.mails[label]; d != nil {
		return d, nil
	}
	s := w.mailSections[label]
	if s == nil {
		return nil, errs.New(errs.Invalid, "no mail %q", label)
	}
	if w.busy["mail "+label] {
		return nil, s.fault("the mail answers itself")
	}
	w.busy["mail "+label] = true
	defer delete(w.busy, "mail "+label)
	d := &draft{label: label, sec: s}
	if s.kind == "series" {
		fmt.Sscanf(label[len(s.label):], "/%d", &d.nr)
	}
	if err := w.address(d); err != nil {
		return nil, s.fault("%w", err)
	}
	if err := w.stamp(d); err != nil {
		return nil, s.fault("%w", err)
	}
	w.mails[label] = d
	return d, nil
}

// address sets the parent, who wrote the mail and to whom. Headers: From, Re, To,
// Cc, Add-Cc, Drop. An answer goes to whoever wrote the parent, with a copy to
// everyone else who had it.
func (w *world) address(d *draft) error {
	s := d.sec
	if d.from = w.people[s.get("From")]; d.from == nil {
		return fmt.Errorf("nobody called %q writes this", s.get("From"))
	}
	re := s.get("Re")
	if first := w.mailSections[seriesLabel(s.label, 0)]; s.kind == "series" && d.nr > 0 {
		if first != nil {
			re = seriesLabel(s.label, 0)
		} else if d.nr > 1 {
			re = seriesLabel(s.label, 1)
		}
	}
	d.to, d.cc = s.words("To"), s.words("Cc")
	if re == "" {
		return w.check(d)
	}
	p, err := w.mail(re)
	if err != nil {
		return err
	}
	d.parent = p
	if s.kind == "mail" && d.to == nil {
		d.to = []string{p.from.handle}
		for _, r := range slices.Concat(p.to, p.cc) {
			if r != d.from.handle && !slices.Contains(d.to, r) && !slices.Contains(d.cc, r) {
				d.cc = append(d.cc, r)
			}
		}
		if p.from == d.from { // answering oneself
			d.to, d.cc = slices.Clone(p.to), slices.Clone(p.cc)
		}
	}
	d.cc = append(d.cc, s.words("Add-Cc")...)
	drop := s.words("Drop")
	d.cc = slices.DeleteFunc(d.cc, func(r string) bool { return slices.Contains(drop, r) })
	return w.check(d)
}

// check sees that all recipients exist.
func (w *world) check(d *draft) error {
	for _, r := range slices.Concat(d.to, d.cc) {
		if w.people[r] == nil && w.lists[r].Name == "" && !strings.Contains(r, "@") {
			return fmt.Errorf("nobody called %q", r)
		}
	}
	if len(d.to) == 0 {
		return fmt.Errorf("no recipient")
	}
	return nil
}

// stamp sets date, Message-ID, References and subject. Headers: Date, Mid, Subject
// ("-" is none), Refs ("none": In-Reply-To only, "drop": neither).
func (w *world) stamp(d *draft) error {
	if err := d.setDate(); err != nil {
		return err
	}
	s := d.sec
	if d.mid = s.get("Mid"); d.mid == "" || s.kind == "series" {
		if s.kind == "series" {
			d.mid = w.seriesID(d)
		} else {
			d.mid = d.from.messageID(d.label, d.date)
		}
	}
	if d.parent != nil {
		d.refs = append(slices.Clone(d.parent.refs), d.parent.mid)
	}
	d.subject = s.get("Subject")
	switch {
	case s.kind == "series":
		title := d.subject
		if d.nr > 0 {
			c, err := w.commit(s.words("Commits")[d.nr-1])
			if err != nil {
				return err
			}
			title = c.subject
		}
		d.subject = subjectPrefix(s, d.nr) + title
	case d.subject == "-":
		d.subject = ""
	case d.subject == "" && d.parent != nil:
		d.subject = "Re: " + strings.TrimPrefix(d.parent.subject, "Re: ")
	case d.subject == "":
		return fmt.Errorf("no subject")
	}
	return nil
}

// setDate reads "2025-03-04 09:12" (the writer's own time), or "+1h20m" after the
// parent. Without a Date an answer takes some time of day that the label decides,
// and nobody answers at night.
func (d *draft) setDate() error {
	v := d.sec.get("Date")
	second := time.Duration(number("second", d.label, 60)) * time.Second
	if rel, ok := strings.CutPrefix(v, "+"); ok || v == "" {
		if d.parent == nil {
			return fmt.Errorf("no date")
		}
		wait := time.Duration(12+number("wait", d.label, 700)) * time.Minute
		if d.sec.kind == "series" && d.nr > 0 {
			d.date = d.parent.date.Add(time.Duration(d.nr) * time.Second)
			return nil
		}
		if ok {
			var err error
			if wait, err = time.ParseDuration(rel); err != nil {
				return err
			}
		}
		d.date = d.parent.date.Add(wait).In(d.from.zone).Truncate(time.Minute).Add(second)
		if h := d.date.Hour(); !ok && h < 7 {
			d.date = d.date.Add(time.Duration(7-h)*time.Hour + second*7)
		}
		return nil
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", v, d.from.zone)
	if err != nil {
		return err
	}
	d.date = t.Add(time.Duration(number("second", d.sec.label, 45)+d.nr) * time.Second)
	return nil
}

// arrival is when the list server of an inbox had the mail.
func (d *draft) arrival(inbox string) time.Time {
	if v := d.sec.get("Delay"); v != "" {
		if wait, err := time.ParseDuration(v); err == nil {
			return d.date.Add(wait)
		}
	}
	if d.sec.kind == "series" {
		return d.date.Add(time.Duration(4+number("transit", d.sec.label+inbox, 9)) * time.Second)
	}
	return d.date.Add(time.Duration(3+number("transit", d.label+inbox, 40)) * time.Second)
}
