package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func newIndexCommand(e *env) *cobra.Command {
	opt := indexOptions{}
	asJSON := false
	cmd := &cobra.Command{
		Use:   "index [INBOX…]",
		Short: "Catch the index up with the archives",
		Long: `Read what is new in the epochs of the inboxes (all, when none is named) into the
index. It goes on where the last run ended, also when that was killed; when there
is nothing new it does nothing. "bobbin serve" does this by itself.

--rebuild throws the index away and makes it anew from the archives, of every
inbox. Nothing is lost by that: the index holds only what can be made again.` + exitHelp(""),
		Example:           "  bobbin index\n  bobbin index linux-serial\n  bobbin index --rebuild",
		Args:              wantArgs(0, -1),
		ValidArgsFunction: completeInbox(e, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runIndex(cmd.Context(), e, args, opt, asJSON)
		},
	}
	cmd.Flags().BoolVar(&opt.rebuild, "rebuild", false, "start from nothing; all inboxes")
	cmd.Flags().BoolVar(&opt.wait, "wait", false, "wait while another process is indexing instead of giving up")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object: messages, duplicates, removed, missing, seconds")
	return cmd
}

// indexOptions say how to index.
type indexOptions struct {
	rebuild bool
	wait    bool // for another process that is indexing
}

func runIndex(ctx context.Context, e *env, names []string, opt indexOptions, asJSON bool) error {
	d, err := openDataDir(e)
	if err != nil {
		return err
	}
	inboxes, err := d.pick(names)
	if err != nil {
		return err
	}
	if opt.rebuild {
		inboxes = d.inboxes
	}
	stats, err := buildIndex(ctx, e, d, inboxes, opt)
	if err != nil {
		return err
	}
	if !asJSON {
		e.note("%s", indexSummary(stats))
		return nil
	}
	p := newPrinter(e)
	p.object(struct {
		Messages   int64   `json:"messages"`
		Duplicates int64   `json:"duplicates"`
		Removed    int64   `json:"removed"`
		Missing    int64   `json:"missing"`
		Seconds    float64 `json:"seconds"`
	}{stats.Messages, stats.Duplicates, stats.Removed, stats.Missing, stats.Elapsed.Seconds()})
	return p.flush()
}

// indexSummary says on one line what was indexed.
func indexSummary(s indexStats) string {
	if s.Messages+s.Duplicates+s.Removed+s.Missing == 0 {
		return "the index is up to date"
	}
	line := "indexed " + count(s.Messages, "message")
	if s.Duplicates > 0 {
		line += ", " + count(s.Duplicates, "duplicate")
	}
	if s.Removed > 0 {
		line += ", " + thousands(s.Removed) + " removed"
	}
	if s.Missing > 0 {
		line += ", " + thousands(s.Missing) + " unreadable (`bobbin check` lists them)"
	}
	return fmt.Sprintf("%s in %v", line, s.Elapsed.Round(10*time.Millisecond))
}
