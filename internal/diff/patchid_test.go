package diff_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bobbin/internal/diff"
)

// separator begins the line that keeps texts apart for git patch-id: it looks like the
// "From" line of `git format-patch`, whose commit git prints behind the id.
const separator = "From b0bb1e0000000000000000000000"

// commitLine matches what git takes for such a line.
var commitLine = regexp.MustCompile(`(?m)^(From |commit )?[0-9a-fA-F]{40}`)

// gitIDs asks git for the patch-id of the first diff in each text, all in one process but
// for texts that hold separators themselves. A text without a diff gets "".
func gitIDs(t testing.TB, texts []string) []string {
	t.Helper()
	ids := make([]string, len(texts))
	var in bytes.Buffer
	for i, s := range texts {
		if commitLine.MatchString(s) {
			ids[i], _, _ = strings.Cut(gitPatchID(t, []byte(s)), " ")
			continue
		}
		fmt.Fprintf(&in, "%s%012x Mon Sep 17 00:00:00 2001\n%s\n", separator, i, s)
	}
	for line := range strings.Lines(gitPatchID(t, in.Bytes())) {
		id, commit, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, ours := strings.CutPrefix(commit, separator[len("From "):])
		if !ours {
			continue // a second diff in one text
		}
		n, err := strconv.ParseUint(number, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		ids[n] = id
	}
	return ids
}

// gitPatchID runs git patch-id.
func gitPatchID(t testing.TB, in []byte) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	cmd := exec.Command("git", "patch-id", "--stable")
	cmd.Dir = t.TempDir()
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func checkIDs(t testing.TB, texts []string) (found int) {
	t.Helper()
	for i, want := range gitIDs(t, texts) {
		got, ok := diff.PatchID(texts[i])
		if got != "" {
			found++
		}
		if got != want || ok != (want != "") {
			t.Errorf("PatchID is %q, git says %q, for\n%.3000s", got, want, texts[i])
		}
	}
	return found
}

func TestPatchID(t *testing.T) {
	names, err := filepath.Glob("testdata/scan/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{samplePatch(1), samplePatch(3), samplePatch(3) + samplePatch(2), "no diff\n", "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n-- \n"}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	checkIDs(t, texts)
}

func TestPatchIDOfProse(t *testing.T) {
	// git makes an id of this: "diff " begins a diff, whatever follows. We do not.
	if id, ok := diff.PatchID("The\ndiff between the two is small.\n\nBye\n"); ok {
		t.Error("prose has a patch-id:", id)
	}
}

func TestPatchIDLikeGit(t *testing.T) {
	if testing.Short() {
		t.Skip("runs git many times")
	}
	// Of a binary file without an index line git hashes whatever its stack holds.
	var lines []string
	for _, f := range fragments {
		if !strings.Contains(f, "inary") {
			lines = append(lines, f)
		}
	}
	lines = append(lines, "index 1234567..89abcde\nGIT binary patch", "index 1..2 100644\nBinary files a/x and b/x differ")
	gen := rapid.SliceOfN(rapid.SampledFrom(lines), 0, 12)
	var texts []string
	for i := range 3000 {
		texts = append(texts, "diff --git a/x b/x\n"+strings.Join(gen.Example(i), "\n")+"\n")
	}
	checkIDs(t, texts)
}

// TestPatchIDsOfArchive compares with git over all patches of a real archive.
func TestPatchIDsOfArchive(t *testing.T) {
	bundle, err := filepath.Abs("../../../shared/data/platform-driver-x86.bundle")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bundle); err != nil {
		t.Skip("needs ../shared/data/platform-driver-x86.bundle")
	}
	if testing.Short() {
		t.Skip("clones an archive")
	}
	var texts []string
	for raw := range blobs(t, bundle) {
		if s := body(raw); diff.HasPatch(s) {
			texts = append(texts, s)
		}
	}
	n := checkIDs(t, texts)
	t.Logf("%d mails with something like a diff, %d with a patch-id", len(texts), n)
	if n < 1000 {
		t.Errorf("only %d patch-ids", n)
	}
}

// blobs streams all blobs of a bundle.
func blobs(t *testing.T, bundle string) func(yield func([]byte) bool) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "0.git")
	if out, err := exec.Command("git", "clone", "-q", "--mirror", bundle, dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	return func(yield func([]byte) bool) {
		cmd := exec.Command("git", "-C", dir, "cat-file", "--batch", "--batch-all-objects", "--unordered")
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Wait()
		r := bufio.NewReaderSize(pipe, 1<<20)
		for {
			var oid, kind string
			var size int
			if _, err := fmt.Fscanf(r, "%s %s %d\n", &oid, &kind, &size); err != nil {
				return
			}
			b := make([]byte, size+1)
			if _, err := io.ReadFull(r, b); err != nil {
				t.Fatal(err)
			}
			if kind == "blob" && !yield(b[:size]) {
				return
			}
		}
	}
}

// body gives a mail's text, decoded when it is of one part; good enough to compare.
func body(raw []byte) string {
	r := bufio.NewReader(bytes.NewReader(raw))
	h, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return string(raw)
	}
	var in io.Reader = r
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		in = quotedprintable.NewReader(r)
	case "base64":
		in = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, _ := io.ReadAll(in)
	return strings.ReplaceAll(strings.ReplaceAll(string(b), "\r\n", "\n"), "\x00", "\ufffd")
}
