package config

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// Key describes one key of the file, for the example and the manual.
type Key struct {
	Name    string
	Type    string // as a user would say it: text, number, list of texts, true or false
	Default string // as TOML; for keys without one, what happens instead, in words
	Example string // as TOML
	Doc     string // sentences, Markdown
}

// Keys describes the keys outside of tables, in the order of the manual.
func Keys() []Key {
	return []Key{
		{"http", "text", `"127.0.0.1:8025"`, `"127.0.0.1:8025"`,
			"Address and port that `bobbin serve` listens on. `--http` overrides it. Put a web server with TLS in front to serve the world."},
		{"debug_http", "text", `""`, `"127.0.0.1:8026"`,
			"Address and port for profiles (`/debug/pprof/`), for people who work on Bobbin. Only a loopback address is taken. Empty: none."},
		{"cache_mib", "number", "48", "48",
			"Memory, in MiB, that the caches of `bobbin serve` may take."},
		{"log", "text", `"info"`, `"info"`,
			"How much `bobbin serve` tells on standard error: `error`, `warn`, `info` or `debug` (a line a request)."},
		{"proxy", "true or false", "false", "true",
			"A web server in front sets `X-Forwarded-Proto`, which then decides between http and https in links. Without one, anybody could set it."},
	}
}

// InboxKeys describes the keys of an [inbox.NAME] table.
func InboxKeys() []Key {
	return []Key{
		{"dir", "text", "`inbox/NAME` in the data directory", `"/srv/public-inbox/example"`,
			"The public-inbox v2 directory. A relative path starts at the data directory."},
		{"description", "text", "what the archive itself says", `"Discussions about the example"`,
			"One line for the front page and the inbox's own."},
		{"address", "list of texts", "none", `["example@lists.example.org"]`,
			"Posting addresses, the primary one first. Used for the reply instructions and as committer of imported mail."},
		{"listid", "list of texts", "none", `["example.lists.example.org"]`,
			"Values of the `List-Id` header, without brackets."},
		{"url", "list of texts", "none", `["https://lists.example.org/example/"]`,
			"Where this archive is public, for mirrors."},
		{"infourl", "list of texts", "none", `["https://example.org/lists.html"]`,
			"Pages about the list: how to subscribe, rules."},
		{"newsgroup", "text", "none", `"org.example.lists.example"`,
			"Name of the inbox as a newsgroup."},
		{"hide", "true or false", "false", "true",
			"Leave the inbox out of the front page and of the manifest. It still answers at its own URLs."},
	}
}

// Template gives the annotated example that `bobbin init` writes: every key is there,
// commented out, so that it changes nothing.
func Template() string {
	var b strings.Builder
	b.WriteString("# Bobbin's configuration. Every line is optional; those commented out show the default\n" +
		"# or an example. A key that Bobbin does not know is an error.\n")
	for _, k := range Keys() {
		writeExample(&b, k, k.Default)
	}
	b.WriteString("\n# Inboxes under inbox/NAME are found without being listed here. A table tells more about\n" +
		"# one, or names one that lives elsewhere (`bobbin add` writes that).\n#\n# [inbox.example]\n")
	for _, k := range InboxKeys() {
		writeExample(&b, k, k.Example)
	}
	return b.String()
}

func writeExample(b *strings.Builder, k Key, value string) {
	b.WriteString("\n")
	for _, line := range wrap(strings.ReplaceAll(k.Doc, "`", ""), 90) {
		fmt.Fprintf(b, "# %s\n", line)
	}
	fmt.Fprintf(b, "# %s = %s\n", k.Name, value)
}

// Reference gives the tables of doc/configuration.md.
func Reference() string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		keys  []Key
	}{{"### At the top", Keys()}, {"### In `[inbox.NAME]`", InboxKeys()}} {
		fmt.Fprintf(&b, "%s\n\n| key | type | default | meaning |\n|---|---|---|---|\n", part.title)
		for _, k := range part.keys {
			def := k.Default
			if strings.HasPrefix(def, `"`) {
				def = "`" + def + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, k.Type, def, k.Doc)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// suggest gives the known key nearest to name in the place that key points at, or "".
func suggest(key toml.Key) string {
	known := append(Keys(), Key{Name: "inbox"})
	if len(key) == 3 && key[0] == "inbox" {
		known = InboxKeys()
	}
	best, near := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(key[len(key)-1]), k.Name); d < near {
			best, near = k.Name, d
		}
	}
	return best
}

func hintFor(key toml.Key) string {
	if s := suggest(key); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return "doc/configuration.md lists the keys"
}

// distance counts the characters to insert, delete or change to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// wrap breaks text into lines of at most width characters where words allow.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(text) {
		if line != "" && len(line)+1+len(w) > width {
			lines, line = append(lines, line), w
			continue
		}
		line = strings.TrimPrefix(line+" "+w, " ")
	}
	return append(lines, line)
}
