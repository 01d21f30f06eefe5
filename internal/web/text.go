package web

import (
	"net/http"
	"strconv"
	"strings"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

// text gives the text at /INBOX/_/text/KEY/ that the request's path names. Each is
// written once, as plain text, and shown as a page or, at KEY/raw, as it is.
func (s *Server) text(q *request) (string, error) {
	switch q.file {
	case "help":
		return helpText(q), nil
	case "mirror":
		return s.mirrorText(q)
	case "color":
		return s.colorText(q), nil
	case "config":
		return configText(q), nil
	}
	return "", errs.New(errs.NotFound, "no text by the name %q here; there are help, mirror, color and config", q.file)
}

// serveText answers _/text/KEY/.
func serveText(s *Server, q *request, p *page) error {
	text, err := s.text(q)
	if err != nil || p.head {
		return err
	}
	title, _, _ := strings.Cut(text, "\n")
	if q.file == "config" {
		title = "Configuration of " + q.inbox.Name
	}
	p.begin(s, q, head{title: title})
	p.b = append(p.b, "<article class=\"text\">\n"...)
	if q.file == "config" {
		p.b = appendPre(append(appendText(append(p.b, "<h1>"...), title), "</h1>\n"...), text)
	} else {
		p.b = appendProse(p.b, text)
	}
	p.b = append(p.b, "<p><a href=\"raw\">this page as plain text</a></p>\n</article>\n"...)
	return nil
}

// serveTextRaw answers _/text/KEY/raw.
func serveTextRaw(s *Server, w http.ResponseWriter, q *request) error {
	text, err := s.text(q)
	if err != nil {
		return err
	}
	sendPlain(w, q, text)
	return nil
}

// serveConfigRaw answers _/text/config/raw. Mirrors keep it as inbox.config.example and
// take the date for the UIDVALIDITY of their IMAP folders, so it is the day the inbox
// was made and not that of the last change.
func serveConfigRaw(s *Server, w http.ResponseWriter, q *request) error {
	w.Header().Set("Content-Disposition", "inline; filename=inbox.config")
	if !q.inbox.Created.IsZero() {
		w.Header().Set("Last-Modified", q.inbox.Created.UTC().Format(http.TimeFormat))
	}
	sendPlain(w, q, configText(q))
	return nil
}

// serveDescription answers /INBOX/description.
func serveDescription(s *Server, w http.ResponseWriter, q *request) error {
	sendPlain(w, q, description(q.inbox)+"\n")
	return nil
}

// description gives what an inbox says of itself, or its name; one line.
func description(b *catalog.Inbox) string {
	if d := strings.Join(strings.Fields(b.Description), " "); d != "" {
		return d
	}
	if b.IsAll() {
		return "all inboxes"
	}
	return b.Name
}

func sendPlain(w http.ResponseWriter, q *request, text string) {
	if validate(w, q, text) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if q.Method != http.MethodHead {
		_, _ = w.Write([]byte(text))
	}
}
