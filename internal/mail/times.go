package mail

import "time"

// Times gives when a message was sent and received, in UTC, by public-inbox's rules.
// Sent is the first Date field that can be read, else the first (topmost) Received field
// with a date, else author; received is that Received field, else Date, else commit.
// Wrong clocks are believed: only dates before 1970 are not.
func (m *Message) Times(author, commit time.Time) (sent, received time.Time) {
	date, okDate := m.date()
	recv, okRecv := m.received()
	if !okDate {
		date = recv
	}
	if !okRecv {
		recv = date
	}
	if !okDate && !okRecv {
		return author.UTC(), commit.UTC()
	}
	return date, recv
}

func (m *Message) date() (time.Time, bool) {
	for i := range m.Header.Fields {
		if f := &m.Header.Fields[i]; is(f.Name, "Date") {
			if t, ok := ParseDate(unfold(f.Value)); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

func (m *Message) received() (time.Time, bool) {
	for i := range m.Header.Fields {
		if f := &m.Header.Fields[i]; is(f.Name, "Received") {
			if t, ok := receivedDate(unfold(f.Value)); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// receivedDate finds the date in a Received field (RFC 5321 §4.4). Relays write them
// well, so only the exact form counts, "2 Jan 2006 15:04:05 -0700", wherever it stands:
// fields without the semicolon, or with several, occur.
func receivedDate(s string) (time.Time, bool) {
	var last [5]string // a sliding window of tokens
	for s != "" {
		var tok string
		tok, s = nextToken(s, " \t;,")
		copy(last[:], last[1:])
		last[4] = tok
		if last[0] == "" || len(tok) < 5 || tok[0] != '+' && tok[0] != '-' {
			continue
		}
		var d dateParts
		if d.exact(last) {
			if t, ok := d.time(); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// nextToken gives s up to a byte of sep and what follows the run of them.
func nextToken(s, sep string) (tok, rest string) {
	is := func(c byte) bool {
		for i := 0; i < len(sep); i++ {
			if sep[i] == c {
				return true
			}
		}
		return false
	}
	i := 0
	for i < len(s) && !is(s[i]) {
		i++
	}
	j := i
	for j < len(s) && is(s[j]) {
		j++
	}
	return s[:i], s[j:]
}

// exact reads day, month, year, time and zone.
func (d *dateParts) exact(tok [5]string) bool {
	day, okDay := number(tok[0])
	year, okYear := number(tok[2])
	month := monthOf(tok[1])
	if !okDay || len(tok[0]) > 2 || month == 0 || !okYear || len(tok[2]) < 2 || len(tok[2]) > 4 {
		return false
	}
	d.day, d.month, d.year = day, month, fullYear(year)
	d.hasYear = true
	return d.clock(tok[3]) && d.seconds && d.zone(tok[4])
}
