package git

import (
	"context"
	"os"
	"strings"

	"bobbin/internal/errs"
)

// ConfiguredIdent gives user.name and user.email of a configuration file; empty when it
// does not have them.
func ConfiguredIdent(ctx context.Context, file string) (id Ident, err error) {
	defer errs.Wrap(&err, "read %s", file)
	if _, err := os.Stat(file); os.IsNotExist(err) {
		return id, nil
	}
	for key, val := range map[string]*string{"user.name": &id.Name, "user.email": &id.Email} {
		out, code, err := outputCode(ctx, "", "config", "--file", file, "--get", key)
		if err != nil && code != 1 { // 1: not there
			return id, err
		}
		*val = strings.TrimSuffix(string(out), "\n")
	}
	return id, nil
}

// CommitterOf gives the committer of a commit, without the time.
func (r *Repo) CommitterOf(ctx context.Context, commit string) (id Ident, err error) {
	if err := checkOID(commit); err != nil {
		return id, err
	}
	out, err := output(ctx, r.dir, "log", "-1", "--no-mailmap", "--format=%cn%x00%ce", commit, "--")
	if err != nil {
		return id, err
	}
	id.Name, id.Email, _ = strings.Cut(strings.TrimSuffix(string(out), "\n"), "\x00")
	return id, nil
}
