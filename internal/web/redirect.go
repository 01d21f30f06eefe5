package web

import (
	"net/http"
	"strings"
)

// redirect leads to a path of this site. The path is encoded, so nothing in it can
// begin another header or another host.
func redirect(code int, path string) route {
	return route{html: true, handle: func(s *Server, w http.ResponseWriter, q *request) error {
		w.Header().Set("Location", q.url(path))
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.WriteHeader(code)
		if q.Method != http.MethodHead {
			_, _ = w.Write([]byte("see " + q.url(path) + "\n"))
		}
		return nil
	}}
}

// query gives the request's query with its question mark, to be kept across redirects.
// What cannot stand in a Location header is encoded.
func query(q *request) string {
	if q.URL.RawQuery == "" {
		return ""
	}
	const hex = "0123456789ABCDEF"
	b := []byte{'?'}
	for i := 0; i < len(q.URL.RawQuery); i++ {
		if c := q.URL.RawQuery[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>#\\^`{|}", c) >= 0 {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// routeLegacy leads public-inbox's oldest URLs to today's: m/MSGID, f/MSGID, t/MSGID
// with what used to follow them.
func routeLegacy(q *request, rest string) (route, bool) {
	if len(rest) < 3 || rest[1] != '/' || strings.IndexByte("mft", rest[0]) < 0 {
		return route{}, false
	}
	id, to := strings.TrimSuffix(rest[2:], "/"), ""
	var cuts []struct{ suffix, to string }
	if rest[0] == 't' {
		to = "t/"
		cuts = []struct{ suffix, to string }{
			{"/mbox.gz", "t.mbox.gz"}, {"/mbox", "t.mbox.gz"}, {".mbox.gz", "t.mbox.gz"}, {".html", "t/"},
		}
	} else {
		cuts = []struct{ suffix, to string }{{"/raw", "raw"}, {".txt", "raw"}, {".html", ""}}
	}
	for _, c := range cuts {
		if s, ok := strings.CutSuffix(id, c.suffix); ok && s != "" {
			id, to = s, c.to
			break
		}
	}
	q.msgid = trimBrackets(unescape(id, false))
	if !isMessageID(q.msgid) {
		return route{}, false
	}
	if to == "t/" {
		return redirect(http.StatusMovedPermanently, q.messagePath()+to+query(q)+"#u"), true
	}
	return redirect(http.StatusMovedPermanently, q.messagePath()+to+query(q)), true
}
