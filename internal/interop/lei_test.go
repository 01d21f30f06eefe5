package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testLei has lei, public-inbox's local client, search both sides and fetch whole
// threads. What is no whole answer to it, it refuses.
func (p *pair) testLei(t *testing.T) {
	needDebian(t, "lei", "lei", "curl")
	home, run := t.TempDir(), t.TempDir()
	if err := os.Chmod(run, 0o700); err != nil { // or lei would not put its socket there
		t.Fatal(err)
	}
	lei := func(args ...string) {
		t.Helper()
		cmd := exec.Command("lei", args...)
		cmd.Env, cmd.Dir = append(p.env, "HOME="+home, "XDG_RUNTIME_DIR="+run), home
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("lei %v: %v\n%s", args, err, out)
		}
	}
	t.Cleanup(func() { lei("daemon-kill") })
	fetch := func(base, query string) []string {
		t.Helper()
		out := filepath.Join(t.TempDir(), "mbox")
		lei("q", "-q", "--no-save", "--only", base+"/x86/", "-t", "-o", "mboxrd:"+out, query)
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		ids := msgids(b)
		slices.Sort(ids)
		return ids
	}
	for _, query := range []string{"s:system76_acpi", "nothingatallhere"} {
		if d := cmp.Diff(fetch(p.peer, query), fetch(p.ours, query)); d != "" {
			t.Errorf("lei q -t %s: (- public-inbox, + bobbin)\n%s", query, d)
		}
	}
}
