package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// page is an HTML answer being built in memory: a handler does its look-ups, calls
// begin, and appends what goes between the frame's header and footer to b. Nothing is
// sent before the page is whole, so that a fault on the way is an honest error page.
type page struct {
	b      []byte
	foot   []byte // of the frame, put behind b by send
	status int    // 0 = 200
	head   bool   // only the status is wanted: return as soon as it is known
}

// pageFunc builds a page. On an error, what it appended is dropped.
type pageFunc func(s *Server, q *request, p *page) error

// maxPooled is the largest buffer that is kept for the next page.
const maxPooled = 1 << 20

// pages recycles the buffers that pages are built in.
type pages struct{ pool sync.Pool }

func (ps *pages) get() *page {
	if p, ok := ps.pool.Get().(*page); ok {
		return p
	}
	return &page{b: make([]byte, 0, 64<<10)}
}

func (ps *pages) put(p *page) {
	if cap(p.b) > maxPooled {
		return
	}
	*p = page{b: p.b[:0]}
	ps.pool.Put(p)
}

// htmlPage makes a handler of a pageFunc: answers come from the cache while the
// catalog's generation stays, and are built otherwise.
func htmlPage(f pageFunc) handler {
	return func(s *Server, w http.ResponseWriter, q *request) error {
		p := s.pages.get()
		defer s.pages.put(p)
		p.head = q.Method == http.MethodHead
		generation := s.cat.Generation()
		if err := f(s, q, p); err != nil {
			return err
		}
		if p.head {
			w.Header().Set("Content-Type", "text/html; charset=UTF-8")
			w.WriteHeader(max(p.status, http.StatusOK))
			return nil
		}
		s.send(w, q, p, generation)
		return nil
	}
}

// fromCache answers a request that was answered before, without routing it.
func (s *Server) fromCache(w http.ResponseWriter, q *request) bool {
	if s.cache == nil || q.Method != http.MethodGet && q.Method != http.MethodHead {
		return false
	}
	var buf [256]byte
	a, ok := s.cache.get(cacheKey(buf[:0], q), s.cat.Generation())
	if ok {
		a.writeTo(w, q)
	}
	return ok
}

// cacheKey appends all of a request that its page depends on.
func cacheKey(dst []byte, q *request) []byte {
	dst = append(dst, q.base...)
	dst = append(dst, q.URL.EscapedPath()...)
	dst = append(append(dst, '?'), q.URL.RawQuery...)
	if q.gzip {
		dst = append(dst, " gzip"...)
	}
	return dst
}

// send finishes a page, writes it, and keeps it when it is asked for often.
func (s *Server) send(w http.ResponseWriter, q *request, p *page, generation uint64) {
	p.b = append(p.b, p.foot...)
	sum := sha256.Sum256(p.b)
	a := answer{generation: generation, status: max(p.status, http.StatusOK), body: p.b}
	tag := make([]byte, 0, 40)
	tag = hex.AppendEncode(append(tag, '"'), sum[:12])
	var buf [256]byte
	key := cacheKey(buf[:0], q)
	keep := (a.status == http.StatusOK || a.status == http.StatusMultipleChoices) && s.cache.wanted(key)
	if q.gzip && len(p.b) >= minGzip {
		a.gzip = true
		tag = append(tag, "-gz"...)
	}
	a.etag = string(append(tag, '"'))
	if a.gzip && (keep || a.status != http.StatusOK || !matches(q, a.etag)) {
		z := s.gzips.get()
		defer s.gzips.put(z)
		a.body = z.compress(p.b)
	}
	if keep {
		a.body = bytes.Clone(a.body)
		s.cache.put(key, a)
	}
	a.writeTo(w, q)
}

// writeTo sends an answer, or 304 when the visitor has it already.
func (a *answer) writeTo(w http.ResponseWriter, q *request) {
	h := w.Header()
	h["Vary"] = varyEncoding
	h["Cache-Control"] = revalidate
	if a.status == http.StatusOK {
		h["Etag"] = []string{a.etag}
		if matches(q, a.etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h["Content-Type"] = typeHTML
	if a.gzip {
		h["Content-Encoding"] = encodingGzip
	}
	h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	w.WriteHeader(a.status)
	if q.Method != http.MethodHead {
		_, _ = w.Write(a.body) // a visitor who has left is no fault
	}
}

var (
	varyEncoding = []string{"Accept-Encoding"}
	revalidate   = []string{"no-cache"} // may be kept, must be asked about (RFC 9111 §5.2.2.4)
	typeHTML     = []string{"text/html; charset=UTF-8"}
	encodingGzip = []string{"gzip"}
)

// matches reports whether If-None-Match names this very answer (RFC 9110 §13.1.2).
func matches(q *request, etag string) bool {
	v := q.Header.Get("If-None-Match")
	if v == "" {
		return false
	}
	for t := range strings.SplitSeq(v, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == etag {
			return true
		}
	}
	return false
}

// minGzip is the size from which compression pays: below, a page fits one packet or two.
const minGzip = 1400

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3): gzip or * with a quality above 0.
func acceptsGzip(header string) bool {
	for e := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(e, ";")
		if name = strings.TrimSpace(name); !strings.EqualFold(name, "gzip") && name != "*" {
			continue
		}
		quality, _ := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if quality == "" {
			return true
		}
		v, err := strconv.ParseFloat(quality, 64)
		return err == nil && v > 0
	}
	return false
}

// gzips recycles compressors, which are large.
type gzips struct{ pool sync.Pool }

type compressor struct {
	buf bytes.Buffer
	w   *gzip.Writer
}

func (g *gzips) get() *compressor {
	if z, ok := g.pool.Get().(*compressor); ok {
		return z
	}
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return &compressor{w: w}
}

func (g *gzips) put(z *compressor) {
	if z.buf.Cap() <= maxPooled {
		g.pool.Put(z)
	}
}

// compress gives b compressed, good until the next call.
func (z *compressor) compress(b []byte) []byte {
	z.buf.Reset()
	z.w.Reset(&z.buf)
	_, _ = z.w.Write(b) // a bytes.Buffer takes everything
	_ = z.w.Close()
	return z.buf.Bytes()
}
