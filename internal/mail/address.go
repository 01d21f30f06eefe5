package mail

import "strings"

// Address is one mailbox of an address field (RFC 5322 §3.4).
type Address struct {
	Name string // display name, else comment; decoded, valid UTF-8, one line; may be empty
	Addr string // addr-spec as written, without angle brackets; may be empty
}

// Display gives what to call the mailbox: its name, else the local part of its address.
func (a Address) Display() string {
	if a.Name != "" {
		return a.Name
	}
	if i := strings.LastIndexByte(a.Addr, '@'); i > 0 {
		return a.Addr[:i]
	}
	return a.Addr
}

// String formats the mailbox as "Name <addr>", quoting the name where needed.
func (a Address) String() string {
	switch {
	case a.Name == "":
		return a.Addr
	case a.Addr == "":
		return quoteName(a.Name)
	}
	return quoteName(a.Name) + " <" + a.Addr + ">"
}

// quoteName quotes a display name that is no sequence of atoms.
func quoteName(s string) string {
	if !strings.ContainsAny(s, "()<>[]:;@\\,.\"") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 4)
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// ParseAddresses reads an address list: mailboxes and groups, comments, obsolete
// routes and what people and programs write instead. Groups are flattened and their
// names dropped. Text without an address becomes an Address with only a Name.
func ParseAddresses(s string) []Address {
	list := scanAddresses(s)
	if len(list) == 1 && list[0].Addr == "" && strings.Contains(s, "=?") &&
		strings.IndexByte(list[0].Name, '@') >= 0 {
		// The whole mailbox, address included, is one encoded word.
		if again := scanAddresses(list[0].Name); len(again) > 0 && again[0].Addr != "" {
			return again
		}
	}
	return list
}

func scanAddresses(s string) []Address {
	a := addrScanner{s: s}
	for a.i < len(a.s) {
		a.step()
	}
	a.emit()
	return a.out
}

// addrScanner reads an address list from left to right.
type addrScanner struct {
	s       string
	i       int
	out     []Address
	words   []addrWord // phrase or bare address so far
	comment string     // last comment
	angle   string     // address in angle brackets
	closed  bool       // angle was read
	space   bool       // white space before the next word
	at      bool       // a word holds an '@'

	// What was found missing up to the end is not looked for again: that would take
	// quadratic time.
	noQuote, noAngle bool
}

// addrWord is an atom or a quoted string; words that touch each other are one.
type addrWord struct {
	text string // unquoted
	raw  string // as written
}

// step reads one lexical element. It always moves on.
func (a *addrScanner) step() {
	switch c := a.s[a.i]; c {
	case ' ', '\t', '\r', '\n':
		a.space = true
		a.i++
	case ',', ';':
		a.i++
		a.emit()
	case '(':
		a.comment = a.scanComment()
		a.space = true
	case '<':
		a.scanAngle()
	case '"':
		start := a.i
		text, ok := a.scanQuoted()
		if !ok { // a lone quote is a character like others
			a.i, a.noQuote = start+1, true
			text = `"`
		}
		a.add(text, a.s[start:a.i])
	case ':':
		a.i++
		if !a.closed && len(a.words) > 0 && !a.at {
			a.words = a.words[:0] // the name of a group
			return
		}
		a.add(":", ":")
	default:
		start := a.i
		for a.i < len(a.s) && strings.IndexByte(" \t\r\n,;(<\":", a.s[a.i]) < 0 {
			a.i++
		}
		a.add(a.s[start:a.i], a.s[start:a.i])
	}
}

// maxAddrWords bounds the words of one mailbox; more of them are dropped.
const maxAddrWords = 1000

func (a *addrScanner) add(text, raw string) {
	a.at = a.at || strings.IndexByte(raw, '@') >= 0
	if n := len(a.words); n > 0 && !a.space {
		w := &a.words[n-1]
		if len(w.raw) < 1000 {
			w.text += text
			w.raw += raw
		}
		return
	}
	a.space = false
	if len(a.words) < maxAddrWords {
		a.words = append(a.words, addrWord{text, raw})
	}
}

// scanQuoted reads a quoted string and gives its content; ok is false when it is not
// closed.
func (a *addrScanner) scanQuoted() (text string, ok bool) {
	if a.noQuote {
		return "", false
	}
	end := strings.IndexByte(a.s[a.i+1:], '"')
	if end < 0 {
		return "", false
	}
	inner := a.s[a.i+1 : a.i+1+end]
	if strings.IndexByte(inner, '\\') < 0 {
		a.i += end + 2
		return inner, true
	}
	var b strings.Builder
	for j := a.i + 1; j < len(a.s); j++ {
		switch c := a.s[j]; {
		case c == '"':
			a.i = j + 1
			return b.String(), true
		case c == '\\' && j+1 < len(a.s):
			j++
			b.WriteByte(a.s[j])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// scanComment reads a comment, which may hold others, and gives its content. One that
// is not closed goes to the end.
func (a *addrScanner) scanComment() string {
	depth := 0
	var b strings.Builder
	for a.i < len(a.s) {
		c := a.s[a.i]
		a.i++
		switch c {
		case '\\':
			if a.i < len(a.s) {
				b.WriteByte(a.s[a.i])
				a.i++
			}
			continue
		case '(':
			depth++
			if depth == 1 {
				continue
			}
		case ')':
			depth--
			if depth == 0 {
				return b.String()
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// scanAngle reads an address in angle brackets. Without a closing bracket it ends at
// the next comma.
func (a *addrScanner) scanAngle() {
	rest := a.s[a.i+1:]
	end := -1
	if !a.noAngle {
		end = strings.IndexByte(rest, '>')
	}
	next := end + 1
	if end < 0 {
		a.noAngle = true
		if end = strings.IndexByte(rest, ','); end < 0 {
			end = len(rest)
		}
		next = end
	}
	addr := strings.Trim(rest[:end], " \t\r\n<")
	if strings.HasPrefix(addr, "@") { // RFC 5322 §4.4: a route
		if i := strings.IndexByte(addr, ':'); i >= 0 {
			addr = addr[i+1:]
		}
	}
	if !a.closed || a.angle == "" {
		a.angle, a.closed = addr, true
	}
	a.i += 1 + next
	a.space = true
}

// emit ends a mailbox.
func (a *addrScanner) emit() {
	if out, ok := a.mailbox(); ok {
		a.out = append(a.out, out)
	}
	a.words, a.comment, a.angle, a.closed, a.space, a.at = a.words[:0], "", "", false, false, false
}

func (a *addrScanner) mailbox() (Address, bool) {
	if a.closed {
		name := decodeText(joinWords(a.words))
		if name == "" {
			name = decodeText(a.comment)
		}
		addr := oneLine(toUTF8(a.angle))
		return Address{Name: name, Addr: addr}, name != "" || addr != ""
	}
	if len(a.words) == 0 {
		return Address{}, false
	}
	at := -1
	for i, w := range a.words {
		if strings.IndexByte(w.raw, '@') > 0 {
			at = i
		}
	}
	if at < 0 && len(a.words) == 1 && !strings.Contains(a.words[0].raw, "=?") {
		at = 0 // a local user
	}
	if at < 0 {
		name := decodeText(joinWords(a.words))
		return Address{Name: name}, name != ""
	}
	addr := oneLine(toUTF8(a.words[at].raw))
	name := decodeText(joinWords(append(a.words[:at:at], a.words[at+1:]...)))
	if name == "" {
		name = decodeText(a.comment)
	}
	return Address{Name: name, Addr: addr}, name != "" || addr != ""
}

func joinWords(words []addrWord) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0].text
	}
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.text
	}
	return strings.Join(parts, " ")
}
