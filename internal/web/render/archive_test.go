package render

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bobbin/internal/mail"
)

// blobs streams every n-th mail of an archive in ../shared/data; the test is skipped when
// that is not there.
func blobs(t testing.TB, name string, n int) iter.Seq[[]byte] {
	t.Helper()
	bundle, err := filepath.Abs("../../../../shared/data/" + name + ".bundle")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("needs ../shared/data/%s.bundle", name)
	}
	if testing.Short() {
		t.Skip("clones an archive")
	}
	dir := filepath.Join(t.TempDir(), "0.git")
	if out, err := exec.Command("git", "clone", "-q", "--mirror", bundle, dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	return func(yield func([]byte) bool) {
		cmd := exec.Command("git", "-C", dir, "cat-file", "--batch", "--batch-all-objects", "--unordered", "--buffer")
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}()
		r := bufio.NewReaderSize(pipe, 1<<20)
		for i := 0; ; {
			var oid, kind string
			var size int
			if _, err := fmt.Fscanf(r, "%s %s %d\n", &oid, &kind, &size); err != nil {
				return
			}
			b := make([]byte, size+1)
			if _, err := io.ReadFull(r, b); err != nil {
				t.Fatal(err)
			}
			if kind != "blob" {
				continue
			}
			if i++; i%n == 0 && !yield(b[:size]) {
				return
			}
		}
	}
}

// TestArchive renders real mail and checks all that the fuzz target does.
func TestArchive(t *testing.T) {
	n := 0
	for raw := range blobs(t, "platform-driver-x86", 1) {
		checkBody(t, raw)
		n++
	}
	t.Logf("%d mails", n)
}

// BenchmarkArchive is the time for one mail of linux-serial on average, parsing not
// included.
func BenchmarkArchive(b *testing.B) {
	var list []*mail.Message
	size := 0
	for raw := range blobs(b, "linux-serial", 10) {
		list = append(list, mail.Parse(raw))
		size += len(raw)
	}
	b.SetBytes(int64(size / len(list)))
	b.ReportAllocs()
	opt := Options{Self: "/inbox/a@b/", Base: "/inbox/", Resolve: func(id string) string { return "/inbox/" + PathID(id) + "/" }}
	var dst []byte
	i := 0
	for b.Loop() {
		dst = AppendBody(dst[:0], list[i%len(list)], opt)
		i++
	}
}

// BenchmarkGrowth shows the time a line: it is to be the same for every size.
func BenchmarkGrowth(b *testing.B) {
	for _, unit := range []string{"Some words of a mail.\n", "> quoted http://a.b/c?d=e&f=g\n", "<<", "http://a)", "\n@@ -1 +1 @@\n-x\n+y\n", " .../x | 1 +\n"} {
		for _, n := range []int{100, 10000} {
			m := mail.Parse([]byte("Content-Type: text/plain\n\n" + strings.Repeat(unit, n)))
			b.Run(fmt.Sprintf("%.6q/%d", unit, n), func(b *testing.B) {
				var dst []byte
				for b.Loop() {
					dst = AppendBody(dst[:0], m, testOptions())
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/unit")
			})
		}
	}
}
