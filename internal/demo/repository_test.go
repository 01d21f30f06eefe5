package demo

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
)

// gitRepo writes every commit of the invented histories into a new repository and
// gives its directory. git has to give them the ids we computed.
func gitRepo(t *testing.T, w *world) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	run(t, dir, nil, "init", "-q", "-b", "main")
	var stream bytes.Buffer
	marks := map[string]int{}
	var put func(c *commit)
	put = func(c *commit) {
		if marks[c.id] != 0 {
			return
		}
		if c.parent != nil {
			put(c.parent)
		}
		marks[c.id] = len(marks) + 1
		text := c.subject + "\n\n" + c.message()
		fmt.Fprintf(&stream, "reset refs/heads/x\ncommit refs/heads/x\nmark :%d\nauthor %s %d %s\ncommitter %s %d %s\ndata %d\n%s\n",
			marks[c.id], c.author, c.authored.Unix(), c.authored.Format("-0700"),
			c.committer, c.committed.Unix(), c.committed.Format("-0700"), len(text), text)
		if c.parent != nil {
			fmt.Fprintf(&stream, "from :%d\n", marks[c.parent.id])
		}
		stream.WriteString("deleteall\n")
		for p, f := range c.tree {
			fmt.Fprintf(&stream, "M %s inline %s\ndata %d\n%s\n", f.mode, p, len(f.text), f.text)
		}
	}
	for _, label := range commitLabels(w) {
		c, err := w.commit(label)
		if err != nil {
			t.Fatal(err)
		}
		put(c)
	}
	file := filepath.Join(dir, "marks")
	run(t, dir, stream.Bytes(), "fast-import", "--quiet", "--force", "--export-marks="+file)
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for id, mark := range marks {
		if !bytes.Contains(got, fmt.Appendf(nil, ":%d %s\n", mark, id)) {
			t.Errorf("git does not agree on commit %s", id)
		}
	}
	return dir
}

func commitLabels(w *world) []string {
	var out []string
	for label := range w.commitSections {
		out = append(out, label)
	}
	for label := range w.landOf {
		out = append(out, label)
	}
	sort.Strings(out)
	return out
}

func run(t *testing.T, dir string, stdin []byte, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_COMMITTER_NAME=demo", "GIT_COMMITTER_EMAIL=demo@loom.example", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// Each series applies with git am to the commit it is based on and gives the tree
// it should; git agrees on diffstats and diffs.
func TestSeriesApply(t *testing.T) {
	w, err := load()
	if err != nil {
		t.Fatal(err)
	}
	dir := gitRepo(t, w)
	var labels []string
	for label := range w.series {
		labels = append(labels, label)
	}
	slices.Sort(labels)
	for _, label := range labels {
		s := w.series[label]
		base, err := w.base(s)
		if err != nil {
			t.Fatal(err)
		}
		run(t, dir, nil, "checkout", "-q", "--detach", base.id)
		var box bytes.Buffer
		want := base
		for i, c := range s.words("Commits") {
			d, err := w.mail(seriesLabel(label, i+1))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.compose(d); err != nil {
				t.Fatal(err)
			}
			raw, err := w.render(d, Inboxes()[0])
			if err != nil {
				t.Fatal(err)
			}
			box.WriteString("From x Mon Sep 17 00:00:00 2001\n")
			box.Write(raw)
			box.WriteString("\n")
			if want, err = w.commit(c); err != nil {
				t.Fatal(err)
			}
			stat := run(t, dir, nil, "show", "--format=", "--stat=80,60", "--summary", "-M", want.id)
			if got := diffstat(changes(want.before(), want.tree)); strings.TrimSpace(got) != stat {
				t.Errorf("%s: diffstat\n%s\nof git\n%s", c, got, stat)
			}
		}
		run(t, dir, box.Bytes(), "am", "-q")
		if got := run(t, dir, nil, "rev-parse", "HEAD^{tree}"); got != want.tree.id() {
			t.Errorf("%s: git am makes another tree", label)
		}
	}
}
