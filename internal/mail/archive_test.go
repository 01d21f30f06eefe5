package mail_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bobbin/internal/mail"
)

// article is a line of what public-inbox made of an archive.
type article struct {
	num, id, thread, blob, from, subject string
	received, sent                       int64
}

// archived is a mail of an archive and the times of its commit.
type archived struct {
	raw            []byte
	author, commit time.Time
}

// TestArchives compares with what public-inbox made of two real archives. Its From is
// compared as addresses: it quotes decoded names, we do not.
func TestArchives(t *testing.T) {
	for _, name := range []string{"platform-driver-x86", "linux-serial"} {
		t.Run(name, func(t *testing.T) {
			rows, mails := loadArchive(t, name)
			compareFields(t, rows, mails)
			compareThreads(t, rows, mails)
		})
	}
}

// loadArchive reads the peer's table and the mails of an archive, by blob id.
func loadArchive(t testing.TB, name string) ([]article, map[string]archived) {
	t.Helper()
	data := filepath.Join("..", "..", "..", "shared", "data")
	bundle := filepath.Join(data, name+".bundle")
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("needs real mail in ../shared/data beside the project: %v", err)
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skipf("needs git: %v", err)
	}
	repo := filepath.Join(t.TempDir(), "0.git")
	if out, err := exec.Command("git", "clone", "-q", "--mirror", bundle, repo).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	return readTable(t, filepath.Join(data, "expected", name+".tsv.gz")), readMails(t, repo)
}

func readTable(t testing.TB, path string) []article {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []article
	for sc := bufio.NewScanner(z); sc.Scan(); {
		c := strings.Split(sc.Text(), "\t")
		received, err1 := strconv.ParseInt(c[3], 10, 64)
		sent, err2 := strconv.ParseInt(c[4], 10, 64)
		if len(c) != 8 || err1 != nil || err2 != nil {
			t.Fatalf("%s: bad line %q", path, sc.Text())
		}
		rows = append(rows, article{c[0], c[1], c[2], c[5], c[6], c[7], received, sent})
	}
	return rows
}

// readMails reads every blob that a commit added as m. The first commit counts.
func readMails(t testing.TB, repo string) map[string]archived {
	t.Helper()
	log, err := exec.Command("git", "-C", repo, "log", "--reverse", "--raw", "--no-abbrev", "--format=%at %ct").Output()
	if err != nil {
		t.Fatalf("git log: %v", err)
	}
	mails := make(map[string]archived)
	var ids []string
	var at, ct int64
	for line := range strings.Lines(string(log)) {
		f := strings.Fields(line)
		switch {
		case len(f) == 2:
			at, _ = strconv.ParseInt(f[0], 10, 64)
			ct, _ = strconv.ParseInt(f[1], 10, 64)
		case len(f) == 6 && f[5] == "m" && f[4] != "D":
			if _, dup := mails[f[3]]; !dup {
				mails[f[3]] = archived{author: time.Unix(at, 0), commit: time.Unix(ct, 0)}
				ids = append(ids, f[3])
			}
		}
	}
	cmd := exec.Command("git", "-C", repo, "cat-file", "--batch", "--buffer")
	cmd.Stdin = strings.NewReader(strings.Join(ids, "\n") + "\n")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReaderSize(out, 1<<20)
	for range ids {
		var id, kind string
		var size int
		if _, err := fmt.Fscanf(br, "%s %s %d\n", &id, &kind, &size); err != nil {
			continue // "ID missing": the archive lacks the blob
		}
		m := mails[id]
		m.raw = make([]byte, size)
		if _, err := io.ReadFull(br, m.raw); err != nil {
			t.Fatal(err)
		}
		br.Discard(1)
		mails[id] = m
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("git cat-file: %v", err)
	}
	return mails
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// betterThanPeer lists blobs whose subject differs on purpose: the writer split GB 2312
// characters between two encoded words, which public-inbox decodes one by one.
var betterThanPeer = map[string]bool{"61b345e3edffe61eae5f78349657b6545622e98a": true}

func compareFields(t *testing.T, rows []article, mails map[string]archived) {
	for _, row := range rows {
		a, ok := mails[row.blob]
		if !ok || a.raw == nil {
			t.Errorf("%s: blob %s is not in the archive", row.num, row.blob)
			continue
		}
		m := mail.Parse(bytes.Clone(a.raw))
		diff := func(what string, got, want any) {
			if got != want {
				t.Errorf("%s %s %s: %s\n got %v\nwant %v", row.num, row.blob, row.id, what, got, want)
			}
		}
		sent, received := m.Times(a.author, a.commit)
		diff("sent", sent.Unix(), row.sent)
		diff("received", received.Unix(), row.received)
		if !betterThanPeer[row.blob] {
			diff("subject", m.Subject(), squeeze(row.subject))
		}
		diff("from", fmt.Sprintf("%q", m.Header.Addresses("From")), fmt.Sprintf("%q", mail.ParseAddresses(row.from)))
		found := false
		for _, id := range m.IDs() {
			found = found || id == row.id
		}
		if !found {
			diff("Message-ID", fmt.Sprint(m.IDs()), row.id)
		}
	}
}

// compareThreads joins messages by their ids and references and compares the
// partition with the peer's.
func compareThreads(t *testing.T, rows []article, mails map[string]archived) {
	parent := make(map[string]string)
	root := func(id string) string {
		for {
			p, ok := parent[id]
			if !ok || p == id {
				return id
			}
			if q, ok := parent[p]; ok {
				parent[id] = q
			}
			id = p
		}
	}
	for _, row := range rows {
		m := mail.Parse(mails[row.blob].raw)
		ids := append(m.IDs(), m.AltIDs()...)
		ids = append(append(ids, row.id), m.References()...)
		for _, id := range ids[1:] {
			if a, b := root(ids[0]), root(id); a != b {
				parent[a] = b
			}
		}
	}
	ours, theirs := make(map[string]string), make(map[string]string)
	for _, row := range rows {
		r := root(row.id)
		if want, ok := ours[r]; ok && want != row.thread {
			t.Errorf("%s %s: one thread here, %s and %s there", row.num, row.id, want, row.thread)
		}
		ours[r] = row.thread
		if want, ok := theirs[row.thread]; ok && want != r {
			t.Errorf("%s %s: thread %s there, %s and %s here", row.num, row.id, row.thread, want, r)
		}
		theirs[row.thread] = r
	}
}

// BenchmarkArchive does to every mail of linux-serial what indexing does: parse, decode
// headers and addresses, decode all text.
func BenchmarkArchive(b *testing.B) {
	_, mails := loadArchive(b, "linux-serial")
	total := 0
	for _, a := range mails {
		total += len(a.raw)
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		for _, a := range mails {
			m := mail.Parse(a.raw)
			m.IDs()
			m.References()
			m.Times(a.author, a.commit)
			mail.BaseSubject(m.Subject())
			m.From()
			m.Header.Addresses("To")
			m.Header.Addresses("Cc")
			for _, p := range m.Leaves() {
				if p.IsText() {
					p.Text()
				}
			}
		}
	}
}
