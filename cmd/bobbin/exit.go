package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"bobbin/internal/errs"
)

// The exit statuses, as every help text lists them (exitHelp).
const (
	exitOK          = 0
	exitFailed      = 1   // it went wrong, is not there, or is damaged
	exitUsage       = 2   // what was asked for makes no sense
	exitBusy        = 3   // someone else holds it
	exitInterrupted = 130 // as a shell reports SIGINT
)

// errSilent ends a command with exitFailed when it has said all there is to say.
var errSilent = errors.New("reported already")

// exitCode is the one table from errors to exit statuses.
func exitCode(err error) int {
	switch {
	case err == nil, isBrokenPipe(err):
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	switch errs.KindOf(err) {
	case errs.Invalid:
		return exitUsage
	case errs.Busy:
		return exitBusy
	default: // Internal, NotFound, Exists, Corrupt
		return exitFailed
	}
}

// exitHelp is the part of a help text that lists the exit statuses. failed says what
// status 1 means for the command beyond a failure; it may be empty.
func exitHelp(failed string) string {
	if failed != "" {
		failed = ", or " + failed
	}
	return fmt.Sprintf(`

EXIT STATUS
  %d    it worked
  %d    it went wrong%s
  %d    the command line, a query, a source or bobbin.toml makes no sense
  %d    another process holds the data; trying again later may work
  %d  interrupted`, exitOK, exitFailed, failed, exitUsage, exitBusy, exitInterrupted)
}

// isBrokenPipe reports whether the reader of our output has gone, as `head` does.
func isBrokenPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}

// report prints err the way every error is printed.
func (e *env) report(err error) {
	if err == nil || errors.Is(err, errSilent) || isBrokenPipe(err) {
		return
	}
	if errors.Is(err, context.Canceled) {
		e.warn("interrupted")
		return
	}
	e.warn("%s", errorLine(err))
}

// errorLine gives "what: where: why (hint)".
func errorLine(err error) string {
	line := oneLine(err.Error())
	hint := errs.HintOf(err)
	if hint == "" {
		hint = systemHint(err)
	}
	if hint != "" {
		line += " (" + oneLine(hint) + ")"
	}
	return line
}

// systemHint says what to do about faults of the machine that no package of ours can
// say more about.
func systemHint(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), saysFull(err.Error()):
		return "make room and run the same command again; what is in the archive already is not imported twice"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EROFS):
		return "check who owns the directory and whether it is writable"
	case errors.Is(err, syscall.EMFILE):
		return "raise the limit on open files, ulimit -n"
	}
	return ""
}

// saysFull recognises a full disk in what git says, in its words or the system's.
func saysFull(text string) bool {
	return strings.Contains(text, "Out of diskspace") || strings.Contains(text, "No space left on device")
}

// oneLine makes s fit on a line and keeps it from moving the cursor of a terminal.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f && r < 0xa0
	}), " ")
}
