package web

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
	"bobbin/internal/mbox"
	"bobbin/internal/web/render"
)

// serveRaw answers MSGID/raw: every message with that id as one mboxrd, as text that a
// browser can show.
func serveRaw(s *Server, w http.ResponseWriter, q *request) error {
	articles, err := s.cat.Messages(q.Context(), q.inbox.Name, q.msgid)
	if err != nil {
		return err
	}
	if validate(w, q, blobsOf(articles)...) {
		return nil
	}
	var b []byte
	charset := ""
	for i := range articles {
		raw, err := s.cat.Raw(q.Context(), articles[i].Blob)
		if err != nil {
			return err
		}
		if b == nil {
			b, charset = make([]byte, 0, len(raw)+len(raw)/64+64), charsetOf(raw)
		}
		b = mbox.Append(b, raw)
	}
	h := w.Header()
	h["Content-Type"] = []string{"text/plain; charset=" + charset}
	h["Content-Disposition"] = []string{"inline; filename=" + render.Slug(articles[0].Subject) + ".txt"}
	h["Content-Length"] = []string{strconv.Itoa(len(b))}
	if q.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
	return nil
}

func blobsOf(articles []catalog.Article) []string {
	blobs := make([]string, len(articles))
	for i := range articles {
		blobs[i] = articles[i].Blob
	}
	return blobs
}

// charsetOf gives the charset in which a browser should show a mail's source.
func charsetOf(raw []byte) string {
	h, _ := mail.ParseHeader(raw)
	_, params, err := mime.ParseMediaType(h.Raw("Content-Type"))
	if err != nil {
		return "UTF-8"
	}
	return shownCharset(params["charset"])
}

// shownCharset gives the charset's name when browsers know it, and UTF-8 otherwise: mail
// is full of names that never were one. Those that are no superset of ASCII would
// garble the header.
func shownCharset(name string) string {
	if name == "" {
		return "UTF-8"
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return "UTF-8"
	}
	canonical, err := htmlindex.Name(e)
	if err != nil || canonical == "replacement" || strings.HasPrefix(canonical, "utf-16") || canonical == "utf-8" {
		return "UTF-8"
	}
	return strings.ToLower(strings.TrimSpace(name))
}

// isNameByte reports whether c needs no care in a file name, a header or a shell.
func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '.' || c == '-' || c == '_'
}

// unreadable reports whether err means that this one mail cannot be read, and that the
// others can: a blob that is missing or broken. `bobbin check` lists them.
func unreadable(err error) bool {
	return errs.Is(err, errs.Corrupt) || errs.Is(err, errs.NotFound)
}
