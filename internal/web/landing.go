package web

import (
	"strconv"
	"time"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

// maxTopics is how many messages the landing page groups, and how many threads the
// lists of topics show.
const maxTopics = 200

// spanOf reads ?t=: YYYYMMDD[hhmmss] means at or before, with a - behind it after.
// What is no time is no limit.
func spanOf(q *request, limit int) catalog.Span {
	sp := catalog.Span{Limit: limit}
	v := q.args.get("t")
	after := false
	if n := len(v); n > 0 && v[n-1] == '-' {
		after, v = true, v[:n-1]
	}
	t, ok := parseStamp(v)
	switch {
	case !ok:
	case after:
		sp.After = t
	default:
		sp.Before = t
	}
	return sp
}

// parseStamp reads 8 to 14 digits; what is left out is zero.
func parseStamp(v string) (time.Time, bool) {
	if len(v) < 8 || len(v) > 14 {
		return time.Time{}, false
	}
	t, err := time.Parse("20060102150405", v+"000000"[:14-len(v)])
	return t, err == nil
}

// serveLanding shows an inbox: its newest messages by topic.
func serveLanding(s *Server, q *request, p *page) error {
	sp := spanOf(q, maxTopics)
	topics, recent, err := s.cat.Topics(q.Context(), q.inbox.Name, sp)
	if err != nil {
		return err
	}
	limited := !sp.Before.IsZero() || !sp.After.IsZero()
	if len(topics) == 0 && limited {
		return errs.New(errs.NotFound, "nothing in that range of time")
	}
	if p.head {
		return nil
	}
	p.begin(s, q, head{title: inboxTitle(q.inbox), hidden: limited})
	p.b = appendAbout(p.b, q.inbox)
	if len(topics) == 0 {
		p.b = append(p.b, "<p>No mail yet.</p>\n"...)
		return nil
	}
	p.b = appendTopics(p.b, q.inbox.Name, topics)
	p.b = appendPager(p.b, inboxPath(q.inbox.Name), sp, recent)
	return nil
}

func inboxTitle(b *catalog.Inbox) string {
	if b.Description == "" {
		return b.Name
	}
	return b.Name + ": " + b.Description
}

// appendAbout appends an inbox's name and facts.
func appendAbout(dst []byte, b *catalog.Inbox) []byte {
	dst = append(appendText(append(dst, "<h1>"...), b.Name), "</h1>\n"...)
	if b.Description != "" {
		dst = append(appendText(append(dst, "<p class=\"about\">"...), b.Description), "</p>\n"...)
	}
	if b.Messages == 0 {
		return dst
	}
	dst = append(dst, "<p class=\"quiet\">"...)
	dst = append(append(dst, formatCount(b.Messages)...), " messages, "...)
	dst = append(appendDay(dst, b.Oldest), " to "...)
	dst = appendDay(dst, b.Newest)
	for i, a := range b.Addresses {
		if i == 0 {
			dst = append(dst, ". Address: "...)
		} else {
			dst = append(dst, ", "...)
		}
		dst = append(appendText(append(dst, "<code>"...), a), "</code>"...)
	}
	return append(dst, "</p>\n"...)
}

// appendTopics appends a list of threads.
func appendTopics(dst []byte, inbox string, topics []catalog.Topic) []byte {
	dst = append(dst, "<ol class=\"topics\">\n"...)
	for i := range topics {
		t := &topics[i]
		newest := t.RootLatest.MessageID
		if newest == "" {
			newest = t.Latest.MessageID
		}
		dst = appendTime(append(dst, "<li>"...), t.Latest.Received)
		dst = append(dst, "<div class=\"row\"><a class=\"subject\" href=\""...)
		dst = appendTopicPath(dst, inbox, newest, t.Messages)
		dst = append(appendSubject(append(dst, "\">"...), topicSubject(t)), "</a>"...)
		dst = append(appendFurther(dst, inbox, t), "</div><span class=\"who\">"...)
		dst = append(appendName(dst, t.Root.From), "</span>"...)
		if t.Messages > 1 {
			dst = strconv.AppendInt(append(dst, "<span class=\"n\" title=\""...), int64(t.Messages), 10)
			dst = strconv.AppendInt(append(dst, " messages\">"...), int64(t.Messages), 10)
			dst = append(dst, "<span class=\"unit\"> messages</span></span>"...)
		}
		dst = append(dst, "</li>\n"...)
	}
	return append(dst, "</ol>\n"...)
}

// topicSubject gives the subject a topic goes by: without reply marks, since the oldest
// message on a page is seldom the thread's first.
func topicSubject(t *catalog.Topic) string {
	if s := trimRe(t.Root.Subject); s != "" {
		return s
	}
	return trimRe(t.Latest.Subject)
}

// appendFurther appends the other subjects of a topic. They are indented by how many of
// the subjects above them they are below, not by their depth in the thread: most of what
// lies between has no line here.
func appendFurther(dst []byte, inbox string, t *catalog.Topic) []byte {
	if len(t.Subjects) == 0 {
		return dst
	}
	dst = append(dst, "<ul class=\"further\">\n"...)
	var above []int // the depths of the subjects that the current one is below
	for i := range t.Subjects {
		m, depth := &t.Subjects[i], 1
		if i < len(t.Depth) {
			depth = t.Depth[i]
		}
		for len(above) > 0 && above[len(above)-1] >= depth {
			above = above[:len(above)-1]
		}
		dst = appendLevel(append(dst, "<li class=\""...), len(above))
		above = append(above, depth)
		dst = append(dst, "\"><a href=\""...)
		dst = appendTopicPath(dst, inbox, m.MessageID, t.Messages)
		dst = append(appendSubject(append(dst, "\">"...), trimRe(m.Subject)), "</a></li>\n"...)
	}
	return append(dst, "</ul>"...)
}

// appendTopicPath appends the path of a message in its thread's page.
func appendTopicPath(dst []byte, inbox, msgid string, messages int) []byte {
	dst = appendMessagePath(dst, inbox, msgid)
	if messages > 1 {
		return append(dst, "T/#t"...)
	}
	return dst
}

// appendPager appends the links to older and newer pages of a listing by time.
func appendPager(dst []byte, path string, sp catalog.Span, r *catalog.Recent) []byte {
	dst = append(dst, "<nav class=\"pager\" aria-label=\"Pages\">\n<ul>\n"...)
	if n := len(r.Messages); n > 0 && r.Older {
		oldest := r.Messages[n-1].Received
		if !sp.Before.IsZero() && !oldest.Before(sp.Before) {
			oldest = sp.Before.Add(-time.Second) // a page full of one second: go on all the same
		}
		dst = append(append(append(dst, "<li><a rel=\"next\" href=\""...), path...), "?t="...)
		dst = append(appendStamp(dst, oldest), "\">Older</a></li>\n"...)
	}
	if len(r.Messages) > 0 && r.Newer {
		dst = append(append(append(dst, "<li><a rel=\"prev\" href=\""...), path...), "?t="...)
		dst = append(appendStamp(dst, r.Messages[0].Received), "-\">Newer</a></li>\n"...)
	}
	if !sp.Before.IsZero() || !sp.After.IsZero() {
		dst = append(append(append(dst, "<li><a href=\""...), path...), "\">Newest</a></li>\n"...)
	}
	return append(dst, "</ul>\n</nav>\n"...)
}

// serveNew shows the newest messages in full.
func serveNew(s *Server, q *request, p *page) error {
	sp := spanOf(q, s.opt.FeedMax)
	recent, err := s.cat.Recent(q.Context(), q.inbox.Name, sp)
	if err != nil {
		return err
	}
	if len(recent.Messages) == 0 {
		return errs.New(errs.NotFound, "no messages here")
	}
	if p.head {
		return nil
	}
	p.begin(s, q, head{title: "New mail - " + q.inbox.Name, hidden: true})
	p.b = append(appendText(append(p.b, "<h1>New mail in "...), q.inbox.Name), "</h1>\n"...)
	for i := range recent.Messages {
		if p.b, err = s.appendBlock(p.b, q, &block{sum: &recent.Messages[i]}); err != nil {
			return err
		}
	}
	p.b = appendPager(p.b, inboxPath(q.inbox.Name)+"new.html", sp, recent)
	return nil
}

// serveTopics lists whole threads: topics_new.html by their beginning,
// topics_active.html by their latest message.
func serveTopics(s *Server, q *request, p *page) error {
	order, title := catalog.ByActivity, "Active threads"
	if q.file == "topics_new.html" {
		order, title = catalog.ByRoot, "New threads"
	}
	sp := spanOf(q, maxTopics)
	topics, err := s.cat.Threads(q.Context(), q.inbox.Name, order, sp)
	if err != nil {
		return err
	}
	if len(topics) == 0 {
		return errs.New(errs.NotFound, "no threads here")
	}
	if p.head {
		return nil
	}
	p.begin(s, q, head{title: title + " - " + q.inbox.Name, hidden: true,
		feed: inboxPath(q.inbox.Name) + q.file[:len(q.file)-len("html")] + "atom"})
	p.b = append(append(append(p.b, "<h1>"...), title...), " in "...)
	p.b = append(appendText(p.b, q.inbox.Name), "</h1>\n"...)
	p.b = appendTopics(p.b, q.inbox.Name, topics)
	r := catalog.Recent{Older: len(topics) >= maxTopics}
	for i := range topics { // the pager goes by what the list is ordered by
		if order == catalog.ByRoot {
			r.Messages = append(r.Messages, topics[i].Root)
		} else {
			r.Messages = append(r.Messages, topics[i].Latest)
		}
	}
	p.b = appendPager(p.b, inboxPath(q.inbox.Name)+q.file, sp, &r)
	return nil
}
