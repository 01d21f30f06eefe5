package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"bobbin/internal/errs"
)

// Server answers the questions of clients that clone over HTTP. It has no state.
type Server struct{}

// idleClient is how many seconds git upload-pack waits for a client that says nothing.
const idleClient = "120"

// UploadPack runs one round of git upload-pack --stateless-rpc over the repository dir:
// what the client says is read from in, the answer goes to out. protocol is what the
// client sent as Git-Protocol ("version=2"; may be empty). With advertise the answer is
// the list of refs, or what protocol 2 has in its place, and in is not read.
func (Server) UploadPack(ctx context.Context, dir, protocol string, advertise bool, in io.Reader, out io.Writer) (err error) {
	defer errs.Wrap(&err, "serve %s", dir)
	// The repository was chosen by whoever runs the server, so its owner does not matter.
	args := []string{"-c", "safe.directory=*", "upload-pack", "--strict", "--timeout=" + idleClient, "--stateless-rpc"}
	if advertise {
		args = append(args, "--advertise-refs")
	}
	cmd := command(ctx, "", append(args, dir)...)
	if protocol != "" {
		cmd.Env = append(cmd.Env, "GIT_PROTOCOL="+protocol)
	}
	var said tail
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &said
	// A client that goes on talking after git has answered is not waited for.
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return failure(ctx, "upload-pack", err, said.String())
	}
	return nil
}

// InfoRefs gives what git update-server-info would write to info/refs: a line for each
// ref, with a tag's commit after it.
func (Server) InfoRefs(ctx context.Context, dir string) (_ []byte, err error) {
	defer errs.Wrap(&err, "serve %s", dir)
	out, err := output(ctx, dir, "for-each-ref", "--format=%(objectname) %(refname) %(*objectname)")
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		text.WriteString(f[0] + "\t" + f[1] + "\n")
		if len(f) > 2 {
			text.WriteString(f[2] + "\t" + f[1] + "^{}\n")
		}
	}
	return text.Bytes(), nil
}

// InfoPacks gives what git update-server-info would write to objects/info/packs.
func (Server) InfoPacks(dir string) ([]byte, error) {
	list, err := os.ReadDir(filepath.Join(dir, "objects", "pack"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	names := map[string]bool{}
	for _, d := range list {
		names[d.Name()] = true
	}
	var lines []string
	for name := range names {
		base, ok := strings.CutSuffix(name, ".pack")
		if ok && strings.HasPrefix(name, "pack-") && names[base+".idx"] {
			lines = append(lines, "P "+name+"\n")
		}
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, "") + "\n"), nil
}
