package mail

import (
	"bytes"
	"strings"
)

// maxID is where Message-IDs are cut, in bytes: longer ones do not fit the overview
// formats of mail and news (and public-inbox cuts them there).
const maxID = 244

// ExtractIDs gives every <…> of a Message-ID or References value in order, without
// the angle brackets. CR, LF, TAB and NUL are removed (blanks are not: some old
// readers put them into ids, and archives keep them); what is left is cut at 244 bytes.
func ExtractIDs(value string) []string {
	var ids []string
	for {
		i := strings.IndexByte(value, '<')
		if i < 0 {
			return ids
		}
		value = value[i+1:]
		j := strings.IndexByte(value, '>')
		if j < 0 {
			return ids
		}
		if j == 0 { // "<>": the bracket that closes nothing may open something
			continue
		}
		if id := cleanID(value[:j]); id != "" {
			ids = append(ids, id)
		}
		value = value[j+1:]
	}
}

// cleanID removes what an id cannot hold and cuts it.
func cleanID(s string) string {
	if strings.ContainsAny(s, "\r\n\t\x00") {
		s = strings.Map(func(r rune) rune {
			switch r {
			case '\r', '\n', '\t', 0:
				return -1
			}
			return r
		}, s)
	}
	if len(s) > maxID {
		s = s[:maxID]
	}
	return strings.Clone(s)
}

// IDs gives the ids of all Message-ID fields, each once. A field without angle
// brackets is an id as a whole. It is empty when there is none.
func (m *Message) IDs() []string { return fieldIDs(&m.Header, "Message-ID") }

// AltIDs gives the ids of all X-Alt-Message-ID fields, each once. Gateways that must
// leave one Message-ID (RFC 5536 §3.1.3) keep the others there.
func (m *Message) AltIDs() []string { return fieldIDs(&m.Header, "X-Alt-Message-ID") }

func fieldIDs(h *Header, name string) []string {
	var ids []string
	for i := range h.Fields {
		if !is(h.Fields[i].Name, name) {
			continue
		}
		v := unfold(h.Fields[i].Value)
		found := ExtractIDs(v)
		if found == nil {
			if v = cleanID(v); v != "" {
				found = []string{v}
			}
		}
		ids = append(ids, found...)
	}
	return unique(ids, nil)
}

// References gives the messages this one answers: the ids of References, then those of
// In-Reply-To, each once, at its first place. Its own ids are left out, and what only
// looks like an id: "y" and "n" (answers to git send-email's question) and the addresses
// of From, To and Cc.
func (m *Message) References() []string {
	var ids []string
	for _, name := range [...]string{"References", "In-Reply-To"} {
		for i := range m.Header.Fields {
			if is(m.Header.Fields[i].Name, name) {
				ids = append(ids, ExtractIDs(unfold(m.Header.Fields[i].Value))...)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	drop := map[string]bool{"y": true, "n": true}
	for _, id := range m.IDs() {
		drop[id] = true
	}
	m.dropAddresses(ids, drop)
	return unique(ids, drop)
}

// dropAddresses adds to drop the addresses of the message that stand among ids.
func (m *Message) dropAddresses(ids []string, drop map[string]bool) {
	const few = 100 // up to so many ids a search for each is cheaper than reading the addresses
	for i := range m.Header.Fields {
		f := &m.Header.Fields[i]
		if !is(f.Name, "From") && !is(f.Name, "To") && !is(f.Name, "Cc") {
			continue
		}
		for _, id := range ids {
			if len(ids) <= few && (drop[id] || !bytes.Contains(f.Value, []byte(id))) {
				continue
			}
			for _, a := range ParseAddresses(unfold(f.Value)) {
				drop[a.Addr] = true
			}
			break
		}
	}
}

// InReplyTo gives the message this one answers directly: the last of References, or "".
func (m *Message) InReplyTo() string {
	if refs := m.References(); len(refs) > 0 {
		return refs[len(refs)-1]
	}
	return ""
}

// unique gives the ids that are not to be dropped, each once.
func unique(ids []string, drop map[string]bool) []string {
	if len(ids) < 2 && drop == nil {
		return ids
	}
	seen := make(map[string]bool, len(ids))
	out := ids[:0]
	for _, id := range ids {
		if !seen[id] && !drop[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// From gives the authors: From, else Sender.
func (m *Message) From() []Address {
	if list := m.Header.Addresses("From"); len(list) > 0 {
		return list
	}
	return m.Header.Addresses("Sender")
}
