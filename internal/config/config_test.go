package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bobbin/internal/errs"
)

func write(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoad(t *testing.T) {
	dir := write(t, `
http = "[::1]:9000"
[inbox.a]
dir = "elsewhere/a"
address = ["a@example.org", "b@example.org"]
hide = true
["inbox"."b.c"]
dir = "/srv/b"
`)
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.HTTP = "[::1]:9000"
	want.Inbox["a"] = Inbox{Dir: filepath.Join(dir, "elsewhere/a"), Address: []string{"a@example.org", "b@example.org"}, Hide: true}
	want.Inbox["b.c"] = Inbox{Dir: "/srv/b"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLoadAbsent(t *testing.T) {
	got, err := Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Default(), got); d != "" {
		t.Error(d)
	}
}

func TestLoadErrors(t *testing.T) {
	tests := []struct{ name, text, want, hint string }{
		{"unknown at the top", "http = \":1\"\nhtpt = \":2\"\n", `:2: unknown key "htpt"`, `did you mean "http"?`},
		{"unknown in an inbox", "[inbox.a]\ndir = \"x\"\n\n[inbox.b]\nadress = [\"a@b\"]\n", `:5: unknown key "inbox.b.adress"`, `did you mean "address"?`},
		{"unknown table", "# one\n[inbx.a]\ndir = \"x\"\n", `:2: unknown key "inbx.a"`, ``},
		{"nothing near", "colour = \"x\"\n", `:1: unknown key "colour"`, "doc/configuration.md lists the keys"},
		{"no TOML", "http = \n", ":1: ", ""},
		{"table not closed", "http = \":1\"\n[inbox\ndir = 1\n", ":2: ", ""},
		{"wrong type", "\nhttp = 5\n", ":2: ", ""},
		{"no port", "\n\nhttp = \"localhost\"\n", `:3: http: "localhost" is not host:port`, ""},
		{"debug to the world", "debug_http = \"0.0.0.0:1\"\n", `:1: debug_http: "0.0.0.0:1" is not a loopback host:port`, ""},
		{"cache", "cache_mib = 0\n", `:1: cache_mib: 0 is not between 1 and 1048576`, ""},
		{"log", "log = \"loud\"\n", `:1: log: "loud" is none of error, warn, info, debug`, ""},
		{"name with a slash", "[inbox.\"../x\"]\ndir = \"x\"\n", `"../x" cannot name an inbox`, ""},
		{"reserved name", "[inbox.all]\nhide = true\n", `the name "all" is reserved`, ""},
		{"address", "[inbox.a]\nlistid = [\"x\"]\naddress = [\"nobody\"]\n", `:3: inbox.a.address: "nobody" is not a mail address`, ""},
		{"line break", "[inbox.a]\ndescription = \"a\\nb\"\n", `:2: inbox.a.description: has a control character`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(write(t, tt.text))
			if !errs.Is(err, errs.Invalid) {
				t.Fatalf("got %v, want an error of kind invalid", err)
			}
			if !strings.Contains(err.Error(), FileName) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			if tt.hint != "" && errs.HintOf(err) != tt.hint {
				t.Errorf("hint %q, want %q", errs.HintOf(err), tt.hint)
			}
		})
	}
}

// The example must load, as it stands and with every line switched on.
func TestTemplate(t *testing.T) {
	c, err := parse(Template())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Default(), c); d != "" {
		t.Error(d)
	}
	var on strings.Builder
	for line := range strings.Lines(Template()) {
		code := strings.TrimPrefix(line, "# ")
		if strings.HasPrefix(code, "[") || strings.Contains(code, " = ") {
			on.WriteString(code)
		}
	}
	if _, err := parse(on.String()); err != nil {
		t.Errorf("%v in\n%s", err, on.String())
	}
}

// Every field of the structs is described, and nothing else is.
func TestKeysMatchStructs(t *testing.T) {
	for _, tt := range []struct {
		typ  reflect.Type
		keys []Key
	}{{reflect.TypeFor[Config](), append(Keys(), Key{Name: "inbox"})}, {reflect.TypeFor[Inbox](), InboxKeys()}} {
		var want, got []string
		for f := range tt.typ.Fields() {
			want = append(want, f.Tag.Get("toml"))
		}
		for _, k := range tt.keys {
			got = append(got, k.Name)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v: %s", tt.typ, d)
		}
	}
}

// The manual holds the generated tables.
func TestManualIsCurrent(t *testing.T) {
	b, err := os.ReadFile("../../doc/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), Reference()) {
		t.Errorf("doc/configuration.md lacks these tables:\n%s", Reference())
	}
}

func TestAppendInbox(t *testing.T) {
	dir := write(t, "# mine\nhttp = \":1\" # odd spacing\n\n\n")
	ib := Inbox{Dir: `/srv/a "b"\c`, Address: []string{"x@y"}, Description: "Größe"}
	if err := AppendInbox(dir, "a.b", ib); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	want := "# mine\nhttp = \":1\" # odd spacing\n\n[inbox.\"a.b\"]\ndir = \"/srv/a \\\"b\\\"\\\\c\"\ndescription = \"Größe\"\naddress = [\"x@y\"]\n"
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Error(d)
	}
	if err := AppendInbox(dir, "a.b", ib); !errs.Is(err, errs.Exists) {
		t.Errorf("the second time: %v", err)
	}
	if err := AppendInbox(dir, "..", ib); !errs.Is(err, errs.Invalid) {
		t.Errorf("name ..: %v", err)
	}
	if err := AppendInbox(dir, "c", Inbox{Address: []string{"nobody"}}); !errs.Is(err, errs.Invalid) {
		t.Errorf("bad address: %v", err)
	}
	fi, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	if got := fi.Mode().Perm(); got != 0o600 {
		t.Errorf("mode became %v", got)
	}
}

// What AppendInbox writes, Load reads back.
func TestAppendThenLoad(t *testing.T) {
	line := rapid.StringMatching(`[^\x00-\x1f\x7f]*`)
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "config")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		name := rapid.StringMatching(`[A-Za-z0-9_][A-Za-z0-9_.+-]{0,9}`).Filter(func(s string) bool { return s != "all" }).Draw(t, "name")
		want := Inbox{
			Dir:         "/" + line.Draw(t, "dir"),
			Description: line.Draw(t, "description"),
			URL:         rapid.SliceOf(line).Draw(t, "url"),
			Hide:        rapid.Bool().Draw(t, "hide"),
		}
		if err := AppendInbox(dir, name, want); err != nil {
			t.Fatal(err)
		}
		c, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Inbox[name]
		if len(want.URL) == 0 {
			want.URL = nil
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

func TestValidName(t *testing.T) {
	for name, ok := range map[string]bool{"linux-serial": true, "a.b+c_d": true, "5": true, "": false, ".": false, "..": false,
		".a": false, "-v": false, "a/b": false, "a b": false, "all": false, "a\n": false, "ä": false, strings.Repeat("x", 201): false} {
		if err := ValidName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
