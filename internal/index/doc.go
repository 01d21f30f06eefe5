package index

import (
	"bytes"
	"strings"

	"bobbin/internal/archive"
	"bobbin/internal/diff"
	"bobbin/internal/mail"
	"bobbin/internal/query"
	"bobbin/internal/store"
)

// maxText bounds the text of one mail that is indexed; the rest stays readable.
const maxText = 8 << 20

// builder turns mails into what the database keeps of them. A parser has its own.
type builder struct {
	cols [store.TextColumns][]byte
	left int // bytes of text that may still be taken from this mail
}

func newBuilder() *builder { return &builder{} }

// doc reads one mail; nil for an empty (purged) or missing one.
func (b *builder) doc(e *archive.Entry) *store.Doc {
	if e.Missing || len(e.Raw) == 0 {
		return nil
	}
	m := mail.Parse(e.Raw)
	d := &store.Doc{IDs: m.IDs(), Blob: e.Blob, Bytes: crlfSize(e.Raw)}
	if len(d.IDs) == 0 {
		d.IDs = []string{e.Blob + "@no-message-id.invalid"}
	}
	d.IDs = d.IDs[:min(len(d.IDs), maxIDs)]
	if e.Op == archive.Remove {
		return d
	}
	d.Refs = m.References()
	d.Subject = cut(m.Subject())
	d.BaseSubject = mail.BaseSubject(d.Subject)
	if from := m.From(); len(from) > 0 {
		d.From = mail.Address{Name: cut(from[0].Name), Addr: cut(from[0].Addr)}
	}
	d.Sent, d.Received = m.Times(e.Author, e.Committer)
	d.Hash = m.ContentHash()
	if len(d.Refs) > 0 || isRe(d.Subject) {
		d.Flags |= store.IsReply
	}
	if len(m.Defects) > 0 {
		d.Flags |= store.IsDefective
	}
	for _, v := range m.Header.RawAll("List-Id") {
		if len(d.List) < maxListID {
			d.List = strings.TrimSpace(d.List + " " + strings.ToLower(listID(v)))
		}
	}
	d.List = d.List[:min(len(d.List), maxListID)]
	b.reset()
	b.header(m)
	d.Flags |= b.body(m)
	d.Text = b.take()
	return d
}

// maxIDs bounds the Message-IDs of one mail: honest ones have one or two, and each is a row.
const maxIDs = 100

// maxHeading bounds, in bytes, a subject, a name and an address as lists show them.
const maxHeading = 2000

// cut keeps the beginning of a heading.
func cut(s string) string {
	if len(s) <= maxHeading {
		return s
	}
	return strings.ToValidUTF8(s[:maxHeading], "")
}

// crlfSize is a mail's size on the wire, where each line ends with CRLF.
func crlfSize(raw []byte) int {
	return len(raw) + bytes.Count(raw, []byte("\n")) - bytes.Count(raw, []byte("\r\n"))
}

func isRe(subject string) bool {
	return len(subject) > 3 && strings.EqualFold(subject[:3], "re:")
}

func (b *builder) reset() {
	b.left = maxText
	for i := range b.cols {
		b.cols[i] = b.cols[i][:0]
	}
}

// take copies the columns into one allocation of the right size.
func (b *builder) take() (text [store.TextColumns][]byte) {
	n := 0
	for _, c := range b.cols {
		n += len(c)
	}
	all := make([]byte, 0, n)
	for i, c := range b.cols {
		start := len(all)
		all = append(all, c...)
		text[i] = all[start:len(all):len(all)]
	}
	return text
}

func (b *builder) add(col int, s string) {
	if s == "" {
		return
	}
	if n := len(b.cols[col]); n > 0 && b.cols[col][n-1] != ' ' {
		b.cols[col] = append(b.cols[col], ' ')
	}
	b.cols[col] = query.AppendTokens(b.cols[col], s)
}

func (b *builder) header(m *mail.Message) {
	b.add(store.ColSubject, m.Subject())
	for _, h := range [...]struct {
		name string
		col  int
	}{{"From", store.ColFrom}, {"Sender", store.ColFrom}, {"To", store.ColTo}, {"Cc", store.ColCc}} {
		if h.name == "Sender" && m.Header.Has("From") {
			continue
		}
		for _, v := range m.Header.TextAll(h.name) {
			b.add(h.col, v)
		}
	}
	for _, id := range m.IDs() {
		b.add(store.ColMessageID, id)
	}
	for _, id := range m.AltIDs() {
		b.add(store.ColMessageID, id)
	}
}

// maxListID bounds what is kept of a mail's List-Ids.
const maxListID = 512

// listID gives what stands between the angle brackets, or all of it.
func listID(v string) string {
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		v = v[i+1:]
		if j := strings.IndexByte(v, '>'); j >= 0 {
			v = v[:j]
		}
	}
	return v
}

// body indexes the text parts and the names of the others; mails inside the mail count
// as part of it.
func (b *builder) body(m *mail.Message) store.Flags {
	var flags store.Flags
	for _, p := range m.Leaves() {
		if p.IsAttachment() {
			flags |= store.HasAttachment
			b.add(store.ColName, p.Filename)
		}
		if !p.IsText() || b.left <= 0 {
			continue
		}
		text, _ := p.Text()
		if len(text) > b.left {
			text = text[:b.left]
		}
		b.left -= len(text)
		if b.text(text) {
			flags |= store.IsPatch
		}
	}
	return flags
}

// text indexes one text part by what its lines are, and reports whether it holds a diff.
func (b *builder) text(text string) bool {
	if !diff.HasPatch(text) {
		b.prose(text)
		return false
	}
	lines, files := diff.Scan(text)
	for i := range lines {
		b.line(&lines[i])
	}
	for i := range files {
		f := &files[i]
		b.add(store.ColDiffName, f.Old)
		if f.New != f.Old {
			b.add(store.ColDiffName, f.New)
		}
		b.add(store.ColPre, f.OldBlob)
		b.add(store.ColPost, f.NewBlob)
		for _, h := range f.Hunks {
			b.add(store.ColHunk, h.Func)
		}
	}
	if len(files) == 0 {
		return false
	}
	if id, ok := diff.PatchID(text); ok {
		b.add(store.ColPatchID, id)
	}
	return true
}

func (b *builder) line(l *diff.Line) {
	switch l.Kind {
	case diff.Add:
		b.add(store.ColAdd, l.Text[min(1, len(l.Text)):])
	case diff.Del:
		b.add(store.ColDel, l.Text[min(1, len(l.Text)):])
	case diff.Context:
		b.add(store.ColContext, l.Text)
	case diff.Head, diff.Hunk: // names, blob ids and functions have columns of their own
	default:
		b.proseLine(l.Text)
	}
}

// prose indexes text without diffs line by line.
func (b *builder) prose(text string) {
	for len(text) > 0 {
		line := text
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = ""
		}
		b.proseLine(line)
	}
}

const changeID = "change-id: "

func (b *builder) proseLine(line string) {
	if strings.HasPrefix(line, ">") {
		b.add(store.ColQuote, line)
		return
	}
	b.add(store.ColBody, line)
	if len(line) > len(changeID) && strings.EqualFold(line[:len(changeID)], changeID) {
		b.add(store.ColChangeID, line[len(changeID):])
	}
}
