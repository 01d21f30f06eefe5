package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// stream is an answer whose length is not known when it begins, such as an mbox. It
// keeps back what comes first: as long as nothing has been sent, a fault is an honest
// error; afterwards the connection is aborted, so that half a download never looks whole.
type stream struct {
	s       *Server
	w       http.ResponseWriter
	q       *request
	payload bool // the file itself is gzip, whatever the visitor accepts
	b       []byte
	z       *compressor // nil until begun, and when nothing is compressed
	begun   bool
}

// flushAt is how much a stream gathers before it sends.
const flushAt = 64 << 10

// flush sends what has been appended to b.
func (t *stream) flush() {
	if !t.begun {
		t.begin()
	}
	var err error
	if t.z != nil {
		_, err = t.z.w.Write(t.b)
	} else {
		_, err = t.w.Write(t.b)
	}
	if err != nil { // the visitor has left
		panic(http.ErrAbortHandler)
	}
	if t.b = t.b[:0]; cap(t.b) > maxPooled {
		t.b = nil
	}
}

func (t *stream) begin() {
	t.begun, t.q.begun = true, true
	h := t.w.Header()
	if !t.payload {
		h["Vary"] = varyEncoding
		if t.q.gzip {
			h["Content-Encoding"] = encodingGzip
		}
	}
	t.w.WriteHeader(http.StatusOK)
	if t.payload || t.q.gzip {
		t.z = t.s.gzips.get()
		t.z.w.Reset(t.w)
	}
}

// close sends the rest and ends a compressed stream properly.
func (t *stream) close() {
	t.flush()
	if t.z == nil {
		return
	}
	if err := t.z.w.Close(); err != nil {
		panic(http.ErrAbortHandler)
	}
	t.s.gzips.put(t.z)
	t.z = nil
}

// fail gives the error that a handler has to return: err itself while it can still be
// the answer, and one that cuts the connection otherwise.
func (t *stream) fail(err error) error {
	if !t.begun {
		return err
	}
	if t.q.Context().Err() != nil { // nobody is listening, and it is not our fault
		panic(http.ErrAbortHandler)
	}
	return broken(err)
}

// validate sets an ETag that changes with the given parts of an answer and reports
// whether the visitor has this very answer; then 304 has been sent.
func validate(w http.ResponseWriter, q *request, parts ...string) bool {
	sum := sha256.New()
	for _, p := range parts {
		sum.Write([]byte(p))
		sum.Write([]byte{0})
	}
	var buf [sha256.Size]byte
	etag := `"` + hex.EncodeToString(sum.Sum(buf[:0])[:12]) + `"`
	w.Header()["Cache-Control"] = revalidate
	w.Header()["Etag"] = []string{etag}
	if q.Method == http.MethodPost || !matches(q, etag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}
