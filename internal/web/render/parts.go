package render

import (
	"strconv"
	"strings"

	"bobbin/internal/mail"
)

// defects appends a note about what of the message could not be read as it should be.
func (w *writer) defects(m *mail.Message) {
	if len(m.Defects) == 0 {
		return
	}
	w.add("<p class=\"warn\" role=\"note\">This message is damaged (")
	for i, d := range m.Defects {
		if i > 0 {
			w.add("; ")
		}
		w.text(d.String())
	}
	w.add("). What could be read of it is below; see also its <a href=\"")
	w.dst = AppendAttr(w.dst, w.opt.Self)
	w.add("raw\">source</a>.</p>\n")
}

// part appends a part and what is inside it. The parser bounds the depth.
func (w *writer) part(p *mail.Part) {
	switch {
	case strings.HasPrefix(p.Type, "message/") && len(p.Children) > 0:
		w.attachment(p)
		for _, kid := range p.Children {
			w.dst = appendHeader(w.dst, &kid.Header, nil)
			w.fresh = true
			w.part(kid)
			w.fresh = false
		}
	case len(p.Children) > 0:
		for _, kid := range p.Children {
			w.part(kid)
		}
	case p.IsText() && p.Type != "text/html":
		if !w.fresh || p.IsAttachment() {
			w.attachment(p)
		}
		w.fresh = false
		w.textPart(p)
	default:
		w.attachment(p)
	}
}

// textPart appends a text part, or as much of it as there is room for.
func (w *writer) textPart(p *mail.Part) {
	if w.room <= 0 {
		w.cut(p, "The text of this part is not shown here")
		return
	}
	text, ok := p.Text()
	if !ok {
		w.add("<p class=\"warn\" role=\"note\">The character set of this text is unknown or wrong, and had to be guessed: some of it may be mangled.</p>\n")
	}
	whole := len(text) <= w.room
	if !whole {
		end := strings.LastIndexByte(text[:w.room], '\n')
		if end < 0 {
			end = w.room
		}
		text = strings.ToValidUTF8(text[:end], "")
	}
	w.room -= len(text)
	w.body(text, p.Index)
	if !whole {
		w.room = 0
		w.cut(p, "The rest of this text is not shown here")
	}
}

// cut appends a note that something is missing, and where it is.
func (w *writer) cut(p *mail.Part, what string) {
	w.add("<p class=\"warn\" role=\"note\">")
	w.add(what)
	w.add(": <a href=\"")
	w.partHref(p)
	w.add("\">all of it</a>, ")
	w.size(p)
	w.add(".</p>\n")
	w.shown = true
}

// attachment appends the line that announces a part and links to it.
func (w *writer) attachment(p *mail.Part) {
	w.add("<p class=\"att\"><a href=\"")
	w.partHref(p)
	w.add("\">Attachment #")
	w.text(p.Index)
	if p.Filename != "" {
		w.add(": ")
		w.text(p.Filename)
	}
	w.add("</a> (")
	w.text(p.Type)
	w.add(", ")
	w.size(p)
	w.add(")")
	if d := p.Header.Text("Content-Description"); d != "" && d != p.Filename {
		w.add(" ")
		w.text(d)
	}
	if p.Type == "text/html" {
		w.add(" not shown: HTML")
	}
	w.add("</p>\n")
}

func (w *writer) size(p *mail.Part) {
	n := p.Size()
	w.dst = strconv.AppendInt(w.dst, int64(n), 10)
	if n == 1 {
		w.add(" byte")
	} else {
		w.add(" bytes")
	}
}

// partHref appends the path of a part: IDX-FILE below the message's page.
func (w *writer) partHref(p *mail.Part) {
	w.dst = AppendAttr(w.dst, w.opt.Self)
	w.dst = appendEncoded(w.dst, p.Index, &inName)
	w.dst = append(w.dst, '-')
	w.add(AttachmentName(p))
}

// inName marks the bytes that need no care in a file name, a URL, a header or a shell.
var inName = byteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")

// maxName bounds the file names made of attachments' names and of subjects.
const maxName = 160

// AttachmentName gives a file name for a part that needs no care anywhere: the part's own
// with dashes for what is not a letter, digit, dot, dash or underscore of ASCII; a.txt or
// a.bin when nothing is left.
func AttachmentName(p *mail.Part) string {
	if name := strings.Trim(fileName(p.Filename), "-._"); len(name) > 2 {
		return name
	}
	if strings.HasPrefix(p.Type, "text/") {
		return "a.txt"
	}
	return "a.bin"
}

// Slug gives the name, without extension, under which a message with that subject is
// saved.
func Slug(subject string) string {
	if len(subject) > 3 && strings.EqualFold(subject[:3], "re:") && (subject[3] == ' ' || subject[3] == '\t') {
		subject = subject[4:]
	}
	if name := fileName(subject); name != "" {
		return name
	}
	return "no-subject"
}

// fileName makes a file name: one dash for a run of odd bytes, one dot for several, none
// of either at the ends.
func fileName(s string) string {
	b := make([]byte, 0, min(len(s), maxName))
	for i := 0; i < len(s) && len(b) < maxName; i++ {
		c := s[i]
		if !inName[c] {
			c = '-'
		}
		if n := len(b); n > 0 && b[n-1] == c && (c == '-' || c == '.') {
			continue
		}
		b = append(b, c)
	}
	return strings.Trim(string(b), "-.")
}
