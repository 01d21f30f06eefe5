package web

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

// manifestEntry is a repository as grokmirror's manifest describes it.
type manifestEntry struct {
	Description string  `json:"description"`
	Owner       *string `json:"owner"`     // always null, but mirrors look for it
	Reference   *string `json:"reference"` // likewise: epochs share no objects
	Modified    int64   `json:"modified"`  // Unix seconds
	Fingerprint string  `json:"fingerprint"`
}

// serveManifest answers /INBOX/manifest.js.gz: the inbox's epochs.
func serveManifest(s *Server, w http.ResponseWriter, q *request) error {
	if q.inbox.IsAll() {
		return errs.New(errs.NotFound, "/%s/ has no repositories of its own; see /manifest.js.gz", q.inbox.Name)
	}
	return s.sendManifest(w, q, []catalog.Inbox{*q.inbox})
}

// serveTopManifest answers /manifest.js.gz: the epochs of every visible inbox.
func serveTopManifest(s *Server, w http.ResponseWriter, q *request) error {
	boxes, err := s.cat.Inboxes(q.Context())
	if err != nil {
		return err
	}
	return s.sendManifest(w, q, boxes)
}

// sendManifest writes the manifest, which is a gzip file and not a compressed answer.
// Mirrors ask for it every few minutes with If-Modified-Since.
func (s *Server) sendManifest(w http.ResponseWriter, q *request, boxes []catalog.Inbox) error {
	text, modified := manifest(boxes)
	h := w.Header()
	if modified > 0 {
		h.Set("Last-Modified", time.Unix(modified, 0).UTC().Format(http.TimeFormat))
	}
	if validate(w, q, string(text)) {
		return nil
	}
	// Only the exact date we gave counts: when an inbox goes, the newest change moves back.
	if since := q.Header.Get("If-Modified-Since"); since != "" && since == h.Get("Last-Modified") &&
		q.Header.Get("If-None-Match") == "" {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	z := s.gzips.get()
	defer s.gzips.put(z)
	body := z.compress(text)
	h.Set("Content-Type", "application/gzip")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if q.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
	return nil
}

// manifest gives the manifest's JSON and the time of its newest change. An epoch
// without commits is left out: there is nothing to clone yet.
func manifest(boxes []catalog.Inbox) (text []byte, modified int64) {
	entries := map[string]manifestEntry{}
	for i := range boxes {
		b := &boxes[i]
		for _, e := range b.Epochs {
			if e.Tip == "" {
				continue
			}
			n := strconv.Itoa(e.N)
			entries["/"+b.Name+"/git/"+n+".git"] = manifestEntry{
				Description: description(b) + " [epoch " + n + "]",
				Modified:    max(e.Modified.Unix(), 0),
				Fingerprint: fingerprint(e),
			}
			modified = max(modified, e.Modified.Unix())
		}
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf) // maps come out sorted: the same manifest is the same bytes
	enc.SetEscapeHTML(false)
	_ = enc.Encode(entries) // strings and numbers: cannot fail
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), modified
}

// fingerprint is the SHA-1 of what `git show-ref` prints. An epoch has one branch; the
// remote-tracking and other refs that a repository may have besides are not counted.
func fingerprint(e catalog.Epoch) string {
	sum := sha1.Sum([]byte(e.Tip + " " + e.Ref + "\n"))
	return hex.EncodeToString(sum[:])
}
