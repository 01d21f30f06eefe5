package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bobbin/internal/config"
	"bobbin/internal/errs"
)

// dataDir is an existing data directory and what its configuration says.
type dataDir struct {
	path    string
	config  *config.Config
	inboxes []inbox // by name
}

// inbox is one inbox of a data directory: found under inbox/ or named in bobbin.toml.
type inbox struct {
	config.Inbox // Dir is filled in
	Name         string
}

// dirPath gives the data directory: --dir, $BOBBIN_DIR, or the user's own.
func dirPath(e *env) (string, error) {
	for _, dir := range []string{e.dir, e.getenv("BOBBIN_DIR")} {
		if dir != "" {
			return filepath.Abs(dir)
		}
	}
	if base := e.getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "bobbin"), nil
	}
	home := e.getenv("HOME")
	if home == "" {
		return "", errs.WithHint(errs.Invalid, "say --dir DIR or set BOBBIN_DIR", "data directory: HOME is not set")
	}
	return filepath.Join(home, ".local", "share", "bobbin"), nil
}

// openDataDir opens the data directory; errs.NotFound when there is none.
func openDataDir(e *env) (*dataDir, error) {
	path, err := dirPath(e)
	if err != nil {
		return nil, err
	}
	switch fi, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errs.WithHint(errs.NotFound, "`bobbin init` or `bobbin import` makes it, --dir names another",
			"data directory: %s: does not exist", path)
	case err != nil:
		return nil, err
	case !fi.IsDir():
		return nil, errs.WithHint(errs.Invalid, "--dir names another", "data directory: %s: is no directory", path)
	}
	return loadDataDir(path)
}

// loadDataDir reads the configuration of path and looks for its inboxes.
func loadDataDir(path string) (*dataDir, error) {
	c, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	d := &dataDir{path: path, config: c}
	for name, ib := range c.Inbox {
		if ib.Dir == "" {
			ib.Dir = d.inboxDir(name)
		}
		d.inboxes = append(d.inboxes, inbox{Name: name, Inbox: ib})
	}
	found, err := os.ReadDir(filepath.Join(path, "inbox"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range found {
		name := f.Name()
		if _, listed := c.Inbox[name]; listed || config.ValidName(name) != nil || !looksLikeInbox(d.inboxDir(name)) {
			continue
		}
		d.inboxes = append(d.inboxes, inbox{Name: name, Inbox: config.Inbox{Dir: d.inboxDir(name)}})
	}
	slices.SortFunc(d.inboxes, func(a, b inbox) int { return strings.Compare(a.Name, b.Name) })
	return d, nil
}

// makeDataDir opens the data directory and makes it when it is not there. made tells
// whether anything was missing.
func makeDataDir(e *env) (d *dataDir, made bool, err error) {
	defer errs.Wrap(&err, "data directory")
	path, err := dirPath(e)
	if err != nil {
		return nil, false, err
	}
	if _, err := os.Stat(filepath.Join(path, "inbox")); err != nil {
		if err := os.MkdirAll(filepath.Join(path, "inbox"), 0o755); err != nil {
			return nil, false, err
		}
		made = true
	}
	file := filepath.Join(path, config.FileName)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		made = true
		_, err = f.WriteString(config.Template())
		err = errors.Join(err, f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, made, err
	}
	d, err = loadDataDir(path)
	return d, made, err
}

// inboxDir is where an inbox lives unless bobbin.toml says otherwise.
func (d *dataDir) inboxDir(name string) string { return filepath.Join(d.path, "inbox", name) }

// inbox finds an inbox by name.
func (d *dataDir) inbox(name string) (inbox, bool) {
	i := slices.IndexFunc(d.inboxes, func(ib inbox) bool { return ib.Name == name })
	if i < 0 {
		return inbox{}, false
	}
	return d.inboxes[i], true
}

// pick gives the named inboxes, all of them when there are no names; errs.NotFound for
// one that is not there.
func (d *dataDir) pick(names []string) ([]inbox, error) {
	if len(names) == 0 {
		return d.inboxes, nil
	}
	picked := make([]inbox, 0, len(names))
	for _, name := range names {
		ib, ok := d.inbox(name)
		if !ok {
			return nil, d.noInbox(name)
		}
		picked = append(picked, ib)
	}
	return picked, nil
}

// noInbox is the error for an inbox that is not there.
func (d *dataDir) noInbox(name string) error {
	var names []string
	for _, ib := range d.inboxes {
		names = append(names, ib.Name)
	}
	hint := "there is none yet; `bobbin import` brings one in"
	if len(names) > 0 {
		hint = "there is " + strings.Join(names[:min(len(names), 10)], ", ")
	}
	if len(names) > 10 {
		hint += ", …"
	}
	return errs.WithHint(errs.NotFound, hint, "inbox %s: not found", name)
}

// looksLikeInbox reports whether dir is a public-inbox v2 directory. An import that
// was cut off before the first epoch leaves one without mail.
func looksLikeInbox(dir string) bool {
	for _, mark := range []string{"inbox.lock", "all.git", "git"} {
		if _, err := os.Stat(filepath.Join(dir, mark)); err == nil {
			return true
		}
	}
	return false
}
