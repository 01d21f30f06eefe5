package ingest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bobbin/internal/errs"
)

// Kind is what a source is.
type Kind uint8

// The kinds of source.
const (
	Bundle   Kind = iota + 1 // git bundle
	Epoch                    // bare git repository
	Inbox                    // whole public-inbox v2 directory
	Mbox                     // mbox or mboxrd, perhaps compressed
	Maildir                  // directory with cur and new
	MailFile                 // one mail in a file
	Stdin                    // "-": an mbox or one mail
)

var kindNames = [...]string{"", "git bundle", "bare repository", "v2 directory", "mbox", "Maildir", "mail", "standard input"}

// String names the kind for people.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// IsGit reports whether the source holds epochs, which are cloned, rather than mails.
func (k Kind) IsGit() bool { return k == Bundle || k == Epoch || k == Inbox }

// Source is something to import.
type Source struct {
	Path string
	Kind Kind

	compressed bool
}

// whatWorks is the hint for a source that is none.
const whatWorks = "a git bundle, a bare v2 epoch, a v2 directory, an mbox (also .gz, .zst), a Maildir, an .eml file or - can be imported"

// Detect tells what path is by looking at it; names count for nothing. NotFound when it
// is not there, Invalid when it is no archive.
func Detect(path string) (_ Source, err error) {
	defer errs.Wrap(&err, "import %s", path)
	if path == "-" {
		return Source{Path: path, Kind: Stdin}, nil
	}
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Source{}, errs.New(errs.NotFound, "no such file or directory")
	case err != nil:
		return Source{}, errors.Unwrap(err) // the path is in front already
	case fi.IsDir():
		return detectDir(path)
	}
	f, err := os.Open(path) // also a pipe; what is read of one is lost, so those are not sniffed
	if err != nil {
		return Source{}, errors.Unwrap(err)
	}
	defer f.Close()
	if !fi.Mode().IsRegular() {
		return Source{Path: path, Kind: Mbox}, nil
	}
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Source{}, err
	}
	if k := sniff(head[:n]); k != 0 {
		return Source{Path: path, Kind: k, compressed: isCompressed(head[:n])}, nil
	}
	if n == 0 {
		return Source{}, errs.WithHint(errs.Invalid, whatWorks, "the file is empty")
	}
	return Source{}, errs.WithHint(errs.Invalid, whatWorks, "not an archive that Bobbin knows")
}

func detectDir(path string) (Source, error) {
	has := func(names ...string) bool {
		for _, name := range names {
			if _, err := os.Stat(filepath.Join(path, name)); err != nil {
				return false
			}
		}
		return true
	}
	switch {
	case has("inbox.lock"), has("all.git"), has("git") && !has(".git"):
		return Source{Path: path, Kind: Inbox}, nil
	case has("HEAD", "objects", "refs"):
		return Source{Path: path, Kind: Epoch}, nil
	case has("cur"), has("new"):
		return Source{Path: path, Kind: Maildir}, nil
	case has("ssoma.lock"):
		return Source{}, errs.WithHint(errs.Invalid, "public-inbox-convert makes a v2 directory of it", "a public-inbox v1 directory")
	}
	return Source{}, errs.WithHint(errs.Invalid, whatWorks, "a directory that is no archive")
}

// sniffLen is how much of a file tells what it is.
const sniffLen = 8 << 10

// sniff recognises the beginning of a file; 0 when it is nothing that can be imported.
// Compressed files are taken for mboxes; reading them shows whether they are.
func sniff(head []byte) Kind {
	switch {
	case bytes.HasPrefix(head, []byte("# v2 git bundle\n")), bytes.HasPrefix(head, []byte("# v3 git bundle\n")):
		return Bundle
	case isCompressed(head):
		return Mbox
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), "\r\n")
	if bytes.HasPrefix(head, []byte("From ")) {
		return Mbox
	}
	if looksLikeMail(head) {
		return MailFile
	}
	return 0
}

// isCompressed recognises gzip and zstd.
func isCompressed(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x1f, 0x8b}) || bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd})
}

// looksLikeMail reports whether text begins with header fields of which one is known
// from mail. A mail is told from other text with colons by that.
func looksLikeMail(head []byte) bool {
	known := false
	for i := 0; i < 200 && len(head) > 0; i++ {
		line := head
		if n := bytes.IndexByte(head, '\n'); n >= 0 {
			line, head = head[:n], head[n+1:]
		} else {
			head = nil
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return known
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, _, ok := strings.Cut(string(line), ":")
		if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return known && len(head) == 0 // cut in the middle of a field
		}
		switch strings.ToLower(name) {
		case "from", "to", "subject", "date", "message-id", "received", "return-path", "delivered-to", "mime-version":
			known = true
		}
	}
	return known
}
