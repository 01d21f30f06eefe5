package web

import (
	"net/http"
	"net/url"
	"path"

	"bobbin/internal/errs"
)

// serveGit answers for the files of an epoch's repository, at /INBOX/N/…, /INBOX/N.git/…
// and /INBOX/git/N.git/…, through the handler that Options.Git makes. That handler
// sees the path inside the repository and decides what of it is public.
func serveGit(s *Server, w http.ResponseWriter, q *request) error {
	if s.opt.Git == nil {
		return errs.New(errs.NotFound, "this server has no git access")
	}
	if file := "/" + q.file; path.Clean(file) != file {
		return errs.New(errs.NotFound, "no such file")
	}
	for i := range q.inbox.Epochs {
		if q.inbox.Epochs[i].N != q.epoch {
			continue
		}
		r := *q.Request
		r.URL = &url.URL{Path: "/" + q.file, RawQuery: q.URL.RawQuery}
		q.begun = true
		s.opt.Git(q.inbox.Epochs[i].Dir).ServeHTTP(w, &r)
		return nil
	}
	return errs.New(errs.NotFound, "%s has no epoch %d", q.inbox.Name, q.epoch)
}
