package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"bobbin/internal/config"
	"bobbin/internal/errs"
)

// serveOptions are the flags of serve; what is not given comes from bobbin.toml.
type serveOptions struct {
	http      string
	debugHTTP string
	log       string
	noIndex   bool
}

func newServeCommand(e *env) *cobra.Command {
	opt := serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the archives over HTTP and keep the index up to date",
		Long: `Serve every inbox over HTTP: pages, search, raw mail, mboxes, Atom feeds and git
clone, at the URLs that public-inbox made known. New commits in the epochs are
noticed and indexed within a second, however they came: bobbin import,
public-inbox or git fetch. It runs until it is interrupted, then finishes the
requests it has.

--debug-http serves profiles for people who work on Bobbin; only a loopback
address is taken.` + exitHelp(""),
		Example: "  bobbin serve\n  bobbin serve --http 0.0.0.0:8025",
		Args:    wantArgs(0, 0),
		RunE:    func(cmd *cobra.Command, args []string) error { return runServe(cmd.Context(), e, opt) },
	}
	cmd.Flags().StringVar(&opt.http, "http", "", "`address` and port to listen on (default "+config.DefaultHTTP+")")
	cmd.Flags().StringVar(&opt.debugHTTP, "debug-http", "", "loopback `address` and port for profiles (default none)")
	cmd.Flags().StringVar(&opt.log, "log", "", "how much to log: error, warn, info or debug `level` (default info)")
	cmd.Flags().BoolVar(&opt.noIndex, "no-index", false, "only read; leave indexing to another process")
	return cmd
}

func runServe(ctx context.Context, e *env, opt serveOptions) error {
	d, err := openDataDir(e)
	if err != nil {
		return err
	}
	opt.http = firstOf(opt.http, d.config.HTTP)
	opt.debugHTTP = firstOf(opt.debugHTTP, d.config.DebugHTTP)
	if opt.debugHTTP != "" && !config.IsLoopback(opt.debugHTTP) {
		return errs.WithHint(errs.Invalid, "for example 127.0.0.1:8026", "serve: --debug-http: %q is not a loopback host:port", opt.debugHTTP)
	}
	lg, err := e.logger(firstOf(opt.log, d.config.Log))
	if err != nil {
		return err
	}
	if _, err := gitVersion(ctx); err != nil {
		return err
	}
	// Before the index is opened: a port in use shall be told at once.
	ln, err := listen(ctx, opt.http)
	if err != nil {
		return err
	}
	defer ln.Close()
	return serveDir(ctx, e, d, ln, lg, opt)
}

// serveDir serves a data directory on ln until ctx ends.
func serveDir(ctx context.Context, e *env, d *dataDir, ln net.Listener, lg *slog.Logger, opt serveOptions) error {
	live := newLiveDir(d)
	fault := firstIndex(ctx, e, d, opt)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cat, err := live.serving(ctx, lg)
	switch {
	case err != nil && fault != nil:
		return fault
	case err != nil:
		return err
	case errs.Is(fault, errs.Busy):
		e.warn("serve: only reading for now: %s", errorLine(fault))
	case fault != nil: // one damaged inbox must not keep the others from being read
		e.warn("serve: %s", errorLine(fault))
	}
	defer cat.Close()
	g, ctx := errgroup.WithContext(ctx)
	if opt.debugHTTP != "" {
		dln, err := listen(ctx, opt.debugHTTP)
		if err != nil {
			return err
		}
		g.Go(func() error { return serveHTTP(ctx, dln, profiles(), lg) })
	}
	if !opt.noIndex {
		g.Go(func() error { return followIndex(ctx, live, lg) })
	}
	site := logged(lg, paced(newSite(lg, cat, d.config)))
	g.Go(func() error { return serveHTTP(ctx, ln, site, lg) })
	fmt.Fprintf(e.stdout, "serving %s at %s\n", countInboxes(len(d.inboxes)), urlOf(ln))
	return g.Wait()
}

// firstIndex makes the index before anything is served, so that the first page has
// something to show. Later mail is followIndex's.
func firstIndex(ctx context.Context, e *env, d *dataDir, opt serveOptions) error {
	if opt.noIndex {
		return nil
	}
	stats, err := buildIndex(ctx, e, d, d.inboxes, indexOptions{})
	if err == nil && stats.Messages > 0 {
		e.note("%s", indexSummary(stats))
	}
	return err
}

// listen opens addr and says clearly why when it cannot.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, errs.WithHint(errs.Busy, "stop what uses it, or choose another with --http", "serve: %s: the port is in use", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, errs.WithHint(errs.Invalid, "ports below 1024 need privileges; choose another with --http", "serve: %s: not allowed", addr)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return nil, errs.WithHint(errs.Invalid, "give --http host:port, for example "+config.DefaultHTTP, "serve: %s: %w", addr, err)
}

// urlOf gives the URL that a browser on this machine reaches ln at.
func urlOf(ln net.Listener) string {
	addr := ln.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s/", net.JoinHostPort(host, fmt.Sprint(addr.Port)))
}

// logger makes the logger of a server.
func (e *env) logger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, errs.WithHint(errs.Invalid, "error, warn, info or debug", "serve: --log: unknown level %q", level)
	}
	w := &lockedWriter{w: e.stderr}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}

// lockedWriter lets the progress of indexing and the log share a stream.
type lockedWriter struct {
	mu sync.Mutex
	w  interface{ Write([]byte) (int, error) }
}

// Write writes one line.
func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// shutdownGrace is how long requests may take after an interrupt.
const shutdownGrace = 5 * time.Second

// serveHTTP answers requests on ln until ctx ends, then lets those under way finish.
func serveHTTP(ctx context.Context, ln net.Listener, h http.Handler, lg *slog.Logger) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(lg.Handler(), slog.LevelDebug),
		// No WriteTimeout: a whole archive takes as long as it takes; see paced.
	}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		err := srv.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close()
		}
		done <- err
	}()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return <-done
}
