package git

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bobbin/internal/errs"
)

// maxRefFile bounds a loose ref file and a line of packed-refs.
const maxRefFile = 4 << 10

// Tip gives the branch that HEAD points to and its commit. When that branch does not
// exist and there is exactly one other, it is that one. oid is "" when nothing was
// committed yet. ref is "HEAD" when HEAD is detached.
//
// It reads two small files in the usual case and runs no process, since it is polled.
func (r *Repo) Tip(ctx context.Context) (ref, oid string, err error) {
	defer errs.Wrap(&err, "tip of %s", r.dir)
	ref = "HEAD"
	for range 5 { // symbolic refs may be chained; git follows five
		b, err := readSmall(filepath.Join(r.dir, filepath.FromSlash(ref)))
		if err != nil && !notThere(err) {
			return ref, "", err
		}
		s := string(bytes.TrimSpace(b))
		if to, ok := strings.CutPrefix(s, "ref:"); ok {
			if ref = strings.TrimSpace(to); !goodRef(ref) {
				return "", "", errs.New(errs.Corrupt, "symbolic ref to %.80q", ref)
			}
			continue
		}
		if ref == "refs/heads/.invalid" { // what HEAD says where refs are in a reftable
			return r.tipByGit(ctx)
		}
		if err == nil {
			if !isOID(s) {
				return ref, "", errs.New(errs.Corrupt, "%s holds %.80q", ref, s)
			}
			return ref, s, nil
		}
		return r.packedTip(ref)
	}
	return "", "", errs.New(errs.Corrupt, "symbolic refs in a circle")
}

// goodRef keeps a ref's name from leading out of the repository.
func goodRef(ref string) bool {
	return strings.HasPrefix(ref, "refs/") && filepath.IsLocal(filepath.FromSlash(ref)) && !strings.ContainsAny(ref, "\x00\n\\")
}

// notThere reports that a file is absent, or that a directory has its place (which is
// how an emptied ref directory looks).
func notThere(err error) bool {
	return os.IsNotExist(err) || strings.HasSuffix(err.Error(), "is a directory") || strings.HasSuffix(err.Error(), "not a directory")
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	buf := make([]byte, maxRefFile)
	n, err := f.Read(buf)
	if n == 0 && err != nil && err.Error() != "EOF" {
		return nil, err
	}
	return buf[:n], nil
}

// packedTip looks ref up in packed-refs; the only branch stands in for it.
func (r *Repo) packedTip(ref string) (string, string, error) {
	branches := map[string]string{}
	f, err := os.Open(filepath.Join(r.dir, "packed-refs"))
	switch {
	case os.IsNotExist(err):
	case err != nil:
		return ref, "", err
	default:
		defer f.Close()
		sc := bufio.NewScanner(f)
		sc.Buffer(make([]byte, 0, maxRefFile), 64<<10)
		for sc.Scan() {
			oid, name, ok := strings.Cut(sc.Text(), " ")
			if !ok || !isOID(oid) {
				continue // header, or what an annotated tag points to
			}
			if name == ref {
				return ref, oid, nil
			}
			if strings.HasPrefix(name, "refs/heads/") {
				branches[name] = oid
			}
		}
		if err := sc.Err(); err != nil {
			return ref, "", errs.New(errs.Corrupt, "packed-refs: %w", err)
		}
	}
	if err := r.looseBranches(branches); err != nil {
		return ref, "", err
	}
	if len(branches) != 1 {
		return ref, "", nil
	}
	for name, oid := range branches {
		ref = name
		return name, oid, nil
	}
	return ref, "", nil
}

// looseBranches adds the branches that have files of their own.
func (r *Repo) looseBranches(into map[string]string) error {
	root := filepath.Join(r.dir, "refs", "heads")
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if notThere(err) {
				return nil
			}
			return err
		}
		if d.IsDir() || strings.HasSuffix(path, ".lock") {
			return nil
		}
		b, err := readSmall(path)
		if s := string(bytes.TrimSpace(b)); err == nil && isOID(s) {
			rel, err := filepath.Rel(r.dir, path)
			if err != nil {
				return err
			}
			into[filepath.ToSlash(rel)] = s
		}
		return nil
	})
}

// tipByGit asks git, for repositories whose refs are not files.
func (r *Repo) tipByGit(ctx context.Context) (string, string, error) {
	out, err := output(ctx, r.dir, "symbolic-ref", "HEAD")
	if err != nil {
		return "", "", err
	}
	ref := strings.TrimSpace(string(out))
	out, err = output(ctx, r.dir, "for-each-ref", "--count=1", "--format=%(objectname)", "--", ref)
	return ref, strings.TrimSpace(string(out)), err
}
