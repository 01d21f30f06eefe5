package archive_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/errs"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// childVar makes the test binary a program that writes to the inbox in the variable's
// value until it is killed, or until a limit on the size of files stops it.
const (
	childVar = "BOBBIN_TEST_WRITE"
	limitVar = "BOBBIN_TEST_FILE_LIMIT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		if err := child(dir); err != nil {
			fmt.Println("error", errs.HintOf(err), "|", err)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// child adds mails without end. It says which ones were flushed.
func child(dir string) error {
	limit, err := strconv.ParseUint(os.Getenv(limitVar), 10, 64)
	limited := err == nil
	if limited {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	ctx := context.Background()
	b, err := archive.Open(dir)
	if err != nil {
		return err
	}
	w, err := b.Writer(ctx, archive.WriterOptions{EpochBytes: 3 << 20})
	if err != nil {
		return err
	}
	noise := uint64(os.Getpid())
	for i := 0; ; i++ {
		var pad strings.Builder
		for range 400 {
			noise = noise*6364136223846793005 + 1442695040888963407
			fmt.Fprintf(&pad, "%016x\n", noise)
		}
		mail := fmt.Sprintf("From: a@b.c\nMessage-ID: <%d.%d@x>\nSubject: %d\n\n%s", os.Getpid(), i, i, &pad)
		if _, err := w.Add(ctx, []byte(mail)); err != nil {
			w.Close()
			return err
		}
		if i%37 == 36 && (!limited || i == 36) {
			if err := w.Flush(ctx); err != nil {
				w.Close()
				return err
			}
			fmt.Println("flushed", i+1)
		}
	}
}

func startChild(t *testing.T, dir string, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(append(os.Environ(), childVar+"="+dir), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// However a writer is killed, what it acknowledged is there, the inbox is sound, and the
// next one goes on.
func TestKilledWriter(t *testing.T) {
	b := create(t)
	held := 0
	for round := range 5 {
		cmd, lines := startChild(t, b.Dir())
		flushed := 0
		for lines.Scan() {
			if _, err := fmt.Sscanf(lines.Text(), "flushed %d", &flushed); err != nil {
				t.Fatalf("the child says %q", lines.Text())
			}
			if flushed >= 37*(round+1) {
				<-time.After(time.Duration(7*round) * time.Millisecond) // not always at the same place
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		// The lock is free when git has written down what it was given.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		w, err := b.Writer(ctx, archive.WriterOptions{})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		list := raws(t, b)
		if len(list) < held+flushed {
			t.Errorf("round %d: %d mails, and %d were acknowledged", round, len(list), held+flushed)
		}
		held = len(list)
		sound(t, b)
	}
	if left, err := filepath.Glob(filepath.Join(b.Dir(), "git/*.git/fast_import_crash_*")); err != nil || len(left) > 0 {
		t.Errorf("crash reports are left: %q, %v", left, err)
	}
	write(t, b, mailOf(1))
	sound(t, b)
}

// A file that may not grow is what a test can have of a full disk.
func TestFullDisk(t *testing.T) {
	b := create(t)
	cmd, lines := startChild(t, b.Dir(), limitVar+"=700000")
	flushed, said := 0, ""
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "flushed %d", &flushed); err != nil {
			said += lines.Text() + "\n"
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, "File too large") || strings.HasPrefix(said, "error  |") {
		t.Errorf("the writer says %q; want one line with the reason and a hint", said)
	}
	if n := len(raws(t, b)); n < flushed {
		t.Errorf("%d mails, and %d were acknowledged", n, flushed)
	}
	sound(t, b)
	write(t, b, mailOf(1))
	sound(t, b)
}

// Somebody who may not write gets one line that says so.
func TestUnwritable(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1))
	lock := filepath.Join(b.Dir(), "inbox.lock")
	for _, tt := range []struct {
		name string
		lock os.FileMode
	}{{"the lock", 0o444}, {"the epoch", 0o666}} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.Chmod(lock, tt.lock); err != nil {
				t.Fatal(err)
			}
			said := asNobody(t, b.Dir())
			if strings.Count(said, "\n") != 1 || !strings.Contains(strings.ToLower(said), "permission denied") || strings.HasPrefix(said, "error  |") {
				t.Errorf("the writer says %q; want one line with the reason and a hint", said)
			}
		})
	}
	if n := len(raws(t, b)); n != 1 {
		t.Errorf("%d mails", n)
	}
	sound(t, b)
}

// asNobody runs the child without the right to write anywhere in dir, but to the lock
// when its mode allows, and gives what it says.
func asNobody(t *testing.T, dir string) string {
	t.Helper()
	const nobody = 65534
	attr := &syscall.SysProcAttr{}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		// Root may write everywhere, and the places that tests use are closed to others.
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}
		for d := filepath.Dir(dir); strings.Contains(d, "TestUnwritable"); d = filepath.Dir(d) {
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		program, err := os.ReadFile(exe)
		if err != nil {
			t.Fatal(err)
		}
		exe = filepath.Join(filepath.Dir(dir), "child")
		if err := os.WriteFile(exe, program, 0o755); err != nil {
			t.Fatal(err)
		}
	} else {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				t.Cleanup(func() { os.Chmod(path, 0o755) })
				err = os.Chmod(path, 0o555)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childVar+"="+dir)
	cmd.SysProcAttr = attr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// What somebody else wrote without the lock is not lost, and we are told.
func TestMovedUnderUs(t *testing.T) {
	b := create(t)
	write(t, b, mailOf(1), mailOf(2))
	dir := filepath.Join(b.Dir(), "git/0.git")
	w := writer(t, b)
	if _, err := w.Add(t.Context(), []byte(mailOf(3))); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	foreign := runGit(t, dir, "commit-tree", "-p", "master", "-m", "foreign", "master^{tree}")
	runGit(t, dir, "update-ref", "refs/heads/master", foreign)
	if _, err := w.Add(t.Context(), []byte(mailOf(4))); err != nil {
		t.Fatal(err)
	}
	err := w.Flush(t.Context())
	wantKind(t, err, errs.Busy)
	_, err = w.Add(t.Context(), []byte(mailOf(5)))
	wantKind(t, err, errs.Busy)
	wantKind(t, w.Close(), errs.Busy)
	if d := cmp.Diff([]string{mailOf(1), mailOf(2), mailOf(3)}, raws(t, b)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := runGit(t, dir, "rev-parse", "master"); got != foreign {
		t.Errorf("the branch is at %s, want the other program's %s", got, foreign)
	}
	write(t, b, mailOf(6)) // the lock is free
}
