package archive

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"bobbin/internal/errs"
	"bobbin/internal/git"
)

// Copied says what became of an epoch that was brought in. Neither Cloned nor Forwarded:
// the inbox had all of it.
type Copied struct {
	Epoch     int
	Cloned    bool // it is new
	Forwarded bool // its first commits were there
}

// notEpoch is the hint for repositories of another form.
const notEpoch = "a v2 epoch has one commit a mail, each with the mail in the file m"

// AddEpochFrom brings the epoch in src, a bundle or bare repository, in as it is. It gets
// the number in src's name when that is of the form N.git and free, else the next one; an
// epoch that nothing was written to yet gives way. An epoch that the inbox has, which is
// told by the first commit, is fast-forwarded instead.
//
// Invalid when src is not in v2 form, or when both have the same beginning and have
// parted. git's progress goes to progress, which may be nil.
func (b *Inbox) AddEpochFrom(ctx context.Context, src string, progress io.Writer) (_ Copied, err error) {
	l, err := b.acquire(ctx)
	if err != nil {
		return Copied{}, err
	}
	var done Copied
	defer func() { err = errors.Join(err, l.release(done.Cloned || done.Forwarded)) }()
	want, ok := epochNumber(filepath.Base(src))
	if !ok {
		want = -1
	}
	done, err = b.bring(ctx, src, want, false, progress)
	return done, err
}

// CopyFrom brings in every epoch of another v2 directory under its own number, and the
// description when there is none. Exists when a number is taken by another epoch. What
// was brought in before an error stays.
func (b *Inbox) CopyFrom(ctx context.Context, v2dir string, progress io.Writer) (done []Copied, err error) {
	defer errs.Wrap(&err, "copy %s", v2dir)
	from, err := Open(v2dir)
	if err != nil {
		return nil, err
	}
	epochs, err := from.Epochs(ctx)
	if err != nil {
		return nil, err
	}
	l, err := b.acquire(ctx)
	if err != nil {
		return nil, err
	}
	changed := false
	defer func() { err = errors.Join(err, l.release(changed)) }()
	for _, e := range epochs {
		if _, tip, err := e.Repo.Tip(ctx); err != nil {
			return done, err
		} else if tip == "" {
			continue
		}
		c, err := b.bring(ctx, e.Dir, e.N, true, progress)
		if err != nil {
			return done, err
		}
		changed = changed || c.Cloned || c.Forwarded
		done = append(done, c)
	}
	if d := from.Description(); d != "" && b.Description() == "" {
		return done, replaceFile(filepath.Join(b.dir, descriptionName), []byte(d+"\n"))
	}
	return done, nil
}

// bring is AddEpochFrom under the lock. When exact, the number is want and no other.
func (b *Inbox) bring(ctx context.Context, src string, want int, exact bool, progress io.Writer) (Copied, error) {
	_, tip, err := git.RemoteTip(ctx, src)
	if err != nil {
		return Copied{}, err
	}
	if tip == "" {
		return Copied{}, errs.WithHint(errs.Invalid, notEpoch, "%s: no commit on one branch", src)
	}
	epochs, err := b.Epochs(ctx)
	if err != nil {
		return Copied{}, err
	}
	for _, e := range epochs {
		if has, err := e.has(ctx, tip); err != nil {
			return Copied{}, err
		} else if has {
			return Copied{Epoch: e.N}, nil
		}
	}
	new := filepath.Join(b.dir, epochsName, ".new.git")
	if err := os.RemoveAll(new); err != nil { // of a process that was killed
		return Copied{}, err
	}
	if err := os.MkdirAll(filepath.Dir(new), 0o777); err != nil {
		return Copied{}, err
	}
	r, err := git.CloneMirror(ctx, src, new, progress)
	if err != nil {
		return Copied{}, err
	}
	defer os.RemoveAll(new)
	first, err := checkShape(ctx, r, src)
	if err != nil {
		return Copied{}, err
	}
	for _, e := range epochs {
		if c, ok, err := e.forward(ctx, r, first, tip, src); ok || err != nil {
			return c, err
		}
	}
	return b.adopt(ctx, r, epochs, want, exact)
}

// has reports whether a commit is in the epoch's history.
func (e *Epoch) has(ctx context.Context, commit string) (bool, error) {
	_, tip, err := e.Repo.Tip(ctx)
	if err != nil || tip == "" || tip == commit {
		return tip == commit, err
	}
	if has, err := e.Repo.Has(ctx, commit); err != nil || !has {
		return false, err
	}
	return e.Repo.IsAncestor(ctx, commit, tip)
}

// checkShape looks at the first and last commit, and gives the first.
func checkShape(ctx context.Context, r *git.Repo, src string) (string, error) {
	_, tip, err := r.Tip(ctx)
	if err != nil {
		return "", err
	}
	if tip == "" {
		return "", errs.WithHint(errs.Invalid, notEpoch, "%s: no commit on one branch", src)
	}
	first, err := r.FirstCommit(ctx, tip)
	if err != nil {
		return "", err
	}
	for _, c := range []string{first, tip} {
		names, err := r.TreeNames(ctx, c)
		if err != nil {
			return "", err
		}
		if !mailTree(names) {
			return "", errs.WithHint(errs.Invalid, notEpoch, "%s: not an epoch of a v2 archive (commit %.12s)", src, c)
		}
	}
	return first, nil
}

// mailTree reports whether a tree has one file, m or d, and nothing else.
func mailTree(names []string) bool {
	return len(names) == 1 && (names[0] == pathAdd || names[0] == pathRemove)
}

// forward fetches the commit to from r, a clone of src, when that has the same first
// commit.
func (e *Epoch) forward(ctx context.Context, r *git.Repo, first, to, src string) (Copied, bool, error) {
	ref, tip, err := e.Repo.Tip(ctx)
	if err != nil || tip == "" {
		return Copied{}, false, err
	}
	mine, err := e.Repo.FirstCommit(ctx, tip)
	if err != nil || mine != first {
		return Copied{}, false, err
	}
	newer, err := r.Has(ctx, tip)
	if err == nil && newer {
		newer, err = r.IsAncestor(ctx, tip, to)
	}
	if err != nil {
		return Copied{}, true, err
	}
	if !newer {
		return Copied{}, true, errs.WithHint(errs.Invalid, "import it into an inbox of its own",
			"%s: begins like epoch %d of the inbox, and then both have gone different ways", src, e.N)
	}
	theirRef, _, err := r.Tip(ctx)
	if err != nil {
		return Copied{}, true, err
	}
	if err := e.Repo.Fetch(ctx, r.Dir(), theirRef, ref, nil); err != nil {
		return Copied{}, true, err
	}
	return Copied{Epoch: e.N, Forwarded: true}, true, e.Repo.UpdateServerInfo(ctx)
}

// adopt makes a clone an epoch of the inbox.
func (b *Inbox) adopt(ctx context.Context, r *git.Repo, epochs []Epoch, want int, exact bool) (Copied, error) {
	n, unborn := 0, map[int]bool{}
	taken := map[int]bool{}
	for _, e := range epochs {
		_, tip, err := e.Repo.Tip(ctx)
		if err != nil {
			return Copied{}, err
		}
		if tip == "" {
			unborn[e.N] = true
			continue
		}
		taken[e.N], n = true, e.N+1
	}
	switch {
	case want >= 0 && !taken[want]:
		n = want
	case exact:
		return Copied{}, errs.New(errs.Exists, "epoch %d of the inbox is another one", want)
	}
	if err := includeAll(r.Dir()); err != nil {
		return Copied{}, err
	}
	if err := r.UpdateServerInfo(ctx); err != nil {
		return Copied{}, err
	}
	dir := b.epochDir(n)
	if unborn[n] {
		if err := os.RemoveAll(dir); err != nil {
			return Copied{}, err
		}
	}
	if err := os.Rename(r.Dir(), dir); err != nil {
		return Copied{}, err
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return Copied{}, err
	}
	return Copied{Epoch: n, Cloned: true}, b.refreshAlternates()
}
