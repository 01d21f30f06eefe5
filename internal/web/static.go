package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"bobbin/internal/errs"
)

//go:embed static
var staticFiles embed.FS

// asset is a file that every page shares.
type asset struct {
	path  string // "/-/style-0123456789ab.css": changes with the content, so it may be kept for ever
	mime  string
	plain []byte
	gzip  []byte
}

// assets are the embedded files by name.
type assets map[string]*asset

func (as assets) path(name string) string { return as[name].path }

var assetTypes = map[string]string{
	".css": "text/css; charset=UTF-8",
	".js":  "text/javascript; charset=UTF-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=UTF-8",
}

// loadAssets reads the embedded files.
func loadAssets() assets {
	as := assets{}
	files, _ := staticFiles.ReadDir("static") // embedded: cannot fail
	for _, f := range files {
		b, _ := staticFiles.ReadFile("static/" + f.Name())
		sum := sha256.Sum256(b)
		ext := path.Ext(f.Name())
		a := &asset{mime: assetTypes[ext], plain: b,
			path: "/-/" + strings.TrimSuffix(f.Name(), ext) + "-" + hex.EncodeToString(sum[:6]) + ext}
		var z bytes.Buffer
		w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression)
		_, _ = w.Write(b)
		_ = w.Close()
		a.gzip = z.Bytes()
		as[f.Name()] = a
	}
	return as
}

// serveStatic serves /-/NAME-HASH.EXT, robots.txt and favicon.ico. A page from before
// an upgrade asks for an old hash: it gets today's file, not to be kept.
func serveStatic(s *Server, w http.ResponseWriter, q *request) error {
	name := q.file
	if name == "favicon.ico" { // what browsers ask for where no page names an icon
		name = "icon.svg"
	} else if i := strings.LastIndexByte(name, '-'); i >= 0 {
		name = name[:i] + path.Ext(name)
	}
	a, ok := s.static[name]
	if !ok {
		return errs.New(errs.NotFound, "nothing here by that name")
	}
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h["Vary"] = varyEncoding
	switch {
	case a.path == q.URL.Path:
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case q.file == "favicon.ico":
		h.Set("Cache-Control", "public, max-age=86400")
	default:
		h.Set("Cache-Control", "no-cache")
	}
	body := a.plain
	if q.gzip && len(a.gzip) < len(a.plain) {
		h["Content-Encoding"] = encodingGzip
		body = a.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if q.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
	return nil
}
