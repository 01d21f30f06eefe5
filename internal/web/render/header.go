package render

import (
	"strconv"

	"bobbin/internal/mail"
)

// maxAddresses bounds the addresses shown of one field, maxIDs the Message-IDs.
const (
	maxAddresses = 1000
	maxIDs       = 20
)

// AppendHeader appends m's header as a description list of class hdr: From, To, Cc,
// Subject, Date, the Message-IDs with their source and the message it answers.
func AppendHeader(dst []byte, m *mail.Message, opt Options) []byte {
	return appendHeader(dst, &m.Header, func(dst []byte) []byte {
		dst = appendIDs(dst, "Message-ID", m.IDs(), opt.Base)
		dst = appendIDs(dst, "X-Alt-Message-ID", m.AltIDs(), opt.Base)
		if id := m.InReplyTo(); id != "" {
			dst = append(dst, "<dt>In-Reply-To</dt><dd>"...)
			dst = append(appendIDLink(dst, id, opt.Base), "</dd>\n"...)
		}
		return dst
	})
}

// appendHeader appends the list, or nothing when it has no rows; more, unless nil,
// appends further rows.
func appendHeader(dst []byte, h *mail.Header, more func([]byte) []byte) []byte {
	start := len(dst)
	dst = append(dst, "<dl class=\"hdr\">\n"...)
	empty := len(dst)
	from := h.Addresses("From")
	if len(from) == 0 {
		from = h.Addresses("Sender")
	}
	dst = appendAddresses(dst, "From", from)
	dst = appendAddresses(dst, "To", h.Addresses("To"))
	dst = appendAddresses(dst, "Cc", h.Addresses("Cc"))
	dst = appendRow(dst, "Subject", h.Text("Subject"))
	dst = appendDate(dst, h)
	if more != nil {
		dst = more(dst)
	}
	if len(dst) == empty {
		return dst[:start]
	}
	return append(dst, "</dl>\n"...)
}

// appendRow appends a field of plain text, unless it is empty.
func appendRow(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(append(append(dst, "<dt>"...), name...), "</dt><dd>"...)
	return append(AppendText(dst, value), "</dd>\n"...)
}

// appendDate appends the Date as the author wrote it, with the instant for machines.
func appendDate(dst []byte, h *mail.Header) []byte {
	value := h.Text("Date")
	t, ok := mail.ParseDate(value)
	if !ok || value == "" || t.Year() < 1 || t.Year() > 9999 {
		return appendRow(dst, "Date", value)
	}
	dst = append(dst, "<dt>Date</dt><dd><time datetime=\""...)
	dst = t.UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
	dst = append(dst, "\">"...)
	return append(AppendText(dst, value), "</time></dd>\n"...)
}

// appendAddresses appends an address field as a list that wraps between addresses.
func appendAddresses(dst []byte, name string, list []mail.Address) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(append(dst, "<dt>"...), name...), "</dt><dd><ul class=\"addr\">"...)
	for i, a := range list {
		if i == maxAddresses {
			dst = append(dst, "<li>and "...)
			dst = strconv.AppendInt(dst, int64(len(list)-i), 10)
			dst = append(dst, " more</li>"...)
			break
		}
		dst = append(dst, "<li>"...)
		dst = AppendText(dst, a.String())
		if i < len(list)-1 {
			dst = append(dst, ',') // for copying
		}
		dst = append(dst, "</li>\n"...)
	}
	return append(dst, "</ul></dd>\n"...)
}

// appendIDs appends a message's ids, each with a link to its source.
func appendIDs(dst []byte, name string, ids []string, base string) []byte {
	for i, id := range ids {
		if i == maxIDs {
			break
		}
		dst = append(append(append(dst, "<dt>"...), name...), "</dt><dd>"...)
		dst = appendIDLink(dst, id, base)
		if base != "" {
			dst = append(dst, " (<a href=\""...)
			dst = AppendPathID(AppendAttr(dst, base), id)
			dst = append(dst, "/raw\">raw</a>)"...)
		}
		dst = append(dst, "</dd>\n"...)
	}
	return dst
}

// appendIDLink appends <id>, linked to the message's page when base says where pages are.
func appendIDLink(dst []byte, id, base string) []byte {
	dst = append(dst, "&lt;"...)
	if base != "" {
		dst = append(dst, "<a href=\""...)
		dst = AppendPathID(AppendAttr(dst, base), id)
		dst = append(dst, "/\">"...)
	}
	dst = AppendText(dst, id)
	if base != "" {
		dst = append(dst, "</a>"...)
	}
	return append(dst, "&gt;"...)
}
