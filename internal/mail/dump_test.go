package mail

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestMessages parses the mails in testdata/*.txtar and compares what is seen of them.
// In a file "NAME.eml" stands a mail, in "NAME" what is expected of it.
func TestMessages(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, path := range paths {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out := &txtar.Archive{Comment: ar.Comment}
		want := make(map[string]string)
		for _, f := range ar.Files {
			want[f.Name] = string(f.Data)
		}
		for _, f := range ar.Files {
			name, ok := strings.CutSuffix(f.Name, ".eml")
			if !ok {
				continue
			}
			got := dump(Parse(f.Data))
			out.Files = append(out.Files, f, txtar.File{Name: name, Data: []byte(got)})
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar")+"/"+name, func(t *testing.T) {
				if d := cmp.Diff(want[name], got); d != "" && !*update {
					t.Error(d)
				}
			})
		}
		if *update {
			if err := os.WriteFile(path, txtar.Format(out), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// dump writes what is seen of a message, leaving out what is empty.
func dump(m *Message) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" && value != "[]" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	addrs := func(list []Address) string {
		var s []string
		for _, a := range list {
			s = append(s, a.String())
		}
		return strings.Join(s, " | ")
	}
	line("subject", m.Subject())
	line("from", addrs(m.From()))
	line("to", addrs(m.Header.Addresses("To")))
	line("cc", addrs(m.Header.Addresses("Cc")))
	line("ids", strings.Join(append(m.IDs(), m.AltIDs()...), " | "))
	line("references", strings.Join(m.References(), " | "))
	sent, received := m.Times(time.Time{}, time.Time{})
	if sent.Year() > 1 {
		line("sent", sent.Format(time.DateTime))
		line("received", received.Format(time.DateTime))
	}
	line("defects", fmt.Sprint(m.Defects))
	dumpPart(&b, m.Root)
	return b.String()
}

func dumpPart(b *strings.Builder, p *Part) {
	indent := strings.Repeat("  ", p.Depth)
	fmt.Fprintf(b, "%spart", indent)
	if p.Index != "" {
		fmt.Fprintf(b, " %s", p.Index)
	}
	fmt.Fprintf(b, " %s", p.Type)
	if p.Depth > 0 && p.Header.Has("Subject") {
		fmt.Fprintf(b, " subject=%q", p.Header.Text("Subject"))
	}
	if p.Filename != "" {
		fmt.Fprintf(b, " file=%q", p.Filename)
	}
	if p.Children == nil {
		fmt.Fprintf(b, " size=%d", p.Size())
		if p.IsAttachment() {
			b.WriteString(" attachment")
		}
		if text, ok := p.Text(); p.IsText() {
			if !ok {
				b.WriteString(" doubtful")
			}
			b.WriteByte('\n')
			for l := range strings.Lines(text) {
				fmt.Fprintf(b, "%s| %s\n", indent, strings.TrimSuffix(l, "\n"))
			}
			return
		}
	}
	b.WriteByte('\n')
	for _, c := range p.Children {
		dumpPart(b, c)
	}
}
