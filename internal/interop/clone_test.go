package interop

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeFile(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o666); err != nil {
		t.Fatal(err)
	}
}

// testClone mirrors an inbox from Bobbin with public-inbox's own tool.
func (p *pair) testClone(t *testing.T) {
	needDebian(t, "public-inbox", "public-inbox-clone", "public-inbox-fetch", "curl")
	dir := filepath.Join(t.TempDir(), "mirror")
	p.run(t, "public-inbox-clone", "-q", p.ours+"/x86/", dir)
	tip := func(dir string) string { return p.run(t, "git", "-C", dir, "rev-parse", "HEAD") }
	source := filepath.Join(p.dir, "data/inbox/x86/git/0.git")
	if d := cmp.Diff(tip(source), tip(filepath.Join(dir, "git/0.git"))); d != "" {
		t.Error(d)
	}
	for name, want := range map[string]string{"description": "the list x86\n", "inbox.config.example": ""} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || want != "" && string(b) != want {
			t.Errorf("%s: %v, %q", name, err, b)
		}
	}
	p.run(t, "public-inbox-fetch", "-q", "-C", dir)
}
