// Package diff reads the diffs that people put into mail: it says what each line of a
// text is (prose, diff header, hunk, added, removed, diffstat, signature), which files
// and hunks the text touches, and what `git patch-id --stable` makes of it.
//
// It is pure: text in, values out, in time linear in the text. Nothing here fails; a
// diff that a mailer mangled ends where it stops being one and the rest is prose. It
// does not apply patches, and it does not look into quoted text ("> +line" is prose).
package diff

// Kind says what a line of a mail is.
type Kind uint8

// The kinds of line.
const (
	Text    Kind = iota // anything that is no part of a diff
	Head                // "diff --git", index, mode and rename lines, "---" and "+++"
	Hunk                // "@@ -1,2 +3,4 @@ func"
	Context             // unchanged line in a hunk; also "\ No newline at end of file"
	Add                 // added line in a hunk
	Del                 // removed line in a hunk
	Stat                // diffstat line: " path | 3 ++-"
	StatSum             // " 2 files changed, 3 insertions(+)"
	Binary              // "Binary files differ", "GIT binary patch" and its data
	Sig                 // "-- " and what follows it
)

var kindNames = [...]string{"text", "head", "hunk", "context", "add", "del", "stat", "statsum", "binary", "sig"}

// String gives the kind's name in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Line is one line of a text.
type Line struct {
	Kind Kind
	Text string // without the newline; shares the text's memory
	File int    // index of the file it belongs to, -1 outside of diffs
}

// File is one file that a diff changes.
type File struct {
	// Old and New are the paths before and after, without "a/" and "b/"; empty where the
	// file does not exist (/dev/null). They are what the mail says: they may hold "..",
	// begin with a slash, or be empty both.
	Old, New string
	// OldBlob and NewBlob are blob ids in hex as given, mostly abbreviated; empty when the
	// diff has no index line or the id is all zeros.
	OldBlob, NewBlob string
	Rename, Binary   bool // Rename: renamed or copied
	Adds, Dels       int  // lines
	Hunks            []HunkHead
}

// Path gives the name the file goes by: the new one, the old one of a removed file.
func (f *File) Path() string {
	if f.New != "" {
		return f.New
	}
	return f.Old
}

// HunkHead is what the header of a hunk says. Line numbers count from 1.
type HunkHead struct {
	OldStart, OldLines, NewStart, NewLines int
	Func                                   string // what git wrote behind the second @@
}
