package main

import (
	"context"

	"github.com/spf13/cobra"

	"bobbin/internal/catalog"
)

func newListCommand(e *env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "list [INBOX]",
		Short: "List every article of an inbox in order; without INBOX, the inboxes",
		Long: `List every article of INBOX in the order of their numbers, which are those that
public-inbox gives. The columns are: number, time of arrival (UTC), sender,
subject, Message-ID. INBOX "all" lists the messages of all inboxes in order of
arrival, each once; they have the number 0 there.

Without INBOX, list the inboxes: name, messages, newest arrival, description.

--json prints an object a line: number, message_id, thread (the number of the
first article of its thread), received and sent (Unix seconds), blob (of git),
from, subject; for inboxes: inbox, messages, oldest, newest, description, dir.` + exitHelp(""),
		Example:           "  bobbin list\n  bobbin list linux-serial | head\n  bobbin list --json linux-serial",
		Args:              wantArgs(0, 1),
		ValidArgsFunction: completeInbox(e, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return runListInboxes(cmd.Context(), e, asJSON)
			}
			return runList(cmd.Context(), e, args[0], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print an object a line")
	return cmd
}

// articleJSON is a line of `list --json`.
type articleJSON struct {
	Number    int64  `json:"number"`
	MessageID string `json:"message_id"`
	Thread    int64  `json:"thread"`
	Received  int64  `json:"received"`
	Sent      int64  `json:"sent"`
	Blob      string `json:"blob"`
	From      string `json:"from"`
	Subject   string `json:"subject"`
}

func runList(ctx context.Context, e *env, name string, asJSON bool) error {
	d, cat, err := openCatalog(ctx, e)
	if err != nil {
		return err
	}
	defer cat.Close()
	if _, ok := d.inbox(name); !ok && name != catalog.All {
		return d.noInbox(name)
	}
	p := newPrinter(e)
	first := map[int64]int64{} // thread → number of its first article
	for a, err := range cat.Articles(ctx, name, 0) {
		if err != nil {
			return err
		}
		if _, ok := first[a.Thread]; !ok {
			first[a.Thread] = a.Number
		}
		if asJSON {
			err = p.object(articleJSON{a.Number, a.MessageID, first[a.Thread], a.Received.Unix(), a.Sent.Unix(),
				a.Blob, a.From.String(), a.Subject})
		} else {
			err = p.message(column{decimal(a.Number), -7}, a.Received, &a.Summary)
		}
		if err != nil {
			return err
		}
	}
	return p.flush()
}

func runListInboxes(ctx context.Context, e *env, asJSON bool) error {
	d, cat, err := openCatalog(ctx, e)
	if err != nil {
		return err
	}
	defer cat.Close()
	p := newPrinter(e)
	for _, ib := range d.inboxes {
		c, err := cat.Inbox(ctx, ib.Name)
		if err != nil {
			return err
		}
		if asJSON {
			err = p.object(struct {
				Inbox       string `json:"inbox"`
				Messages    int64  `json:"messages"`
				Oldest      int64  `json:"oldest"`
				Newest      int64  `json:"newest"`
				Description string `json:"description"`
				Dir         string `json:"dir"`
			}{c.Name, c.Messages, unix(c.Oldest), unix(c.Newest), c.Description, ib.Dir})
		} else {
			newest := ""
			if c.Messages > 0 {
				newest = minute(c.Newest)
			}
			err = p.row(column{c.Name, 24}, column{decimal(c.Messages), -9}, column{newest, 16}, column{c.Description, 0})
		}
		if err != nil {
			return err
		}
	}
	return p.flush()
}
