// Package imports holds no code, only the test that keeps the packages of the module in
// their layers: which of them may import which. ARCHITECTURE.md shows the same table
// with the reasons.
package imports

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "bobbin"

// anything is the table's entry for a package that wires the others.
const anything = "*"

// allowed lists, for each package below internal/ (and the commands), what it may
// import apart from the standard library: packages of the module below internal/, and
// others by the beginning of their path. Tests may import more; see testOnly.
var allowed = map[string]string{
	"internal/errs":       "",
	"internal/mail":       "errs golang.org/x/text",
	"internal/mbox":       "mail errs github.com/klauspost/compress",
	"internal/diff":       "",
	"internal/query":      "errs golang.org/x/text",
	"internal/git":        "errs golang.org/x/sync",
	"internal/archive":    "mail git errs golang.org/x/sync golang.org/x/sys",
	"internal/store":      "mail diff query errs modernc.org/sqlite golang.org/x/sync",
	"internal/index":      "store archive git mail diff query errs golang.org/x/sync golang.org/x/sys",
	"internal/catalog":    "store archive git mail diff query errs golang.org/x/sync",
	"internal/web/render": "mail diff",
	"internal/web":        "catalog web/render mail mbox diff query errs github.com/klauspost/compress golang.org/x/sync golang.org/x/text",
	"internal/gitserve":   "catalog errs golang.org/x/sync",
	"internal/demo":       "archive git mail errs golang.org/x/text",
	"internal/config":     "errs github.com/BurntSushi/toml",
	"internal/ingest":     "archive mail mbox git errs",
	"internal/imports":    "",
	"internal/interop":    "",
	"internal/browser":    "",
	"cmd/bobbin":          anything,
}

// testOnly is what every test may import besides.
const testOnly = "github.com/google/go-cmp pgregory.net/rapid go.uber.org/goleak " +
	"github.com/rogpeppe/go-internal github.com/chromedp golang.org/x/net golang.org/x/text golang.org/x/tools/txtar"

// noPackage are names that say nothing about what is inside.
var noPackage = []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "base", "shared"}

// file is a Go file with what it imports.
type file struct {
	path    string // from the module's root, slashes
	pkg     string // its directory
	imports []string
}

func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

func TestImports(t *testing.T) {
	for _, f := range sources(t) {
		rule, known := allowed[f.pkg]
		if !known {
			if !f.isTest() {
				t.Errorf("%s: package %s is not in the table; decide what it may import", f.path, f.pkg)
			}
			continue
		}
		for _, imp := range f.imports {
			if !permits(rule, imp) && !(f.isTest() && testMay(imp)) {
				t.Errorf("%s: package %s may not import %s (it may: %s)", f.path, f.pkg, imp, orNothing(rule))
			}
		}
	}
}

// Tests may use any package of the module: what they build does not ship.
func testMay(imp string) bool {
	return strings.HasPrefix(imp, module+"/") || permits(testOnly, imp)
}

// permits reports whether a rule lets imp through.
func permits(rule, imp string) bool {
	if rule == anything {
		return true
	}
	for _, word := range strings.Fields(rule) {
		external := strings.Contains(strings.SplitN(word, "/", 2)[0], ".")
		switch {
		case !external && imp == module+"/internal/"+word,
			external && (imp == word || strings.HasPrefix(imp, word+"/")):
			return true
		}
	}
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".") && first != module // the standard library
}

func orNothing(rule string) string {
	if rule == "" {
		return "the standard library"
	}
	return rule
}

// Two servers never import each other, and the table has no cycle: a table that allows
// one would say so here before the compiler can.
func TestTableHasNoCycle(t *testing.T) {
	const walking, done = 1, 2
	state := map[string]int{}
	var visit func(pkg string, path []string)
	visit = func(pkg string, path []string) {
		switch state[pkg] {
		case walking:
			t.Errorf("cycle: %s", strings.Join(append(path, pkg), " → "))
			return
		case done:
			return
		}
		state[pkg] = walking
		if rule := allowed[pkg]; rule != anything {
			for _, word := range strings.Fields(rule) {
				if !strings.Contains(strings.SplitN(word, "/", 2)[0], ".") {
					visit("internal/"+word, append(path, pkg))
				}
			}
		}
		state[pkg] = done
	}
	for pkg := range allowed {
		visit(pkg, nil)
	}
}

func TestPackageNames(t *testing.T) {
	for _, f := range sources(t) {
		for _, part := range strings.Split(f.pkg, "/") {
			if slices.Contains(noPackage, part) {
				t.Errorf("%s: %q says nothing about what is inside", f.path, part)
			}
		}
	}
}

// A package tells what it is, what it is not and what it owns.
func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sources(t) {
		if f.isTest() && f.pkg != "internal/imports" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, f.path), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		documented[f.pkg] = documented[f.pkg] || parsed.Doc != nil
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment", pkg)
		}
	}
}

// Generated files and data apart, a file that needs scrolling through is two files.
func TestFileLength(t *testing.T) {
	const most = 500
	for _, f := range sources(t) {
		b, err := os.ReadFile(filepath.Join(root, f.path))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "\n"); n > most && !f.isTest() {
			t.Errorf("%s: %d lines, more than %d", f.path, n, most)
		}
	}
}

func TestPermits(t *testing.T) {
	tests := []struct {
		rule, imp string
		want      bool
	}{
		{"", "net/http", true},
		{"", "bobbin/internal/errs", false},
		{"errs", "bobbin/internal/errs", true},
		{"web", "bobbin/internal/web/render", false},
		{"web/render", "bobbin/internal/web/render", true},
		{"golang.org/x/text", "golang.org/x/text/encoding", true},
		{"golang.org/x/text", "golang.org/x/textile", false},
		{"", "github.com/a/b", false},
		{anything, "github.com/a/b", true},
	}
	got, want := map[string]bool{}, map[string]bool{}
	for _, tt := range tests {
		got[tt.rule+" "+tt.imp] = permits(tt.rule, tt.imp)
		want[tt.rule+" "+tt.imp] = tt.want
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// root is the module's directory as seen from this one.
const root = "../.."

// sources gives every Go file of the module outside of testdata.
func sources(t *testing.T) []file {
	t.Helper()
	var list []file
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() && path != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(rel), pkg: filepath.ToSlash(filepath.Dir(rel))}
		for _, imp := range parsed.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, p)
		}
		list = append(list, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
