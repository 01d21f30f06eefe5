package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"bobbin/internal/config"
	"bobbin/internal/errs"
)

func newDemoCommand(e *env) *cobra.Command {
	opt := serveOptions{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Build a small archive of invented mail and serve it",
		Long: `Build a small archive, three inboxes with some hundred mails invented for the
purpose, index it and serve it. Nothing has to be set up, and nothing is left
behind: it lives in a temporary directory that is removed at the end. With --dir
it is kept there; starting the demo on it again serves it as it is.` + exitHelp(""),
		Example: "  bobbin demo\n  bobbin demo --http 127.0.0.1:9000 --dir ./demo",
		Args:    wantArgs(0, 0),
		RunE:    func(cmd *cobra.Command, args []string) error { return runDemo(cmd.Context(), e, opt) },
	}
	cmd.Flags().StringVar(&opt.http, "http", config.DefaultHTTP, "`address` and port to listen on")
	cmd.Flags().StringVar(&opt.log, "log", "warn", "how much to log: error, warn, info or debug `level`")
	return cmd
}

func runDemo(ctx context.Context, e *env, opt serveOptions) (err error) {
	if _, err := gitVersion(ctx); err != nil {
		return err
	}
	lg, err := e.logger(opt.log)
	if err != nil {
		return err
	}
	ln, err := listen(ctx, opt.http)
	if err != nil {
		return err
	}
	defer ln.Close()
	if e.dir == "" { // $BOBBIN_DIR holds real mail
		tmp, err := os.MkdirTemp("", "bobbin-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		e.dir = tmp
	}
	d, _, err := makeDataDir(e)
	if err != nil {
		return err
	}
	if err := demoInto(ctx, e, d); err != nil {
		return err
	}
	if d, err = loadDataDir(d.path); err != nil {
		return err
	}
	return serveDir(ctx, e, d, ln, lg, opt)
}

// demoInto writes the demo's inboxes into d unless they are there.
func demoInto(ctx context.Context, e *env, d *dataDir) error {
	have := 0
	names := demoInboxes()
	for _, name := range names {
		if _, ok := d.inbox(name); ok {
			have++
		}
	}
	switch {
	case have == len(names):
		e.note("demo: %s has the demo already", d.path)
		return nil
	case have > 0 || len(d.inboxes) > 0:
		return errs.WithHint(errs.Exists, "name an empty directory, or leave out --dir", "demo: %s: holds other inboxes", d.path)
	}
	return writeDemo(ctx, e, d)
}
