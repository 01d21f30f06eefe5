package gitserve

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"bobbin/internal/errs"
)

// forever is the header of objects, whose names are their contents.
const forever = "public, max-age=31536000, immutable"

// kindOf gives the content type of a file of a repository and whether it may change;
// "" for files that are nobody's business.
func kindOf(name string) (ctype string, changes bool) {
	switch name {
	case "HEAD", "info/refs", "info/attributes", "description", "cloneurl",
		"objects/info/packs", "objects/info/alternates", "objects/info/http-alternates":
		return "text/plain; charset=utf-8", true
	}
	rest, ok := strings.CutPrefix(name, "objects/")
	if !ok {
		return "", false
	}
	dir, file := path.Split(rest)
	switch {
	case len(dir) == 3 && isHex(dir[:2]) && (len(file) == 38 || len(file) == 62) && isHex(file):
		return "application/x-git-loose-object", false
	case dir != "pack/":
		return "", false
	}
	hex, ok := strings.CutPrefix(file, "pack-")
	if !ok {
		return "", false
	}
	if h, ok := strings.CutSuffix(hex, ".pack"); ok && isHex(h) {
		return "application/x-git-packed-objects", false
	}
	if h, ok := strings.CutSuffix(hex, ".idx"); ok && isHex(h) {
		return "application/x-git-packed-objects-toc", false
	}
	return "", false
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}

// file serves one file for clients of the dumb protocol. The two lists that git keeps in
// files only when it is told to are made anew, so that they are never stale.
func (s *Server) file(w http.ResponseWriter, r *http.Request, dir, name string) error {
	ctype, changes := kindOf(name)
	if ctype == "" {
		return errs.New(errs.NotFound, "%s: not served", name)
	}
	var text []byte
	var err error
	switch name {
	case "info/refs":
		if err = s.acquire(r.Context()); err != nil {
			return err
		}
		text, err = s.git.InfoRefs(r.Context(), dir)
		s.room.Release(1)
	case "objects/info/packs":
		text, err = s.git.InfoPacks(dir)
	default:
		return sendFile(w, r, dir, name, ctype, changes)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", ctype)
	noCache(w.Header())
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	return nil
}

// sendFile sends a regular file inside dir.
func sendFile(w http.ResponseWriter, r *http.Request, dir, name, ctype string, changes bool) error {
	root, err := os.OpenRoot(dir) // symbolic links do not lead out of it
	if err != nil {
		return notFound(name, err)
	}
	defer root.Close()
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return notFound(name, err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return notFound(name, err)
	}
	if !fi.Mode().IsRegular() {
		return errs.New(errs.NotFound, "%s: no regular file", name)
	}
	h := w.Header()
	h.Set("Content-Type", ctype)
	if changes {
		noCache(h)
	} else {
		h.Set("Cache-Control", forever)
	}
	http.ServeContent(w, r, "", fi.ModTime(), f)
	return nil
}

func notFound(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "escapes") {
		return errs.New(errs.NotFound, "%s: not found", name)
	}
	return err
}
