package demo

import "strings"

// body ends the header and writes the MIME structure: the text, alone or with its
// HTML twin, alone or followed by attachments.
func (d *draft) body(h *header) error {
	text, err := d.textPart()
	if err != nil {
		return err
	}
	if d.html != "" {
		page := d.html
		if page == "auto" {
			page = hyper(d.text)
		}
		html := entity{kind: "text/html; charset=utf-8", cte: "quoted-printable", body: []byte(page + "\n")}
		text = d.multipart("alternative", text, html)
	}
	if len(d.parts) > 0 {
		all := []entity{text}
		for _, p := range d.parts {
			all = append(all, p.entity())
		}
		text = d.multipart("mixed", all...)
	}
	if text.kind != "" {
		h.add("MIME-Version", "1.0")
	}
	b, err := text.bytes()
	if err != nil {
		return err
	}
	h.Write(b)
	return nil
}

// entity is one MIME entity, its body not yet transfer-encoded.
type entity struct {
	kind     string // Content-Type; "" writes no MIME fields at all
	cte      string // "" writes no field
	disp     string
	body     []byte
	boundary string
	children []entity
}

// bytes writes the entity's fields, an empty line, and its body.
func (e entity) bytes() ([]byte, error) {
	var h header
	if e.kind != "" {
		h.add("Content-Type", e.kind)
	}
	if e.disp != "" {
		h.add("Content-Disposition", e.disp)
	}
	if e.cte != "" {
		h.add("Content-Transfer-Encoding", e.cte)
	}
	h.WriteByte('\n')
	if e.boundary == "" {
		b, err := transfer(e.body, e.cte)
		h.Write(b)
		return h.Bytes(), err
	}
	if strings.HasPrefix(e.kind, "multipart/mixed") {
		h.WriteString("This is a multi-part message in MIME format.\n")
	}
	for _, c := range e.children {
		h.WriteString("--" + e.boundary + "\n")
		b, err := c.bytes()
		if err != nil {
			return nil, err
		}
		h.Write(b)
		if !strings.HasSuffix(string(b), "\n") {
			h.WriteByte('\n')
		}
	}
	h.WriteString("--" + e.boundary + "--\n")
	return h.Bytes(), nil
}

// multipart bundles entities.
func (d *draft) multipart(sub string, children ...entity) entity {
	b := "----=_" + alnum("boundary "+sub, d.label, 20)
	if children[0].kind == "" {
		children[0].kind = "text/plain; charset=us-ascii"
	}
	return entity{kind: contentType("multipart/"+sub, "boundary", b), boundary: b, children: children}
}

// textPart is the plain text in the mail's character set. Headers: CTE, Flowed
// ("no": not even if the writer's mail program would).
func (d *draft) textPart() (entity, error) {
	charset, text := d.charsetOf(), d.text
	if b := d.sec.get("Defect"); b == "no-charset" {
		raw, err := encodeText(text, charset)
		return entity{kind: "text/plain", cte: "8bit", body: raw}, err
	}
	flowed := strings.HasPrefix(d.from.agent, "distaff") && d.sec.kind == "mail" && !strings.Contains(text, "diff --git")
	if v := d.sec.get("Flowed"); v != "" {
		flowed = v != "no"
	}
	if flowed {
		text = flow(text)
	}
	body, err := encodeText(text, charset)
	if err != nil {
		return entity{}, err
	}
	e := entity{cte: d.sec.get("CTE"), body: body}
	long := false
	for _, l := range strings.Split(text, "\n") {
		long = long || len(l) > 990
	}
	plain := ascii(string(body)) && !long
	if d.sec.kind == "series" && plain && e.cte == "" {
		return e, nil // git send-email does not bother
	}
	if plain && charset == "UTF-8" && d.from.agent == "skein" {
		charset = "us-ascii"
	}
	e.kind = contentType("text/plain", "charset", charset)
	if flowed {
		e.kind += "; format=flowed"
	}
	if e.cte == "" {
		switch {
		case long, d.from.agent == "webmail" && !plain:
			e.cte = "quoted-printable"
		case d.from.agent == "pane" && !plain:
			e.cte = "base64"
		case !plain:
			e.cte = "8bit"
		case d.from.agent != "skein":
			e.cte = "7bit"
		}
	}
	if d.from.agent == "skein" {
		e.disp = "inline"
	}
	return e, nil
}

// entity is the attachment as MIME. What is not text travels in base64.
func (p part) entity() entity {
	charset := p.charset
	if charset == "" && strings.HasPrefix(p.kind, "text/") && !ascii(string(p.body)) {
		charset = "UTF-8"
	}
	e := entity{kind: contentType(p.kind, "charset", charset, "name", p.name), cte: p.cte, body: p.body}
	e.disp = strings.TrimSpace(contentType(p.disp, "filename", p.name))
	switch {
	case e.cte != "":
	case strings.HasPrefix(p.kind, "message/"):
		e.cte = "8bit"
	case !strings.HasPrefix(p.kind, "text/"):
		e.cte = "base64"
	case ascii(string(p.body)):
		e.cte = "7bit"
	default:
		e.cte = "quoted-printable"
	}
	return e
}
