package git

import (
	"context"
	"strings"

	"bobbin/internal/errs"
)

// RemoteTip gives the branch that the HEAD of src, a bundle or repository, points to,
// or its only branch, and that branch's commit; oid is "" when src has no commit.
// Invalid when src cannot be read as either.
func RemoteTip(ctx context.Context, src string) (ref, oid string, err error) {
	defer errs.Wrap(&err, "look into %s", src)
	out, err := output(ctx, "", "ls-remote", "--quiet", "--symref", "--", src)
	if err != nil {
		return "", "", err
	}
	head, refs := "", map[string]string{}
	for line := range strings.Lines(string(out)) {
		val, name, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if to, sym := strings.CutPrefix(val, "ref: "); ok && sym && name == "HEAD" {
			ref = to
			continue
		}
		switch {
		case !ok || !isOID(val):
		case name == "HEAD":
			head = val
		case strings.HasPrefix(name, "refs/heads/"):
			refs[name] = val
		}
	}
	if refs[ref] == "" && head != "" { // a bundle does not say what HEAD points to
		ref = ""
		for name, val := range refs {
			if val == head && (ref == "" || name == "refs/heads/master") {
				ref = name
			}
		}
	}
	if ref == "" && len(refs) == 1 {
		for name := range refs {
			ref = name
		}
	}
	return ref, refs[ref], nil
}

// FirstCommit gives the first commit of the history of the commit tip; of several, the
// one that git lists last. It reads the whole history.
func (r *Repo) FirstCommit(ctx context.Context, tip string) (_ string, err error) {
	defer errs.Wrap(&err, "history of %s", r.dir)
	if err := checkOID(tip); err != nil {
		return "", err
	}
	out, err := output(ctx, r.dir, "rev-list", "--max-parents=0", tip, "--")
	if err != nil {
		return "", err
	}
	f := strings.Fields(string(out))
	if len(f) == 0 {
		return "", errs.New(errs.Corrupt, "no first commit")
	}
	return f[len(f)-1], nil
}

// Has reports whether the repository has a commit.
func (r *Repo) Has(ctx context.Context, commit string) (bool, error) {
	return r.has(ctx, commit, "commit")
}

// HasBlob reports whether the repository has a blob.
func (r *Repo) HasBlob(ctx context.Context, oid string) (bool, error) {
	return r.has(ctx, oid, "blob")
}

func (r *Repo) has(ctx context.Context, oid, kind string) (bool, error) {
	if err := checkOID(oid); err != nil {
		return false, err
	}
	_, code, err := outputCode(ctx, r.dir, "cat-file", "-e", oid+"^{"+kind+"}")
	if code > 0 {
		return false, nil
	}
	return err == nil, err
}

// TreeNames lists the names at the top of a commit's tree.
func (r *Repo) TreeNames(ctx context.Context, commit string) (_ []string, err error) {
	defer errs.Wrap(&err, "tree of %s in %s", commit, r.dir)
	if err := checkOID(commit); err != nil {
		return nil, err
	}
	out, err := output(ctx, r.dir, "ls-tree", "-z", "--name-only", commit)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
}
