package main

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bobbin/internal/config"
	"bobbin/internal/errs"
	"bobbin/internal/ingest"
)

// importOptions are the flags of import.
type importOptions struct {
	inbox   config.Inbox // for an inbox that is made
	noIndex bool
	json    bool
}

func newImportCommand(e *env) *cobra.Command {
	opt := importOptions{}
	cmd := &cobra.Command{
		Use:   "import INBOX SOURCE…",
		Short: "Bring mail into an inbox, and index it",
		Long: `Bring mail from each SOURCE into INBOX, which is made when it is missing, then
index it. A SOURCE is one of

  a git bundle or bare repository in v2 epoch form: cloned as it is
  a whole public-inbox v2 directory: every epoch cloned as it is
  an mbox or mboxrd, also compressed (gzip, zstd)
  a Maildir
  a file with one mail (.eml)
  - for standard input: an mbox or one mail

What it is is told from its contents, not from its name. Mail that the inbox has is
skipped by public-inbox's rules; an epoch that it has is brought up to date. So
importing the same source twice changes nothing, and after a fault the same
command goes on where it stopped. Mail before a damaged place is kept.

--json prints an object: added, duplicates, renamed, skipped, epochs, forwarded,
messages (indexed).` + exitHelp("a source ended early"),
		Example: `  bobbin import linux-serial linux-serial.bundle
  bobbin import talk ~/Mail/talk 2023.mbox.gz --address talk@lists.example.org
  curl https://lore.kernel.org/all/MSGID/t.mbox.gz | bobbin import reading -`,
		Args: wantArgs(2, -1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
			return completeInbox(e, 0)(cmd, args, toComplete)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImport(cmd.Context(), e, args[0], args[1:], opt)
		},
	}
	inboxFlags(cmd, &opt.inbox)
	cmd.Flags().BoolVar(&opt.noIndex, "no-index", false, "do not index it now")
	cmd.Flags().BoolVar(&opt.json, "json", false, "print an object that counts what came in")
	return cmd
}

func runImport(ctx context.Context, e *env, name string, paths []string, opt importOptions) error {
	if err := config.ValidName(name); err != nil {
		return err
	}
	sources, err := detectSources(paths)
	if err != nil {
		return err
	}
	if _, err := gitVersion(ctx); err != nil {
		return err
	}
	d, _, err := makeDataDir(e)
	if err != nil {
		return err
	}
	ib, made, err := openOrMakeInbox(ctx, d, name, opt.inbox)
	if err != nil {
		return err
	}
	total, indexed, fault := importSources(ctx, e, d, ib, sources)
	if fault != nil && made && !total.Changed() {
		// When nothing came in, an inbox nobody asked for would be in the way of the next try.
		if err := removeEmpty(context.WithoutCancel(ctx), ib); err != nil {
			return errors.Join(fault, err)
		}
	}
	if _, gone := os.Stat(ib.Dir); gone == nil && !opt.noIndex && ctx.Err() == nil {
		stats, err := buildIndex(ctx, e, d, []inbox{ib}, indexOptions{wait: true})
		indexed = sumIndex(indexed, stats)
		if fault == nil {
			fault = err
		}
	}
	if fault == nil || total.Changed() {
		if err := reportImport(e, name, total, indexed, opt); err != nil {
			return err
		}
	}
	return fault
}

// sumIndex adds what two runs of the index did.
func sumIndex(a, b indexStats) indexStats {
	a.Messages += b.Messages
	a.Duplicates += b.Duplicates
	a.Removed += b.Removed
	a.Missing += b.Missing
	a.Elapsed += b.Elapsed
	return a
}

// detectSources looks at every source before anything is written.
func detectSources(paths []string) ([]ingest.Source, error) {
	var sources []ingest.Source
	stdin := 0
	for _, path := range paths {
		src, err := ingest.Detect(path)
		if err != nil {
			return nil, err
		}
		if src.Kind == ingest.Stdin {
			stdin++
		}
		sources = append(sources, src)
	}
	if stdin > 1 {
		return nil, errs.New(errs.Invalid, "import: standard input can be read only once")
	}
	return sources, nil
}

// importSources brings the sources in, one after the other, showing progress. A fault
// ends it: what comes after may depend on what failed, and nothing is lost by stopping.
func importSources(ctx context.Context, e *env, d *dataDir, ib inbox, sources []ingest.Source) (total ingest.Stats, indexed indexStats, err error) {
	bar := newProgress(e, "mails")
	defer bar.close()
	opt := ingest.Options{
		Stdin:    e.stdin,
		Progress: func(p ingest.Progress) { bar.update("import "+p.Source, p.Mails, p.Total) },
	}
	if e.errWidth > 0 && !e.quiet {
		opt.GitProgress = e.stderr
	}
	im, err := openImporter(e, d, ib, opt, func(s indexStats) { indexed = sumIndex(indexed, s) })
	if err != nil {
		return total, indexed, err
	}
	for _, src := range sources {
		if err = im.Import(ctx, src); err != nil {
			break
		}
	}
	if cerr := im.Close(); err == nil {
		err = cerr
	} else if cerr != nil && !sameFault(err, cerr) {
		err = errors.Join(cerr, err)
	}
	return im.Stats(), indexed, err
}

// sameFault reports whether b tells of the fault that a tells of: a writer that has
// failed says so again when it is closed.
func sameFault(a, b error) bool {
	for ; a != nil; a = errors.Unwrap(a) {
		if errors.Is(b, a) {
			return true
		}
	}
	return false
}

// reportImport says what came in.
func reportImport(e *env, name string, s ingest.Stats, indexed indexStats, opt importOptions) error {
	if opt.json {
		p := newPrinter(e)
		p.object(struct {
			Added      int64 `json:"added"`
			Duplicates int64 `json:"duplicates"`
			Renamed    int64 `json:"renamed"`
			Skipped    int64 `json:"skipped"`
			Epochs     int64 `json:"epochs"`
			Forwarded  int64 `json:"forwarded"`
			Messages   int64 `json:"messages"`
		}{s.Added, s.Duplicates, s.Renamed, s.Skipped, s.Epochs, s.Forwarded, indexed.Messages})
		return p.flush()
	}
	var parts []string
	part := func(n int64, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, one)
		case n > 1:
			parts = append(parts, thousands(n)+" "+many)
		}
	}
	part(s.Epochs, "1 new epoch", "new epochs")
	part(s.Forwarded, "1 epoch brought up to date", "epochs brought up to date")
	part(s.Added, "1 mail added", "mails added")
	part(s.Renamed, "1 with a new Message-ID, because another mail has its own", "with new Message-IDs, because other mails have theirs")
	part(s.Duplicates, "1 there already", "there already")
	part(s.Skipped, "1 skipped", "skipped")
	if len(parts) == 0 {
		parts = append(parts, "nothing new")
	}
	e.note("%s: %s", name, strings.Join(parts, ", "))
	if !opt.noIndex && indexed != (indexStats{}) {
		e.note("%s: %s", name, indexSummary(indexed))
	}
	return nil
}

// openOrMakeInbox finds the inbox, or makes an empty one.
func openOrMakeInbox(ctx context.Context, d *dataDir, name string, about config.Inbox) (ib inbox, made bool, err error) {
	ib, listed := d.inbox(name)
	if !listed {
		ib = inbox{Name: name, Inbox: about}
		ib.Dir = d.inboxDir(name)
	}
	made, err = createInbox(ctx, ib)
	if err != nil || !made || listed || about.Address == nil && about.ListID == nil && about.URL == nil {
		return ib, made, err
	}
	// The archive keeps the description; what it has no place for is configuration.
	about.Description = ""
	if err := config.AppendInbox(d.path, name, about); err != nil {
		return ib, made, errors.Join(err, os.RemoveAll(ib.Dir))
	}
	return ib, made, nil
}
