package mail

import (
	"bytes"
	"strconv"
	"strings"
)

// Part is a node of a message's MIME structure.
type Part struct {
	Header      Header
	Type        string            // "text/plain", lower case
	Params      map[string]string // of Content-Type; decoded (RFC 2231); lower-case keys; may be nil
	Disposition string            // "inline", "attachment" …, lower case; empty when not given
	Filename    string            // decoded, no path, no control characters; empty when not given
	Index       string            // "1", "2", "2.1" as in public-inbox's URLs; "" for multiparts
	Depth       int               // 0 for the message itself
	Children    []*Part           // multipart: its parts; message/rfc822: the message inside

	body     []byte // still encoded
	encoding transferEncoding
	textual  bool // application/octet-stream that is text all the same
}

// place is where in the tree a part stands.
type place struct {
	depth int
	index string // of the part; "" at the top
}

// child gives the place of the n-th (from 1) part inside.
func (at place) child(n int) place {
	if at.index == "" {
		return place{at.depth + 1, strconv.Itoa(n)}
	}
	return place{at.depth + 1, at.index + "." + strconv.Itoa(n)}
}

// part makes the part with that header and body. usual is its type when it names none.
func (p *parser) part(h Header, body []byte, usual string, at place) *Part {
	p.parts++
	out := &Part{Header: h, Depth: at.depth, body: body}
	out.readHeader(usual)
	switch out.encoding {
	case unknownEncoding:
		p.defect(BadEncoding, h.Raw("Content-Transfer-Encoding"))
		out.encoding = identity
	}
	switch {
	case strings.HasPrefix(out.Type, "multipart/"):
		p.multipart(out, at)
	case isMessage(out.Type):
		p.embedded(out, at)
	default:
		out.Index = at.index
		out.textual = out.Type == "application/octet-stream" && looksTextual(out)
	}
	if out.Index == "" && len(out.Children) == 0 {
		out.Index = at.index
		if at.depth == 0 {
			out.Index = "1"
		}
	}
	return out
}

// isMessage reports whether a type holds a whole message that is worth descending to.
func isMessage(t string) bool {
	switch t {
	case "message/rfc822", "message/rfc2822", "message/news", "message/global":
		return true
	}
	return false
}

// readHeader takes type, disposition, name and encoding from the part's header.
func (p *Part) readHeader(usual string) {
	p.Type = usual
	if v := p.Header.Raw("Content-Type"); v != "" {
		t, params := parseParams(v)
		p.Params = params
		switch {
		case validType(t):
			p.Type = t
		case t != "text" && strings.IndexByte(t, '/') >= 0:
			p.Type = "application/octet-stream"
		default:
			p.Type = "text/plain" // RFC 2045 §5.2
		}
	}
	if v := p.Header.Raw("Content-Disposition"); v != "" {
		d, params := parseParams(v)
		p.Disposition = d
		p.Filename = cleanFilename(params["filename"])
	}
	if p.Filename == "" {
		p.Filename = cleanFilename(p.Params["name"])
	}
	p.encoding = parseEncoding(p.Header.Raw("Content-Transfer-Encoding"))
}

// validType reports whether t is "token/token".
func validType(t string) bool {
	slash := 0
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case c == '/':
			if slash > 0 || i == 0 || i == len(t)-1 {
				return false
			}
			slash = i
		case c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"[]?=", c) >= 0:
			return false
		}
	}
	return slash > 0
}

// multipart splits a multipart's body (RFC 2046 §5.1). One that cannot be split is
// shown as text, one that is nested too deep stays opaque.
func (p *parser) multipart(out *Part, at place) {
	boundary := out.Params["boundary"]
	switch {
	case boundary == "" || len(boundary) >= maxBoundary:
		p.defect(MissingBoundary, "")
		out.Type = "text/plain"
		return
	case at.depth >= maxDepth:
		p.defect(TooDeep, out.Type)
		out.Type = "application/octet-stream"
		return
	}
	usual := "text/plain"
	if out.Type == "multipart/digest" {
		usual = "message/rfc822"
	}
	s := newSplitter(out.body, boundary)
	for n := 1; ; n++ {
		content, ok := s.next(p.parts >= maxParts-1)
		if !ok {
			break
		}
		if s.rest {
			p.defect(TooManyParts, "")
		}
		h, body := p.header(content, false)
		out.Children = append(out.Children, p.part(h, content[body:], usual, at.child(n)))
	}
	switch {
	case len(out.Children) == 0:
		p.defect(EmptyMultipart, "")
		out.Type = "text/plain"
	case !s.closed && !s.rest:
		p.defect(UnclosedPart, "")
	}
}

// embedded descends to the message inside a message/rfc822 part.
func (p *parser) embedded(out *Part, at place) {
	out.Index = at.index
	if at.depth == 0 {
		out.Index = "0"
	}
	if at.depth >= maxDepth || p.parts >= maxParts {
		p.defect(TooDeep, out.Type)
		return
	}
	raw := out.Bytes()
	raw = raw[fromLine(raw):]
	h, body := p.header(raw, true)
	out.Children = []*Part{p.part(h, raw[body:], "text/plain", at.child(1))}
}

// splitter cuts a multipart's body at its delimiter lines.
type splitter struct {
	body   []byte
	delim  []byte // "--" and the boundary
	pos    int    // start of the next part; -1: no more
	closed bool   // the closing delimiter was seen
	rest   bool   // the last part holds what should have been several
}

func newSplitter(body []byte, boundary string) *splitter {
	s := &splitter{body: body, delim: append([]byte("--"), boundary...)}
	_, s.pos, s.closed = s.find(0)
	if s.closed { // only a closing delimiter: nothing inside
		s.pos = -1
	}
	return s
}

// find looks for the next delimiter line at or after pos. It gives where the part
// before it ends (without the line break, which belongs to the delimiter) and where
// the next one starts, -1 when there is none.
func (s *splitter) find(pos int) (end, next int, closing bool) {
	for from := pos; from < len(s.body); {
		i := bytes.Index(s.body[from:], s.delim)
		if i < 0 {
			break
		}
		i += from
		from = i + len(s.delim)
		if i > 0 && s.body[i-1] != '\n' {
			continue
		}
		line := s.body[from:]
		after := len(s.body)
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line, after = line[:n], from+n+1
		}
		closing = bytes.HasPrefix(line, []byte("--"))
		if closing {
			line = line[2:]
		}
		if len(bytes.TrimRight(line, " \t\r")) > 0 {
			continue
		}
		end = i
		if end > pos && s.body[end-1] == '\n' {
			end--
			if end > pos && s.body[end-1] == '\r' {
				end--
			}
		}
		return end, after, closing
	}
	return len(s.body), -1, false
}

// next gives the next part. With all set it holds everything that is left.
func (s *splitter) next(all bool) (content []byte, ok bool) {
	if s.pos < 0 {
		return nil, false
	}
	start := s.pos
	end, next, closing := s.find(start)
	if next < 0 || closing {
		s.pos, s.closed = -1, closing
		return s.body[start:end], true
	}
	if all {
		s.pos, s.rest = -1, true
		return s.body[start:], true
	}
	s.pos = next
	return s.body[start:end], true
}

// IsText reports whether the part is text that is shown as it is: text/*, but not HTML,
// and what mail programs that do not know better call application/octet-stream although
// it is text (patches, logs).
func (p *Part) IsText() bool {
	return p.textual || strings.HasPrefix(p.Type, "text/") && p.Type != "text/html"
}

// looksTextual reports whether a part has content and no control characters in it.
func looksTextual(p *Part) bool {
	const enough = 2 << 10 // most binaries show themselves in here
	if len(p.body) > enough {
		head := *p
		head.body = p.body[:enough]
		if !looksTextual(&head) {
			return false
		}
	}
	b := p.Bytes()
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != '\b' || c == 0x7f {
			return false
		}
	}
	return len(b) > 0
}

// IsAttachment reports whether the part has a file name, wants to be an attachment, or
// is not shown as text.
func (p *Part) IsAttachment() bool {
	return p.Filename != "" || p.Disposition == "attachment" || !p.IsText()
}
