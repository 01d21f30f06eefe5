package catalog

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"bobbin/internal/archive"
)

// modified says when an epoch changed last: the date of its tip, as grokmirror wants it.
// git is asked only when the tip moved.
func (c *Catalog) modified(ctx context.Context, e archive.Epoch, tip string) time.Time {
	if tip == "" {
		return time.Time{}
	}
	if old := c.state.Load(); old != nil {
		for _, b := range old.inboxes {
			for _, o := range b.Epochs {
				if o.Dir == e.Dir && o.Tip == tip {
					return o.Modified
				}
			}
		}
	}
	t, err := e.Repo.Committed(ctx, tip)
	if err != nil {
		c.log.Error("date an epoch", "dir", e.Dir, "err", err)
	}
	return t
}

// created says when an inbox was made: public-inbox's own record is in its database, which
// is not ours to read, so the age of the first epoch's configuration stands for it.
func created(dir string) time.Time {
	for _, name := range []string{"inbox.config.example", "git/0.git/config", "git/0.git/HEAD", "inbox.lock"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return st.ModTime()
		}
	}
	return time.Time{}
}
