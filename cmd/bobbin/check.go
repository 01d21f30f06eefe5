package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newCheckCommand(e *env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "check [INBOX…]",
		Short: "Verify the archives, and the index against them",
		Long: `Verify the epochs of the inboxes (all, when none is named): git fsck of each, the
shape of their commits, and blobs that are missing; then the index against the
epochs. Every difference is printed on a line: inbox, place, what is wrong. It
changes nothing.

A wrong index is repaired by "bobbin index --rebuild"; a damaged epoch has to be
fetched again from where it came.

--json prints an object a line: inbox, place, problem.` + exitHelp("there are differences"),
		Example:           "  bobbin check\n  bobbin check linux-serial",
		Args:              wantArgs(0, -1),
		ValidArgsFunction: completeInbox(e, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCheck(cmd.Context(), e, args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object a line")
	return cmd
}

// finding is one thing that check found wrong.
type finding struct {
	Inbox   string `json:"inbox"`
	Place   string `json:"place"` // "epoch 0", "index"
	Problem string `json:"problem"`
}

func runCheck(ctx context.Context, e *env, names []string, asJSON bool) error {
	d, err := openDataDir(e)
	if err != nil {
		return err
	}
	inboxes, err := d.pick(names)
	if err != nil {
		return err
	}
	findings, err := checkInboxes(ctx, d, inboxes)
	if err != nil {
		return err
	}
	p := newPrinter(e)
	for _, f := range findings {
		if asJSON {
			err = p.object(f)
		} else {
			err = p.row(column{f.Inbox, 16}, column{f.Place, 10}, column{f.Problem, 0})
		}
		if err != nil {
			return err
		}
	}
	if err := p.flush(); err != nil {
		return err
	}
	if len(findings) > 0 {
		e.note("check: %s", count(int64(len(findings)), "problem"))
		return errSilent
	}
	e.note("check: %s, no problem", countInboxes(len(inboxes)))
	return nil
}

func countInboxes(n int) string {
	if n == 1 {
		return "1 inbox"
	}
	return thousands(int64(n)) + " inboxes"
}
