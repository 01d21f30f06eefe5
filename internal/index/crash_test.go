package index

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bobbin/internal/errs"

	"github.com/google/go-cmp/cmp"
)

const childEnv = "BOBBIN_TEST_INDEX"

func TestMain(m *testing.M) {
	if args := os.Getenv(childEnv); args != "" {
		dir, inbox, _ := strings.Cut(args, "\n")
		_, err := Run(context.Background(), dir, []Source{{"test", inbox}}, Options{commitMails: 40})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A pass that is killed at any moment and run again gives the database of an undisturbed
// one, row by row and word by word.
func TestKill(t *testing.T) {
	inbox, whole := t.TempDir(), t.TempDir()
	var list []entry
	for i := range 600 {
		list = append(list, adds(mailText(fmt.Sprintf("%d@x", i), fmt.Sprintf("subject %d", i%40), i, strings.Repeat(fmt.Sprintf("word%d ", i%100), 50),
			fmt.Sprintf("%d@x", i*7%600), fmt.Sprintf("ghost%d@x", i%9)))...)
		if i%50 == 49 {
			list = append(list, entry{"d", list[i/2].mail})
		}
	}
	appendEpoch(t, inbox, list)
	runIndex(t, whole, inbox, Options{commitMails: 40})
	want := dump(t, whole)

	dir := t.TempDir()
	killed := 0
	for after := 5 * time.Millisecond; ; after += 7 * time.Millisecond {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+dir+"\n"+inbox)
		var said strings.Builder
		cmd.Stderr = &said
		must(t, cmd.Start())
		timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			break
		}
		killed++
		if cmd.ProcessState.ExitCode() > 0 {
			t.Fatalf("the child failed by itself: %v: %s", err, said.String())
		}
	}
	t.Logf("killed %d times", killed)
	if d := cmp.Diff(want, dump(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	l, err := acquire(t.Context(), dir, false)
	must(t, err)
	_, err = Run(t.Context(), dir, nil, Options{})
	if !errs.Is(err, errs.Busy) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second writer: %v", err)
	}
	l.release()
	if _, err := Run(t.Context(), dir, nil, Options{}); err != nil {
		t.Error(err)
	}
}

func TestFollow(t *testing.T) {
	inbox, dir := t.TempDir(), filepath.Join(t.TempDir(), "data")
	must(t, os.MkdirAll(dir, 0o755))
	appendEpoch(t, inbox, corpus()[:3])
	ctx, cancel := context.WithCancel(t.Context())
	commits := make(chan struct{}, 100)
	done := make(chan error)
	go func() {
		done <- Follow(ctx, dir, func() ([]Source, error) { return []Source{{"test", inbox}}, nil },
			Options{Committed: func() { commits <- struct{}{} }})
	}()
	<-commits
	appendEpoch(t, inbox, corpus()[3:])
	for range commits {
		if len(partition(t, dir)) == 3 { // {late other join root} {p1 far} {alone}
			break
		}
	}
	cancel()
	must(t, <-done)
}
