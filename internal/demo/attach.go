package demo

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// part is an attachment.
type part struct {
	kind    string // media type
	charset string
	cte     string // "" is chosen by content
	disp    string // inline or attachment
	name    string // file name, "" is none
	body    []byte // in charset, not transfer-encoded
}

// attach reads an %attach or %html order. Its words:
//
//	%html [auto]        the lines are HTML; auto: made from the plain text
//	%attach TYPE [inline] [cte=X] [charset=X] [commit=L | mail=L | plot=N,N,…] [name=FILE NAME]
//
// commit attaches a patch, mail another mail as message/rfc822, plot a picture.
func (w *world) attach(d *draft, order, arg, text string) error {
	if order == "%html" {
		d.html = text
		if arg == "auto" {
			d.html = "auto"
		}
		return nil
	}
	arg, name, _ := strings.Cut(arg, "name=")
	p := part{disp: "attachment", name: name, body: []byte(text + "\n")}
	for i, word := range strings.Fields(arg) {
		k, v, _ := strings.Cut(word, "=")
		var err error
		switch {
		case i == 0:
			p.kind = word
		case k == "inline":
			p.disp = "inline"
		case k == "cte":
			p.cte = v
		case k == "charset":
			p.charset = v
			p.body, err = encodeText(string(p.body), v)
		case k == "commit":
			p.body, err = w.attachedPatch(v)
		case k == "mail":
			p.body, err = w.attachedMail(v)
		case k == "plot":
			p.body, err = plotList(v)
		default:
			err = fmt.Errorf("unknown word %q", word)
		}
		if err != nil {
			return err
		}
	}
	d.parts = append(d.parts, p)
	return nil
}

// attachedPatch is a commit as git format-patch writes it.
func (w *world) attachedPatch(label string) ([]byte, error) {
	c, err := w.commit(label)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "From %s Mon Sep 17 00:00:00 2001\nFrom: %s\nDate: %s\nSubject: [PATCH] %s\n\n%s---\n%s%s",
		c.id, c.author, c.authored.Format("Mon, 2 Jan 2006 15:04:05 -0700"), c.subject, c.message(), c.patch(), gitVersion), nil
}

// attachedMail is another mail of the archive, as its first inbox has it.
func (w *world) attachedMail(label string) ([]byte, error) {
	d, err := w.mail(label)
	if err != nil {
		return nil, err
	}
	if err := w.compose(d); err != nil {
		return nil, err
	}
	return w.render(d, d.inboxes(w)[0])
}

// plotList draws the numbers of a list separated by commas.
func plotList(list string) ([]byte, error) {
	var values []int
	for v := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, err
		}
		values = append(values, n)
	}
	return plot(values)
}

// hyper turns plain text into the HTML a mail program would send along.
func hyper(text string) string {
	var b strings.Builder
	b.WriteString("<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>\n<body><div dir=\"auto\">\n")
	for par := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n\n") {
		if strings.HasPrefix(par, ">") {
			par = strings.ReplaceAll(strings.ReplaceAll("\n"+par, "\n> ", "\n"), "\n>", "\n")
			b.WriteString("<blockquote type=\"cite\"><p>" + breaks(strings.Trim(par, "\n")) + "</p></blockquote>\n")
			continue
		}
		b.WriteString("<p>" + breaks(par) + "</p>\n")
	}
	b.WriteString("</div></body></html>\n")
	return b.String()
}

func breaks(s string) string {
	return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\n")
}
