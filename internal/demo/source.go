package demo

import (
	"bufio"
	"embed"
	"io/fs"
	"path"
	"sort"
	"strings"

	"bobbin/internal/errs"
)

// data/*.txt holds sections; data/tree/NAME holds the source trees they change.
//
//go:embed data
var data embed.FS

// section is one block of a data file: a line "=== kind label", headers as in a
// mail (no folding; a repeated name adds a value), an empty line, a body.
type section struct {
	file  string
	line  int
	kind  string // mail, commit, series, land
	label string
	head  map[string][]string
	body  string
}

// get is the first value of a header, "" when there is none.
func (s *section) get(name string) string {
	if v := s.head[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// words splits the first value of a header at commas.
func (s *section) words(name string) []string { return splitList(s.get(name)) }

// fault is an error that says where in the data it is.
func (s *section) fault(format string, args ...any) error {
	err := errs.New(errs.Invalid, format, args...)
	errs.Wrap(&err, "%s:%d (%s %s)", s.file, s.line, s.kind, s.label)
	return err
}

// splitList splits at commas and white space around them; empty parts vanish.
func splitList(s string) []string {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// readSections reads every data/*.txt, in the order of their names.
func readSections() ([]*section, error) {
	names, err := fs.Glob(data, "data/*.txt")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var out []*section
	for _, name := range names {
		text, err := data.ReadFile(name)
		if err != nil {
			return nil, err
		}
		ss, err := parseSections(path.Base(name), string(text))
		if err != nil {
			return nil, err
		}
		out = append(out, ss...)
	}
	return out, nil
}

// parseSections reads one data file. What stands before the first section is a
// comment.
func parseSections(file, text string) ([]*section, error) {
	var out []*section
	var body strings.Builder
	var cur *section
	inHead := false
	n := 0
	for line := range strings.Lines(text) {
		n++
		if rest, ok := strings.CutPrefix(line, "=== "); ok {
			if cur != nil {
				cur.body = strings.TrimRight(body.String(), "\n")
			}
			body.Reset()
			kind, label, ok := strings.Cut(strings.TrimSpace(rest), " ")
			if !ok {
				return nil, errs.New(errs.Invalid, "%s:%d: section without a label", file, n)
			}
			cur = &section{file: file, line: n, kind: kind, label: label, head: map[string][]string{}}
			out = append(out, cur)
			inHead = true
			continue
		}
		if cur == nil {
			continue
		}
		if !inHead {
			body.WriteString(line)
			continue
		}
		line = strings.TrimRight(line, "\n")
		if line == "" {
			inHead = false
			continue
		}
		k, v, ok := strings.Cut(line, ":")
		if !ok {
			return nil, cur.fault("line %d: no colon in a header", n)
		}
		cur.head[k] = append(cur.head[k], strings.TrimSpace(v))
	}
	if cur != nil {
		cur.body = strings.TrimRight(body.String(), "\n")
	}
	return out, nil
}

// readTree reads the source tree data/tree/name.
func readTree(name string) (tree, error) {
	root := "data/tree/" + name
	t := tree{}
	err := fs.WalkDir(data, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := data.ReadFile(p)
		if err != nil {
			return err
		}
		t[strings.TrimPrefix(p, root+"/")] = file{mode: "100644", text: string(b)}
		return nil
	})
	return t, err
}

// lines splits text into lines without their newlines; the last newline ends the
// last line.
func lines(text string) []string {
	var out []string
	sc := bufio.NewScanner(strings.NewReader(text))
	sc.Buffer(nil, len(text)+1)
	for sc.Scan() {
		out = append(out, sc.Text())
	}
	return out
}
