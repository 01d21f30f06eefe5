package gitserve

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"bobbin/internal/errs"
)

const (
	// maxRequest bounds what a client may send in one round, packed and unpacked: the
	// names of the commits it has and wants.
	maxRequest = 32 << 20
	// stall is how long a client may take for a piece of the answer before it is cut off.
	stall = 2 * time.Minute
)

// acquire waits for one of the gits that may run at the same time.
func (s *Server) acquire(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.opt.Wait)
	defer cancel()
	if err := s.room.Acquire(ctx, 1); err != nil {
		return errs.New(errs.Busy, "%d clones are running", s.opt.Limit)
	}
	return nil
}

// advertise answers the first request of a smart client: the refs, or the capabilities
// of protocol 2.
func (s *Server) advertise(w http.ResponseWriter, r *http.Request, dir string) error {
	protocol := protocolOf(r)
	out := s.answer(w, "application/x-git-upload-pack-advertisement")
	if r.Method == http.MethodHead {
		out.begin()
		return nil
	}
	if err := s.acquire(r.Context()); err != nil {
		return err
	}
	defer s.room.Release(1)
	if !speaksV2(protocol) {
		out.preface = "001e# service=git-upload-pack\n0000"
	}
	return out.end(s.git.UploadPack(r.Context(), dir, protocol, true, nil, out))
}

// uploadPack answers a round of negotiation and, in the end, sends the pack.
func (s *Server) uploadPack(w http.ResponseWriter, r *http.Request, dir string) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return statusError(http.StatusMethodNotAllowed)
	}
	if r.Header.Get("Content-Type") != "application/x-git-upload-pack-request" {
		return statusError(http.StatusUnsupportedMediaType)
	}
	rc := http.NewResponseController(w)
	_ = rc.EnableFullDuplex() // git may answer before it has read everything; HTTP/2 can anyway
	_ = rc.SetReadDeadline(time.Now().Add(stall))
	body := io.Reader(http.MaxBytesReader(w, r.Body, maxRequest))
	switch r.Header.Get("Content-Encoding") {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return errs.New(errs.Invalid, "request: %w", err)
		}
		body = &bounded{r: z, left: maxRequest}
	default:
		return statusError(http.StatusUnsupportedMediaType)
	}
	if err := s.acquire(r.Context()); err != nil {
		return err
	}
	defer s.room.Release(1)
	out := s.answer(w, "application/x-git-upload-pack-result")
	return out.end(s.git.UploadPack(r.Context(), dir, protocolOf(r), false, body, out))
}

// bounded ends with an error, not with EOF, when more comes than may.
type bounded struct {
	r    io.Reader
	left int64
}

// Read reads from r.
func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errs.New(errs.Invalid, "request is larger than %d bytes", maxRequest)
	}
	return n, err
}

// longestProtocol bounds Git-Protocol, which becomes a variable of git's environment.
const longestProtocol = 200

// protocolOf gives the Git-Protocol header when it looks as it should
// ("version=2:key=value").
func protocolOf(r *http.Request) string {
	p := r.Header.Get("Git-Protocol")
	if len(p) > longestProtocol {
		return ""
	}
	for i := range len(p) {
		if c := p[i]; c <= ' ' || c >= 0x7f {
			return ""
		}
	}
	return p
}

func speaksV2(protocol string) bool {
	for word := range strings.SplitSeq(protocol, ":") {
		if word == "version=2" {
			return true
		}
	}
	return false
}

// answer is the body of a smart answer. The status goes out with its first byte, so
// that a git that fails at once becomes an error page.
type answer struct {
	w       http.ResponseWriter
	rc      *http.ResponseController
	s       *Server
	ctype   string
	preface string
	begun   bool
}

func (s *Server) answer(w http.ResponseWriter, ctype string) *answer {
	return &answer{w: w, rc: http.NewResponseController(w), s: s, ctype: ctype}
}

func (a *answer) begin() {
	a.begun = true
	a.w.Header().Set("Content-Type", a.ctype)
	noCache(a.w.Header())
	a.w.WriteHeader(http.StatusOK)
}

// Write sends p to the client, which has to take it within stall.
func (a *answer) Write(p []byte) (int, error) {
	_ = a.rc.SetWriteDeadline(time.Now().Add(stall)) // tests do without
	if !a.begun {
		a.begin()
		if _, err := io.WriteString(a.w, a.preface); err != nil {
			return 0, err
		}
	}
	n, err := a.w.Write(p)
	if err == nil {
		err = a.rc.Flush()
		if errors.Is(err, http.ErrNotSupported) {
			err = nil
		}
	}
	return n, err
}

// end gives err back where it can still become an error page; after the first byte the
// connection is cut, so that the answer does not look complete.
func (a *answer) end(err error) error {
	_ = a.rc.SetWriteDeadline(time.Time{})
	if err == nil {
		if !a.begun {
			a.begin()
		}
		return nil
	}
	if !a.begun {
		return err
	}
	a.s.opt.Log.Error("clone cut short", "err", err)
	panic(http.ErrAbortHandler)
}
