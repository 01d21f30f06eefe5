package interop

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// article is a line of `bobbin list --json`.
type article struct {
	Number    int    `json:"number"`
	MessageID string `json:"message_id"`
	Subject   string `json:"subject"`
}

// box is an inbox that both sides serve.
type box struct {
	name     string
	address  string
	articles []article
}

// pair is public-inbox-httpd and `bobbin serve` over the same v2 directories, which
// Bobbin has made. The inbox all is public-inbox's external index of them.
type pair struct {
	dir        string // scratch
	env        []string
	bobbin     string // the binary
	peer, ours string // base URLs without a final slash
	boxes      []box
}

// commits is how much of the real archive takes part; indexing it takes public-inbox
// some seconds.
const commits = 300

// startPair builds the inboxes, has both sides index them, and starts both servers.
func startPair(t *testing.T) *pair {
	t.Helper()
	data, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Skip("the real mail beside the repository, ../shared/data, is absent")
	}
	needDebian(t, "public-inbox", "public-inbox-httpd", "public-inbox-init", "public-inbox-index", "public-inbox-extindex")
	dir := t.TempDir()
	p := &pair{dir: dir, bobbin: filepath.Join(dir, "bobbin")}
	p.env = append(os.Environ(), "HOME="+filepath.Join(dir, "home"), "PI_CONFIG="+filepath.Join(dir, "config"),
		"BOBBIN_DIR="+filepath.Join(dir, "data"), "GIT_CONFIG_NOSYSTEM=1", "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "XDG_DATA_HOME=")
	if err := os.Mkdir(filepath.Join(dir, "home"), 0o777); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", p.bobbin, "bobbin/cmd/bobbin")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p.importBoxes(t, data)
	p.startPeer(t)
	p.startOurs(t)
	return p
}

// needDebian skips the test unless a Debian package's programs are there.
func needDebian(t *testing.T, pkg string, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("the Debian package %s is not installed: no %s", pkg, name)
		}
	}
}

// importBoxes makes three inboxes: the beginning of a real one, commits as they are, and
// two threads from mboxes, for which Bobbin writes the epochs.
func (p *pair) importBoxes(t *testing.T, data string) {
	t.Helper()
	full, part := filepath.Join(p.dir, "full.git"), filepath.Join(p.dir, "part.git")
	p.run(t, "git", "clone", "-q", "--bare", filepath.Join(data, "platform-driver-x86.bundle"), full)
	history := strings.Fields(p.run(t, "git", "-C", full, "rev-list", "--reverse", "master"))
	p.run(t, "git", "init", "-q", "--bare", "-b", "master", part)
	p.run(t, "git", "-C", full, "push", "-q", part, history[commits-1]+":refs/heads/master")
	for _, b := range []struct{ name, source string }{
		{"x86", part},
		{"fiber", filepath.Join(data, "seeds/tarantool-fiber-v2.mbox")},
		{"stable", filepath.Join(data, "seeds/stable-5.4.181-rc1.mbox")},
	} {
		address := b.name + "@lists.example.org"
		p.run(t, p.bobbin, "import", "-q", b.name, b.source, "--address", address, "--description", "the list "+b.name)
		nb := box{name: b.name, address: address}
		for line := range strings.Lines(p.run(t, p.bobbin, "list", b.name, "--json")) {
			var a article
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			nb.articles = append(nb.articles, a)
		}
		p.boxes = append(p.boxes, nb)
	}
}

// startPeer has public-inbox index the same directories, and serves them.
func (p *pair) startPeer(t *testing.T) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.peer = "http://" + ln.Addr().String()
	config := filepath.Join(p.dir, "config")
	for _, b := range p.boxes {
		dir := filepath.Join(p.dir, "data", "inbox", b.name)
		p.run(t, "public-inbox-init", "-V2", b.name, dir, p.peer+"/"+b.name+"/", b.address)
		p.run(t, "git", "config", "-f", config, "publicinbox."+b.name+".newsgroup", "example."+b.name)
		p.run(t, "public-inbox-index", "--jobs=1", "--no-fsync", dir)
	}
	p.run(t, "git", "config", "-f", config, "extindex.all.topdir", filepath.Join(p.dir, "all"))
	p.run(t, "git", "config", "-f", config, "extindex.all.url", p.peer+"/all")
	p.run(t, "public-inbox-extindex", "--jobs=1", "--no-fsync", "--all", filepath.Join(p.dir, "all"))
	sock, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	// The socket goes over as systemd hands it to a service, so that nobody can take the port.
	cmd := exec.Command("sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec public-inbox-httpd -W1 2>"+filepath.Join(p.dir, "peer.log"))
	cmd.Env, cmd.ExtraFiles = p.env, []*os.File{sock}
	p.start(t, cmd)
	sock.Close()
}

// startOurs runs `bobbin serve` and waits until it says where.
func (p *pair) startOurs(t *testing.T) {
	t.Helper()
	name := filepath.Join(p.dir, "data", "bobbin.toml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range p.boxes {
		head := "[inbox." + b.name + "]\n"
		text = bytes.Replace(text, []byte(head), []byte(head+"newsgroup = \"example."+b.name+"\"\n"), 1)
	}
	writeFile(t, name, text)
	cmd := exec.Command(p.bobbin, "serve", "--http", "127.0.0.1:0", "--log", "warn")
	cmd.Env = p.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.start(t, cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	i := strings.Index(line, "http://")
	if err != nil || i < 0 {
		t.Fatalf("bobbin serve: %v, said %q", err, line)
	}
	p.ours = strings.TrimSuffix(strings.TrimSpace(line[i:]), "/")
}

// start runs a server until the test ends.
func (p *pair) start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		done := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		done.Stop()
	})
}

// run runs a program to its end and gives what it printed.
func (p *pair) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = p.env, p.dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String()
}

// answer is what a server said.
type answer struct {
	status   int
	header   http.Header
	location string // without the server's own address
	body     []byte
}

var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask sends a request to one side.
func ask(t *testing.T, base, method, path string, body io.Reader) answer {
	t.Helper()
	r, err := http.NewRequest(method, base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s%s: %v", method, base, path, err)
	}
	return answer{resp.StatusCode, resp.Header, strings.TrimPrefix(resp.Header.Get("Location"), base), b}
}

// both asks both sides the same; an empty body is sent with a POST.
func (p *pair) both(t *testing.T, method, path string) (peer, ours answer) {
	t.Helper()
	return ask(t, p.peer, method, path, http.NoBody), ask(t, p.ours, method, path, http.NoBody)
}

// gunzip uncompresses an mbox or manifest.
func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("gzip: %v in %.100q", err, b)
	}
	if b, err = io.ReadAll(z); err != nil {
		t.Fatalf("gzip: %v", err)
	}
	return b
}

// path gives the address of a message below an inbox's.
func (b box) path(msgid string) string { return "/" + b.name + "/" + url.PathEscape(msgid) + "/" }
