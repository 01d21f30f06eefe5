package render

import (
	"strings"

	"bobbin/internal/diff"
)

// class is what a line is shown as: a span of that class around lines in a row.
type class uint8

const (
	plain class = iota
	quote1
	quote2
	quote3
	sig
	head
	hunk
	add
	del
	ctx
	stat
)

var openTags = [...]string{
	quote1: "<span class=\"q\">", quote2: "<span class=\"q q2\">", quote3: "<span class=\"q q3\">",
	sig: "<span class=\"sig\">", head: "<span class=\"head\">", hunk: "<span class=\"hunk\">",
	add: "<span class=\"add\">", del: "<span class=\"del\">", ctx: "<span class=\"ctx\">", stat: "<span class=\"stat\">",
}

var classOf = [...]class{
	diff.Text: plain, diff.Head: head, diff.Hunk: hunk, diff.Context: ctx, diff.Add: add, diff.Del: del,
	diff.Stat: stat, diff.StatSum: stat, diff.Binary: ctx, diff.Sig: sig,
}

// body appends a part's text, which is valid UTF-8, as a <pre>. index is the part's.
func (w *writer) body(text, index string) {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return
	}
	w.links = strings.Contains(text, "://")
	w.refs = w.opt.Resolve != nil && strings.IndexByte(text, '<') >= 0
	lines, files := diff.Scan(text)
	w.files = fileIndex{files: files, prefix: w.opt.Prefix + index}
	// A newline right behind <pre> is not shown; one of the text's own might stand there.
	w.add("<pre class=\"body\">\n")
	for i := range lines {
		w.line(&lines[i])
	}
	w.enter(plain)
	w.add("</pre>\n")
	w.shown = true
}

// enter closes the open span and opens one of class c, unless they are the same.
func (w *writer) enter(c class) {
	if c == w.class {
		return
	}
	if w.class != plain {
		w.add("</span>")
	}
	if c != plain {
		w.add(openTags[c])
	}
	w.class = c
}

// line appends one line with its newline.
func (w *writer) line(l *diff.Line) {
	c := classOf[l.Kind]
	s := l.Text
	switch l.Kind {
	case diff.Text:
		if s != "" && s[0] == '>' {
			c = quoteLevel(s)
		}
		w.enter(c)
		w.inline(s, true)
	case diff.Head:
		w.headLine(s, l.File)
	case diff.Stat:
		w.enter(c)
		w.statLine(s)
	case diff.StatSum:
		w.enter(c)
		w.statSum(s)
	default:
		w.enter(c)
		w.inline(s, l.Kind == diff.Sig)
	}
	w.dst = append(w.dst, '\n')
}

// headLine appends a line of a file's header. Each header is a block of its own, also
// when a file has no hunks, and its first line stands out.
func (w *writer) headLine(s string, file int) {
	first := strings.HasPrefix(s, "diff --git ")
	if first {
		w.enter(plain)
	}
	w.enter(head)
	if first {
		w.add("<b>")
	}
	w.inline(w.fileHead(s, file), false)
	if first {
		w.add("</b>")
	}
}

// quoteLevel counts the marks a quoted line begins with: "> >> text" is the third level,
// and so is everything deeper.
func quoteLevel(s string) class {
	c := quote1
	for i := 1; i < len(s) && c < quote3; i++ {
		if s[i] == '>' {
			c++
		} else if s[i] != ' ' || i+1 == len(s) || s[i+1] != '>' {
			break
		}
	}
	return c
}
