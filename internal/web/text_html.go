package web

import (
	"strings"

	"bobbin/internal/web/render"
)

// appendProse appends a text as HTML. The first line is the title, a line underlined
// with dashes a heading; indented lines are a list of terms when they look like one, and
// stay as they are otherwise; everything else is paragraphs.
func appendProse(dst []byte, text string) []byte {
	title, rest, _ := strings.Cut(text, "\n")
	dst = append(appendText(append(dst, "<h1>"...), title), "</h1>\n"...)
	for block := range strings.SplitSeq(rest, "\n\n") {
		block = strings.Trim(block, "\n")
		if block == "" {
			continue
		}
		lines := strings.SplitN(block, "\n", 3)
		switch {
		case len(lines) == 2 && lines[0] != "" && strings.Trim(lines[1], "-") == "":
			dst = append(append(append(dst, "<h2 id=\""...), anchor(lines[0])...), "\">"...)
			dst = append(appendText(dst, lines[0]), "</h2>\n"...)
		case strings.HasPrefix(block, "  "):
			if list, ok := terms(block); ok {
				dst = appendTerms(dst, list)
			} else {
				dst = appendPre(dst, block)
			}
		default:
			dst = append(appendLinked(append(dst, "<p>"...), block), "</p>\n"...)
		}
	}
	return dst
}

// term is a line of a list: what is explained, and how.
type term struct{ name, text string }

// terms reads an indented block as a list: lines of two columns with two spaces or more
// between them, and further lines of the second column.
func terms(block string) ([]term, bool) {
	var list []term
	for line := range strings.SplitSeq(block, "\n") {
		line = strings.TrimPrefix(line, "  ")
		text := strings.TrimLeft(line, " ")
		if indent := len(line) - len(text); indent > 8 && len(list) > 0 {
			list[len(list)-1].text += " " + text
			continue
		} else if indent > 0 {
			return nil, false
		}
		name, text, ok := strings.Cut(line, "  ")
		if !ok {
			return nil, false
		}
		list = append(list, term{name, strings.TrimLeft(text, " ")})
	}
	return list, true
}

func appendTerms(dst []byte, list []term) []byte {
	dst = append(dst, "<dl class=\"terms\">\n"...)
	for _, t := range list {
		dst = append(appendLinked(append(dst, "<dt><code>"...), t.name), "</code></dt>"...)
		dst = append(appendLinked(append(dst, "<dd>"...), t.text), "</dd>\n"...)
	}
	return append(dst, "</dl>\n"...)
}

// appendPre appends preformatted text, mostly commands, without the two spaces that mark it.
func appendPre(dst []byte, text string) []byte {
	dst = append(dst, "<pre>"...)
	for line := range strings.SplitAfterSeq(text, "\n") {
		dst = appendText(dst, strings.TrimPrefix(line, "  "))
	}
	return append(dst, "</pre>\n"...)
}

// anchor makes a fragment's name of a heading.
func anchor(heading string) string {
	return strings.ToLower(render.Slug(heading))
}

// appendLinked appends text as HTML with the http addresses in it as links. An address
// ends at white space, at what cannot be part of one, or before punctuation at its end.
// One with a placeholder in angle brackets is an example and leads nowhere.
func appendLinked(dst []byte, text string) []byte {
	for {
		i := strings.Index(text, "http")
		if i < 0 || !strings.HasPrefix(text[i:], "http://") && !strings.HasPrefix(text[i:], "https://") {
			if i < 0 {
				return appendText(dst, text)
			}
			dst = appendText(dst, text[:i+4])
			text = text[i+4:]
			continue
		}
		dst = appendText(dst, text[:i])
		text = text[i:]
		end := strings.IndexAny(text, " \t\r\n\"'<>`|")
		if end < 0 {
			end = len(text)
		}
		example := end < len(text) && text[end] == '<'
		url := strings.TrimRight(text[:end], ".,;:!?)")
		if example {
			dst = appendText(dst, url)
		} else {
			dst = append(appendText(append(dst, "<a href=\""...), url), "\">"...)
			dst = append(appendText(dst, url), "</a>"...)
		}
		text = text[len(url):]
	}
}
