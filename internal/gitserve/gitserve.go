// Package gitserve lets bare repositories be cloned over HTTP, by the smart protocol and
// by the dumb one, which reads files. It serves what a clone needs and nothing else of a
// repository: never its configuration or hooks, and nothing that a symbolic link leads
// to outside of it. Pushing is refused.
//
// It does not know of inboxes; whoever mounts it says which directory a URL means.
package gitserve

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"bobbin/internal/errs"

	"golang.org/x/sync/semaphore"
)

// Git is what is asked of git; git.Server has it. All methods may be called by several
// goroutines at once.
type Git interface {
	// UploadPack runs one round of git upload-pack, stateless.
	UploadPack(ctx context.Context, dir, protocol string, advertise bool, in io.Reader, out io.Writer) error
	// InfoRefs gives the text of info/refs as of now.
	InfoRefs(ctx context.Context, dir string) ([]byte, error)
	// InfoPacks gives the text of objects/info/packs as of now.
	InfoPacks(dir string) ([]byte, error)
}

// Options tune a Server; the zero value will do.
type Options struct {
	Log   *slog.Logger  // nil: nothing is logged
	Limit int           // gits at the same time; 0: two for each core
	Wait  time.Duration // how long a request waits for one before it gets 503; 0: 10 s
}

// Server holds the limit that all repositories share.
type Server struct {
	git  Git
	opt  Options
	room *semaphore.Weighted
}

// New makes a Server.
func New(git Git, opt Options) *Server {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Limit <= 0 {
		opt.Limit = 2 * runtime.GOMAXPROCS(0)
	}
	if opt.Wait <= 0 {
		opt.Wait = 10 * time.Second
	}
	return &Server{git: git, opt: opt, room: semaphore.NewWeighted(int64(opt.Limit))}
}

// Handler serves the bare repository dir. The request's path is that inside the
// repository: "/info/refs", "/objects/…", "/git-upload-pack".
func (s *Server) Handler(dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.serve(w, r, dir); err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, dir string) error {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "git-upload-pack" {
		return s.uploadPack(w, r, dir)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return statusError(http.StatusMethodNotAllowed)
	}
	switch {
	case name == "info/refs" && r.URL.RawQuery == "service=git-upload-pack":
		return s.advertise(w, r, dir)
	case name == "info/refs" && r.URL.RawQuery == "service=git-receive-pack", name == "git-receive-pack":
		return statusError(http.StatusForbidden)
	}
	return s.file(w, r, dir, name)
}

// statusError is an answer that is nothing but a status.
type statusError int

func (e statusError) Error() string { return http.StatusText(int(e)) }

// fail answers a request that came to nothing.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody is listening
	}
	code := http.StatusInternalServerError
	if st, ok := err.(statusError); ok {
		code = int(st)
	} else {
		switch errs.KindOf(err) {
		case errs.NotFound:
			code = http.StatusNotFound
		case errs.Invalid:
			code = http.StatusBadRequest
		case errs.Busy:
			code = http.StatusServiceUnavailable
			w.Header().Set("Retry-After", "10")
		}
	}
	if code == http.StatusInternalServerError {
		s.opt.Log.Error("git", "path", r.URL.Path, "err", err)
	}
	w.Header().Del("Last-Modified")
	noCache(w.Header())
	http.Error(w, http.StatusText(code), code)
}

// noCache marks what may change at any time, with the headers git's own server sends.
func noCache(h http.Header) {
	h.Set("Expires", "Fri, 01 Jan 1980 00:00:00 GMT")
	h.Set("Pragma", "no-cache")
	h.Set("Cache-Control", "no-cache, max-age=0, must-revalidate")
}
