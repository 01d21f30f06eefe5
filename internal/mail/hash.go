package mail

import (
	"crypto/sha256"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// ContentHash gives a hash of what makes a message that message for its readers:
// references, authors, subject, date, recipients and the decoded parts. Message-ID,
// Received and List-Id do not count, so copies that came by different ways agree. It is
// public-inbox's hash for all but about one odd mail in 400; it is never stored, and
// where the two differ only a duplicate may be kept.
func (m *Message) ContentHash() [32]byte {
	h := sha256.New()
	m.writeContent(h)
	return [32]byte(h.Sum(nil))
}

// writeContent writes what ContentHash hashes.
func (m *Message) writeContent(h io.Writer) {
	for _, ref := range m.References() {
		put(h, "ref\x00", ref, "\x00")
	}
	h0 := &m.Header
	if h0.Has("From") {
		m.hashAddresses(h, "From")
	} else {
		m.hashAddresses(h, "Sender")
	}
	for _, name := range [...]string{"Subject", "Date"} {
		for _, v := range h0.RawAll(name) {
			put(h, name, "\x00", decodeWords(v), "\x00")
		}
	}
	m.hashAddresses(h, "To")
	m.hashAddresses(h, "Cc")
	for _, p := range m.Leaves() {
		put(h, "\x00", strconv.Itoa(p.Depth), ":", p.Index, "\x00")
		if p.Filename != "" {
			put(h, "fn\x00", p.Filename, "\x00")
		}
		if d := p.Header.Text("Content-Description"); d != "" {
			put(h, "d\x00", d, "\x00")
		}
		put(h, "b\x00")
		if p.textual || strings.HasPrefix(p.Type, "text/") {
			text, _ := charsetText(p.Bytes(), p.Params["charset"])
			text = strings.ReplaceAll(text, "\r\n", "\n")
			put(h, strings.TrimRightFunc(text, unicode.IsSpace))
		} else {
			h.Write(p.Bytes())
		}
	}
}

func put(w io.Writer, parts ...string) {
	for _, p := range parts {
		io.WriteString(w, p)
	}
}

// hashAddresses puts an address field in: without quotes, blanks squeezed, domains in
// lower case, because gateways change those.
func (m *Message) hashAddresses(w io.Writer, name string) {
	for _, v := range m.Header.RawAll(name) {
		if strings.Contains(v, "=?") {
			var list []string
			for _, a := range ParseAddresses(v) {
				list = append(list, a.String())
			}
			v = strings.Join(list, ", ")
		}
		v = strings.ReplaceAll(oneLine(toUTF8(v)), `"`, "")
		put(w, name, "\x00", lowerDomains(v), "\x00")
	}
}

// lowerDomains makes what follows each '@', up to a blank, comma or bracket, lower case.
func lowerDomains(s string) string {
	b := []byte(s)
	domain := false
	for i, c := range b {
		switch {
		case c == '@':
			domain = true
		case c <= ' ' || c == ',' || c == '>' || c == ';':
			domain = false
		case domain && c >= 'A' && c <= 'Z':
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
