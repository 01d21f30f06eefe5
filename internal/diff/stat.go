package diff

import "strings"

// ParseStat reads a line of a diffstat such as " lib/frob.c | 12 +++---": the path as
// printed (git shortens it with "..." and writes renames as "a => b" or "x/{a => b}/c"),
// the number of changed lines and the graph. For binary files n is 0 and graph empty.
func ParseStat(line string) (path string, n int, graph string, ok bool) {
	if len(line) < 6 || line[0] != ' ' {
		return "", 0, "", false
	}
	bar := strings.LastIndexByte(line, '|')
	if bar < 2 || line[bar-1] != ' ' || bar+2 >= len(line) || line[bar+1] != ' ' {
		return "", 0, "", false
	}
	path = strings.Trim(line[:bar], " ")
	if path == "" {
		return "", 0, "", false
	}
	rest := strings.Trim(line[bar+1:], " ")
	if tail, found := strings.CutPrefix(rest, "Bin"); found {
		return path, 0, "", tail == "" || isBinSizes(tail)
	}
	n, graph, ok = parseNum(rest)
	if !ok {
		return "", 0, "", false
	}
	graph = strings.TrimLeft(graph, " ")
	for i := range len(graph) {
		if graph[i] != '+' && graph[i] != '-' {
			return "", 0, "", false
		}
	}
	// A table in prose also has bars and numbers, but no graph.
	if graph == "" && n != 0 {
		return "", 0, "", false
	}
	return path, n, graph, true
}

// isBinSizes reports whether v is " 0 -> 123 bytes".
func isBinSizes(v string) bool {
	v, ok := strings.CutPrefix(v, " ")
	if !ok {
		return false
	}
	_, v, ok = parseNum(v)
	if !ok || !strings.HasPrefix(v, " -> ") {
		return false
	}
	_, v, ok = parseNum(v[len(" -> "):])
	return ok && v == " bytes"
}

// isStatSum reports whether line is the sum below a diffstat.
func isStatSum(line string) bool {
	_, rest, ok := parseNum(strings.TrimLeft(line, " "))
	if !ok {
		return false
	}
	return strings.HasPrefix(rest, " file changed") || strings.HasPrefix(rest, " files changed")
}
