package web

import (
	"net/http"
	"strconv"
	"strings"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

// maxHits is the largest page of results.
const maxHits = 200

// searchArgs are what a search page's URL says.
type searchArgs struct {
	req    catalog.Request
	nested bool // x=t: full bodies
	hint   bool // x=m by GET: mboxes come by POST only
}

// parseSearch reads q x o l r t, as public-inbox has them, and g: the anchor that keeps
// the following pages of a result in place while mail arrives.
func parseSearch(q *request) searchArgs {
	a := searchArgs{req: catalog.Request{Inbox: q.inbox.Name, Query: q.args.get("q"), Thread: q.msgid, Limit: maxHits}}
	x := q.args.get("x")
	a.nested, a.hint = x == "t", x == "m"
	if n, err := strconv.Atoi(q.args.get("l")); err == nil && n >= 1 && n < maxHits {
		a.req.Limit = n
	}
	// o=-1 is the first of the oldest: negative offsets count from the other end.
	if n, err := strconv.Atoi(q.args.get("o")); err == nil && n > -maxOffset && n < maxOffset {
		if n < 0 {
			a.req.Ascending, a.req.Offset = true, -n-1
		} else {
			a.req.Offset = n
		}
	}
	a.req.Relevance = q.args.has("r")
	a.req.Collapse = q.args.has("t")
	if n, err := strconv.ParseInt(q.args.get("g"), 10, 64); err == nil && n > 0 {
		a.req.Anchor = n
	}
	return a
}

// maxOffset bounds o=, so that arithmetic on it cannot overflow.
const maxOffset = 1 << 30

// serveSearch shows what a query finds.
func serveSearch(s *Server, q *request, p *page) error {
	a := parseSearch(q)
	if strings.TrimSpace(a.req.Query) == "" {
		return serveLanding(s, q, p)
	}
	res, err := s.cat.Search(q.Context(), a.req)
	if err == nil && len(res.Hits) == 0 && strings.Contains(a.req.Query, "%") {
		// A query that was encoded twice: public-inbox's users have such bookmarks.
		again := a.req
		again.Query = unescape(a.req.Query, false)
		if r, err := s.cat.Search(q.Context(), again); err == nil && len(r.Hits) > 0 {
			a.req.Query, res = again.Query, r
		}
	}
	if errs.Is(err, errs.Invalid) {
		return searchFault(s, q, p, &a, err)
	}
	if err != nil {
		return err
	}
	if len(res.Hits) == 0 {
		p.status = http.StatusNotFound
	}
	if p.head {
		return nil
	}
	p.begin(s, q, head{title: a.req.Query + " - " + q.inbox.Name, hidden: true, search: true,
		feed: inboxPath(q.inbox.Name) + "?" + a.query("A", 0)})
	p.b = a.appendForm(p.b, q)
	if a.hint {
		p.b = append(p.b, "<p class=\"warn\" role=\"note\">Mboxes of results are made for POST requests only: use the buttons below.</p>\n"...)
	}
	if len(res.Hits) == 0 {
		p.b = append(p.b, "<h1 class=\"results\">Nothing found"...)
		if a.req.Offset > 0 {
			p.b = append(p.b, " from there on"...)
		}
		p.b = append(p.b, "</h1>\n"...)
		return nil
	}
	p.b = a.appendSummary(p.b, q, res)
	if a.nested {
		p.b, err = a.appendFull(p.b, s, q, res)
	} else {
		p.b = a.appendHits(p.b, q, res)
	}
	if err != nil {
		return err
	}
	p.b = a.appendPages(p.b, q, res)
	p.b = a.appendDownloads(p.b, q)
	return nil
}

// searchFault answers a query that makes no sense with the form, to mend it.
func searchFault(s *Server, q *request, p *page, a *searchArgs, err error) error {
	p.status = http.StatusBadRequest
	p.begin(s, q, head{title: "Search " + q.inbox.Name, hidden: true, search: true})
	p.b = a.appendForm(p.b, q)
	p.b = append(p.b, "<h1 class=\"results\">That search makes no sense</h1>\n"...)
	p.b = append(appendText(append(p.b, "<p class=\"warn\" role=\"alert\">"...), err.Error()), "</p>\n"...)
	if hint := errs.HintOf(err); hint != "" {
		p.b = append(appendText(append(p.b, "<p>"...), hint), "</p>\n"...)
	}
	p.b = append(p.b, "<p>See <a href=\""...)
	p.b = append(appendEscaped(append(p.b, '/'), q.inbox.Name), "/_/text/help/\">how to search</a>.</p>\n"...)
	return nil
}

// query gives the arguments of another page of the same search, safe in HTML: x as
// given, and the offset as it goes into o=.
func (a *searchArgs) query(x string, o int) string {
	b := appendArg([]byte("q="), a.req.Query)
	if x != "" {
		b = append(append(b, "&amp;x="...), x...)
	}
	if o != 0 {
		b = strconv.AppendInt(append(b, "&amp;o="...), int64(o), 10)
	}
	if a.req.Limit != maxHits {
		b = strconv.AppendInt(append(b, "&amp;l="...), int64(a.req.Limit), 10)
	}
	if a.req.Relevance {
		b = append(b, "&amp;r"...)
	}
	if a.req.Collapse {
		b = append(b, "&amp;t"...)
	}
	return string(b)
}

// view gives the x= of the form the results are in.
func (a *searchArgs) view() string {
	if a.nested {
		return "t"
	}
	return ""
}

// appendForm appends the search form, filled in.
func (a *searchArgs) appendForm(dst []byte, q *request) []byte {
	dst = append(dst, "<form class=\"search big\" role=\"search\" action=\""...)
	dst = appendEscaped(append(dst, '/'), q.inbox.Name)
	dst = append(dst, "/\">\n<input type=\"search\" name=\"q\" required aria-label=\"Search "...)
	dst = append(appendText(dst, q.inbox.Name), "\" value=\""...)
	dst = append(appendText(dst, a.req.Query), "\">\n<button>Search</button>\n"...)
	if a.nested {
		dst = append(dst, "<input type=\"hidden\" name=\"x\" value=\"t\">\n"...)
	}
	if a.req.Relevance {
		dst = append(dst, "<input type=\"hidden\" name=\"r\" value=\"\">\n"...)
	}
	dst = append(dst, "<a href=\""...)
	dst = append(appendEscaped(append(dst, '/'), q.inbox.Name), "/_/text/help/\">How to search</a>\n"...)
	if !q.inbox.IsAll() {
		dst = append(appendEscaped(append(dst, "<a href=\"/"...), catalog.All), "/?q="...)
		dst = append(appendArg(dst, a.req.Query), "\">In all inboxes</a>\n"...)
	}
	return append(dst, "</form>\n"...)
}

// appendSummary appends how many there are, and the other orders and forms.
func (a *searchArgs) appendSummary(dst []byte, q *request, res *catalog.Result) []byte {
	dst = append(dst, "<h1 class=\"results\">"...)
	n := res.Total
	if !res.Exact {
		dst, n = append(dst, "More than "...), n-1
	}
	dst = append(append(dst, formatCount(int64(n))...), " result"...)
	if n != 1 {
		dst = append(dst, 's')
	}
	dst = append(dst, "</h1>\n<nav class=\"steps\" aria-label=\"Results\">\n<ul>\n"...)
	by := *a
	by.req.Ascending, by.req.Relevance = false, false
	newest := a.choice(dst, q, "Newest first", by.query(a.view(), 0), !a.req.Ascending && !a.req.Relevance)
	oldest := a.choice(newest, q, "Oldest first", by.query(a.view(), -1), a.req.Ascending && !a.req.Relevance)
	by.req.Relevance = true
	dst = a.choice(oldest, q, "Best first", by.query(a.view(), 0), a.req.Relevance)
	o := 0
	if a.req.Ascending {
		o = -1
	}
	dst = a.choice(dst, q, "Summary", a.query("", o), !a.nested)
	dst = a.choice(dst, q, "Full text", a.query("t", o), a.nested)
	by = *a
	by.req.Collapse = !a.req.Collapse
	if a.req.Collapse {
		dst = a.choice(dst, q, "Every message", by.query(a.view(), o), false)
	} else {
		dst = a.choice(dst, q, "One a thread", by.query(a.view(), o), false)
	}
	dst = a.choice(dst, q, "Atom feed", a.query("A", 0), false)
	return append(dst, "</ul>\n</nav>\n"...)
}

// choice appends a list item that leads to another form of the results, or says that
// this is it.
func (a *searchArgs) choice(dst []byte, q *request, label, query string, current bool) []byte {
	if current {
		return append(append(append(dst, "<li><b>"...), label...), "</b></li>\n"...)
	}
	dst = appendEscaped(append(dst, "<li><a href=\"/"...), q.inbox.Name)
	dst = append(append(append(dst, "/?"...), query...), "\">"...)
	return append(append(dst, label...), "</a></li>\n"...)
}

// appendHits appends the results, a line each.
func (a *searchArgs) appendHits(dst []byte, q *request, res *catalog.Result) []byte {
	dst = append(dst, "<ol class=\"topics hits\">\n"...)
	for i := range res.Hits {
		h := &res.Hits[i]
		dst = appendTime(append(dst, "<li>"...), h.Received)
		dst = append(dst, "<div class=\"row\"><a class=\"subject\" href=\""...)
		dst = appendMessagePath(dst, q.inbox.Name, h.MessageID)
		dst = append(appendSubject(append(dst, "\">"...), h.Subject), "</a></div><span class=\"who\">"...)
		dst = append(appendName(dst, h.From), "</span>"...)
		if a.req.Relevance {
			dst = strconv.AppendInt(append(dst, "<span class=\"n\">"...), int64(h.Percent), 10)
			dst = append(dst, "%</span>"...)
		}
		dst = append(dst, "</li>\n"...)
	}
	return append(dst, "</ol>\n"...)
}

// appendFull appends the results in full, those of one thread together.
func (a *searchArgs) appendFull(dst []byte, s *Server, q *request, res *catalog.Result) ([]byte, error) {
	byThread := map[int64][]int{}
	var order []int64
	for i := range res.Hits {
		t := res.Hits[i].Thread
		if byThread[t] == nil {
			order = append(order, t)
		}
		byThread[t] = append(byThread[t], i)
	}
	var err error
	for _, t := range order {
		for n, i := range byThread[t] {
			b := block{sum: &res.Hits[i].Summary}
			if n > 0 {
				b.level = 1
			}
			if dst, err = s.appendBlock(dst, q, &b); err != nil {
				return dst, err
			}
		}
	}
	return dst, nil
}

// appendPages appends the links to the pages around this one.
func (a *searchArgs) appendPages(dst []byte, q *request, res *catalog.Result) []byte {
	dst = append(dst, "<nav class=\"pager\" aria-label=\"Pages\">\n<ul>\n<li>"...)
	dst = append(append(dst, formatCount(int64(a.req.Offset+1))...), "–"...)
	dst = append(dst, formatCount(int64(a.req.Offset+len(res.Hits)))...)
	dst = append(dst, " of "...)
	if res.Exact {
		dst = append(dst, formatCount(int64(res.Total))...)
	} else {
		dst = append(append(dst, formatCount(int64(res.Total-1))...), '+')
	}
	dst = append(dst, "</li>\n"...)
	link := func(rel, label string, offset int) {
		if a.req.Ascending {
			offset = -offset - 1
		}
		dst = append(append(append(dst, "<li><a rel=\""...), rel...), "\" href=\""...)
		dst = append(appendEscaped(append(dst, '/'), q.inbox.Name), "/?"...)
		dst = append(dst, a.query(a.view(), offset)...)
		dst = strconv.AppendInt(append(dst, "&amp;g="...), res.Anchor, 10)
		dst = append(append(append(dst, "\">"...), label...), "</a></li>\n"...)
	}
	if res.More {
		link("next", "Next", a.req.Offset+len(res.Hits))
	}
	if a.req.Offset > 0 {
		link("prev", "Previous", max(0, a.req.Offset-a.req.Limit))
	}
	return append(dst, "</ul>\n</nav>\n"...)
}

// appendDownloads appends the buttons that fetch the results as an mbox. Their names
// are public-inbox's: z for the results, x for their whole threads.
func (a *searchArgs) appendDownloads(dst []byte, q *request) []byte {
	dst = append(dst, "<form class=\"download\" method=\"post\" action=\""...)
	dst = append(appendEscaped(append(dst, '/'), q.inbox.Name), "/?x=m&amp;q="...)
	dst = appendArg(dst, a.req.Query)
	return append(dst, "\">\n<span>Download all results as mbox.gz:</span>\n"+
		"<button name=\"z\" value=\"results only\">Results only</button>\n"+
		"<button name=\"x\" value=\"full threads\">Full threads</button>\n</form>\n"...)
}
