// Package web answers HTTP: pages for people and, at the URLs that public-inbox
// made known, raw mail, mboxes, feeds and git for programs.
//
// A request passes four stations, one file each: server.go checks it and sets the
// headers every answer has; route.go turns the path into a handler; the handler asks
// the Catalog and either streams (mboxes, git) or builds a page in memory; respond.go
// sends pages with validators, compressed and cached. Errors of every handler end in
// errors.go, where their kind becomes a status.
//
// Message bodies become HTML in package render and nowhere else. What this package
// appends to a page by hand goes through the functions of escape.go.
package web

import (
	"context"
	"html/template"
	"iter"
	"log/slog"
	"net/http"
	"strings"

	"bobbin/internal/catalog"
)

// Catalog is what the pages need of catalog.Catalog, which documents the methods.
type Catalog interface {
	Generation() uint64
	Inboxes(ctx context.Context) ([]catalog.Inbox, error)
	Inbox(ctx context.Context, name string) (*catalog.Inbox, error)
	Messages(ctx context.Context, inbox, msgid string) ([]catalog.Article, error)
	Raw(ctx context.Context, blob string) ([]byte, error)
	Thread(ctx context.Context, inbox, msgid string, loose bool) (*catalog.Thread, error)
	Recent(ctx context.Context, inbox string, s catalog.Span) (*catalog.Recent, error)
	Topics(ctx context.Context, inbox string, s catalog.Span) ([]catalog.Topic, *catalog.Recent, error)
	Threads(ctx context.Context, inbox string, o catalog.TopicOrder, s catalog.Span) ([]catalog.Topic, error)
	Search(ctx context.Context, r catalog.Request) (*catalog.Result, error)
	Matches(ctx context.Context, r catalog.Request, threads bool) iter.Seq2[catalog.Article, error]
	Articles(ctx context.Context, inbox string, from int64) iter.Seq2[catalog.Article, error]
	Elsewhere(ctx context.Context, inbox, msgid string) ([]catalog.Elsewhere, error)
	Partial(ctx context.Context, inbox, msgid string) ([]catalog.Elsewhere, error)
}

// Options tune a Server. The zero value serves directly to the network.
type Options struct {
	// TrustProxy says that a proxy in front sets X-Forwarded-Proto; without it the
	// header is ignored, because anybody could send it.
	TrustProxy bool
	CacheBytes int64 // memory for rendered pages; 0 = 32 MiB, negative = none
	FeedMax    int   // messages in new.atom and new.html; 0 = 25

	// Git makes the handler that serves a bare repository for cloning; nil turns that
	// off. It is called for every request, so limits have to live outside what it makes.
	Git func(dir string) http.Handler
}

// Server is the http.Handler of the whole site. It is safe for concurrent use.
type Server struct {
	lg        *slog.Logger
	cat       Catalog
	opt       Options
	templates *template.Template
	static    assets
	frames    frames
	cache     *cache
	pages     pages
	gzips     gzips
}

// New makes a Server that reads from cat and logs faults (not requests) to lg.
func New(lg *slog.Logger, cat Catalog, opt Options) *Server {
	if opt.CacheBytes == 0 {
		opt.CacheBytes = 32 << 20
	}
	if opt.FeedMax <= 0 {
		opt.FeedMax = 25
	}
	return &Server{lg: lg, cat: cat, opt: opt,
		templates: parseTemplates(), static: loadAssets(), cache: newCache(opt.CacheBytes)}
}

// request is a checked HTTP request with what its path means.
type request struct {
	*http.Request
	inbox *catalog.Inbox // nil at the top level
	msgid string         // decoded, without angle brackets; "" when the path names none
	file  string         // the rest of the path, decoded: "2-a.txt", "help", "info/refs", …
	epoch int            // of a git path
	args  args
	base  string // "https://lists.example.org", without a final slash
	gzip  bool   // the visitor takes gzip
	begun bool   // a part of the answer may have been sent
}

// url gives the absolute URL of a path on this site, which begins with a slash.
func (q *request) url(path string) string { return q.base + path }

// args are the pairs of a URL's query.
type args []arg

type arg struct{ name, value string }

// get gives the first value of name, "" when there is none.
func (a args) get(name string) string {
	for i := range a {
		if a[i].name == name {
			return a[i].value
		}
	}
	return ""
}

// has reports whether name occurs, with or without a value.
func (a args) has(name string) bool {
	for i := range a {
		if a[i].name == name {
			return true
		}
	}
	return false
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	q := &request{Request: r, args: parseArgs(r.URL.RawQuery), gzip: acceptsGzip(r.Header.Get("Accept-Encoding"))}
	defer s.recover(w, q)
	var ok bool
	if q.base, ok = s.baseURL(r); !ok {
		s.fail(w, q, route{}, errBadHost)
		return
	}
	if s.fromCache(w, q) {
		return
	}
	rt, err := s.route(q)
	if err == nil {
		err = rt.allow(r.Method)
	}
	if err == nil {
		err = rt.handle(s, w, q)
	}
	if err != nil {
		s.fail(w, q, rt, err)
	}
}

// setSecurityHeaders: mail is written by strangers. Whatever of it reaches a page, the
// browser shall run nothing, load nothing from elsewhere and be framed by nobody.
func setSecurityHeaders(h http.Header) {
	h["Content-Security-Policy"] = policy
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = sameOrigin
}

// Header values as slices, so that setting them allocates nothing. Nobody changes them.
var (
	policy = []string{"default-src 'none'; style-src 'self'; script-src 'self'; " +
		"img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
	nosniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
)

// baseURL gives scheme and host as the visitor sees them; false when the Host header
// is not one (it ends up in links, feeds and git configuration).
func (s *Server) baseURL(r *http.Request) (string, bool) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	if s.opt.TrustProxy {
		switch strings.ToLower(r.Header.Get("X-Forwarded-Proto")) {
		case "https":
			scheme = "https://"
		case "http":
			scheme = "http://"
		}
	}
	host := r.Host
	if host == "" {
		host = "localhost" // HTTP/1.0 without a Host header
	}
	return scheme + host, validHost(host)
}

// validHost accepts names, IPv4 and bracketed IPv6 addresses, with an optional port.
func validHost(h string) bool {
	if len(h) == 0 || len(h) > 255 {
		return false
	}
	if h[0] == '[' {
		i := strings.IndexByte(h, ']')
		if i < 0 || strings.Trim(h[1:i], "0123456789abcdefABCDEF:.") != "" {
			return false
		}
		h = "v6" + h[i+1:]
	}
	name, port, ok := strings.Cut(h, ":")
	if name == "" || ok && (len(port) > 5 || strings.Trim(port, "0123456789") != "") {
		return false
	}
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}
