package render

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bobbin/internal/mail"
)

// whitelist has the elements that the renderer may write and, for each attribute, what its
// value must match.
var whitelist = map[string]map[string]*regexp.Regexp{
	"a": {
		"id":    regexp.MustCompile(`^i?[A-Ya-z][A-Za-z0-9_.:-]*$|^i?Z[0-9a-f]{2}[A-Za-z0-9_.:-]*$`),
		"href":  regexp.MustCompile(`^(?i:https?|ftps?|nntps?|imaps?|s?news|gopher|gemini)://[!-~]+$|^(/|#|raw$|[0-9.]+-[A-Za-z0-9])[!-~]*$|^mailto:[A-Za-z0-9._~@%?=&-]*$`),
		"class": regexp.MustCompile(`^(fname|ref)$`),
		"rel":   regexp.MustCompile(`^nofollow$`),
	},
	"span": {"class": regexp.MustCompile(`^(q|q q2|q q3|sig|head|hunk|add|del|ctx|stat|ctl)$`)},
	"pre":  {"class": regexp.MustCompile(`^(body|cmd)$`)},
	"p":    {"class": regexp.MustCompile(`^(warn|att)$`), "role": regexp.MustCompile(`^note$`)},
	"dl":   {"class": regexp.MustCompile(`^hdr$`)},
	"ul":   {"class": regexp.MustCompile(`^(addr|reply)$`)},
	"time": {"datetime": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)},
	"dt":   {}, "dd": {}, "li": {}, "code": {}, "b": {},
}

// checkMarkup reports the first thing in out that breaks the package's promises. An XML
// parser repairs nothing, so an unescaped < does not get past it.
func checkMarkup(out []byte) error {
	if !utf8.Valid(out) {
		return errors.New("output is no UTF-8")
	}
	ids := map[string]bool{}
	d := xml.NewDecoder(strings.NewReader("<div>" + string(out) + "</div>"))
	depth := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("no XML: %w", err)
		}
		switch tok := tok.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth++; depth == 1 {
				continue
			}
			allowed, ok := whitelist[tok.Name.Local]
			if !ok {
				return fmt.Errorf("element %s", tok.Name.Local)
			}
			for _, a := range tok.Attr {
				if re := allowed[a.Name.Local]; re == nil || !re.MatchString(a.Value) {
					return fmt.Errorf("<%s %s=%q>", tok.Name.Local, a.Name.Local, a.Value)
				}
				if a.Name.Local == "id" && ids[a.Value] {
					return fmt.Errorf("id %q occurs twice", a.Value)
				}
				ids[a.Value] = ids[a.Value] || a.Name.Local == "id"
			}
		case xml.CharData:
		default:
			return fmt.Errorf("token %T", tok)
		}
	}
}

// visible gives what a browser shows of every <pre class="body">.
func visible(out []byte) ([]string, error) {
	nodes, err := html.ParseFragment(strings.NewReader(string(out)), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return nil, err
	}
	var texts []string
	var walk func(n *html.Node, in *strings.Builder)
	walk = func(n *html.Node, in *strings.Builder) {
		if n.Type == html.TextNode && in != nil {
			in.WriteString(n.Data)
		}
		body := n.Data == "pre" && len(n.Attr) == 1 && n.Attr[0].Val == "body"
		if body {
			in = &strings.Builder{}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
		if body {
			texts = append(texts, in.String())
		}
	}
	for _, n := range nodes {
		walk(n, nil)
	}
	return texts, nil
}

// wanted gives what should be seen of a text.
func wanted(text string) string {
	var b strings.Builder
	for _, r := range strings.TrimRight(text, "\n") {
		switch {
		case r == '\n', r == '\t':
			b.WriteRune(r)
		case r < 0x20:
			b.WriteRune('␀' + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case 0x80 <= r && r < 0xa0, strings.ContainsRune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff", r):
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + "\n"
}

// wantedOf gives what should be seen of a message, a string a text part.
func wantedOf(p *mail.Part) (texts []string) {
	for _, kid := range p.Children {
		texts = append(texts, wantedOf(kid)...)
	}
	if len(p.Children) == 0 && p.IsText() && p.Type != "text/html" {
		if s, _ := p.Text(); strings.Trim(s, "\n") != "" {
			texts = append(texts, wanted(s))
		}
	}
	return texts
}
