package browser

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// example is a line of doc/http.md's examples: method, path, status, type, headers.
var example = regexp.MustCompile(`^(GET|POST) +(/\S*) +(\d{3}) (\S+)(.*)$`)

// TestHTTPDoc asks what doc/http.md says that it gets.
func TestHTTPDoc(t *testing.T) {
	text, err := os.ReadFile("../../doc/http.md")
	if err != nil {
		t.Fatal(err)
	}
	base := serveDemo(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	n := 0
	for line := range strings.Lines(string(text)) {
		m := example.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		n++
		req, err := http.NewRequestWithContext(t.Context(), m[1], base+m[2], nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Errorf("%s %s: %v", m[1], m[2], err)
		}
		resp.Body.Close()
		ctype, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
		if status := resp.Status[:3]; status != m[3] || ctype != m[4] {
			t.Errorf("%s %s: %s %s, want %s %s", m[1], m[2], status, ctype, m[3], m[4])
		}
		for _, header := range strings.Fields(m[5]) {
			name, want, _ := strings.Cut(header, "=")
			if got := strings.ReplaceAll(strings.TrimPrefix(resp.Header.Get(name), base), " ", "_"); got != want {
				t.Errorf("%s %s: %s is %s, want %s", m[1], m[2], name, got, want)
			}
		}
	}
	if n < 30 {
		t.Errorf("doc/http.md has %d examples", n)
	}
}
