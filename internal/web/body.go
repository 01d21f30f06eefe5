package web

import (
	"bobbin/internal/catalog"
	"bobbin/internal/mail"
)

// bodyView says for which page a message's body is drawn.
type bodyView struct {
	article *catalog.Article
	prefix  string // "/INBOX/MSGID/", where its attachments are
	again   int    // the how manieth message with this id on the page; 0 = the first
	many    bool   // other messages are on the page
}

func (s *Server) appendBody(dst []byte, q *request, m *mail.Message, v bodyView) []byte {
	dst = append(dst, "<pre class=\"body\">"...)
	for _, p := range m.Leaves() {
		if t, _ := p.Text(); p.IsText() {
			dst = appendText(dst, t)
		}
	}
	return append(dst, "</pre>\n"...)
}
