package web

import (
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"bobbin/internal/errs"
	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// sandbox is the policy for attachments: whatever a browser makes of one, it is an
// origin of its own, runs nothing and loads nothing.
var sandbox = []string{"sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}

// serveAttachment answers MSGID/IDX-FILE: a part of a message, decoded. The index finds
// the part; the file name in the URL is for people only.
func serveAttachment(s *Server, w http.ResponseWriter, q *request) error {
	index, _, _ := strings.Cut(q.file, "-")
	part, blob, err := s.part(q, index)
	if err != nil {
		return err
	}
	isText := strings.HasPrefix(part.Type, "text/")
	if !isText && q.Method != http.MethodPost && crossSite(q) {
		return s.refuseDeepLink(w, q)
	}
	h := w.Header()
	h["Content-Security-Policy"] = sandbox
	if validate(w, q, blob, index) {
		return nil
	}
	h.Set("Content-Type", attachmentType(part))
	how := "attachment"
	if isText {
		how = "inline"
	}
	h.Set("Content-Disposition", how+`; filename="`+attachmentName(part)+`"`)
	body := part.Bytes()
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if q.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
	return nil
}

// part finds the part with an index in the request's message, and says in which blob.
// Of several messages with one id, the first that has such a part counts.
func (s *Server) part(q *request, index string) (*mail.Part, string, error) {
	articles, err := s.cat.Messages(q.Context(), q.inbox.Name, q.msgid)
	if err != nil {
		return nil, "", err
	}
	for i := range articles {
		raw, err := s.cat.Raw(q.Context(), articles[i].Blob)
		if err != nil {
			return nil, "", err
		}
		if p := findPart(mail.Parse(raw).Root, index); p != nil {
			return p, articles[i].Blob, nil
		}
	}
	return nil, "", errs.New(errs.NotFound, "the message <%s> has no part %s", q.msgid, index)
}

// findPart looks for the part with an index in the tree below p. The parser bounds the
// tree's depth.
func findPart(p *mail.Part, index string) *mail.Part {
	if p.Index == index {
		return p
	}
	for _, kid := range p.Children {
		if found := findPart(kid, index); found != nil {
			return found
		}
	}
	return nil
}

// attachmentType gives the type to serve a part with. Only two kinds go out: text as
// plain text, so that HTML is shown as its source, and bytes to be saved.
func attachmentType(p *mail.Part) string {
	if strings.HasPrefix(p.Type, "text/") {
		return "text/plain; charset=" + shownCharset(p.Params["charset"])
	}
	return "application/octet-stream"
}

// attachmentName gives the name to save a part by. Text goes out as text, and shall not
// turn into a page because of its name when somebody opens it later.
func attachmentName(p *mail.Part) string {
	name := render.AttachmentName(p)
	switch strings.ToLower(path.Ext(name)) {
	case ".htm", ".html", ".xht", ".xhtml", ".shtml", ".mht", ".mhtml", ".svg", ".xml", ".hta":
		name += ".txt"
	}
	return name
}

// crossSite reports whether another site's page links here. A visitor without a
// Referer header, as privacy settings may have it, is welcome.
func crossSite(q *request) bool {
	v := q.Header.Get("Referer")
	if v == "" {
		return false
	}
	u, err := url.Parse(v)
	return err != nil || !strings.EqualFold(u.Host, q.Host)
}

// refuseDeepLink answers a link from elsewhere straight to a binary attachment, which is
// how malware is spread at other people's cost: the visitor gets it by pressing a button.
func (s *Server) refuseDeepLink(w http.ResponseWriter, q *request) error {
	p := s.pages.get()
	defer s.pages.put(p)
	p.begin(s, q, head{title: "Download attachment", hidden: true})
	p.status = http.StatusForbidden
	p.b = append(p.b, "<h1>Download attachment</h1>\n<p>Another site links straight to this file, which was sent to a public mailing list. "+
		"Nobody has checked it.</p>\n<form method=\"post\" action=\"\"><p><button>Download it</button> or "+
		"<a href=\""...)
	p.b = append(appendText(p.b, q.messagePath()), "\">read the message it came with</a></p></form>\n"...)
	s.send(w, q, p, s.cat.Generation())
	return nil
}
