package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the bobbin that the scripts run.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bobbin": func() { os.Exit(mainExit()) }})
}

// The scripts under testdata run whole commands. They may use, besides what testscript
// has:
//
//	exits N bobbin ARG…    runs a command that must end with status N
//	serve ARG…             starts `bobbin serve` or demo on a free port; sets URL and ADDR
//	stop_server            interrupts it; it must end with status 0
//	get PATH STATUS FILE   fetches $URL/PATH into FILE, waiting up to 10 s for STATUS
//	pack gzip|zstd IN OUT  compresses a file
//	cut N IN OUT           copies all but the last N bytes
//	zeros N OUT            compresses N MiB of nothing with gzip
//	holdlock FILE          locks a file as another process would, until releaselock
//	schema N DB            writes N as the schema's version
//	loseblob REPO REV      removes a blob from a repository
//	manymails N OUT        writes an mbox of N mails
//	noise N OUT            writes an mbox of one mail of N bytes that do not compress
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("BOBBIN_DIR", filepath.Join(env.WorkDir, "data"))
			env.Setenv("XDG_DATA_HOME", "")
			path, err := exec.LookPath("bobbin")
			if err != nil {
				return err
			}
			env.Setenv("BOBBIN", path) // for scripts without a PATH
			// The user's and the system's settings of git are not those of the test.
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			env.Setenv("GIT_AUTHOR_NAME", "A Tester")
			env.Setenv("GIT_AUTHOR_EMAIL", "tester@loom.example")
			env.Setenv("GIT_COMMITTER_NAME", "A Tester")
			env.Setenv("GIT_COMMITTER_EMAIL", "tester@loom.example")
			return os.Mkdir(filepath.Join(env.WorkDir, "home"), 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits, "serve": cmdServe, "get": cmdGet, "pack": cmdPack, "cut": cmdCut, "zeros": cmdZeros,
			"holdlock": cmdHoldLock, "schema": cmdSchema, "loseblob": cmdLoseBlob,
			"manymails": cmdManyMails, "noise": cmdNoise,
		},
	})
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with status %d, want %d", strings.Join(args[1:], " "), got, want)
	}
	if errout := ts.ReadFile("stderr"); want == exitUsage && strings.Count(errout, "\n") != 1 {
		ts.Fatalf("the error is not one line: %q", errout)
	}
}

// cmdServe starts a server, in its own process, and registers the command that stops it.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	path, err := exec.LookPath("bobbin")
	ts.Check(err)
	cmd := exec.Command(path, append(args, "--http", "127.0.0.1:0")...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "BOBBIN_DIR", "TMPDIR", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "WORK"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	stopped := false
	ts.Defer(func() {
		if !stopped {
			cmd.Process.Kill()
			cmd.Wait()
			ts.Logf("server said:\n%s", stderr.String())
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	i := strings.Index(line, "http://")
	if err != nil || i < 0 {
		stopped = true
		cmd.Wait()
		ts.Fatalf("serve printed %q (%v) and %s", line, err, stderr.String())
	}
	url := strings.TrimSpace(line[i:])
	ts.Setenv("URL", url)
	ts.Setenv("ADDR", strings.Trim(strings.TrimPrefix(url, "http://"), "/"))
	ts.SetCmd("stop_server", func(ts *testscript.TestScript, neg bool, args []string) {
		stopped = true
		ts.Check(cmd.Process.Signal(syscall.SIGINT))
		err := cmd.Wait()
		ts.Logf("server said:\n%s", stderr.String())
		if err != nil {
			ts.Fatalf("after an interrupt: %v", err)
		}
	})
}

// cmdGet fetches a page. A status that is to come, because mail is being indexed, is
// waited for.
func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		resp, err := client.Get(ts.Getenv("URL") + strings.TrimPrefix(args[0], "/"))
		ts.Check(err)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		if resp.StatusCode == want {
			ts.Check(os.WriteFile(ts.MkAbs(args[2]), body, 0o644))
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s: status %d, want %d\n%s", args[0], resp.StatusCode, want, body)
		}
	}
}
