package web

import (
	"net/http"
	"slices"
	"strings"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

// listingPage is the top level: every visible inbox, or with ?q= those that are about it.
type listingPage struct {
	base
	Boxes []catalog.Inbox
	Query string // which inboxes are shown; "" = all
}

func serveListing(s *Server, q *request, p *page) error {
	boxes, err := s.cat.Inboxes(q.Context())
	if err != nil {
		return err
	}
	d := listingPage{base: s.base(nil), Boxes: boxes, Query: strings.TrimSpace(q.args.get("q"))}
	if d.Query != "" {
		d.Boxes = slices.DeleteFunc(slices.Clone(boxes), func(b catalog.Inbox) bool { return !mentions(&b, d.Query) })
		if len(d.Boxes) == 0 {
			p.status = http.StatusNotFound
		}
	}
	p.begin(s, q, head{title: "Mailing lists"})
	return p.template(s, "listing", &d)
}

// mentions reports whether an inbox's name, description or an address holds every word
// of a query.
func mentions(b *catalog.Inbox, query string) bool {
	text := strings.ToLower(b.Name + " " + b.Description + " " + strings.Join(b.Addresses, " "))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// missPage answers for a Message-ID that the inbox does not hold.
type missPage struct {
	base
	MessageID string
	Exact     []catalog.Elsewhere // the same message in other inboxes
	Partial   []catalog.Elsewhere // messages whose id resembles it
	Links     []string            // archives that know more lists than this one
}

// serveMiss answers for q.msgid, which q.inbox does not hold: 300 with the places it
// may be meant to be, else 404.
func serveMiss(s *Server, q *request, p *page) error {
	d := missPage{base: s.base(q.inbox), MessageID: q.msgid}
	var err error
	if !q.inbox.IsAll() { // all has looked in every inbox
		if d.Exact, err = s.cat.Elsewhere(q.Context(), q.inbox.Name, q.msgid); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	if len(d.Exact) == 0 {
		if d.Partial, err = s.cat.Partial(q.Context(), q.inbox.Name, q.msgid); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	p.status = http.StatusNotFound
	if len(d.Exact)+len(d.Partial) > 0 {
		p.status = http.StatusMultipleChoices
	}
	if p.head {
		return nil
	}
	d.Links = otherArchives(q.msgid)
	p.begin(s, q, head{title: "No such message", hidden: true})
	return p.template(s, "miss", &d)
}

// otherArchives gives places outside that find messages by their id.
func otherArchives(msgid string) []string {
	for i := range len(msgid) {
		if msgid[i] == '@' {
			id := escape(msgid)
			return []string{
				"https://lore.kernel.org/all/" + id + "/",
				"https://marc.info/?i=" + string(appendArg(nil, msgid)),
				"https://www.mail-archive.com/search?l=mid&q=" + string(appendArg(nil, msgid)),
			}
		}
	}
	return nil
}

// faultPage says what is wrong with a request, or with us.
type faultPage struct {
	base
	Title, Said, Hint string
}

// failPage answers with a page that says what is wrong.
func (s *Server) failPage(w http.ResponseWriter, q *request, code int, said, hint string) {
	p := s.pages.get()
	defer s.pages.put(p)
	d := faultPage{s.base(q.inbox), faultTitle(code), said, hint}
	p.status = code
	p.begin(s, q, head{title: d.Title, hidden: true})
	if err := p.template(s, "fault", &d); err != nil {
		s.lg.Error("template", "name", "fault", "err", err)
	}
	s.send(w, q, p, s.cat.Generation())
}

func faultTitle(code int) string {
	switch code {
	case http.StatusNotFound:
		return "Not here"
	case http.StatusBadRequest:
		return "That makes no sense"
	case http.StatusServiceUnavailable:
		return "Busy, please try again"
	}
	return "Something went wrong"
}
