package catalog

import (
	"os"
	"path/filepath"
	"time"
)

// modified says when an epoch changed last: the newest of its refs.
func modified(repo string) time.Time {
	var newest time.Time
	for _, name := range []string{"packed-refs", "refs/heads", "refs/heads/master", "refs/heads/main", "HEAD"} {
		if st, err := os.Stat(filepath.Join(repo, name)); err == nil && st.ModTime().After(newest) {
			newest = st.ModTime()
		}
	}
	return newest
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
