package demo

import (
	"slices"
	"sort"
	"strings"
	"time"

	"bobbin/internal/errs"
)

// world is everything the data files tell, made on demand: commits and mails refer
// to each other in any order.
type world struct {
	people         map[string]*person
	lists          map[string]Inbox
	commits        map[string]*commit
	commitSections map[string]*section
	previous       map[string]string // commit section to the one before it in its file
	landOf         map[string]*section
	chains         map[string][]*section // land sections that share Onto, by date
	series         map[string]*section
	mails          map[string]*draft
	mailSections   map[string]*section
	order          []string        // labels of mails, as in the files
	busy           map[string]bool // labels being made, to notice circles
}

// load reads the data files and notes what is where.
func load() (*world, error) {
	w := &world{
		lists: map[string]Inbox{}, commits: map[string]*commit{}, commitSections: map[string]*section{},
		previous: map[string]string{}, landOf: map[string]*section{}, chains: map[string][]*section{},
		series: map[string]*section{}, mails: map[string]*draft{}, mailSections: map[string]*section{},
		busy: map[string]bool{},
	}
	for _, in := range Inboxes() {
		w.lists[in.Name] = in
	}
	var err error
	if w.people, err = readPeople(); err != nil {
		return nil, err
	}
	all, err := readSections()
	if err != nil {
		return nil, err
	}
	if err := w.indexLands(all); err != nil {
		return nil, err
	}
	var last *section
	for _, s := range all {
		switch s.kind {
		case "commit":
			w.commitSections[s.label] = s
			if last != nil && last.file == s.file {
				w.previous[s.label] = last.label
			}
			last = s
		case "series":
			w.series[s.label] = s
			for i := range len(s.words("Commits")) + 1 {
				if i > 0 || s.get("Subject") != "" {
					if err := w.note(seriesLabel(s.label, i), s); err != nil {
						return nil, err
					}
				}
			}
		case "mail":
			if err := w.note(s.label, s); err != nil {
				return nil, err
			}
		case "land":
		default:
			return nil, s.fault("unknown kind of section")
		}
	}
	return w, nil
}

// note enters a mail to be made.
func (w *world) note(label string, s *section) error {
	if w.mailSections[label] != nil {
		return s.fault("the label %s is taken", label)
	}
	w.mailSections[label] = s
	w.order = append(w.order, label)
	return nil
}

// deliver makes all mails and sorts them by the time they reached the list server.
func (w *world) deliver() ([]Mail, error) {
	type copyOf struct {
		at   time.Time
		mail Mail
	}
	var all []copyOf
	seen := map[string]string{}
	for _, label := range w.order {
		d, err := w.mail(label)
		if err != nil {
			return nil, err
		}
		if other, ok := seen[d.mid]; ok && d.sec.get("Mid") == "" {
			return nil, errs.New(errs.Invalid, "%s and %s have the Message-ID %s", label, other, d.mid)
		}
		seen[d.mid] = label
		if err := w.compose(d); err != nil {
			return nil, err
		}
		for _, in := range d.inboxes(w) {
			raw, err := w.render(d, in)
			if err != nil {
				return nil, d.sec.fault("%w", err)
			}
			all = append(all, copyOf{d.arrival(in.Name), Mail{in.Name, raw}})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at.Before(all[j].at) })
	out := make([]Mail, len(all))
	for i, c := range all {
		out[i] = c.mail
	}
	return out, nil
}

// inboxes are those among the recipients, in the order of Inboxes; the header
// Deliver overrides: a list of inboxes, or "none".
func (d *draft) inboxes(w *world) []Inbox {
	names := append(slices.Clone(d.to), d.cc...)
	if v := d.sec.words("Deliver"); v != nil {
		names = v
	}
	var out []Inbox
	for _, in := range Inboxes() {
		if slices.Contains(names, in.Name) {
			out = append(out, in)
		}
	}
	return out
}

// archiveURL is where an invented web archive shows the mail.
func archiveURL(d *draft) string {
	return "https://archive.loom.example/r/" + strings.ReplaceAll(d.mid, "/", "%2F")
}
