package git

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bobbin/internal/errs"
)

// Ident is who and when of a commit. The zone is that of When.
type Ident struct {
	Name, Email string // angle brackets and control characters are dropped
	When        time.Time
}

// Commit is a commit to append: its tree has one file and nothing else.
type Commit struct {
	Author, Committer Ident
	Message           string
	Path              string
	Data              []byte
}

// deltaDepth bounds chains of deltas. Mails have little in common: a history of 4,623 mails
// takes 17 MiB with 8 as with git's 50, and a random read walks half a chain.
const deltaDepth = "--depth=8"

// Importer appends commits to one branch through git fast-import. It belongs to one
// goroutine. Nothing is in the repository before Checkpoint returned; an Importer, or the
// process, that dies before then leaves the branch where the last checkpoint put it.
type Importer struct {
	repo  *Repo
	ref   string
	tip   string // of the branch; "" when unborn
	cmd   *exec.Cmd
	in    *bufio.Writer
	pipe  io.WriteCloser
	out   *bufio.Reader
	said  tail
	stop  context.CancelFunc
	begun bool // a commit was written since git started
	open  bool // a commit was written since the last checkpoint
	err   error
}

// Import starts to append to a branch whose commit is tip, "" when it has none. keep are
// files that git holds open as long as it runs: a lock that is passed is kept even when
// this process is killed and git has still to write down what it was given.
//
// git is started when the first commit comes. It survives the end of ctx and the
// terminal's interrupt, so that Close can write down what there is.
func (r *Repo) Import(ctx context.Context, ref, tip string, keep ...*os.File) (*Importer, error) {
	if !goodRef(ref) {
		return nil, errs.New(errs.Invalid, "%s: %.80q is no branch", r.dir, ref)
	}
	if tip != "" && len(tip) != hex.EncodedLen(sha1.Size) {
		return nil, errs.New(errs.Invalid, "%s: repositories with SHA-256 names cannot be written to", r.dir)
	}
	if err := r.dropCrashReports(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	im := &Importer{repo: r, ref: ref, tip: tip, stop: stop}
	im.cmd = command(ctx, r.dir, "-c", "core.fsync=all", "-c", "core.fsyncObjectFiles=true", "-c", "core.logAllRefUpdates=false",
		"fast-import", "--quiet", "--date-format=raw-permissive", deltaDepth)
	im.cmd.ExtraFiles = keep
	im.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	im.cmd.Stderr = &im.said
	return im, nil
}

// dropCrashReports removes what gits leave that were cut off in the middle. It is of no
// use to anybody.
func (r *Repo) dropCrashReports() error {
	list, err := os.ReadDir(r.dir)
	for _, d := range list {
		if strings.HasPrefix(d.Name(), "fast_import_crash_") {
			// Where it cannot be removed nothing can be written, and git will say so.
			_ = os.Remove(filepath.Join(r.dir, d.Name()))
		}
	}
	return err
}

func (im *Importer) start() error {
	out, err := im.cmd.StdoutPipe()
	if err == nil {
		im.pipe, err = im.cmd.StdinPipe()
	}
	if err == nil {
		err = im.cmd.Start()
	}
	if err != nil {
		im.cmd.Process = nil
		return failure(context.Background(), "fast-import", err, "")
	}
	im.out = bufio.NewReader(out)
	im.in = bufio.NewWriterSize(im.pipe, 64<<10)
	return nil
}

// Add writes a commit on top of the last and gives its file's object name. An error ends
// the importer.
func (im *Importer) Add(c Commit) (blob string, err error) {
	if im.err != nil {
		return "", im.err
	}
	defer errs.Wrap(&err, "write to %s", im.repo.dir)
	if len(c.Data) > maxBlob {
		return "", errs.New(errs.Invalid, "%d bytes are too many for a file", len(c.Data))
	}
	if im.in == nil {
		if err := im.start(); err != nil {
			im.err = err
			return "", err
		}
	}
	w := im.in
	fmt.Fprintf(w, "commit %s\nmark :1\nauthor %s\ncommitter %s\n", im.ref, c.Author.line(), c.Committer.line())
	msg := strings.ReplaceAll(c.Message, "\x00", " ")
	fmt.Fprintf(w, "data %d\n%s\n", len(msg), msg)
	if !im.begun && im.tip != "" {
		fmt.Fprintf(w, "from %s\n", im.tip)
	}
	fmt.Fprintf(w, "deleteall\nM 100644 inline %s\ndata %d\n", c.Path, len(c.Data))
	w.Write(c.Data)
	if _, err := w.WriteString("\n"); err != nil {
		return "", im.fail(err)
	}
	im.begun, im.open = true, true
	return BlobName(c.Data), nil
}

// BlobName gives the SHA-1 object name of a blob.
func BlobName(data []byte) string {
	h := sha1.New()
	h.Write([]byte("blob " + strconv.Itoa(len(data)) + "\x00"))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// Checkpoint makes the commits durable, moves the branch, and gives its commit. Busy
// when somebody else moved the branch meanwhile: the commits are lost then.
func (im *Importer) Checkpoint() (tip string, err error) {
	if im.err != nil {
		return im.tip, im.err
	}
	if !im.open {
		return im.tip, nil
	}
	defer errs.Wrap(&err, "write to %s", im.repo.dir)
	im.in.WriteString("checkpoint\nget-mark :1\n")
	if err := im.in.Flush(); err != nil {
		return im.tip, im.fail(err)
	}
	line, err := im.out.ReadString('\n')
	if err != nil {
		return im.tip, im.fail(err)
	}
	want := strings.TrimSpace(line)
	b, err := readSmall(filepath.Join(im.repo.dir, filepath.FromSlash(im.ref)))
	if have := strings.TrimSpace(string(b)); err != nil || have != want {
		im.err = errs.WithHint(errs.Busy, "find out who writes without holding the lock, and do it again",
			"%s was moved by another program", im.ref)
		im.kill()
		return im.tip, im.err
	}
	if err := im.sync(); err != nil {
		return im.tip, im.fail(err)
	}
	im.tip, im.open = want, false
	return want, nil
}

// sync makes the names of packs and of the branch durable; git before 2.36 does not.
func (im *Importer) sync() error {
	ref := filepath.Join(im.repo.dir, filepath.FromSlash(im.ref))
	for _, path := range []string{filepath.Join(im.repo.dir, "objects", "pack"), ref, filepath.Dir(ref)} {
		f, err := os.Open(path)
		if os.IsNotExist(err) {
			continue // few objects stay loose and make no pack
		}
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// fail ends git and makes one error of what it said.
func (im *Importer) fail(err error) error {
	if im.err == nil {
		if errors.Is(err, syscall.EPIPE) {
			err = io.ErrUnexpectedEOF
		}
		if im.pipe != nil {
			im.pipe.Close() // it ends by itself when it was about to, and says why
			im.wait()
		}
		im.err = failure(context.Background(), "fast-import", err, im.said.String())
	}
	return im.err
}

// exitGrace is how long git may take to end after it failed.
const exitGrace = 5 * time.Second

func (im *Importer) wait() error {
	t := time.AfterFunc(exitGrace, im.stop)
	defer t.Stop()
	return im.cmd.Wait()
}

func (im *Importer) kill() {
	im.stop()
	im.cmd.Wait()
}

// Close makes the commits durable and ends git. It may be called after an error, and
// gives that error.
func (im *Importer) Close() error {
	defer im.stop()
	if im.in == nil || im.err != nil {
		return im.err
	}
	_, err := im.Checkpoint()
	if err != nil {
		return err
	}
	err = im.pipe.Close()
	if werr := im.wait(); err == nil && werr != nil {
		err = failure(context.Background(), "fast-import", werr, im.said.String())
	}
	im.err = errs.New(errs.Internal, "importer is closed")
	return err
}

// maxIdent bounds a name or address in a commit.
const maxIdent = 1000

// line formats an ident for fast-import.
func (id Ident) line() string {
	sec := max(id.When.Unix(), 0)
	_, off := id.When.Zone()
	sign := '+'
	if off < 0 {
		sign, off = '-', -off
	}
	if off >= 24*3600 {
		off = 0
	}
	return fmt.Sprintf("%s <%s> %d %c%02d%02d", plain(id.Name), plain(id.Email), sec, sign, off/3600, off/60%60)
}

// plain drops what would end a name or an address.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '<' || r == '>':
			return -1
		case r < ' ' || r == 0x7f:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > maxIdent {
		s = strings.ToValidUTF8(s[:maxIdent], "")
	}
	return strings.TrimSpace(s)
}
