package web

import (
	"net/http"
	"strconv"
	"strings"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

// handler answers a request. An error is returned before anything was written; later
// faults are reported with broken.
type handler func(s *Server, w http.ResponseWriter, q *request) error

// route is what a path means.
type route struct {
	handle handler
	html   bool    // errors are pages; otherwise plain text
	method methods // what may be done here
}

// methods says which methods a route takes.
type methods uint8

const (
	getHead methods = iota // zero value
	getHeadPost
	postOnly
)

// allow refuses methods that a route does not take.
func (rt route) allow(method string) error {
	switch {
	case (method == http.MethodGet || method == http.MethodHead) && rt.method != postOnly:
		return nil
	case method == http.MethodPost && rt.method != getHead:
		return nil
	}
	return &methodError{[...]string{"GET, HEAD", "GET, HEAD, POST", "POST"}[rt.method]}
}

func pageRoute(f pageFunc) route { return route{handle: htmlPage(f), html: true} }
func rawRoute(h handler) route   { return route{handle: h} }

// route finds the handler of a request and fills in what the path says. Paths are
// matched in their encoded form, so that an encoded slash never separates.
func (s *Server) route(q *request) (route, error) {
	path := strings.TrimPrefix(q.URL.EscapedPath(), "/")
	switch {
	case path == "" && q.args.has("a"): // "search all inboxes", in public-inbox's listing
		return redirect(http.StatusFound, string(appendArg([]byte(inboxPath(catalog.All)+"?q="), q.args.get("q")))), nil
	case path == "":
		return pageRoute(serveListing), nil
	case path == "manifest.js.gz":
		return rawRoute(serveTopManifest), nil
	case strings.HasPrefix(path, "-/"):
		q.file = path[len("-/"):]
		return rawRoute(serveStatic), nil
	case path == "favicon.ico" || path == "robots.txt":
		q.file = path
		return rawRoute(serveStatic), nil
	}
	name, rest, slash := strings.Cut(path, "/")
	name = unescape(name, false)
	var err error
	if isInboxName(name) {
		q.inbox, err = s.cat.Inbox(q.Context(), name)
	}
	if q.inbox == nil && (err == nil || errs.Is(err, errs.NotFound)) {
		return s.routeTop(q, name, rest)
	}
	if err != nil {
		return route{html: true}, err
	}
	if !slash {
		return redirect(http.StatusMovedPermanently, inboxPath(name)+query(q)), nil
	}
	return s.routeInbox(q, rest)
}

// isInboxName reports whether s can name an inbox: [\w-][\w.+-]*.
func isInboxName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		case (c == '.' || c == '+') && i > 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 255
}

// routeInbox routes what follows /INBOX/. Names with a fixed meaning come first, as in
// public-inbox; everything else begins with a Message-ID.
func (s *Server) routeInbox(q *request, rest string) (route, error) {
	switch rest {
	case "", "index.html":
		return s.routeLanding(q)
	case "new.html":
		return pageRoute(serveNew), nil
	case "new.atom", "atom.xml":
		return rawRoute(serveNewAtom), nil
	case "topics_new.html", "topics_active.html":
		q.file = rest
		return pageRoute(serveTopics), nil
	case "topics_new.atom", "topics_active.atom":
		q.file = rest
		return rawRoute(serveTopicsAtom), nil
	case "description":
		return rawRoute(serveDescription), nil
	case "manifest.js.gz":
		return rawRoute(serveManifest), nil
	case "all.mbox.gz":
		return rawRoute(serveAllMbox), nil
	}
	switch {
	case rest == "_/text" || strings.HasPrefix(rest, "_/text/"):
		return routeText(q, strings.TrimPrefix(rest[len("_/text"):], "/"))
	case !strings.Contains(rest, "/") && isReserved(rest):
		return rawRoute(notFound), nil
	}
	if rt, ok := routeGit(q, rest); ok {
		return rt, nil
	}
	if rt, ok := routeLegacy(q, rest); ok {
		return rt, nil
	}
	return s.routeMessage(q, rest)
}

// isReserved reports names that mean other things in public-inbox, and nothing here.
func isReserved(name string) bool {
	return strings.HasSuffix(name, ".mbox.gz") || strings.HasSuffix(name, ".sql.gz") ||
		strings.HasSuffix(name, ".css") && !strings.Contains(name, "@")
}

func notFound(s *Server, w http.ResponseWriter, q *request) error {
	return errs.New(errs.NotFound, "nothing here by that name")
}

// routeLanding routes /INBOX/ by its arguments: searches live at the same URL.
func (s *Server) routeLanding(q *request) (route, error) {
	switch {
	case q.Method == http.MethodPost:
		if !q.args.has("q") {
			return route{method: getHeadPost}, errs.New(errs.NotFound, "a POST here needs ?q=")
		}
		return route{handle: serveSearchMbox, method: getHeadPost}, nil
	case q.args.has("q") && q.args.get("x") == "A":
		return rawRoute(serveSearchAtom), nil
	case q.args.has("q"):
		return pageRoute(serveSearch), nil
	case q.args.has("r"):
		return redirect(http.StatusFound, inboxPath(q.inbox.Name)+"new.html"), nil
	}
	return pageRoute(serveLanding), nil
}

// routeText routes _/text/KEY/, _/text/KEY/raw and _/text (the help).
func routeText(q *request, rest string) (route, error) {
	key, tail, slash := strings.Cut(rest, "/")
	q.file = unescape(key, false)
	switch {
	case key == "":
		q.file = "help"
		return pageRoute(serveText), nil
	case !slash:
		return redirect(http.StatusFound, inboxPath(q.inbox.Name)+"_/text/"+escape(q.file)+"/"+query(q)), nil
	case tail == "":
		return pageRoute(serveText), nil
	case tail == "raw" && key == "config":
		return rawRoute(serveConfigRaw), nil
	case tail == "raw":
		return rawRoute(serveTextRaw), nil
	}
	return rawRoute(notFound), nil
}

// routeGit routes the files of an epoch's repository: N/…, N.git/… and git/N.git/….
// Digits followed by anything else are a Message-ID.
func routeGit(q *request, rest string) (route, bool) {
	n, file, ok := strings.Cut(strings.TrimPrefix(rest, "git/"), "/")
	if !ok || strings.HasPrefix(rest, "git/") && !strings.HasSuffix(n, ".git") {
		return route{}, false
	}
	epoch, err := strconv.Atoi(strings.TrimSuffix(n, ".git"))
	if err != nil || epoch < 0 || n[0] == '+' || n[0] == '-' {
		return route{}, false
	}
	switch file {
	case "HEAD", "info/refs", "info/attributes", "cloneurl", "description", "git-upload-pack",
		"objects/info/packs", "objects/info/alternates", "objects/info/http-alternates":
	default:
		if !strings.HasPrefix(file, "objects/") {
			return route{}, false
		}
	}
	q.epoch, q.file = epoch, file
	rt := route{handle: serveGit}
	if file == "git-upload-pack" {
		rt.method = postOnly
	}
	return rt, true
}

// routeMessage routes MSGID/ and what may follow it. A Message-ID may hold slashes,
// encoded or not: the words after it are matched from the right.
func (s *Server) routeMessage(q *request, rest string) (route, error) {
	id, verb := rest, ""
	slash := strings.HasSuffix(rest, "/")
	if i := strings.LastIndexByte(strings.TrimSuffix(rest, "/"), '/'); i >= 0 && isVerb(rest[i+1:]) {
		id, verb = rest[:i], rest[i+1:]
	} else if slash {
		id = rest[:len(rest)-1]
	}
	q.msgid = unescape(id, false)
	if bare := trimBrackets(q.msgid); bare != q.msgid {
		q.msgid = bare
		return redirect(http.StatusMovedPermanently, q.messagePath()+verb+query(q)), nil
	}
	if !isMessageID(q.msgid) {
		return route{html: true}, errs.New(errs.NotFound, "no such page")
	}
	switch verb {
	case "":
		return s.routeBareMessage(q, slash)
	case "T/":
		return pageRoute(serveThreadFlat), nil
	case "t/":
		return pageRoute(serveThreadNested), nil
	case "raw":
		return rawRoute(serveRaw), nil
	case "t.mbox.gz", "t.mbox":
		return rawRoute(serveThreadMbox), nil
	case "t.atom":
		return rawRoute(serveThreadAtom), nil
	case "T", "t":
		return redirect(http.StatusMovedPermanently, q.messagePath()+verb+"/"+query(q)+"#u"), nil
	case "R", "R/":
		return redirect(http.StatusMovedPermanently, q.messagePath()+query(q)+"#R"), nil
	case "f", "f/", "d", "d/": // d/ is a diff between messages of one id: they share a page here
		return redirect(http.StatusMovedPermanently, q.messagePath()+query(q)), nil
	}
	q.file = unescape(verb, false)
	return route{handle: serveAttachment, method: getHeadPost}, nil
}

// routeBareMessage routes a Message-ID on its own.
func (s *Server) routeBareMessage(q *request, slash bool) (route, error) {
	switch {
	case q.Method == http.MethodPost && q.args.has("q"):
		return route{handle: serveSearchMbox, method: getHeadPost}, nil
	case !slash:
		return redirect(http.StatusMovedPermanently, q.messagePath()+query(q)), nil
	}
	return pageRoute(serveMessage), nil
}

// isVerb reports whether s, still encoded, is a word that may follow a Message-ID.
func isVerb(s string) bool {
	switch s {
	case "T/", "t/", "T", "t", "raw", "t.mbox.gz", "t.mbox", "t.atom", "R", "R/", "f", "f/", "d", "d/":
		return true
	}
	return isPartName(s)
}

// isPartName matches IDX-FILE, the name of an attachment's URL: a part's index such as
// 2 or 2.1.2 and a file name that is only for show.
func isPartName(s string) bool {
	idx, file, ok := strings.Cut(s, "-")
	if !ok || idx == "" || file == "" || strings.Trim(idx, "0123456789.") != "" ||
		idx[0] == '.' || idx[len(idx)-1] == '.' {
		return false
	}
	for i := 0; i < len(file); i++ {
		switch c := file[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case (c == '.' || c == '-' || c == '_') && 0 < i && i < len(file)-1:
		default:
			return false
		}
	}
	return true
}

// isMessageID refuses what no archive keys a message by: nothing at all, control
// characters, more than the 244 bytes an index keeps (with room for a typo), and what
// browsers take for a step up.
func isMessageID(s string) bool {
	if s == "" || len(s) > 1000 || s == "." || s == ".." {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// trimBrackets takes the angle brackets off an id copied with them.
func trimBrackets(id string) string {
	if len(id) > 2 && id[0] == '<' && id[len(id)-1] == '>' {
		return id[1 : len(id)-1]
	}
	return id
}

// routeTop routes a first path element that is no inbox: a newsgroup's name leads to
// its inbox, a Message-ID to the first inbox that holds it.
func (s *Server) routeTop(q *request, name, rest string) (route, error) {
	boxes, err := s.cat.Inboxes(q.Context())
	if err != nil {
		return route{html: true}, err
	}
	for i := range boxes {
		if boxes[i].Newsgroup != "" && boxes[i].Newsgroup == name {
			return s.routeNewsgroup(q, &boxes[i], rest)
		}
	}
	q.inbox = &catalog.Inbox{Name: catalog.All}
	rt, err := s.routeMessage(q, strings.TrimPrefix(q.URL.EscapedPath(), "/"))
	q.inbox = nil
	if err != nil || q.msgid == "" {
		return rt, errs.New(errs.NotFound, "no inbox %q here", name)
	}
	found, err := s.cat.Elsewhere(q.Context(), catalog.All, q.msgid)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return route{html: true}, err
	}
	if len(found) == 0 {
		return route{html: true}, errs.New(errs.NotFound, "no inbox and no message by the name %q here", q.msgid)
	}
	verb := q.tail()
	return redirect(http.StatusFound, messagePath(found[0].Inbox, q.msgid)+verb+query(q)), nil
}

// tail gives the verb at the end of the path, or "".
func (q *request) tail() string {
	p := q.URL.EscapedPath()
	if i := strings.LastIndexByte(strings.TrimSuffix(p, "/"), '/'); i >= 0 && isVerb(p[i+1:]) {
		return p[i+1:]
	}
	return ""
}

// routeNewsgroup routes NEWSGROUP, NEWSGROUP/ and NEWSGROUP/ARTICLE.
func (s *Server) routeNewsgroup(q *request, b *catalog.Inbox, rest string) (route, error) {
	if rest == "" {
		return redirect(http.StatusMovedPermanently, inboxPath(b.Name)+query(q)), nil
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(rest, "/"), 10, 64)
	if err != nil || n < 1 {
		return route{html: true}, errs.New(errs.NotFound, "no article %q in %s", unescape(rest, false), b.Newsgroup)
	}
	for a, err := range s.cat.Articles(q.Context(), b.Name, n) {
		if err != nil {
			return route{html: true}, err
		}
		if a.Number == n {
			return redirect(http.StatusFound, messagePath(b.Name, a.MessageID)), nil
		}
		break // the first one is the next that is there
	}
	return route{html: true}, errs.New(errs.NotFound, "no article %d in %s", n, b.Newsgroup)
}
