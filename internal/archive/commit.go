package archive

import (
	"strings"
	"time"

	"bobbin/internal/git"
	"bobbin/internal/mail"
)

// commitOf makes the commit of a mail, but for its file, the way public-inbox does:
// author and date as the mail says, committer the inbox at the time of arrival, the
// subject as message.
func commitOf(m *mail.Message, inbox git.Ident, now time.Time) git.Commit {
	sent, received := m.Times(now.UTC(), now.UTC())
	author := git.Ident{When: sent.In(zoneOf(m, "Date"))}
	if from := m.From(); len(from) > 0 {
		author.Name, author.Email = from[0].Name, from[0].Addr
		if author.Name == "" {
			author.Name, _, _ = strings.Cut(author.Email, "@")
		}
	}
	inbox.When = received.In(zoneOf(m, "Received", "Date"))
	subject := m.Subject()
	if subject == "" {
		subject = "(no subject)"
	}
	return git.Commit{Author: author, Committer: inbox, Message: subject + "\n"}
}

// maxZone is the largest zone that is believed, in minutes.
const maxZone = 14 * 60

// zoneOf gives the zone of the first field of the first of these names that has a
// numeric one; UTC when it makes no sense. The instant is mail.Times's business.
func zoneOf(m *mail.Message, names ...string) *time.Location {
	for _, name := range names {
		for _, v := range m.Header.RawAll(name) {
			if i := strings.LastIndexByte(v, ';'); name == "Received" && i >= 0 {
				v = v[i+1:]
			}
			for _, tok := range strings.Fields(v) {
				if off, ok := zone(tok); ok {
					if off > maxZone || off < -maxZone {
						return time.UTC
					}
					return time.FixedZone("", off*60)
				}
			}
		}
	}
	return time.UTC
}

// zone reads "+0130" as minutes.
func zone(s string) (minutes int, ok bool) {
	if len(s) != 5 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var d [4]int
	for i := range d {
		if d[i] = int(s[i+1]) - '0'; d[i] < 0 || d[i] > 9 {
			return 0, false
		}
	}
	minutes = (d[0]*10+d[1])*60 + d[2]*10 + d[3]
	if s[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}
