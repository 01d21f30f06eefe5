package interop

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testB4 has b4 fetch series from both sides: what it leaves on disk has to be the same.
func (p *pair) testB4(t *testing.T) {
	needDebian(t, "b4", "b4")
	for _, c := range []struct{ inbox, subject, where, verb string }{
		{"fiber", "[PATCH v2 0/2]", "all", "am -c -t -l"},
		{"fiber", "Re: [Tarantool-patches]", "fiber", "am -t"},
		{"x86", "[PATCH v15 0/1]", "all", "mbox -c"},
		{"x86", "[PATCH v15 0/1]", "x86", "am -c -t -l"},
		{"x86", "[PATCH v15 0/1]", "x86", "am -c -g"},
		{"stable", "[PATCH 5.4 08/80]", "stable", "mbox"},
		{"stable", "[PATCH 5.4 08/80]", "all", "mbox"},
	} {
		id := p.find(t, c.inbox, c.subject)
		want, got := p.b4(t, p.peer, c.where, id, c.verb), p.b4(t, p.ours, c.where, id, c.verb)
		if c.where == "all" && strings.HasPrefix(c.verb, "mbox") {
			sortMails(want)
			sortMails(got)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("b4 %s from %s of %s: (- public-inbox, + bobbin)\n%s", c.verb, c.where, c.subject, d)
		}
		if len(want) == 0 {
			t.Errorf("b4 %s from %s of %s: nothing from public-inbox", c.verb, c.where, c.subject)
		}
	}
}

// sortMails puts the mails of each mbox in order. compat: thread mboxes of /all/ are in
// order of arrival here, in order of indexing there, and b4 mbox keeps that order.
func sortMails(files map[string]string) {
	const sep = "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
	for name, text := range files {
		mails := strings.Split(text, sep)
		slices.Sort(mails)
		files[name] = strings.Join(mails, sep)
	}
}

// b4 runs a verb of b4 against a server, in an empty home, and gives the files it left.
func (p *pair) b4(t *testing.T, base, where, msgid, verb string) map[string]string {
	t.Helper()
	home := t.TempDir()
	out := filepath.Join(home, "out")
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(home, ".gitconfig"), []byte("[b4]\n\tmidmask = "+base+"/"+where+"/%s\n"+
		"\tsearchmask = \""+base+"/"+where+"/?x=m&t=1&q=%s\"\n\tlinkmask = https://msgid.example/%s\n"+
		"\tattestation-policy = off\n[user]\n\tname = A\n\temail = a@example.org\n"))
	cmd := exec.Command("b4", append(strings.Fields(verb), "-C", "-o", out, msgid)...)
	cmd.Dir = home
	cmd.Env = append(p.env, "HOME="+home, "GIT_CEILING_DIRECTORIES="+home,
		"PYTHONHASHSEED=0") // b4 keeps mails in sets
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Logf("b4 %s %s from %s/%s: %v\n%s", verb, msgid, base, where, err, log)
	}
	files := map[string]string{}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(bytes.ReplaceAll(b, []byte(base), nil))
	}
	return files
}
