package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"bobbin/internal/errs"
)

// killGrace is how long a cancelled git has to let go of its pipes.
const killGrace = 5 * time.Second

// command prepares git on the bare repository dir ("" for none). Variables of the
// environment that would lead git elsewhere are dropped: a hook that calls us sets them.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	pre := []string{"-c", "core.quotePath=true", "-c", "log.showSignature=false", "-c", "log.showRoot=true"}
	if dir != "" {
		pre = append([]string{"--git-dir=" + dir}, pre...)
	}
	cmd := exec.CommandContext(ctx, "git", append(pre, args...)...)
	cmd.Env = environ()
	cmd.WaitDelay = killGrace
	return cmd
}

// keepGitVars are the GIT_ variables that may pass.
var keepGitVars = [...]string{"GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSL_CAINFO", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_PROXY_COMMAND"}

func environ() []string {
	env := []string{"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1"}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name == "LC_ALL" || name == "LANGUAGE" || strings.HasPrefix(name, "GIT_") && !keep(name) {
			continue
		}
		env = append(env, v)
	}
	return env
}

func keep(name string) bool {
	for _, k := range keepGitVars {
		if k == name {
			return true
		}
	}
	return false
}

// output runs git and gives its standard output. It is for commands that say little.
func output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	out, _, err := outputCode(ctx, dir, args...)
	return out, err
}

// outputCode is output for commands whose exit code is an answer; -1 when git did not
// exit by itself.
func outputCode(ctx context.Context, dir string, args ...string) (_ []byte, code int, _ error) {
	cmd := command(ctx, dir, args...)
	var out bytes.Buffer
	var said tail
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if code = -1; errors.As(err, &exit) {
			code = exit.ExitCode()
		}
		return out.Bytes(), code, failure(ctx, args[0], err, said.String())
	}
	return out.Bytes(), 0, nil
}

// tail keeps the end of what a program writes to standard error. It is safe for
// concurrent use.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailSize = 4 << 10

// Write keeps the last bytes of p.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p[max(0, len(p)-tailSize):]...)
	if len(t.buf) > tailSize {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-tailSize:]...)
	}
	return len(p), nil
}

// String gives what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}

// failure makes one error of how git ended and what it said. verb names the command.
func failure(ctx context.Context, verb string, err error, said string) error {
	if ctx != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, exec.ErrNotFound) {
		return errs.WithHint(errs.Invalid, installHint, "git: program not found in $PATH")
	}
	line := gist(said)
	if line == "" {
		if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errs.New(errs.Corrupt, "git %s: ended early", verb)
		}
		return fmt.Errorf("git %s: %w", verb, err)
	}
	kind, hint := classify(said)
	return errs.WithHint(kind, hint, "git %s: %s", verb, line)
}

const installHint = "install git 2.34 or newer"

// gist picks the line of standard error that tells most: the first that is fatal,
// else the first error, else the last line.
func gist(said string) string {
	best, rank := "", 0
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		r := 1
		switch {
		case line == "":
			continue
		case strings.HasPrefix(line, "fatal: "):
			r = 3
		case strings.HasPrefix(line, "error: "):
			r = 2
		}
		if r > rank || r == 1 && rank == 1 {
			best, rank = line, r
		}
	}
	best = strings.TrimPrefix(strings.TrimPrefix(best, "fatal: "), "error: ")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, best)
}

// signs tell the kind of an error by git's words, which LC_ALL=C keeps stable enough.
// The first that is found counts.
var signs = [...]struct {
	word string
	kind errs.Kind
	hint string
}{
	{"No space left on device", errs.Internal, "free some space and do it again: what was acknowledged is kept"},
	{"Disk quota exceeded", errs.Internal, "free some space and do it again: what was acknowledged is kept"},
	{"File too large", errs.Internal, "a limit on the size of files (ulimit -f) is in the way"},
	{"Permission denied", errs.Internal, "check who owns the directory"},
	{"Read-only file system", errs.Internal, ""},
	{"dubious ownership", errs.Invalid, "the repository belongs to somebody else: git config --global --add safe.directory DIR"},
	{"not a git repository", errs.Invalid, ""},
	{"does not appear to be a git", errs.Invalid, ""},
	{"invalid gitfile format", errs.Invalid, "it is neither a bundle nor a repository"},
	{"ot a valid commit name", errs.NotFound, ""},
	{"ot a valid object name", errs.NotFound, ""},
	{"bad object", errs.NotFound, ""},
	{"bad revision", errs.NotFound, ""},
	{"unknown revision", errs.NotFound, ""},
	{"does not exist", errs.NotFound, ""},
	{"cannot lock ref", errs.Busy, "another program is writing to the repository"},
	{"corrupt", errs.Corrupt, ""},
	{"inflate", errs.Corrupt, ""},
	{"unable to read", errs.Corrupt, ""},
	{"could not read", errs.Corrupt, ""},
	{"could not parse", errs.Corrupt, ""},
	{"hash mismatch", errs.Corrupt, ""},
	{"bundle", errs.Corrupt, ""},
	{"missing", errs.Corrupt, ""},
	{"early EOF", errs.Corrupt, ""},
	{"index-pack", errs.Corrupt, ""},
}

func classify(said string) (errs.Kind, string) {
	for _, s := range signs {
		if strings.Contains(said, s.word) {
			return s.kind, s.hint
		}
	}
	return errs.Internal, ""
}

// oldest is the first version of git that does all that is asked of it here.
var oldest = [2]int{2, 34}

// Version gives git's version ("2.39.5"). Invalid, with a hint, when there is no git or
// an old one.
func Version(ctx context.Context) (string, error) {
	out, err := output(ctx, "", "version")
	if err != nil {
		return "", err
	}
	words := strings.Fields(string(out)) // git version 2.39.5 (Apple Git-154)
	if len(words) < 3 {
		return "", errs.WithHint(errs.Invalid, installHint, "git version: %q is not understood", gist(string(out)))
	}
	var have [2]int
	for i, s := range strings.SplitN(words[2], ".", 3) {
		if i < 2 {
			have[i], _ = strconv.Atoi(s)
		}
	}
	if have[0] < oldest[0] || have[0] == oldest[0] && have[1] < oldest[1] {
		return words[2], errs.WithHint(errs.Invalid, installHint, "git %s is too old", words[2])
	}
	return words[2], nil
}
