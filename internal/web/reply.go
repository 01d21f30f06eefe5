package web

import (
	"strings"

	"bobbin/internal/mail"
)

// maxReplyTo bounds the recipients of the reply commands.
const maxReplyTo = 100

// appendReply appends how to answer a message: by mail client, or with git send-email.
func appendReply(dst []byte, q *request, m *mail.Message) []byte {
	to, cc := replyTo(m)
	id := q.msgid
	dst = append(dst, "<section class=\"reply\" aria-labelledby=\"R\">\n<h2 id=\"R\">Reply</h2>\n<ul>\n"...)
	if to != "" {
		dst = append(dst, "<li><a href=\""...)
		dst = appendMailto(dst, to, cc, id, replySubject(m.Subject()))
		dst = append(dst, "\">Write to all by mail</a>: your mail program opens with the recipients, the subject and In-Reply-To filled in.</li>\n"...)
	}
	dst = append(dst, "<li>Or save the <a href=\""...)
	dst = append(appendMessagePath(dst, q.inbox.Name, id), "t.mbox.gz\">thread as mbox.gz</a> (or <a href=\""...)
	dst = append(appendMessagePath(dst, q.inbox.Name, id), "raw\">this message</a>), open it in your mail program and use “reply to all”. Quote only what you answer, and answer below it.</li>\n"...)
	dst = append(dst, "<li>Or, for text in a file, patches too:\n<pre class=\"cmd\"><code>git send-email \\\n    --in-reply-to="...)
	dst = appendText(dst, shellQuote(id))
	if to != "" {
		dst = appendText(append(dst, " \\\n    --to="...), shellQuote(to))
	}
	for _, a := range cc {
		dst = appendText(append(dst, " \\\n    --cc="...), shellQuote(a))
	}
	dst = append(dst, " \\\n    /path/to/YOUR_REPLY</code></pre></li>\n"...)
	for _, u := range q.inbox.InfoURLs {
		if !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") {
			continue
		}
		dst = appendText(append(dst, "<li>About the list: <a href=\""...), u)
		dst = append(appendText(append(dst, "\">"...), u), "</a></li>\n"...)
	}
	return append(dst, "</ul>\n</section>\n"...)
}

// replyTo gives whom a reply to all goes to, addresses only: the author (or where he
// asked for replies), then everybody else once.
func replyTo(m *mail.Message) (to string, cc []string) {
	seen := map[string]bool{}
	add := func(list []mail.Address) {
		for _, a := range list {
			addr := strings.TrimSpace(a.Addr)
			if !strings.Contains(addr, "@") || strings.ContainsAny(addr, "\r\n\x00 ") || len(addr) > 254 {
				continue
			}
			key := strings.ToLower(addr)
			switch {
			case seen[key] || len(cc) >= maxReplyTo:
			case to == "":
				to = addr
			default:
				cc = append(cc, addr)
			}
			seen[key] = true
		}
	}
	add(m.Header.Addresses("Reply-To"))
	add(m.From())
	add(m.Header.Addresses("To"))
	add(m.Header.Addresses("Cc"))
	return to, cc
}

// replySubject gives the subject of a reply.
func replySubject(subject string) string {
	if trimRe(subject) != strings.TrimLeft(subject, " \t") {
		return subject
	}
	return "Re: " + subject
}

// appendMailto appends a mailto link (RFC 6068), safe in a double-quoted attribute.
func appendMailto(dst []byte, to string, cc []string, id, subject string) []byte {
	dst = appendMailtoText(append(dst, "mailto:"...), to)
	dst = append(dst, "?In-Reply-To="...)
	dst = appendMailtoText(dst, "<"+id+">")
	if len(cc) > 0 {
		dst = append(dst, "&amp;Cc="...)
		for i, a := range cc {
			if i > 0 {
				dst = append(dst, "%2C"...)
			}
			dst = appendMailtoText(dst, a)
		}
	}
	return appendMailtoText(append(dst, "&amp;Subject="...), subject)
}

// appendMailtoText encodes everything but what RFC 6068 leaves alone everywhere.
func appendMailtoText(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == '@':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// shellQuote quotes s for a POSIX shell where it needs it.
func shellQuote(s string) string {
	safe := s != ""
	for i := 0; i < len(s) && safe; i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("@%_+=:,./-", c) >= 0:
		default:
			safe = false
		}
	}
	if safe {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
