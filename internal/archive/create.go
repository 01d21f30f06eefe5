package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bobbin/internal/errs"
	"bobbin/internal/git"
)

// CreateOptions describe a new inbox.
type CreateOptions struct {
	Name        string // committer of its mails; default: the directory's name
	Address     string // where one posts; default: NAME@localhost
	Description string // one line; may be empty
}

// Create makes an empty inbox with epoch 0. dir must not exist or be empty, else Exists;
// what does not come to its end leaves nothing behind but an invisible directory beside
// dir.
func Create(ctx context.Context, dir string, opt CreateOptions) (_ *Inbox, err error) {
	defer errs.Wrap(&err, "create inbox %s", dir)
	dir = filepath.Clean(dir)
	if list, err := os.ReadDir(dir); err == nil && len(list) > 0 {
		return nil, errs.New(errs.Exists, "the directory is not empty")
	} else if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if opt.Name == "" {
		opt.Name = filepath.Base(dir)
	}
	if opt.Address == "" {
		opt.Address = opt.Name + "@localhost"
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, err
	}
	tmp := filepath.Join(parent, "."+filepath.Base(dir)+".new-"+strconv.Itoa(os.Getpid()))
	if err := os.RemoveAll(tmp); err != nil { // of a process of the same number that was killed
		return nil, err
	}
	if err := os.Mkdir(tmp, 0o777); err != nil {
		return nil, err
	}
	if err := fill(ctx, &Inbox{dir: tmp}, opt); err != nil {
		return nil, errors.Join(err, os.RemoveAll(tmp))
	}
	// os.Rename does not replace a directory, not even an empty one as dir may be.
	if err := os.Remove(dir); err != nil && !os.IsNotExist(err) {
		return nil, errors.Join(err, os.RemoveAll(tmp))
	}
	if err := os.Rename(tmp, dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(tmp))
	}
	return &Inbox{dir: dir}, syncDir(parent)
}

func fill(ctx context.Context, b *Inbox, opt CreateOptions) error {
	all, err := git.Init(ctx, filepath.Join(b.dir, allName))
	if err != nil {
		return err
	}
	err = appendConfig(all.Dir(), "[user]", "[repack]\n\twriteBitmaps = true\n[user]\n\tname = "+
		quoteConfig(opt.Name)+"\n\temail = "+quoteConfig(opt.Address)+"\n")
	if err != nil {
		return err
	}
	if _, err := b.newEpoch(ctx, 0); err != nil {
		return err
	}
	if opt.Description != "" {
		line := strings.Join(strings.Fields(opt.Description), " ")
		if err := os.WriteFile(filepath.Join(b.dir, descriptionName), []byte(line+"\n"), 0o666); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(b.dir, lockName), nil, 0o666)
}

// newEpoch makes an empty epoch.
func (b *Inbox) newEpoch(ctx context.Context, n int) (Epoch, error) {
	dir := b.epochDir(n)
	if _, err := git.Init(ctx, dir); err != nil {
		return Epoch{}, err
	}
	if err := includeAll(dir); err != nil {
		return Epoch{}, err
	}
	if err := b.refreshAlternates(); err != nil {
		return Epoch{}, err
	}
	return b.epoch(n)
}

// includeAll makes an epoch obey all.git's configuration, unless it does already.
func includeAll(gitDir string) error {
	const config = "../../all.git/config"
	return appendConfig(gitDir, config, "[include]\n\tpath = "+config+"\n")
}

// appendConfig adds text to a repository's configuration unless sign occurs in it.
func appendConfig(gitDir, sign, text string) error {
	path := filepath.Join(gitDir, "config")
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if strings.Contains(string(old), sign) {
		return nil
	}
	return replaceFile(path, append(old, text...))
}

// quoteConfig makes a value of git's configuration format.
func quoteConfig(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// refreshAlternates makes all.git, creating it where it is missing, borrow from every
// epoch, newest first. Lines that point elsewhere stay.
func (b *Inbox) refreshAlternates() error {
	info := filepath.Join(b.dir, allName, "objects", "info")
	if err := os.MkdirAll(info, 0o777); err != nil {
		return err
	}
	if err := b.ensureAll(); err != nil {
		return err
	}
	ns, err := b.numbers()
	if err != nil {
		return err
	}
	path := filepath.Join(info, "alternates")
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	var text strings.Builder
	for _, n := range slices.Backward(ns) {
		text.WriteString(alternate(n) + "\n")
	}
	for line := range strings.Lines(string(old)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "../../git/") {
			text.WriteString(line + "\n")
		}
	}
	if text.String() == string(old) {
		return nil
	}
	return replaceFile(path, []byte(text.String()))
}

func alternate(n int) string { return "../../git/" + strconv.Itoa(n) + ".git/objects" }

// ensureAll gives all.git what makes a directory a repository. Epochs that were copied
// one by one from elsewhere come without it.
func (b *Inbox) ensureAll() error {
	all := filepath.Join(b.dir, allName)
	if err := os.MkdirAll(filepath.Join(all, "refs", "heads"), 0o777); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"HEAD":   "ref: refs/heads/master\n",
		"config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[repack]\n\twriteBitmaps = true\n",
	} {
		path := filepath.Join(all, name)
		if _, err := os.Lstat(path); os.IsNotExist(err) {
			if err := replaceFile(path, []byte(text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// replaceFile writes a file so that, whatever happens, either the old or the new text is
// there.
func replaceFile(path string, text []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
