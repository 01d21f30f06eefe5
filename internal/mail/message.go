package mail

import (
	"bytes"
	"fmt"
)

// The bounds of what is read from one message.
const (
	maxParts    = 1000      // leaves and containers together
	maxDepth    = 20        // nesting of containers
	maxHeader   = 100 << 10 // bytes of a header that become fields
	maxBoundary = 2048      // bytes of a multipart boundary
	maxDefects  = 16
	maxDetail   = 80 // bytes of a defect's detail
)

// Message is a parsed message. It is read-only and safe for concurrent use.
type Message struct {
	Raw     []byte // what was parsed, without a leading mbox "From " line
	Header  Header
	Root    *Part
	Defects []Defect // what was repaired or given up, in order of discovery; bounded
}

// DefectKind says what was wrong with a message.
type DefectKind uint8

// The kinds of defect.
const (
	BadHeaderLine   DefectKind = iota + 1 // a line of the header is no field and continues none
	HeaderTooLong                         // fields beyond 100 KiB were dropped
	NoHeader                              // there is no header at all
	MissingBoundary                       // a multipart without (usable) boundary, shown as text
	UnclosedPart                          // a multipart without its closing delimiter
	TooManyParts                          // more than 1000 parts: the last one holds the rest
	TooDeep                               // nested deeper than 20: left opaque
	BadEncoding                           // unknown Content-Transfer-Encoding, taken as it is
	EmptyMultipart                        // a multipart in which its boundary never occurs
)

var defectNames = [...]string{
	BadHeaderLine:   "bad header line",
	HeaderTooLong:   "header too long",
	NoHeader:        "no header",
	MissingBoundary: "multipart without boundary",
	UnclosedPart:    "multipart not closed",
	TooManyParts:    "too many parts",
	TooDeep:         "nested too deep",
	BadEncoding:     "unknown transfer encoding",
	EmptyMultipart:  "multipart without parts",
}

// String gives the kind as a few English words in lower case.
func (k DefectKind) String() string {
	if int(k) < len(defectNames) && defectNames[k] != "" {
		return defectNames[k]
	}
	return fmt.Sprintf("defect %d", k)
}

// Defect is one thing that was wrong with a message. Detail is valid UTF-8 on one
// line, at most 80 bytes long, and may be empty.
type Defect struct {
	Kind   DefectKind
	Detail string
}

// String gives the kind and, where there is one, the detail.
func (d Defect) String() string {
	if d.Detail == "" {
		return d.Kind.String()
	}
	return d.Kind.String() + ": " + d.Detail
}

// Parse reads raw as a message. It never fails and never returns nil; an empty input
// is a message without header and with one empty text part. A leading mbox "From "
// line is dropped. The message keeps raw.
func Parse(raw []byte) *Message {
	raw = raw[fromLine(raw):]
	m := &Message{Raw: raw}
	p := parser{msg: m}
	hdr, body := p.header(raw, true)
	m.Header = hdr
	m.Root = p.part(hdr, raw[body:], "text/plain", place{})
	return m
}

// fromLine gives the length of what mailbox formats put before a message: blank lines
// and a "From " (or quoted ">From ") line. It is 0 when there is no such line.
func fromLine(raw []byte) int {
	n := 0
	for n < len(raw) && (raw[n] == '\n' || raw[n] == '\r') {
		n++
	}
	line := raw[n:]
	if len(line) > 0 && line[0] == '>' {
		line = line[1:]
	}
	if !bytes.HasPrefix(line, []byte("From ")) {
		return 0
	}
	if i := bytes.IndexByte(raw[n:], '\n'); i >= 0 {
		return n + i + 1
	}
	return 0
}

// parser carries what all parts of one message share while it is taken apart.
type parser struct {
	msg   *Message
	parts int // made so far
}

// defect notes a defect unless there are enough already or the last one is the same.
func (p *parser) defect(k DefectKind, detail string) {
	if p.msg == nil || len(p.msg.Defects) >= maxDefects {
		return
	}
	if len(detail) > maxDetail {
		detail = detail[:maxDetail]
	}
	d := Defect{k, oneLine(toUTF8(detail))}
	if len(d.Detail) > maxDetail {
		d.Detail = truncateUTF8(d.Detail, maxDetail)
	}
	if n := len(p.msg.Defects); n > 0 && p.msg.Defects[n-1] == d {
		return
	}
	p.msg.Defects = append(p.msg.Defects, d)
}

// Leaves gives the parts that contain no others, in the order they stand in the
// message. There is always at least one.
func (m *Message) Leaves() []*Part {
	if m.Root == nil {
		return []*Part{{Type: "text/plain", Index: "1"}}
	}
	if m.Root.Children == nil {
		return []*Part{m.Root}
	}
	return m.Root.appendLeaves(nil)
}

func (p *Part) appendLeaves(dst []*Part) []*Part {
	if len(p.Children) == 0 {
		return append(dst, p)
	}
	for _, c := range p.Children {
		dst = c.appendLeaves(dst)
	}
	return dst
}
