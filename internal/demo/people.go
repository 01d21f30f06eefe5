package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bobbin/internal/errs"
)

// person is a line of data/people: somebody who writes to the lists.
type person struct {
	handle, name, addr string
	agent              string // how their mail program behaves: see messageID and attribution
	zone               *time.Location
	charset            string // "" is UTF-8
	sig                string // signature, "" is none
}

// String is the person as in a trailer: Name <address>.
func (p *person) String() string { return p.name + " <" + p.addr + ">" }

// host is what stands after the @.
func (p *person) host() string { return p.addr[strings.IndexByte(p.addr, '@')+1:] }

// readPeople reads data/people, a table whose columns are separated by bars:
// handle, name, address, agent, zone, charset, signature (\n ends a line).
func readPeople() (map[string]*person, error) {
	text, err := data.ReadFile("data/people")
	if err != nil {
		return nil, err
	}
	out := map[string]*person{}
	for i, l := range lines(string(text)) {
		if l == "" || l[0] == '#' {
			continue
		}
		c := strings.Split(l, "|")
		if len(c) != 7 {
			return nil, errs.New(errs.Invalid, "people:%d: %d columns", i+1, len(c))
		}
		for j := range c {
			c[j] = strings.TrimSpace(c[j])
		}
		n, err := strconv.Atoi(c[4])
		if err != nil {
			return nil, errs.New(errs.Invalid, "people:%d: zone %q", i+1, c[4])
		}
		out[c[0]] = &person{
			handle: c[0], name: c[1], addr: c[2], agent: c[3], charset: c[5],
			zone: time.FixedZone("", (n/100*60+n%100)*60),
			sig:  strings.ReplaceAll(c[6], `\n`, "\n"),
		}
	}
	return out, nil
}

// attribution is the line above a quotation from d, as p's mail program writes it.
func (p *person) attribution(d *draft) string {
	t, from := d.date, d.from
	switch p.agent {
	case "skein":
		return t.Format("On Mon, Jan 02, 2006 at 03:04:05PM -0700, ") + from.name + " wrote:"
	case "distaff":
		return t.Format("On 1/2/06 15:04, ") + from.name + " wrote:"
	case "distaff-de":
		return t.Format("Am 02.01.06 um 15:04 schrieb ") + from.name + ":"
	case "distaff-fr":
		return t.Format("Le 02/01/2006 à 15:04, ") + from.name + " a écrit :"
	case "gleaner":
		return from.String() + " writes:"
	case "terse":
		return "* " + from.name + ":"
	}
	return t.Format("On Mon, 2 Jan 2006 at 15:04, ") + from.String() + " wrote:"
}

// agentHeader is the header by which the mail program names itself, "" for those
// that do not.
func (p *person) agentHeader() string {
	switch p.agent {
	case "skein":
		return "User-Agent: Skein/3.1.4 (2025-01-11)"
	case "distaff", "distaff-de", "distaff-fr":
		return "User-Agent: Distaff Daily 128.4"
	case "gleaner":
		return "User-Agent: Gleaner/5.13 (Headless)"
	case "webmail":
		return "X-Mailer: Carding Webmail 7.2"
	}
	return ""
}

// messageID makes up the Message-ID (without brackets) of a mail sent by p.
func (p *person) messageID(label string, date time.Time) string {
	h := digest("mid", label)
	switch p.agent {
	case "skein":
		return "a" + alnum("mid", label, 14) + "@" + p.host()
	case "distaff", "distaff-de", "distaff-fr":
		return fmt.Sprintf("%x-%x-4%.3s-9%.3s-%x@%s", h[0:4], h[4:6], fmt.Sprintf("%x", h[6:8]), fmt.Sprintf("%x", h[8:10]), h[10:16], p.host())
	case "gleaner":
		return "87" + strings.ToLower(alnum("mid", label, 8)) + ".fsf@" + p.host()
	case "webmail":
		return "CA" + alnum("mid", label, 18) + "+" + alnum("mid2", label, 12) + "=" + alnum("mid3", label, 8) + "@mail." + p.host()
	}
	return date.UTC().Format("20060102150405.") + fmt.Sprintf("%d-1-%s", 1000+number("pid", label, 60000), p.addr)
}
