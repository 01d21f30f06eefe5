package demo

import (
	"bytes"
	"fmt"
	"mime"
	"strings"
)

// header collects header fields, folded by whoever adds them.
type header struct{ bytes.Buffer }

func (h *header) add(name, value string) { h.WriteString(name + ": " + value + "\n") }

// charsetOf is the character set of a mail: its own, else the writer's if they
// have one and the text fits into it.
func (d *draft) charsetOf() string {
	if v := d.sec.get("Charset"); v != "" {
		return v
	}
	if c := d.from.charset; c != "" && d.sec.kind == "mail" {
		if _, err := encodeText(d.text+d.subject, c); err == nil {
			return c
		}
	}
	return "UTF-8"
}

// render turns a mail into the bytes that one inbox received.
func (w *world) render(d *draft, in Inbox) ([]byte, error) {
	var h header
	d.trace(&h, in)
	if err := w.heading(&h, d); err != nil {
		return nil, err
	}
	for _, x := range d.sec.head["H"] {
		v, err := w.expand(x)
		if err != nil {
			return nil, err
		}
		h.WriteString(v + "\n")
	}
	if d.sec.kind == "series" {
		if d.sec.get("Style") != "b4" {
			h.add("X-Mailer", "git-send-email 2.47.1")
		}
	} else if a := d.from.agentHeader(); a != "" {
		h.WriteString(a + "\n")
	}
	if err := d.body(&h); err != nil {
		return nil, err
	}
	return h.Bytes(), nil
}

// trace writes what the transport added: Received fields, newest first, and the
// list's own fields.
func (d *draft) trace(h *header, in Inbox) {
	const date = "Mon, 2 Jan 2006 15:04:05 -0700"
	seed := d.label
	if d.sec.kind == "series" {
		seed = d.sec.label
	}
	at := d.arrival(in.Name)
	host := "mail." + d.from.host()
	h.WriteString(fmt.Sprintf("Received: from mx.loom.example (mx.loom.example [192.0.2.25])\n"+
		"\tby lists.loom.example (Postfix) with ESMTP id %s\n\tfor <%s>; %s\n",
		alnum("queue"+in.Name, d.label, 11), in.Address, at.UTC().Format(date)))
	h.WriteString(fmt.Sprintf("Received: from %s (%s [198.51.100.%d])\n"+
		"\tby mx.loom.example (Postfix) with ESMTPS id %s\n\tfor <%s>; %s\n",
		host, host, 1+number("address", d.from.host(), 250), alnum("relay", d.label, 11), in.Address,
		d.date.Add((at.Sub(d.date))/2).UTC().Format(date)))
	if number("trace", seed, 3) == 0 {
		h.WriteString(fmt.Sprintf("Received: by %s (Postfix, from userid %d)\n\tid %s; %s\n",
			host, 1000+number("uid", d.from.handle, 30), alnum("local", d.label, 10), d.date.Format(date)))
	}
	h.add("List-Id", "<"+strings.Replace(in.Address, "@", ".", 1)+">")
	h.add("List-Post", "<mailto:"+in.Address+">")
	h.add("Precedence", "list")
}

// heading writes the fields a person would look at.
func (w *world) heading(h *header, d *draft) error {
	charset := d.charsetOf()
	from, err := encodePerson(d.from, charset)
	if err != nil {
		return err
	}
	h.add("From", from)
	for _, f := range []struct {
		name string
		who  []string
	}{{"To", d.to}, {"Cc", d.cc}} {
		var out []string
		for _, r := range f.who {
			switch {
			case w.people[r] != nil:
				if r, err = encodePerson(w.people[r], "UTF-8"); err != nil {
					return err
				}
			case w.lists[r].Name != "":
				r = w.lists[r].Address
			}
			out = append(out, r)
		}
		if len(out) > 0 {
			h.add(f.name, strings.Join(out, ",\n\t"))
		}
	}
	if d.subject != "" {
		text, err := d.encodeSubject(charset)
		if err != nil {
			return err
		}
		h.add("Subject", text)
	}
	h.add("Date", d.date.Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	if v := d.sec.get("Raw-Id"); v != "" {
		h.add("Message-ID", v)
	} else {
		h.add("Message-ID", "<"+d.mid+">")
	}
	d.threading(h)
	return nil
}

// threading writes In-Reply-To and References, as far as the mail program cares.
func (d *draft) threading(h *header) {
	style := d.sec.get("Refs")
	if d.parent == nil || style == "drop" {
		return
	}
	h.add("In-Reply-To", "<"+d.parent.mid+">")
	if style != "none" {
		h.add("References", "<"+strings.Join(d.refs, ">\n\t<")+">")
	}
}

// encodeSubject encodes and folds the subject; the header Eight: yes leaves bytes
// above 127 as they are, which no RFC allows.
func (d *draft) encodeSubject(charset string) (string, error) {
	if d.sec.get("Eight") != "" {
		b, err := encodeText(d.subject, charset)
		return string(b), err
	}
	s, err := encodeWords(d.subject, charset, d.sec.get("Words"))
	if err != nil {
		return "", err
	}
	var out strings.Builder
	col := len("Subject: ")
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			if col+1+len(word) > 76 && !strings.Contains(word, "\n") {
				out.WriteString("\n")
				col = 0
			}
			out.WriteString(" ")
		}
		out.WriteString(word)
		col += 1 + len(word)
		if j := strings.LastIndexByte(word, '\n'); j >= 0 {
			col = len(word) - j
		}
	}
	return out.String(), nil
}

// encodePerson writes a mailbox.
func encodePerson(p *person, charset string) (string, error) {
	name := p.name
	if ascii(name) {
		if strings.ContainsAny(name, `.,()"`) {
			name = `"` + strings.ReplaceAll(name, `"`, `\"`) + `"`
		}
		return name + " <" + p.addr + ">", nil
	}
	if _, err := encodeText(name, charset); err != nil {
		charset = "UTF-8"
	}
	name, err := encodeRun(name, charset, "")
	return name + " <" + p.addr + ">", err
}

// contentType writes a Content-Type value; names that are not ASCII take the form
// of RFC 2231.
func contentType(kind string, params ...string) string {
	for i := 0; i < len(params); i += 2 {
		if params[i+1] == "" {
			continue
		}
		m := mime.FormatMediaType("x/x", map[string]string{params[i]: params[i+1]})
		kind += strings.Replace(strings.TrimPrefix(m, "x/x"), "; ", ";\n ", 1)
	}
	return kind
}
