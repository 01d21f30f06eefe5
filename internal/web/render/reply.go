package render

import (
	"strings"

	"bobbin/internal/mail"
)

// maxRecipients bounds the recipients of a reply.
const maxRecipients = 100

// Reply says to whom an answer to all goes and how it is tied to the message. Addresses
// are bare, each once.
type Reply struct {
	InReplyTo string // the Message-ID, without angle brackets
	To        string // the author; may be empty
	Cc        []string
	Subject   string
}

// ReplyTo makes the Reply to m, which is known here by msgid: to the author (From, else
// Sender), with everybody of To, Cc and Reply-To in copy.
func ReplyTo(m *mail.Message, msgid string) Reply {
	r := Reply{InReplyTo: msgid, Subject: m.Subject()}
	if len(r.Subject) < 3 || !strings.EqualFold(r.Subject[:3], "re:") {
		r.Subject = "Re: " + r.Subject
	}
	seen := map[string]bool{}
	add := func(list []mail.Address) {
		for _, a := range list {
			key := strings.ToLower(a.Addr)
			if seen[key] || !usable(a.Addr) || len(r.Cc) >= maxRecipients {
				continue
			}
			seen[key] = true
			if r.To == "" {
				r.To = a.Addr
			} else {
				r.Cc = append(r.Cc, a.Addr)
			}
		}
	}
	add(m.From())
	add(m.Header.Addresses("To"))
	add(m.Header.Addresses("Cc"))
	add(m.Header.Addresses("Reply-To"))
	return r
}

// usable reports whether mail can be sent to an address: that it has two sides and holds
// nothing that would end it in a header.
func usable(addr string) bool {
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || at == len(addr)-1 || len(addr) > 254 {
		return false
	}
	for i := range len(addr) {
		if c := addr[i]; c <= ' ' || c == 0x7f || c == ',' || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

// AppendReply appends how to answer: a mailto: link and the command for git send-email.
func AppendReply(dst []byte, r Reply) []byte {
	dst = append(dst, "<ul class=\"reply\">\n"...)
	if r.To != "" {
		dst = append(dst, "<li>With your mail program: <a href=\""...)
		dst = AppendAttr(dst, r.Mailto())
		dst = append(dst, "\">reply to all</a></li>\n"...)
	}
	dst = append(dst, "<li>With <code>git send-email</code>:\n<pre class=\"cmd\">\n"...)
	dst = AppendText(dst, r.Command())
	return append(dst, "</pre></li>\n</ul>\n"...)
}

// Command gives the command that sends a file as the reply, quoted for a POSIX shell, one
// option a line, with a final newline. Control characters in a Message-ID come out as they
// are; AppendText makes them visible.
func (r Reply) Command() string {
	var b strings.Builder
	b.WriteString("git send-email \\\n    --in-reply-to=")
	b.WriteString(shellQuote(r.InReplyTo))
	if r.To != "" {
		b.WriteString(" \\\n    --to=")
		b.WriteString(shellQuote(r.To))
	}
	for _, a := range r.Cc {
		b.WriteString(" \\\n    --cc=")
		b.WriteString(shellQuote(a))
	}
	b.WriteString(" \\\n    /path/to/YOUR_REPLY\n")
	return b.String()
}

// inShell marks the bytes that mean only themselves in a word of a POSIX shell.
var inShell = byteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%_+=:,./-")

// shellQuote quotes s as one word for a POSIX shell.
func shellQuote(s string) string {
	for i := range len(s) {
		if !inShell[s[i]] {
			return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
	}
	if s == "" {
		return "''"
	}
	return s
}

// inMailto marks the bytes that stand for themselves everywhere in a mailto: URL.
var inMailto = byteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@")

// Mailto gives the reply as a mailto: URL (RFC 6068).
func (r Reply) Mailto() string {
	b := appendEncoded([]byte("mailto:"), r.To, &inMailto)
	b = append(b, "?In-Reply-To="...)
	b = appendEncoded(b, "<"+r.InReplyTo+">", &inMailto)
	if len(r.Cc) > 0 {
		b = append(b, "&Cc="...)
		for i, a := range r.Cc {
			if i > 0 {
				b = append(b, "%2C"...)
			}
			b = appendEncoded(b, a, &inMailto)
		}
	}
	b = append(b, "&Subject="...)
	return string(appendEncoded(b, r.Subject, &inMailto))
}
