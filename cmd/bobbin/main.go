// Command bobbin keeps, indexes, searches and serves public mailing-list archives.
//
// Each verb has a file of its own: newXCommand describes it, runX does it. This package
// is the only code of the module that prints. Results go to standard output; notes,
// progress and errors to standard error. An error is one line,
//
//	bobbin: what: where: why (hint)
//
// and exit.go says which exit status it becomes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainExit()) }

// mainExit runs the command on the process's own streams and gives the exit status.
func mainExit() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The second Ctrl-C ends a process that does not listen to the first.
	context.AfterFunc(ctx, stop)
	return run(ctx, processEnv(), os.Args[1:])
}
