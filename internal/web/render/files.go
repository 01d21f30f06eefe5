package render

import (
	"path"
	"strings"

	"bobbin/internal/diff"
)

// fileIndex finds the file of a diff that a line of a diffstat is about, and remembers
// which files have their anchors already.
type fileIndex struct {
	files  []diff.File
	prefix string // of the anchors
	byPath map[string]int
	byBase map[string][]int // by the last component, for shortened paths; made when needed
	state  []fileState
	next   int // the file after the one found last: a diffstat has the diff's order
}

// fileState is what has been written about a file.
type fileState struct {
	begun  bool // its first header line
	linked bool // its line in the diffstat
}

// maxSameBase bounds the files of one name that a shortened path is compared with.
const maxSameBase = 16

// build makes the maps. Of several files with one path the first counts.
func (x *fileIndex) build() {
	if x.byPath != nil {
		return
	}
	x.byPath = make(map[string]int, len(x.files))
	x.state = make([]fileState, len(x.files))
	for i := range x.files {
		p := x.files[i].Path()
		if _, twice := x.byPath[p]; !twice {
			x.byPath[p] = i
		}
	}
}

// first reports whether file i is the first of its path.
func (x *fileIndex) first(i int) bool {
	at, ok := x.byPath[x.files[i].Path()]
	return ok && at == i
}

// find gives the file that a path in a diffstat means, -1 when there is none.
func (x *fileIndex) find(name string) int {
	if len(x.files) == 0 {
		return -1
	}
	x.build()
	name = newPath(name)
	tail, short := strings.CutPrefix(name, "...")
	if !short {
		if i, ok := x.byPath[name]; ok {
			x.next = i + 1
			return i
		}
		return -1
	}
	if x.next < len(x.files) && strings.HasSuffix(x.files[x.next].Path(), tail) {
		x.next++
		return x.next - 1
	}
	x.buildBase()
	for _, i := range x.byBase[path.Base(tail)] {
		if strings.HasSuffix(x.files[i].Path(), tail) {
			x.next = i + 1
			return i
		}
	}
	return -1
}

func (x *fileIndex) buildBase() {
	if x.byBase != nil {
		return
	}
	x.byBase = make(map[string][]int, len(x.files))
	for i := range x.files {
		if base := path.Base(x.files[i].Path()); len(x.byBase[base]) < maxSameBase {
			x.byBase[base] = append(x.byBase[base], i)
		}
	}
}

// newPath gives the new name of a rename as diffstats write it, "a => b" or
// "x/{a => b}/c"; other paths come back as they are.
func newPath(p string) string {
	arrow := strings.Index(p, " => ")
	if arrow < 0 {
		return p
	}
	before, after := p[:arrow], p[arrow+len(" => "):]
	open, end := strings.LastIndexByte(before, '{'), strings.IndexByte(after, '}')
	if open < 0 || end < 0 {
		return after
	}
	middle, tail := after[:end], after[end+1:]
	if middle == "" {
		tail = strings.TrimPrefix(tail, "/")
	}
	return before[:open] + middle + tail
}

// fileHead appends the first word of a file's first header line as the file's anchor,
// which links back to the diffstat, and gives the rest of the line. Of other lines it
// appends nothing.
func (w *writer) fileHead(s string, file int) string {
	x := &w.files
	if file < 0 {
		return s
	}
	x.build()
	if x.state[file].begun {
		return s
	}
	x.state[file].begun = true
	if !x.first(file) {
		return s
	}
	anchor := FileAnchor(x.prefix, x.files[file].Path())
	word := strings.IndexByte(s, ' ')
	if anchor == "" || word <= 0 {
		return s
	}
	w.add("<a id=\"")
	w.add(anchor)
	if x.state[file].linked {
		w.add("\" href=\"#i")
		w.add(anchor)
	}
	w.add("\">")
	w.dst = appendValid(w.dst, s[:word], true)
	w.add("</a>")
	return s[word:]
}

// statLine appends a line of a diffstat. The path links to the file's diff.
func (w *writer) statLine(s string) {
	name, _, graph, ok := diff.ParseStat(s)
	start := strings.Index(s, name)
	if !ok || start < 0 {
		w.inline(s, false)
		return
	}
	w.dst = appendValid(w.dst, s[:start], true)
	end := start + len(name)
	anchor := ""
	x := &w.files
	i := x.find(name)
	if i >= 0 && x.first(i) && !x.state[i].linked {
		if anchor = FileAnchor(x.prefix, x.files[i].Path()); anchor != "" {
			x.state[i].linked = true
		}
	}
	if anchor != "" {
		w.add("<a class=\"fname\" id=\"i")
		w.add(anchor)
		w.add("\" href=\"#")
		w.add(anchor)
		w.add("\">")
	}
	w.dst = appendValid(w.dst, s[start:end], true)
	if anchor != "" {
		w.add("</a>")
	}
	w.graph(s[end:], graph)
}

// graph appends the end of a diffstat line with its plus and minus signs coloured. s ends
// with the graph, but for blanks.
func (w *writer) graph(s, graph string) {
	plus := len(graph) - len(strings.TrimLeft(graph, "+"))
	minus := len(graph) - plus
	at := strings.LastIndex(s, graph)
	if graph == "" || at < 0 || strings.Count(graph, "-") != minus {
		w.dst = appendValid(w.dst, s, true)
		return
	}
	w.dst = appendValid(w.dst, s[:at], true)
	if plus > 0 {
		w.add(openTags[add])
		w.add(graph[:plus])
		w.add("</span>")
	}
	if minus > 0 {
		w.add(openTags[del])
		w.add(graph[plus:])
		w.add("</span>")
	}
	w.dst = appendValid(w.dst, s[at+len(graph):], true)
}

// statSum appends the sum below a diffstat; "changed" links to what Options.Related says.
func (w *writer) statSum(s string) {
	const word = "changed"
	i := strings.Index(s, word)
	if w.opt.Related == "" || i < 0 {
		w.inline(s, false)
		return
	}
	w.dst = appendValid(w.dst, s[:i], true)
	w.add("<a href=\"")
	w.dst = AppendAttr(w.dst, w.opt.Related)
	w.add("\">" + word + "</a>")
	w.dst = appendValid(w.dst, s[i+len(word):], true)
}
