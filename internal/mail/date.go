package mail

import (
	"strings"
	"time"
)

// Times gives when a message was sent and received, in UTC. Sent is the Date field,
// else the first Received field with a date, else author; received is the first
// (topmost) Received field with a date, else Date, else commit.
func (m *Message) Times(author, commit time.Time) (sent, received time.Time) {
	date, okDate := m.date()
	recv, okRecv := m.received()
	switch {
	case okDate:
		sent = date
	case okRecv:
		sent = recv
	default:
		sent = author.UTC()
	}
	switch {
	case okRecv:
		received = recv
	case okDate:
		received = date
	default:
		received = commit.UTC()
	}
	return sent, received
}

func (m *Message) date() (time.Time, bool) {
	for _, v := range m.Header.RawAll("Date") {
		if t, ok := ParseDate(v); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

func (m *Message) received() (time.Time, bool) {
	for _, v := range m.Header.RawAll("Received") {
		i := strings.LastIndexByte(v, ';')
		if i < 0 {
			continue
		}
		if t, ok := ParseDate(v[i+1:]); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

// ParseDate reads a date as RFC 5322 §3.3 has it or as people and programs wrote it
// instead, and gives it in UTC.
func ParseDate(s string) (time.Time, bool) {
	s, _, _ = strings.Cut(s, "(")
	s = strings.TrimSpace(s)
	for _, layout := range [...]string{
		"Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
		"Mon, 2 Jan 2006 15:04 -0700", "Mon Jan 2 15:04:05 2006", "2006-01-02 15:04:05 -0700", time.RFC3339,
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
