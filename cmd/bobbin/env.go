package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// env is everything a command touches of the process it runs in, so that tests can
// give their own. dir and quiet are the flags that all commands share.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	outWidth       int // columns of the terminal that stdout is; 0 when it is none
	errWidth       int // the same of stderr
	getenv         func(string) string
	now            func() time.Time

	dir   string // value of --dir; "" when not given
	quiet bool   // value of --quiet
}

// processEnv is the environment of this process.
func processEnv() *env {
	return &env{
		stdin:    os.Stdin,
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		outWidth: terminalWidth(os.Stdout),
		errWidth: terminalWidth(os.Stderr),
		getenv:   os.Getenv,
		now:      time.Now,
	}
}

// terminalWidth gives the columns of the terminal that f is, 0 when it is none.
func terminalWidth(f *os.File) int {
	if !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil || w < 20 {
		return 80
	}
	return w
}

// note tells the user, on standard error, something that is neither result nor error.
func (e *env) note(format string, args ...any) {
	if !e.quiet {
		e.warn(format, args...)
	}
}

// warn is note for what must be said even with --quiet.
func (e *env) warn(format string, args ...any) {
	fmt.Fprintf(e.stderr, "bobbin: %s\n", oneLine(fmt.Sprintf(format, args...)))
}
