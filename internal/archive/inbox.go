package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bobbin/internal/errs"
	"bobbin/internal/git"
)

// The names inside an inbox's directory.
const (
	lockName        = "inbox.lock"
	epochsName      = "git"
	allName         = "all.git"
	descriptionName = "description"
)

// maxDescription bounds what is read of a description.
const maxDescription = 4 << 10

// Inbox is one list's archive.
type Inbox struct{ dir string }

// Epoch is one of an inbox's repositories.
type Epoch struct {
	N    int
	Repo *git.Repo
	Dir  string
}

// Open gives the inbox in a directory in v2 form. NotFound when there is no such
// directory, Invalid when it is something else.
func Open(dir string) (*Inbox, error) {
	b := &Inbox{dir: dir}
	if _, err := os.Lstat(filepath.Join(dir, lockName)); err == nil {
		return b, nil
	}
	ns, err := b.numbers()
	if len(ns) > 0 {
		return b, nil
	}
	fi, serr := os.Stat(dir)
	switch {
	case os.IsNotExist(serr):
		return nil, errs.New(errs.NotFound, "inbox %s: no such directory", dir)
	case serr != nil:
		return nil, errs.New(errs.Internal, "inbox: %w", serr)
	case !fi.IsDir():
		return nil, errs.New(errs.Invalid, "inbox %s: not a directory", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, errs.New(errs.Internal, "inbox: %w", err)
	}
	return nil, errs.New(errs.Invalid, "inbox %s: not a public-inbox v2 directory", dir)
}

// Dir is the inbox's directory.
func (b *Inbox) Dir() string { return b.dir }

// Description gives the first line of the file description; "" when there is none, or
// only git's placeholder.
func (b *Inbox) Description() string {
	f, err := os.Open(filepath.Join(b.dir, descriptionName))
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, maxDescription)
	n, _ := f.Read(buf)
	line, _, _ := strings.Cut(strings.TrimSpace(string(buf[:n])), "\n")
	line = strings.Join(strings.Fields(strings.ToValidUTF8(line, "\uFFFD")), " ")
	if strings.HasPrefix(line, "Unnamed repository") {
		return ""
	}
	return line
}

// Epochs lists the inbox's repositories, oldest first. It reads a directory and the
// shape of each repository, nothing more. A directory of the right name that is no
// repository is left out: somebody may be about to make one of it. Check tells of it.
func (b *Inbox) Epochs(ctx context.Context) ([]Epoch, error) {
	ns, err := b.numbers()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New(errs.Internal, "inbox: %w", err)
	}
	list := make([]Epoch, 0, len(ns))
	for _, n := range ns {
		e, err := b.epoch(n)
		if errs.Is(err, errs.Invalid) || errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// epoch opens one epoch. NotFound when the inbox does not have it.
func (b *Inbox) epoch(n int) (Epoch, error) {
	dir := b.epochDir(n)
	r, err := git.Open(dir)
	if err != nil {
		return Epoch{}, err
	}
	return Epoch{N: n, Repo: r, Dir: dir}, nil
}

func (b *Inbox) epochDir(n int) string {
	return filepath.Join(b.dir, epochsName, strconv.Itoa(n)+".git")
}

// numbers lists the numbers of the epochs that are there, ascending.
func (b *Inbox) numbers() ([]int, error) {
	list, err := os.ReadDir(filepath.Join(b.dir, epochsName))
	var ns []int
	for _, d := range list {
		if n, ok := epochNumber(d.Name()); ok {
			ns = append(ns, n)
		}
	}
	slices.Sort(ns)
	return ns, err
}

// epochNumber reads "12.git".
func epochNumber(name string) (int, bool) {
	s, ok := strings.CutSuffix(name, ".git")
	n, err := strconv.Atoi(s)
	return n, ok && err == nil && n >= 0 && strconv.Itoa(n) == s
}
