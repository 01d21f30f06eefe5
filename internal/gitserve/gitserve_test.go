package gitserve_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bobbin/internal/errs"
	"bobbin/internal/git"
	"bobbin/internal/gitserve"

	"github.com/google/go-cmp/cmp"
)

// repository makes a bare repository with some commits, of which the last ones are packed.
func repository(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "0.git")
	r, err := git.Init(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	tip := ""
	for i, n := range []int{3, 200} { // few commits stay loose objects, many make a pack
		im, err := r.Import(t.Context(), "refs/heads/master", tip)
		if err != nil {
			t.Fatal(err)
		}
		for k := range n {
			who := git.Ident{Name: "A", Email: "a@example.org", When: time.Unix(int64(1000*i+k), 0)}
			c := git.Commit{Author: who, Committer: who, Message: "mail\n", Path: "m",
				Data: []byte("Subject: " + strconv.Itoa(i) + "/" + strconv.Itoa(k) + "\n\nbody\n")}
			if _, err := im.Add(c); err != nil {
				t.Fatal(err)
			}
		}
		if tip, err = im.Checkpoint(); err != nil {
			t.Fatal(err)
		}
		if err := im.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func serve(t *testing.T, dir string) string {
	t.Helper()
	srv := httptest.NewServer(gitserve.New(git.Server{}, gitserve.Options{}).Handler(dir))
	t.Cleanup(srv.Close)
	return srv.URL
}

// run runs git as a user with an empty home would.
func run(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Env = append(append(os.Environ(), "HOME="+t.TempDir(), "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestClone(t *testing.T) {
	dir := repository(t)
	want := run(t, nil, "-C", dir, "rev-parse", "HEAD")
	url := serve(t, dir)
	tests := []struct {
		name string
		env  []string
		args []string
	}{
		{"dumb", []string{"GIT_SMART_HTTP=0"}, nil},
		{"protocol 0", nil, []string{"-c", "protocol.version=0"}},
		{"protocol 1", nil, []string{"-c", "protocol.version=1"}},
		{"protocol 2", nil, []string{"-c", "protocol.version=2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := filepath.Join(t.TempDir(), "clone.git")
			run(t, tt.env, append(tt.args, "clone", "--quiet", "--mirror", url, to)...)
			if got := run(t, nil, "-C", to, "rev-parse", "HEAD"); got != want {
				t.Errorf("HEAD is %s, want %s", got, want)
			}
			if got := run(t, nil, "-C", to, "rev-list", "--count", "HEAD"); got != "203" {
				t.Errorf("%s commits, want 203", got)
			}
			run(t, nil, "-C", to, "fsck", "--full", "--strict")
			run(t, tt.env, append(tt.args, "-C", to, "fetch", "--quiet")...)
		})
	}
	t.Run("shallow", func(t *testing.T) {
		to := filepath.Join(t.TempDir(), "clone.git")
		run(t, nil, "clone", "--quiet", "--bare", "--depth=5", url, to)
		if got := run(t, nil, "-C", to, "rev-list", "--count", "HEAD"); got != "5" {
			t.Errorf("%s commits, want 5", got)
		}
	})
	t.Run("fetch what is new", func(t *testing.T) {
		// A client that has some commits says which, in a request that git compresses.
		to := filepath.Join(t.TempDir(), "clone.git")
		run(t, nil, "clone", "--quiet", "--bare", dir, to)
		run(t, nil, "-C", to, "update-ref", "refs/heads/master", run(t, nil, "-C", dir, "rev-parse", "HEAD~50"))
		run(t, nil, "-C", to, "fetch", "--quiet", url, "master:master")
		if got := run(t, nil, "-C", to, "rev-parse", "master"); got != want {
			t.Errorf("master is %s, want %s", got, want)
		}
	})
}

func TestPushIsRefused(t *testing.T) {
	dir := repository(t)
	url := serve(t, dir)
	cmd := exec.Command("git", "-C", dir, "push", url, "HEAD:refs/heads/other")
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0")
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Errorf("push went through: %s", out)
	}
}

// get asks for a path without cleaning it, as an attacker would.
func get(t *testing.T, h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://x/", nil)
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFiles(t *testing.T) {
	dir := repository(t)
	h := gitserve.New(git.Server{}, gitserve.Options{}).Handler(dir)
	packs, err := filepath.Glob(filepath.Join(dir, "objects/pack/*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("packs: %q, %v", packs, err)
	}
	pack := "/objects/pack/" + filepath.Base(packs[0])
	loose, err := filepath.Glob(filepath.Join(dir, "objects/[0-9a-f][0-9a-f]/*"))
	if err != nil || len(loose) == 0 {
		t.Fatalf("loose objects: %q, %v", loose, err)
	}
	obj, err := filepath.Rel(dir, loose[0])
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "description")); err != nil {
		t.Fatal(err)
	}
	const text = "text/plain; charset=utf-8"
	tests := []struct {
		method, path string
		code         int
		ctype        string
		cache        string // how Cache-Control begins
	}{
		{"GET", "/HEAD", 200, text, "no-cache"},
		{"HEAD", "/HEAD", 200, text, "no-cache"},
		{"GET", "/info/refs", 200, text, "no-cache"},
		{"GET", "/info/refs?service=git-upload-pack&x=1", 200, text, "no-cache"},
		{"GET", "/info/refs?service=git-upload-pack", 200, "application/x-git-upload-pack-advertisement", "no-cache"},
		{"HEAD", "/info/refs?service=git-upload-pack", 200, "application/x-git-upload-pack-advertisement", "no-cache"},
		{"GET", "/info/refs?service=git-receive-pack", 403, text, "no-cache"},
		{"GET", "/objects/info/packs", 200, text, "no-cache"},
		{"GET", "/" + obj, 200, "application/x-git-loose-object", "public, max-age=31536000"},
		{"GET", pack, 200, "application/x-git-packed-objects", "public, max-age=31536000"},
		{"GET", strings.TrimSuffix(pack, "pack") + "idx", 200, "application/x-git-packed-objects-toc", "public, max-age=31536000"},
		{"GET", "/objects/pack/pack-00.pack", 404, text, "no-cache"},
		{"GET", "/objects/info/alternates", 404, text, "no-cache"},
		{"GET", "/config", 404, text, "no-cache"},
		{"GET", "/objects/../config", 404, text, "no-cache"},
		{"GET", "/../secret", 404, text, "no-cache"},
		{"GET", "/description", 404, text, "no-cache"}, // a link to outside
		{"GET", "/objects", 404, text, "no-cache"},
		{"GET", "/objects/pack/", 404, text, "no-cache"},
		{"GET", "/hooks/update", 404, text, "no-cache"},
		{"GET", "", 404, text, "no-cache"},
		{"POST", "/HEAD", 405, text, "no-cache"},
		{"GET", "/git-upload-pack", 405, text, "no-cache"},
		{"POST", "/git-upload-pack", 415, text, "no-cache"},
		{"POST", "/git-receive-pack", 405, text, "no-cache"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			w := get(t, h, tt.method, tt.path)
			if w.Code != tt.code || w.Header().Get("Content-Type") != tt.ctype || !strings.HasPrefix(w.Header().Get("Cache-Control"), tt.cache) {
				t.Errorf("got %d %q %q, want %d %q %q…", w.Code, w.Header().Get("Content-Type"),
					w.Header().Get("Cache-Control"), tt.code, tt.ctype, tt.cache)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Error("a file from outside was served")
			}
		})
	}
}

func TestRangeAndValidators(t *testing.T) {
	dir := repository(t)
	h := gitserve.New(git.Server{}, gitserve.Options{}).Handler(dir)
	packs, err := filepath.Glob(filepath.Join(dir, "objects/pack/*.pack"))
	if err != nil || len(packs) == 0 {
		t.Fatalf("packs: %q, %v", packs, err)
	}
	path := "/objects/pack/" + filepath.Base(packs[0])
	w := get(t, h, "GET", path, "Range", "bytes=0-3")
	if w.Code != http.StatusPartialContent || w.Body.String() != "PACK" {
		t.Errorf("range: %d %q", w.Code, w.Body)
	}
	w = get(t, h, "GET", path, "If-Modified-Since", w.Header().Get("Last-Modified"))
	if w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("If-Modified-Since: %d, %d bytes", w.Code, w.Body.Len())
	}
}

// The lists that git writes only in update-server-info are as git would write them.
func TestServerInfo(t *testing.T) {
	dir := repository(t)
	run(t, []string{"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a"},
		"-C", dir, "tag", "-a", "-m", "tag", "v1")
	h := gitserve.New(git.Server{}, gitserve.Options{}).Handler(dir)
	got := map[string]string{}
	for _, name := range []string{"info/refs", "objects/info/packs"} {
		got[name] = get(t, h, "GET", "/"+name).Body.String()
	}
	run(t, nil, "-C", dir, "update-server-info")
	for name, text := range got {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), text); d != "" {
			t.Errorf("%s (-git +ours):\n%s", name, d)
		}
	}
}

// fake is a Git that does what a test wants.
type fake struct {
	upload func(in io.Reader, out io.Writer) error
}

func (f fake) UploadPack(_ context.Context, _, _ string, _ bool, in io.Reader, out io.Writer) error {
	return f.upload(in, out)
}
func (fake) InfoRefs(context.Context, string) ([]byte, error) { return nil, nil }
func (fake) InfoPacks(string) ([]byte, error)                 { return nil, nil }

func TestLimit(t *testing.T) {
	began, end := make(chan bool), make(chan bool)
	busy := fake{func(io.Reader, io.Writer) error { close(began); <-end; return nil }}
	h := gitserve.New(busy, gitserve.Options{Limit: 1, Wait: time.Millisecond}).Handler("x")
	first := make(chan int)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/info/refs?service=git-upload-pack", nil))
		first <- w.Code
	}()
	<-began
	w := get(t, h, "GET", "/info/refs?service=git-upload-pack")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	close(end)
	if code := <-first; code != http.StatusOK {
		t.Errorf("first: %d", code)
	}
}

func post(body []byte, encoding string) *http.Request {
	r := httptest.NewRequest("POST", "/git-upload-pack", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/x-git-upload-pack-request")
	r.Header.Set("Content-Encoding", encoding)
	return r
}

func TestFaults(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(z, zeros{}, 64<<20); err != nil {
		t.Fatal(err)
	}
	z.Close()
	readAll := func(in io.Reader, _ io.Writer) error { _, err := io.Copy(io.Discard, in); return err }
	tests := []struct {
		name   string
		upload func(io.Reader, io.Writer) error
		req    *http.Request
		code   int
	}{
		{"no repository", func(io.Reader, io.Writer) error { return errs.New(errs.NotFound, "x") }, post(nil, ""), 404},
		{"git fails", func(io.Reader, io.Writer) error { return errors.New("x") }, post(nil, ""), 500},
		{"zip bomb", readAll, post(bomb.Bytes(), "gzip"), 400},
		{"no gzip", readAll, post([]byte("0000"), "gzip"), 400},
		{"unknown coding", readAll, post(nil, "br"), 415},
		{"all is well", readAll, post([]byte("0000"), ""), 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			gitserve.New(fake{tt.upload}, gitserve.Options{}).Handler("x").ServeHTTP(w, tt.req)
			if w.Code != tt.code {
				t.Errorf("got %d, want %d", w.Code, tt.code)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A pack that breaks off must not look whole.
func TestCutShort(t *testing.T) {
	half := fake{func(_ io.Reader, out io.Writer) error { io.WriteString(out, "0008"); return errors.New("x") }}
	srv := httptest.NewServer(gitserve.New(half, gitserve.Options{}).Handler("x"))
	defer srv.Close()
	resp, err := http.Post(srv.URL+"/git-upload-pack", "application/x-git-upload-pack-request", strings.NewReader("0000"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("the answer looks complete")
	}
}
