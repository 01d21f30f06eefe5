package web

import (
	"strings"

	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// appendReply appends how to answer a message: by mail program, or with git send-email.
func appendReply(dst []byte, q *request, m *mail.Message) []byte {
	r := render.ReplyTo(m, q.msgid)
	dst = append(dst, "<section class=\"reply\" aria-labelledby=\"R\">\n<h2 id=\"R\">Reply</h2>\n<ul>\n"...)
	if r.To != "" {
		dst = append(dst, "<li><a href=\""...)
		dst = render.AppendAttr(dst, r.Mailto())
		dst = append(dst, "\">Write to all by mail</a>: your mail program opens with the recipients, the subject and In-Reply-To filled in.</li>\n"...)
	}
	dst = append(dst, "<li>Or save the <a href=\""...)
	dst = append(appendMessagePath(dst, q.inbox.Name, q.msgid), "t.mbox.gz\">thread as mbox.gz</a> (or <a href=\""...)
	dst = append(appendMessagePath(dst, q.inbox.Name, q.msgid), "raw\">this message</a>), open it in your mail program and use “reply to all”. Quote only what you answer, and answer below it.</li>\n"...)
	dst = append(dst, "<li>Or, from a file, with <code>git send-email</code>:\n<pre class=\"cmd\" tabindex=\"0\"><code>"...)
	dst = render.AppendText(dst, strings.TrimSuffix(r.Command(), "\n"))
	dst = append(dst, "</code></pre></li>\n"...)
	for _, u := range q.inbox.InfoURLs {
		if !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") {
			continue
		}
		dst = appendText(append(dst, "<li>About the list: <a href=\""...), u)
		dst = append(appendText(append(dst, "\">"...), u), "</a></li>\n"...)
	}
	return append(dst, "</ul>\n</section>\n"...)
}
