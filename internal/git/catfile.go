package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"bobbin/internal/errs"
)

// maxBlob bounds a blob that is read; larger ones count as unreadable.
const maxBlob = 512 << 20

// catFile is a running git cat-file --batch. It belongs to one goroutine.
type catFile struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	pipe   io.WriteCloser
	out    *bufio.Reader
	said   tail
}

// startCatFile runs it over the first directory; the objects of the others are found
// too.
func startCatFile(ctx context.Context, dirs []string) (*catFile, error) {
	ctx, cancel := context.WithCancel(ctx)
	args := []string{"-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=32m", "cat-file", "--batch"}
	p := &catFile{cmd: command(ctx, dirs[0], args...), cancel: cancel}
	if alt := alternates(dirs[1:]); alt != "" {
		p.cmd.Env = append(p.cmd.Env, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+alt)
	}
	p.cmd.Stderr = &p.said
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		p.pipe, err = p.cmd.StdinPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		err = failure(ctx, "cat-file", err, "")
		cancel()
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 64<<10)
	return p, nil
}

// alternates joins object directories the way git wants them in its environment.
func alternates(dirs []string) string {
	var b strings.Builder
	for i, d := range dirs {
		if i > 0 {
			b.WriteByte(':')
		}
		d = filepath.Join(d, "objects")
		if strings.ContainsAny(d, ":\"\\\n") {
			d = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(d) + `"`
		}
		b.WriteString(d)
	}
	return b.String()
}

// stop ends the process and waits for it; what it said is in p.said then.
func (p *catFile) stop() error {
	p.cancel()
	return p.cmd.Wait()
}

// ask sends a request.
func (p *catFile) ask(oid string) error {
	_, err := io.WriteString(p.pipe, oid+"\n")
	return err
}

// errMissing says that git does not have an object, or that it is of no use here.
var errMissing = errors.New("missing")

// answer reads the answer to a request. errMissing is an answer too. After any other error the process is of no use.
func (p *catFile) answer() ([]byte, error) {
	line, err := p.out.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	line = line[:len(line)-1]
	if bytes.HasSuffix(line, []byte(" missing")) || bytes.HasSuffix(line, []byte(" ambiguous")) {
		return nil, errMissing
	}
	f := strings.Fields(string(line))
	if len(f) != 3 {
		return nil, errs.New(errs.Corrupt, "git cat-file: %.80q is not understood", line)
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || size < 0 {
		return nil, errs.New(errs.Corrupt, "git cat-file: %.80q is not understood", line)
	}
	if f[1] != "blob" || size > maxBlob {
		if _, err := io.CopyN(io.Discard, p.out, size+1); err != nil {
			return nil, err
		}
		return nil, errMissing
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(p.out, data); err != nil {
		return nil, noEOF(err)
	}
	if _, err := p.out.ReadByte(); err != nil {
		return nil, noEOF(err)
	}
	return data, nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
