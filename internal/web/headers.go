package web

import (
	"strconv"
	"time"

	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// maxShown is how many recipients a header shows before the rest is folded away.
const maxShown = 6

// maxRecipients bounds the recipients that are listed at all.
const maxRecipients = 1000

// appendHeaders appends who wrote a message, to whom and when, and its names.
func appendHeaders(dst []byte, inbox string, m *mail.Message, sent time.Time) []byte {
	dst = append(dst, "<dl class=\"headers\">\n"...)
	dst = appendPeople(dst, "From", m.From())
	dst = appendPeople(dst, "To", m.Header.Addresses("To"))
	dst = appendPeople(dst, "Cc", m.Header.Addresses("Cc"))
	dst = append(dst, "<div><dt>Date</dt><dd><time datetime=\""...)
	dst = append(appendMinute(dst, sent), "Z\">"...)
	dst = append(appendMinute(dst, sent), " UTC</time>"...)
	if own := m.Header.Text("Date"); own != "" {
		dst = append(dst, " <span class=\"quiet\">("...)
		dst = append(render.AppendText(dst, shorten(own, 80)), ")</span>"...)
	}
	dst = append(dst, "</dd></div>\n"...)
	for i, id := range m.IDs() {
		if i == 20 {
			break
		}
		dst = appendID(dst, inbox, "Message-ID", id, i == 0)
	}
	for i, id := range m.AltIDs() {
		if i == 20 {
			break
		}
		dst = appendID(dst, inbox, "X-Alt-Message-ID", id, false)
	}
	if id := m.InReplyTo(); id != "" {
		dst = append(dst, "<div><dt>In-Reply-To</dt><dd><a class=\"id\" href=\""...)
		dst = append(appendMessagePath(dst, inbox, id), "\">"...)
		dst = append(render.AppendText(dst, id), "</a></dd></div>\n"...)
	}
	return append(dst, "</dl>\n"...)
}

// appendID appends one of a message's own ids.
func appendID(dst []byte, inbox, name, id string, raw bool) []byte {
	dst = append(append(append(dst, "<div><dt>"...), name...), "</dt><dd><a class=\"id\" href=\""...)
	dst = append(appendMessagePath(dst, inbox, id), "\">"...)
	dst = append(render.AppendText(dst, id), "</a>"...)
	if raw {
		dst = append(dst, " (<a href=\""...)
		dst = append(appendMessagePath(dst, inbox, id), "raw\">raw</a>)"...)
	}
	return append(dst, "</dd></div>\n"...)
}

// appendPeople appends a header of addresses; a long one shows its first few names and
// the rest on request.
func appendPeople(dst []byte, name string, list []mail.Address) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(append(dst, "<div><dt>"...), name...), "</dt><dd>"...)
	fold := len(list) > maxShown+1
	if fold {
		dst = append(dst, "<details><summary>"...)
		dst = appendNames(dst, list[:maxShown])
		dst = append(dst, " and "...)
		dst = strconv.AppendInt(dst, int64(len(list)-maxShown), 10)
		dst = append(dst, " more</summary>"...)
	}
	for i, a := range list {
		if i == maxRecipients {
			dst = append(dst, ", …"...)
			break
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendPerson(dst, a)
	}
	if fold {
		dst = append(dst, "</details>"...)
	}
	return append(dst, "</dd></div>\n"...)
}

// appendPerson appends "Name <addr>", the address less loud than the name.
func appendPerson(dst []byte, a mail.Address) []byte {
	switch {
	case a.Name == "":
		return render.AppendText(dst, a.Addr)
	case a.Addr == "":
		return render.AppendText(dst, a.Name)
	}
	dst = append(render.AppendText(dst, a.Name), " <span class=\"addr\">&lt;"...)
	return append(render.AppendText(dst, a.Addr), "&gt;</span>"...)
}

// appendNames appends names only, separated by commas.
func appendNames(dst []byte, list []mail.Address) []byte {
	for i, a := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = render.AppendText(dst, a.Display())
	}
	return dst
}

// shorten cuts s to at most n bytes, at a character's edge.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
