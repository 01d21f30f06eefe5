package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"bobbin/internal/config"
	"bobbin/internal/errs"
)

func newAddCommand(e *env) *cobra.Command {
	ib := config.Inbox{}
	noIndex := false
	cmd := &cobra.Command{
		Use:   "add INBOX PATH",
		Short: "Use an existing public-inbox v2 directory where it stands",
		Long: `Add the v2 directory PATH as INBOX without copying it: a table in bobbin.toml
names it. public-inbox may go on using and writing it. Then index it.` + exitHelp(""),
		Example: "  bobbin add linux-serial /srv/public-inbox/linux-serial",
		Args:    wantArgs(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAdd(cmd.Context(), e, args[0], args[1], ib, noIndex)
		},
	}
	inboxFlags(cmd, &ib)
	cmd.Flags().BoolVar(&noIndex, "no-index", false, "do not index it now")
	return cmd
}

// inboxFlags are the flags that describe an inbox.
func inboxFlags(cmd *cobra.Command, ib *config.Inbox) {
	cmd.Flags().StringVar(&ib.Description, "description", "", "one `line` about the inbox")
	cmd.Flags().StringArrayVar(&ib.Address, "address", nil, "posting `address`; may be repeated, primary first")
	cmd.Flags().StringArrayVar(&ib.ListID, "listid", nil, "List-Id `value` without brackets; may be repeated")
	cmd.Flags().StringArrayVar(&ib.URL, "url", nil, "`URL` of the public archive; may be repeated")
}

func runAdd(ctx context.Context, e *env, name, path string, ib config.Inbox, noIndex bool) error {
	if err := config.ValidName(name); err != nil {
		return err
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := checkV2(ctx, path); err != nil {
		return err
	}
	d, _, err := makeDataDir(e)
	if err != nil {
		return err
	}
	if old, ok := d.inbox(name); ok {
		return errs.WithHint(errs.Exists, "choose another name", "inbox %s: exists already, at %s", name, old.Dir)
	}
	ib.Dir = path
	if err := config.AppendInbox(d.path, name, ib); err != nil {
		return err
	}
	e.note("%s: uses %s", name, path)
	if noIndex {
		return nil
	}
	stats, err := buildIndex(ctx, e, d, []inbox{{Name: name, Inbox: ib}}, indexOptions{wait: true})
	if err == nil {
		e.note("%s: %s", name, indexSummary(stats))
	}
	return err
}
