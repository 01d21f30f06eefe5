package mail

import "strings"

// unflow joins the paragraphs of format=flowed text (RFC 3676 §4): a line that ends in
// a blank goes on in the next one of the same quote depth. With delsp the blank itself
// is dropped. Quote marks come out as ">> text", once a paragraph.
func unflow(text string, delsp bool) string {
	var b strings.Builder
	b.Grow(len(text))
	open := -1 // quote depth of the paragraph that goes on; -1: none
	for text != "" {
		line, rest, found := strings.Cut(text, "\n")
		text = rest
		depth := 0
		for depth < len(line) && line[depth] == '>' {
			depth++
		}
		content := strings.TrimPrefix(line[depth:], " ") // §4.4: space-stuffed
		sig := content == "-- "                          // §4.3: never flowed, ends a paragraph
		if open >= 0 && (depth != open || sig) {
			b.WriteByte('\n')
			open = -1
		}
		if open < 0 && depth > 0 {
			b.WriteString(line[:depth])
			if content != "" {
				b.WriteByte(' ')
			}
		}
		if strings.HasSuffix(content, " ") && !sig && found {
			if delsp {
				content = content[:len(content)-1]
			}
			b.WriteString(content)
			open = depth
			continue
		}
		b.WriteString(content)
		open = -1
		if found {
			b.WriteByte('\n')
		}
	}
	if open >= 0 {
		b.WriteByte('\n')
	}
	return b.String()
}
