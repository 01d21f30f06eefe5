package demo

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
)

// file is one file of a tree; mode is git's, as in "100644".
type file struct{ mode, text string }

// tree is a source tree: path to file.
type tree map[string]file

// object gives the id git gives an object.
func object(kind, content string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("%s %d\x00%s", kind, len(content), content)))
	return hex.EncodeToString(sum[:])
}

// blob is the id of a file's content; a file that is not there has all zeros.
func (f file) blob() string {
	if f.mode == "" {
		return strings.Repeat("0", 40)
	}
	return object("blob", f.text)
}

// id is the id of t's git tree object.
func (t tree) id() string {
	type entry struct{ key, mode, name, id string }
	var es []entry
	sub := map[string]tree{}
	for p, f := range t {
		dir, rest, nested := strings.Cut(p, "/")
		if !nested {
			es = append(es, entry{p, f.mode, p, f.blob()})
			continue
		}
		if sub[dir] == nil {
			sub[dir] = tree{}
		}
		sub[dir][rest] = f
	}
	for dir, s := range sub {
		es = append(es, entry{dir + "/", "40000", dir, s.id()}) // git sorts a directory as if it ended in a slash
	}
	sort.Slice(es, func(i, j int) bool { return es[i].key < es[j].key })
	var b strings.Builder
	for _, e := range es {
		raw, _ := hex.DecodeString(e.id)
		b.WriteString(e.mode + " " + e.name + "\x00" + string(raw))
	}
	return object("tree", b.String())
}

// edit applies the edits in body, which look like this, to a copy of t:
//
//	--- edit PATH          then blocks <<<< old ==== new >>>>, each old text found once
//	--- new PATH [MODE]    then the content
//	--- delete PATH
//	--- move OLD NEW       then blocks as for edit
//	--- chmod MODE PATH
func (t tree) edit(body string) (tree, error) {
	out := tree{}
	for p, f := range t {
		out[p] = f
	}
	for _, part := range strings.Split("\n"+body, "\n--- ")[1:] {
		head, text, _ := strings.Cut(part, "\n")
		if err := out.apply(strings.Fields(head), text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// apply does one of the edits; words is its head line.
func (t tree) apply(words []string, text string) error {
	if len(words) < 2 {
		return fmt.Errorf("edit %q is incomplete", words)
	}
	verb, p := words[0], words[1]
	switch verb {
	case "new":
		mode := "100644"
		if len(words) > 2 {
			mode = words[2]
		}
		t[p] = file{mode, strings.TrimRight(text, "\n") + "\n"}
		return nil
	case "delete":
		delete(t, p)
		return nil
	case "chmod":
		f := t[words[2]]
		f.mode = p
		t[words[2]] = f
		return nil
	case "move":
		t[words[2]] = t[p]
		delete(t, p)
		p = words[2]
	case "edit":
	default:
		return fmt.Errorf("unknown edit %q", verb)
	}
	f, ok := t[p]
	if !ok {
		return fmt.Errorf("%s: no such file", p)
	}
	for _, block := range strings.Split("\n"+text, "\n<<<<\n")[1:] {
		block, _, _ = strings.Cut("\n"+block, "\n>>>>")
		was, now, ok := strings.Cut(block, "\n====")
		if !ok {
			return fmt.Errorf("%s: block without ====", p)
		}
		was, now = strings.TrimPrefix(was+"\n", "\n"), strings.TrimPrefix(now+"\n", "\n")
		if n := strings.Count("\n"+f.text, "\n"+was); n != 1 {
			return fmt.Errorf("%s: found %d times: %q", p, n, was)
		}
		f.text = strings.TrimPrefix(strings.Replace("\n"+f.text, "\n"+was, "\n"+now, 1), "\n")
	}
	t[p] = f
	return nil
}
