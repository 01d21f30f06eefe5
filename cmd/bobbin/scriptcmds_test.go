package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // the index, for cmdSchema
)

// The commands of the scripts that make sources and break things; see TestScripts.

func cmdPack(ts *testscript.TestScript, neg bool, args []string) {
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if args[0] == "zstd" {
		zw, err := zstd.NewWriter(&b)
		ts.Check(err)
		w = zw
	}
	_, err := io.WriteString(w, ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o644))
}

func cmdCut(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	b := ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(b[:len(b)-n]), 0o644))
}

func cmdZeros(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	defer f.Close()
	w, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	ts.Check(err)
	_, err = io.WriteString(w, "From mboxrd@z Thu Jan  1 00:00:00 1970\nSubject: bomb\n\n")
	ts.Check(err)
	block := make([]byte, 1<<20)
	for range n {
		_, err = w.Write(block)
		ts.Check(err)
	}
	ts.Check(w.Close())
}

// cmdHoldLock locks a file in this process, which to the command is another one.
func cmdHoldLock(ts *testscript.TestScript, neg bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR|os.O_CREATE, 0o644)
	ts.Check(err)
	ts.Check(syscall.Flock(int(f.Fd()), syscall.LOCK_EX))
	ts.Check(f.Truncate(0))
	_, err = fmt.Fprintln(f, os.Getpid())
	ts.Check(err)
	ts.Defer(func() { f.Close() })
	ts.SetCmd("releaselock", func(ts *testscript.TestScript, neg bool, args []string) { ts.Check(f.Close()) })
}

// cmdSchema writes PRAGMA user_version.
func cmdSchema(ts *testscript.TestScript, neg bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[1]))
	ts.Check(err)
	defer db.Close()
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	_, err = db.Exec(fmt.Sprintf("PRAGMA user_version = %d", n))
	ts.Check(err)
}

// cmdLoseBlob unpacks a repository, so that every object is a file, and removes the
// file of one blob.
func cmdLoseBlob(ts *testscript.TestScript, neg bool, args []string) {
	repo := ts.MkAbs(args[0])
	git := func(stdin io.Reader, args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", repo}, args...)...)
		cmd.Stdin = stdin
		out, err := cmd.Output()
		ts.Check(err)
		return strings.TrimSpace(string(out))
	}
	oid := git(nil, "rev-parse", args[1])
	packs, err := filepath.Glob(filepath.Join(repo, "objects", "pack", "*.pack"))
	ts.Check(err)
	for _, pack := range packs {
		b, err := os.ReadFile(pack)
		ts.Check(err)
		// git does not unpack what it has.
		for _, ext := range []string{".pack", ".idx", ".rev", ".keep"} {
			if err := os.Remove(strings.TrimSuffix(pack, ".pack") + ext); err != nil && !errors.Is(err, fs.ErrNotExist) {
				ts.Check(err)
			}
		}
		git(bytes.NewReader(b), "unpack-objects", "-q")
	}
	ts.Check(os.Remove(filepath.Join(repo, "objects", oid[:2], oid[2:])))
}

func cmdManyMails(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Ada <ada@loom.example>\nSubject: number %d\n"+
			"Date: Mon, 1 Jan 2024 %02d:%02d:00 +0000\nMessage-ID: <many%d@loom.example>\n\nx\n\n", i, i/60, i%60, i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o644))
}

func cmdNoise(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	noise := make([]byte, n)
	_, err = rand.NewChaCha8([32]byte{1}).Read(noise)
	ts.Check(err)
	var b strings.Builder
	b.WriteString("From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Ada <ada@loom.example>\nSubject: noise\n" +
		"Date: Tue, 2 Jan 2024 10:00:00 +0000\nMessage-ID: <noise@loom.example>\nContent-Type: application/octet-stream\n" +
		"Content-Transfer-Encoding: base64\n\n")
	code := base64.StdEncoding.EncodeToString(noise)
	for len(code) > 76 {
		b.WriteString(code[:76] + "\n")
		code = code[76:]
	}
	b.WriteString(code + "\n\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
}
