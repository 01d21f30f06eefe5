package web

import (
	"bobbin/internal/diff"
	"bobbin/internal/mail"
	"bobbin/internal/web/render"
)

// maxThreadText bounds the text shown of one message among others; its own page has
// more (render.DefaultLimit).
const maxThreadText = 256 << 10

// resolver gives the function that finds the page of a message mentioned in a text. Only
// those of the page's thread are looked for: most of what stands in angle brackets is an
// address, and a look-up for each would cost more than the page.
func resolver(inbox string, known func(msgid string) bool) func(string) string {
	if known == nil {
		return nil
	}
	return func(msgid string) string {
		if !known(msgid) {
			return ""
		}
		return messagePath(inbox, msgid)
	}
}

// maxRelated bounds the blobs that a search for related patches asks for.
const maxRelated = 24

// relatedQuery makes the query that finds other patches on top of, below or beside the
// one in a message: those that mention the same blobs. It is "" without any.
func relatedQuery(m *mail.Message) string {
	var b []byte
	seen := map[string]bool{}
	for _, p := range m.Leaves() {
		if !p.IsText() {
			continue
		}
		text, _ := p.Text()
		if !diff.HasPatch(text) {
			continue
		}
		_, files := diff.Scan(text)
		for i := range files {
			for _, oid := range [...]string{files[i].OldBlob, files[i].NewBlob} {
				if oid = shortBlob(oid); oid == "" || seen[oid] || len(seen) >= maxRelated {
					continue
				}
				if seen[oid] = true; len(b) > 0 {
					b = append(b, " OR "...)
				}
				b = append(append(b, "dfblob:"...), oid...)
			}
		}
	}
	return string(b)
}

// shortBlob gives a blob id as a search should have it: one digit shorter than in the
// mail, since who sends a related patch may have abbreviated it more; "" for no blob.
func shortBlob(oid string) string {
	zero := true
	for i := range len(oid) {
		if unhex(oid[i]) > 15 {
			return ""
		}
		zero = zero && oid[i] == '0'
	}
	if zero || len(oid) < 7 {
		return ""
	}
	if len(oid) > 7 {
		return oid[:len(oid)-1]
	}
	return oid
}

// appendRelated appends the form that searches for related patches.
func appendRelated(dst []byte, q *request, query string) []byte {
	if query == "" {
		return dst
	}
	dst = append(dst, "<section class=\"related\" aria-labelledby=\"related\">\n<h2 id=\"related\">Related patches</h2>\n<form role=\"search\" action=\""...)
	dst = append(appendEscaped(append(dst, '/'), q.inbox.Name), "/\">\n<p><label for=\"blobs\">Patches that touch the same versions of the same files:</label></p>\n"...)
	dst = append(dst, "<textarea id=\"blobs\" name=\"q\" rows=\"3\" spellcheck=\"false\">"...)
	dst = appendText(dst, query)
	return append(dst, "</textarea>\n<p><button>Search</button></p>\n</form>\n</section>\n"...)
}

// messageOptions are the surroundings of a body on the message's own page; again numbers
// messages that share a Message-ID, from 1 for the second.
func messageOptions(inbox, msgid string, again int, known func(string) bool) render.Options {
	opt := render.Options{Self: messagePath(inbox, msgid), Base: inboxPath(inbox), Resolve: resolver(inbox, known)}
	if again > 0 {
		opt.Prefix = "again" + string(rune('0'+again%10)) + ":"
	}
	return opt
}

// threadOptions are the surroundings of a body among others.
func threadOptions(inbox, msgid string, known func(string) bool) render.Options {
	return render.Options{Self: messagePath(inbox, msgid), Base: inboxPath(inbox), Prefix: "../../" + msgid + "/",
		Resolve: resolver(inbox, known), Limit: maxThreadText}
}
