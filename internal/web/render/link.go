package render

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// linkSchemes are the schemes that become links in a text, in lower case. Nothing that a
// browser would run is among them.
var linkSchemes = [...]string{"http", "https", "ftp", "ftps", "nntp", "nntps", "imap", "imaps", "news", "snews", "gopher", "gemini"}

// maxScheme is the length of the longest scheme.
const maxScheme = 6

// inline appends one line of text (without its newline) with links in it. refs allows
// references to messages: not in diffs, where <a@b.c> is a change.
func (w *writer) inline(s string, refs bool) {
	refs = refs && w.refs
	url, ref := -1, -1
	if w.links {
		url = strings.Index(s, "://")
	}
	if refs {
		ref = strings.IndexByte(s, '<')
	}
	from := 0 // what is before has been written
	for url >= 0 || ref >= 0 {
		var start, end int
		var href string
		if ref < 0 || url >= 0 && url < ref {
			start, end = urlAround(s, url, from)
			if end > start {
				href = w.urlHref(s[start:end])
			}
			url = indexFrom(s, "://", max(end, url+3))
		} else {
			start, end = refAt(s, ref)
			if end > start {
				href = w.lookup(s[start:end])
			}
			ref = indexFrom(s, "<", max(end, ref+1))
		}
		if href == "" {
			continue
		}
		w.dst = appendValid(w.dst, s[from:start], true)
		w.add(href)
		w.dst = appendValid(w.dst, s[start:end], true)
		w.add("</a>")
		from = end
		if url >= 0 && url < from {
			url = indexFrom(s, "://", from)
		}
		if ref >= 0 && ref < from {
			ref = indexFrom(s, "<", from)
		}
	}
	w.dst = appendValid(w.dst, s[from:], true)
}

// indexFrom is strings.Index from an offset; -1 past the end.
func indexFrom(s, sub string, from int) int {
	if from >= len(s) {
		return -1
	}
	if i := strings.Index(s[from:], sub); i >= 0 {
		return from + i
	}
	return -1
}

// urlAround gives the URL whose "://" is at i, which starts at from or later; the end is
// i+3 or so and start is not before it when there is none.
func urlAround(s string, i, from int) (start, end int) {
	start = i
	for start > from && i-start <= maxScheme && isAlnum(s[start-1]) {
		start--
	}
	if !isScheme(s[start:i]) {
		return 0, 0
	}
	end = i + 3
	if end == len(s) || !(isAlnum(s[end]) || s[end] == '[' || s[end] >= utf8.RuneSelf) {
		return 0, 0
	}
	for end < len(s) {
		n := urlChar(s[end:])
		if n == 0 {
			break
		}
		end += n
	}
	end = trimURL(s, i+3, end)
	if end == i+3 {
		return 0, 0
	}
	return start, end
}

func isScheme(s string) bool {
	for _, scheme := range linkSchemes {
		if len(s) == len(scheme) && strings.EqualFold(s, scheme) {
			return true
		}
	}
	return false
}

func isAlnum(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
}

// inURL marks the ASCII bytes that a URL may hold (RFC 3986).
var inURL = byteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%")

// urlChar gives the length of the character s begins with when it can be part of a URL:
// people also write letters of their own script.
func urlChar(s string) int {
	if s[0] < utf8.RuneSelf {
		if inURL[s[0]] {
			return 1
		}
		return 0
	}
	if r, size := utf8.DecodeRuneInString(s); unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
		return size
	}
	return 0
}

// trimURL gives the end of the URL that is s[start:end] without punctuation that belongs
// to the sentence around it: also closing brackets that the URL did not open.
func trimURL(s string, start, end int) int {
	round := strings.Count(s[start:end], "(") - strings.Count(s[start:end], ")")
	square := strings.Count(s[start:end], "[") - strings.Count(s[start:end], "]")
	for end > start {
		switch s[end-1] {
		case '.', ',', ';', ':', '!', '?', '\'', '*':
		case ')':
			if round >= 0 {
				return end
			}
			round++
		case ']':
			if square >= 0 {
				return end
			}
			square++
		case '(':
			round--
		case '[':
			square--
		default:
			return end
		}
		end--
	}
	return end
}

// urlHref gives the opening tag for a URL: to the page here when it names a message that
// is here too.
func (w *writer) urlHref(u string) string {
	if w.opt.Resolve != nil {
		if id := archivedID(u); id != "" {
			if tag := w.lookup(id); tag != "" {
				return tag
			}
		}
	}
	b := append(make([]byte, 0, len(u)+32), "<a rel=\"nofollow\" href=\""...)
	for i := range len(u) {
		switch c := u[i]; {
		case c >= utf8.RuneSelf:
			b = appendByte(b, c)
		case c == '&' || c == '\'':
			b = append(b, entityOf(c)...)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, "\">"...))
}

// lookup gives the opening tag of a link to the message's page, "" when it has none. Each
// id is asked for once.
func (w *writer) lookup(msgid string) string {
	if tag, known := w.tags[msgid]; known {
		return tag
	}
	if w.asked >= maxLookups {
		return ""
	}
	w.asked++
	tag := ""
	if path := w.opt.Resolve(msgid); path != "" {
		tag = string(append(AppendAttr([]byte("<a class=\"ref\" href=\""), path), "\">"...))
	}
	if w.tags == nil {
		w.tags = map[string]string{}
	}
	w.tags[msgid] = tag
	return tag
}

// refAt gives what stands between the < at i and its > when it looks like a Message-ID
// and not like a person's address; otherwise end is 0.
func refAt(s string, i int) (start, end int) {
	const maxID = 244
	start = i + 1
	window := s[start:min(len(s), start+maxID+1)]
	n := strings.IndexByte(window, '>')
	if n < 0 || !looksLikeID(window[:n]) {
		return 0, 0
	}
	return start, start + n
}

// looksLikeID reports whether s is more likely a Message-ID than an address: what is left
// of the @ is long, or not short and holds a digit. A wrong yes costs a lookup.
func looksLikeID(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 8 || at == len(s)-1 || strings.HasPrefix(s, "mailto:") || strings.Contains(s, "://") {
		return false
	}
	digits := 0
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c == '<' || c == '"' || c == 0x7f {
			return false
		}
		if i < at && '0' <= c && c <= '9' {
			digits++
		}
	}
	return digits >= 3 || at >= 24 || digits > 0 && at >= 12
}

// archivedID gives the Message-ID that the URL of a page in a public archive names, "" for
// other URLs.
func archivedID(u string) string {
	_, rest, _ := strings.Cut(u, "://")
	host, path, _ := strings.Cut(rest, "/")
	if i := strings.IndexAny(path, "?#"); i >= 0 && host != "marc.info" {
		path = path[:i]
	}
	switch strings.ToLower(host) {
	case "lore.kernel.org", "lkml.kernel.org", "public-inbox.org", "inbox.sourceware.org", "yhbt.net":
		// /LIST/MSGID/…, /r/MSGID
		var list bool
		if _, path, list = strings.Cut(path, "/"); !list {
			return ""
		}
	case "patch.msgid.link", "msgid.link", "mid.gmane.org":
	case "marc.info":
		var ok bool
		if path, ok = strings.CutPrefix(path, "?i="); !ok {
			return ""
		}
	default:
		return ""
	}
	path, _, _ = strings.Cut(path, "/")
	id, err := url.PathUnescape(path)
	if err != nil || !strings.Contains(id, "@") {
		return ""
	}
	return strings.Trim(id, "<>")
}
