package diff

import (
	"crypto/sha1"
	"encoding/hex"
	"hash"
	"strings"
)

// PatchID gives what `git patch-id --stable` prints for the first diff in text: an id
// that does not change when the patch is moved, its white space is altered or its files
// come in another order. ok is false when there is no diff.
//
// The rules are git's, to the letter where they can be told apart: line numbers, index
// lines and all white space are ignored; each file is hashed for itself and the hashes
// are added up as 160-bit little-endian numbers; a binary file stands for its blob ids.
func PatchID(text string) (id string, ok bool) {
	var p idState
	for rest := text; rest != ""; {
		p.reset()
		rest = p.one(rest)
		if p.found && p.size > 0 {
			p.flush()
			return hex.EncodeToString(p.sum[:]), true
		}
	}
	return "", false
}

// idState is a patch-id in the making.
type idState struct {
	h     hash.Hash // of the current file
	sum   [sha1.Size]byte
	buf   []byte // the current line without white space
	size  int    // bytes hashed so far, white space not counted
	found bool   // a line that only a diff has was seen
	// before and after are how many lines the hunk still lacks; before is -1 in a file's
	// header.
	before, after int
	binary        bool
	oldBlob       string
	newBlob       string
}

func (p *idState) reset() {
	*p = idState{h: p.h, buf: p.buf, before: -1, after: -1}
	if p.h == nil {
		p.h = sha1.New()
	}
	p.h.Reset()
}

// one reads up to the end of one diff and returns what follows it.
func (p *idState) one(text string) string {
	for text != "" {
		line := text
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i+1], text[i+1:]
		} else {
			text = ""
		}
		if isCommitLine(line) {
			return text // of `git log -p` or an mbox: the next patch begins
		}
		if strings.HasPrefix(line, `\ `) && len(line) > 12 {
			continue // "\ No newline at end of file"
		}
		if p.size == 0 && !strings.HasPrefix(line, "diff ") {
			continue
		}
		if p.line(line) {
			return text
		}
	}
	return ""
}

// line takes one line of a diff and reports whether the diff ended with it.
func (p *idState) line(line string) (end bool) {
	isDiff := strings.HasPrefix(line, "diff ")
	if strings.HasPrefix(line, "diff -") {
		p.found = true
	}
	if p.before == -1 {
		switch {
		case strings.HasPrefix(line, "GIT binary patch"), strings.HasPrefix(line, "Binary files"):
			p.binary = true
			p.before = 0
			p.h.Write([]byte(p.oldBlob))
			p.h.Write([]byte(p.newBlob))
			p.flush()
			return false
		case strings.HasPrefix(line, "index "):
			p.index(line[len("index "):])
			return false
		case strings.HasPrefix(line, "--- "):
			p.before, p.after = 1, 1
		case !isAlpha(line[0]):
			return true
		}
	}
	if p.binary {
		if isDiff {
			p.binary = false
			p.before = -1
		}
		return false
	}
	if p.before == 0 && p.after == 0 {
		if strings.HasPrefix(line, "@@ -") {
			p.hunk(line[4:])
			return false
		}
		if !isDiff {
			return true
		}
		p.flush()
		p.before, p.after = -1, -1
	}
	if line[0] == '-' || line[0] == ' ' {
		p.before--
	}
	if line[0] == '+' || line[0] == ' ' {
		p.after--
	}
	p.hash(line)
	return false
}

// hash adds a line without its white space.
func (p *idState) hash(line string) {
	b := p.buf[:0]
	for i := range len(line) {
		switch c := line[i]; c {
		case ' ', '\t', '\n', '\v', '\f', '\r':
		default:
			b = append(b, c)
		}
	}
	p.buf = b
	p.size += len(b)
	p.h.Write(b)
}

// index keeps the blob ids for a binary file.
func (p *idState) index(v string) {
	a, b, ok := strings.Cut(v, "..")
	if !ok {
		return
	}
	if i := strings.IndexByte(b, ' '); i >= 0 {
		b = b[:i]
	} else {
		b = strings.TrimSuffix(b, "\n")
	}
	p.oldBlob, p.newBlob = a, b
}

// hunk reads the counts of "1,2 +3,4 @@". What is malformed leaves the counts as they
// are, which ends the diff.
func (p *idState) hunk(v string) {
	var ok bool
	if p.before, v, ok = idCount(v); !ok || !strings.HasPrefix(v, " +") {
		return
	}
	p.after, _, _ = idCount(v[2:])
}

// idCount reads "12,3" and gives 3, or 1 for "12".
func idCount(v string) (n int, rest string, ok bool) {
	_, rest, ok = parseNum(v)
	if strings.HasPrefix(rest, ",") {
		return parseNum(rest[1:])
	}
	return 1, rest, ok
}

// flush adds the current file's hash to the sum and starts the next.
func (p *idState) flush() {
	var h [sha1.Size]byte
	p.h.Sum(h[:0])
	p.h.Reset()
	carry := 0
	for i := range h {
		carry += int(p.sum[i]) + int(h[i])
		p.sum[i] = byte(carry)
		carry >>= 8
	}
}

// isCommitLine reports whether line is "commit <id>" or "From <id>", or an id alone, as
// `git log` and `git format-patch` write before each patch.
func isCommitLine(line string) bool {
	v := line
	if len(v) > 5 && v[:5] == "From " {
		v = v[5:]
	} else if len(v) > 7 && v[:7] == "commit " {
		v = v[7:]
	}
	if len(v) < 40 {
		return false
	}
	for i := range 40 {
		if c := v[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
