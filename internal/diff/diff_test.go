package diff_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"bobbin/internal/diff"
)

var update = flag.Bool("update", false, "write the goldens anew")

// dump writes what Scan found in a form to read.
func dump(lines []diff.Line, files []diff.File) string {
	var b strings.Builder
	for _, l := range lines {
		file := " "
		if l.File >= 0 {
			file = fmt.Sprint(l.File)
		}
		fmt.Fprintf(&b, "%-7s %s|%s\n", l.Kind, file, l.Text)
	}
	for i, f := range files {
		fmt.Fprintf(&b, "file %d: %q -> %q blobs %s..%s +%d -%d", i, f.Old, f.New, f.OldBlob, f.NewBlob, f.Adds, f.Dels)
		if f.Rename {
			b.WriteString(" rename")
		}
		if f.Binary {
			b.WriteString(" binary")
		}
		b.WriteByte('\n')
		for _, h := range f.Hunks {
			fmt.Fprintf(&b, "  hunk -%d,%d +%d,%d %q\n", h.OldStart, h.OldLines, h.NewStart, h.NewLines, h.Func)
		}
	}
	return b.String()
}

func TestScan(t *testing.T) {
	names, err := filepath.Glob("testdata/scan/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			// A dot at a line's end keeps trailing blanks visible and in place.
			text := strings.ReplaceAll(string(a.Files[0].Data), "\u00b7\n", "\n")
			got := dump(diff.Scan(text))
			if *update {
				a.Files = []txtar.File{a.Files[0], {Name: "want", Data: []byte(got)}}
				if err := os.WriteFile(name, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(a.Files[1].Data), got); d != "" {
				t.Error(d)
			}
		})
	}
}

// fragments are lines that mean something to the scanner, to be put together at random.
var fragments = []string{
	"", "-- ", "--", "prose", "diff --git a/x b/x", "diff --git a/x y b/z", "diff --cc x", "diff -u a b", "diff -",
	"index 1234567..89abcde 100644", "--- a/x", "+++ b/x", "--- /dev/null", "@@ -1,2 +1,3 @@ f", "@@ -1 +1 @@",
	"@@ -0,0 +0,0 @@", "@@@ -1,2 -1,2 +1,3 @@@", " ctx", "+add", "-del", "++add", "\\ No newline at end of file",
	"GIT binary patch", "literal 3", "KcmZQzU|@t|U|?i8", "Binary files a/x and b/x differ", "rename from a", "rename to b",
	" x | 2 +-", " 1 file changed", "@", "@@ -99999999999,1 +1 @@", "\t", "index ..", "\"", "--- \"a/\\303\"", "similarity index 1%",
}

// text draws a text made of fragments.
func text(t *rapid.T) string {
	lines := rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 40).Draw(t, "lines")
	s := strings.Join(lines, "\n")
	if rapid.Bool().Draw(t, "final newline") {
		s += "\n"
	}
	return s
}

func TestScanKeepsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkScan(t, text(t)) })
}

// fataler is the part of testing.T that rapid.T shares.
type fataler interface{ Fatalf(string, ...any) }

// checkScan checks what holds for every text.
func checkScan(t fataler, s string) {
	lines, files := diff.Scan(s)
	all := make([]string, len(lines))
	adds, dels := make([]int, len(files)), make([]int, len(files))
	for i, l := range lines {
		all[i] = l.Text
		if l.File < -1 || l.File >= len(files) {
			t.Fatalf("line %d: file %d of %d", i, l.File, len(files))
		}
		inDiff := l.Kind == diff.Head || l.Kind == diff.Hunk || l.Kind == diff.Add || l.Kind == diff.Del || l.Kind == diff.Context
		if inDiff && !diff.HasPatch(s) {
			t.Fatalf("HasPatch is false for %q, which has a %s line", s, l.Kind)
		}
		if l.File >= 0 && l.Kind == diff.Add {
			adds[l.File]++
		}
		if l.File >= 0 && l.Kind == diff.Del {
			dels[l.File]++
		}
	}
	want := strings.TrimSuffix(s, "\n")
	if s == "\n" {
		if len(lines) != 1 {
			t.Fatalf("%q: %d lines", s, len(lines))
		}
	} else if got := strings.Join(all, "\n"); got != want {
		t.Fatalf("lines are %q, text is %q", got, want)
	}
	for i, f := range files {
		if f.Adds != adds[i] || f.Dels != dels[i] {
			t.Fatalf("file %d: +%d -%d, lines say +%d -%d", i, f.Adds, f.Dels, adds[i], dels[i])
		}
	}
	diff.PatchID(s)
}

func FuzzScan(f *testing.F) {
	f.Add(strings.Join(fragments, "\n"))
	for _, s := range fragments {
		f.Add("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n" + s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkScan(t, s) })
}

func TestParseStat(t *testing.T) {
	for _, tc := range []struct {
		line  string
		path  string
		n     int
		graph string
		ok    bool
	}{
		{" lib/frob.c | 12 +++---", "lib/frob.c", 12, "+++---", true},
		{"  lib/frob.c   |   12 +++---  ", "lib/frob.c", 12, "+++---", true},
		{" x/{a => b}/c.h | 0", "x/{a => b}/c.h", 0, "", true},
		{" .../devicetree/x.yaml |  1 +", ".../devicetree/x.yaml", 1, "+", true},
		{" logo.png | Bin 0 -> 1234 bytes", "logo.png", 0, "", true},
		{" logo.png | Bin", "logo.png", 0, "", true},
		{" a|b | 1 -", "a|b", 1, "-", true},
		{" a|b", "", 0, "", false},
		{" kernel | 5", "", 0, "", false},
		{"lib/frob.c | 12 +++---", "", 0, "", false},
		{" | 12 +", "", 0, "", false},
		{" x | 12 + 3", "", 0, "", false},
		{" x | Bingo", "", 0, "", false},
		{" x | ", "", 0, "", false},
		{"", "", 0, "", false},
	} {
		path, n, graph, ok := diff.ParseStat(tc.line)
		if ok != tc.ok || ok && (path != tc.path || n != tc.n || graph != tc.graph) {
			t.Errorf("ParseStat(%q) = %q, %d, %q, %v", tc.line, path, n, graph, ok)
		}
	}
}

// TestLinear checks the work by what it must not depend on: a text that opens as much as
// can be opened and closes nothing takes as long a line at ten times the length.
func TestLinear(t *testing.T) {
	for _, unit := range []string{
		"--- a/x\n+++ b/x\n", "diff --git a/x b/x\n", "@@ -1,999999999 +1,999999999 @@\n", "diff -u \"\\\n", "@@@@@@@@@@@@@@@@\n",
		"GIT binary patch\n", "\n", "-- \n", " x | 1 +\n", strings.Repeat("a | ", 1000) + "\n",
	} {
		allocs := func(n int) float64 {
			s := strings.Repeat(unit, n)
			return testing.AllocsPerRun(1, func() { diff.Scan(s) })
		}
		if few, many := allocs(100), allocs(10000); many > few*30+100 {
			t.Errorf("%.20q: %v allocations for 100, %v for 10000", unit, few, many)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	for name, s := range map[string]string{"patch": samplePatch(40), "prose": strings.Repeat("Some words of a mail, wrapped as usual at some 72 columns.\n", 100)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				diff.Scan(s)
			}
		})
	}
}

func BenchmarkPatchID(b *testing.B) {
	s := samplePatch(40)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		diff.PatchID(s)
	}
}

// samplePatch makes a patch mail of n hunks.
func samplePatch(n int) string {
	var b strings.Builder
	b.WriteString("Frob the knob.\n\nSigned-off-by: A U Thor <author@example.com>\n---\n lib/frob.c | 80 ++++++----\n 1 file changed\n\n")
	b.WriteString("diff --git a/lib/frob.c b/lib/frob.c\nindex 1234567..89abcde 100644\n--- a/lib/frob.c\n+++ b/lib/frob.c\n")
	for i := range n {
		fmt.Fprintf(&b, "@@ -%d,4 +%d,4 @@ static int frob(void)\n \tint a;\n-\tint b;\n+\tint c;\n \n \treturn a;\n", i*10+1, i*10+1)
	}
	b.WriteString("-- \n2.39.5\n")
	return b.String()
}
