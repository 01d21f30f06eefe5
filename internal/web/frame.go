package web

import (
	"bytes"
	"embed"
	"html/template"
	"sync"

	"bobbin/internal/catalog"
)

//go:embed tmpl/*.tmpl
var templateFiles embed.FS

// head is what the frame of a page needs to know.
type head struct {
	title  string
	feed   string // path of the Atom feed of what the page shows; "" = the inbox's new.atom
	search bool   // the page has its own search form: the frame's is left out
	hidden bool   // a listing that robots need not index
}

// frame is what stands around the content of every page of an inbox, rendered once a
// generation. Only the title and the feed change from page to page.
type frame struct {
	top    []byte // from <!doctype> up to where the title goes
	body   []byte // from there to <main>, with the search form
	plain  []byte // the same without it
	bottom []byte
}

// frames keeps the rendered frames by inbox; "" is the top level's.
type frames struct {
	mu         sync.RWMutex
	generation uint64
	byInbox    map[string]*frame
}

// base is what the templates of frame and pages see of the site and the inbox. Every
// page struct embeds it.
type base struct {
	Style, Script, Icon string // URL paths
	Inbox               *catalog.Inbox
	Path                string // "/INBOX/", or "/" at the top level
	SearchPath          string // where the search form leads
	Search              bool   // show the frame's search form
}

func (s *Server) base(b *catalog.Inbox) base {
	d := base{Style: s.static.path("style.css"), Script: s.static.path("app.js"), Icon: s.static.path("icon.svg"),
		Inbox: b, Path: "/", SearchPath: inboxPath(catalog.All), Search: true}
	if b != nil {
		d.Path = inboxPath(b.Name)
		d.SearchPath = d.Path
	}
	return d
}

// frame gives the frame of the request's inbox.
func (s *Server) frame(q *request) *frame {
	name, generation := "", s.cat.Generation()
	if q.inbox != nil {
		name = q.inbox.Name
	}
	s.frames.mu.RLock()
	f, ok := s.frames.byInbox[name]
	ok = ok && s.frames.generation == generation
	s.frames.mu.RUnlock()
	if ok {
		return f
	}
	d := s.base(q.inbox)
	f = &frame{top: s.render("top", d), body: s.render("body", d), bottom: s.render("bottom", d)}
	d.Search = false
	f.plain = s.render("body", d)
	s.frames.mu.Lock()
	defer s.frames.mu.Unlock()
	if s.frames.generation != generation || s.frames.byInbox == nil {
		s.frames.generation, s.frames.byInbox = generation, map[string]*frame{}
	}
	s.frames.byInbox[name] = f
	return f
}

// begin writes the frame up to the page's own content; what the handler appends to p.b
// afterwards is that content.
func (p *page) begin(s *Server, q *request, h head) {
	f := s.frame(q)
	p.b = append(p.b[:0], f.top...)
	p.b = append(appendText(append(p.b, "<title>"...), h.title), "</title>\n"...)
	if h.hidden {
		p.b = append(p.b, "<meta name=\"robots\" content=\"noindex\">\n"...)
	}
	if h.feed == "" && q.inbox != nil {
		h.feed = inboxPath(q.inbox.Name) + "new.atom"
	}
	if h.feed != "" {
		p.b = append(p.b, "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Atom feed\" href=\""...)
		p.b = append(appendText(p.b, h.feed), "\">\n"...)
	}
	if h.search {
		p.b = append(p.b, f.plain...)
	} else {
		p.b = append(p.b, f.body...)
	}
	p.foot = f.bottom
}

// template appends a template, executed, to the page.
func (p *page) template(s *Server, name string, data any) error {
	w := bytes.NewBuffer(p.b)
	err := s.templates.ExecuteTemplate(w, name, data)
	p.b = w.Bytes()
	return err
}

// render executes one of the frame's templates, which cannot fail for its data.
func (s *Server) render(name string, data any) []byte {
	var w bytes.Buffer
	if err := s.templates.ExecuteTemplate(&w, name, data); err != nil {
		s.lg.Error("template", "name", name, "err", err)
	}
	return w.Bytes()
}

func parseTemplates() *template.Template {
	return template.Must(template.New("web").Funcs(template.FuncMap{
		"day":     formatDay,
		"minute":  formatMinute,
		"count":   formatCount,
		"message": messagePath,
		"inbox":   inboxPath,
	}).ParseFS(templateFiles, "tmpl/*.tmpl"))
}
