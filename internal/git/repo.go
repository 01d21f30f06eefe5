package git

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"bobbin/internal/errs"
)

// Repo is a bare repository on disk. It holds no file open.
type Repo struct{ dir string }

// Dir is the repository's directory.
func (r *Repo) Dir() string { return r.dir }

// Open gives the bare repository in dir after a look at its shape. NotFound when there
// is no such directory, Invalid when it is something else.
func Open(dir string) (*Repo, error) {
	for _, name := range [...]string{"HEAD", "objects", "refs"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			if _, derr := os.Stat(dir); os.IsNotExist(derr) {
				return nil, errs.New(errs.NotFound, "repository %s: no such directory", dir)
			}
			if !os.IsNotExist(err) {
				return nil, errs.New(errs.Internal, "repository %s: %w", dir, err)
			}
			return nil, errs.New(errs.Invalid, "%s: not a bare git repository (no %s)", dir, name)
		}
	}
	return &Repo{dir: dir}, nil
}

// Init makes an empty bare repository whose HEAD is refs/heads/master, with SHA-1 names
// and loose refs whatever the user's defaults are. Exists when there is one.
func Init(ctx context.Context, dir string) (_ *Repo, err error) {
	defer errs.Wrap(&err, "make repository %s", dir)
	if _, err := Open(dir); err == nil {
		return nil, errs.New(errs.Exists, "there is one already")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	_, err = output(ctx, "", "init", "--quiet", "--bare", "--template=", "--object-format=sha1", "--initial-branch=master", "--", dir)
	if err != nil {
		return nil, err
	}
	return Open(dir)
}

// CloneMirror clones src, a bundle or repository, as it is: all refs, no rewriting. A
// clone that does not finish leaves nothing behind. What git says about its progress
// goes to progress, which may be nil.
func CloneMirror(ctx context.Context, src, dir string, progress io.Writer) (_ *Repo, err error) {
	defer errs.Wrap(&err, "clone %s", src)
	if _, err := os.Lstat(dir); err == nil {
		return nil, errs.New(errs.Exists, "%s is there already", dir)
	}
	args := []string{"-c", "core.fsync=all", "clone", "--mirror", "--template=", "--no-hardlinks"}
	if progress == nil {
		args = append(args, "--quiet")
	} else {
		args = append(args, "--progress")
	}
	cmd := command(ctx, "", append(args, "--", src, dir)...)
	var said tail
	cmd.Stderr = &said
	if progress != nil {
		cmd.Stderr = io.MultiWriter(&said, progress)
	}
	if err := cmd.Run(); err != nil {
		os.RemoveAll(dir) // killed, git has no time to
		return nil, failure(ctx, "clone", err, said.String())
	}
	return Open(dir)
}

// Fetch brings ref of src, a bundle or repository, into the branch into. It only
// fast-forwards: Invalid when the histories have parted.
func (r *Repo) Fetch(ctx context.Context, src, ref, into string, progress io.Writer) (err error) {
	defer errs.Wrap(&err, "fetch %s", src)
	args := []string{"-c", "core.fsync=all", "fetch", "--no-tags", "--no-write-fetch-head", "--no-auto-gc"}
	if progress == nil {
		args = append(args, "--quiet")
	} else {
		args = append(args, "--progress")
	}
	cmd := command(ctx, r.dir, append(args, "--", src, ref+":"+into)...)
	var said tail
	cmd.Stderr = &said
	if progress != nil {
		cmd.Stderr = io.MultiWriter(&said, progress)
	}
	if err := cmd.Run(); err != nil {
		return failure(ctx, "fetch", err, said.String())
	}
	return nil
}

// Fsck verifies every object and that none is missing; Corrupt with git's first complaint.
// It reads the whole repository.
func (r *Repo) Fsck(ctx context.Context) error {
	_, err := output(ctx, r.dir, "fsck", "--full", "--no-dangling", "--no-progress")
	if err == nil || ctx.Err() != nil || errs.Is(err, errs.Invalid) {
		return err
	}
	return errs.New(errs.Corrupt, "%w", err)
}

// UpdateServerInfo writes info/refs and objects/info/packs, from which clients without
// smart HTTP clone.
func (r *Repo) UpdateServerInfo(ctx context.Context) error {
	_, err := output(ctx, r.dir, "update-server-info")
	return err
}

// GCAuto lets git tidy the repository when it thinks that it is time, as public-inbox
// does after it wrote.
func (r *Repo) GCAuto(ctx context.Context) error {
	_, err := output(ctx, r.dir, "-c", "gc.autoDetach=false", "gc", "--auto", "--quiet")
	return err
}

// ObjectBytes gives the bytes of the repository's own packs and loose objects. It reads
// directories, no objects.
func (r *Repo) ObjectBytes(ctx context.Context) (int64, error) {
	var n int64
	err := filepath.WalkDir(filepath.Join(r.dir, "objects"), func(path string, d os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // a repack took it away
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".idx", ".rev", ".bitmap", ".keep", ".mtimes":
			return nil
		}
		if fi, err := d.Info(); err == nil {
			n += fi.Size()
		}
		return nil
	})
	return n, err
}

// isOID reports whether s is a full object name in lower-case hex.
func isOID(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func checkOID(s string) error {
	if !isOID(s) {
		return errs.New(errs.Invalid, "%.80q is no object name", s)
	}
	return nil
}
