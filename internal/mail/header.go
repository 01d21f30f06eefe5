package mail

import (
	"bytes"
	"strings"
)

// Field is one header field (RFC 5322 §2.2).
type Field struct {
	Name  string // as written, without the colon
	Value []byte // the bytes after the colon, still folded, without the final newline
}

// Header is a header's fields in the order they were written.
type Header struct {
	Fields []Field
}

// ParseHeader reads the header raw begins with, after a leading mbox "From " line, and
// gives the offset where the body starts. It does not look at the body, apart from
// the search for the blank line when there is none. The fields keep raw.
func ParseHeader(raw []byte) (Header, int) {
	skip := fromLine(raw)
	var p parser
	h, n := p.header(raw[skip:], true)
	return h, skip + n
}

// header splits raw into fields and gives the offset of the body. At the top of a
// message lines before the first field are skipped when a field follows; in a part a
// first line that is no field means that the part has no header.
func (p *parser) header(raw []byte, top bool) (Header, int) {
	end, body := headerEnd(raw)
	if end == 0 {
		if top {
			p.defect(NoHeader, "")
		}
		return Header{}, body
	}
	block := raw[:end]
	if len(block) > maxHeader {
		block = block[:maxHeader]
		if i := bytes.LastIndexByte(block, '\n'); i >= 0 {
			block = block[:i+1]
		}
		p.defect(HeaderTooLong, "")
	}
	h := p.fields(block, top)
	if len(h.Fields) == 0 {
		if top {
			p.defect(NoHeader, "")
		}
		return Header{}, 0
	}
	return h, body
}

// headerEnd gives where the header's last line ends and where the body starts. Without
// a blank line everything is header.
func headerEnd(raw []byte) (end, body int) {
	switch {
	case len(raw) > 0 && raw[0] == '\n':
		return 0, 1
	case len(raw) > 1 && raw[0] == '\r' && raw[1] == '\n':
		return 0, 2
	}
	end, body = len(raw), len(raw)
	if i := bytes.Index(raw, []byte("\n\n")); i >= 0 {
		end, body = i+1, i+2
	}
	if i := bytes.Index(raw[:end], []byte("\n\r\n")); i >= 0 {
		end, body = i+1, i+3
	}
	return end, body
}

// fields splits a header without its blank line.
func (p *parser) fields(block []byte, top bool) Header {
	// One copy serves as the names of all fields.
	text := string(block)
	list := make([]Field, 0, min(40, len(block)/12+1))
	start := -1 // offset of the current field's value; -1 before the first field
	last := 0   // end of the current field's last line
	flush := func() {
		if start >= 0 {
			list[len(list)-1].Value = trimNewline(block[start:last:last])
		}
	}
	for pos := 0; pos < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[pos:], '\n'); i >= 0 {
			end = pos + i + 1
		}
		line := text[pos:end]
		switch name, after := fieldName(line); {
		case after > 0:
			flush()
			list = append(list, Field{Name: name})
			start, last = pos+after, end
		case start >= 0 && continues(line):
			if last != pos { // a bad line stands between
				flush()
				start = -1
			} else {
				last = end
			}
		case len(list) == 0 && !top:
			return Header{}
		default:
			p.defect(BadHeaderLine, line)
		}
		pos = end
	}
	flush()
	return Header{list}
}

// fieldName gives the field name a line begins with and the offset after its colon,
// or 0. Blanks before the colon are obsolete (RFC 5322 §4.5) but allowed.
func fieldName(line string) (name string, after int) {
	i := 0
	for i < len(line) && line[i] > ' ' && line[i] < 0x7f && line[i] != ':' {
		i++
	}
	if i == 0 {
		return "", 0
	}
	name = line[:i]
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	if i == len(line) || line[i] != ':' {
		return "", 0
	}
	return name, i + 1
}

// continues reports whether a line that is no field belongs to the field before:
// it is folded, or a fold lost its blank and the line still looks like prose.
func continues(line string) bool {
	return strings.IndexByte(line, ' ') >= 0 || strings.IndexByte(line, '\t') >= 0
}

func trimNewline(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// Has reports whether there is a field of that name (in any case).
func (h *Header) Has(name string) bool {
	for i := range h.Fields {
		if is(h.Fields[i].Name, name) {
			return true
		}
	}
	return false
}

// Raw gives the value of the first field of that name (in any case): unfolded and
// trimmed but not decoded, so it may hold any byte except newlines. It is "" when
// there is none.
func (h *Header) Raw(name string) string {
	for i := range h.Fields {
		if is(h.Fields[i].Name, name) {
			return unfold(h.Fields[i].Value)
		}
	}
	return ""
}

// RawAll gives the values of all fields of that name, as Raw does.
func (h *Header) RawAll(name string) []string {
	var all []string
	for i := range h.Fields {
		if is(h.Fields[i].Name, name) {
			all = append(all, unfold(h.Fields[i].Value))
		}
	}
	return all
}

// Text gives the value of the first field of that name for people: encoded words
// (RFC 2047) decoded, valid UTF-8, on one line without control characters, runs of
// white space squeezed to one blank.
func (h *Header) Text(name string) string {
	return decodeText(h.Raw(name))
}

// TextAll gives the values of all fields of that name, as Text does.
func (h *Header) TextAll(name string) []string {
	all := h.RawAll(name)
	for i := range all {
		all[i] = decodeText(all[i])
	}
	return all
}

// Addresses gives the addresses of all fields of that name, groups flattened.
func (h *Header) Addresses(name string) []Address {
	var all []Address
	for i := range h.Fields {
		if is(h.Fields[i].Name, name) {
			all = append(all, ParseAddresses(unfold(h.Fields[i].Value))...)
		}
	}
	return all
}

// is compares field names: ASCII, any case.
func is(a, b string) bool {
	return len(a) == len(b) && strings.EqualFold(a, b)
}

// unfold trims a value and makes every line break in it, with the white space around
// it, one blank (RFC 5322 §2.2.3).
func unfold(v []byte) string {
	v = bytes.Trim(v, " \t\r\n")
	if bytes.IndexByte(v, '\n') < 0 {
		return string(v)
	}
	out := make([]byte, 0, len(v))
	for {
		i := bytes.IndexByte(v, '\n')
		if i < 0 {
			return string(append(out, v...))
		}
		out = append(out, bytes.TrimRight(v[:i], " \t\r")...)
		out = append(out, ' ')
		v = bytes.TrimLeft(v[i:], " \t\r\n")
	}
}
