package mbox

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bobbin/internal/errs"
)

// File is one message of a Maildir.
type File struct {
	Path string
	Raw  []byte // the caller's
}

// Maildir gives the messages in dir's cur and new, ordered by the delivery time in the
// file name, then by name. A message that another program moves or removes meanwhile
// is left out. A file that cannot be read, or is larger than MaxMessage, is an error
// with its path, after which the rest follows; a dir without cur and new is an error
// of kind Invalid.
func Maildir(dir string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		names, err := maildirNames(dir)
		if err != nil {
			yield(File{}, err)
			return
		}
		for _, n := range names {
			path := filepath.Join(dir, n.sub, n.name)
			raw, err := readMessage(path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if !yield(File{Path: path, Raw: raw}, err) {
				return
			}
		}
	}
}

// maildirName is a file of a Maildir and what orders it.
type maildirName struct {
	sub, name string
	delivered int64 // Unix seconds by the name; 0 when it has none
}

func maildirNames(dir string) ([]maildirName, error) {
	var names []maildirName
	found := false
	for _, sub := range [...]string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("mbox: Maildir %s: %w", dir, err)
		}
		found = true
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") || e.IsDir() {
				continue
			}
			head, _, _ := strings.Cut(e.Name(), ".")
			sec, _ := strconv.ParseInt(head, 10, 64)
			names = append(names, maildirName{sub, e.Name(), sec})
		}
	}
	if !found {
		return nil, errs.WithHint(errs.Invalid, "a Maildir has the directories cur, new and tmp", "mbox: %s is no Maildir", dir)
	}
	slices.SortFunc(names, func(a, b maildirName) int {
		return cmp.Or(cmp.Compare(a.delivered, b.delivered), strings.Compare(a.name, b.name), strings.Compare(a.sub, b.sub))
	})
	return names, nil
}

// readMessage reads a file of bounded size.
func readMessage(path string) (_ []byte, err error) {
	defer errs.Wrap(&err, "mbox: Maildir message")
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errs.New(errs.Invalid, "%s is no regular file", path)
	}
	if st.Size() > MaxMessage {
		return nil, errs.New(errs.Invalid, "%s is larger than %d bytes", path, MaxMessage)
	}
	return io.ReadAll(io.LimitReader(f, MaxMessage))
}
