package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bobbin/internal/catalog"
	"bobbin/internal/mbox"
)

// threadOptions are the flags of thread.
type threadOptions struct {
	inbox  string
	strict bool
	json   bool
	mbox   bool
}

func newThreadCommand(e *env) *cobra.Command {
	opt := threadOptions{}
	cmd := &cobra.Command{
		Use:   "thread MSGID",
		Short: "Print the tree of a message's thread",
		Long: `Print the thread that a message belongs to as a tree, oldest first: time (UTC),
sender, subject. A message that others refer to and that the archive lacks is
shown as [not in the archive]; one that only its subject joins to the thread is
marked with ~, and --strict leaves those out.

--mbox prints the messages whole, as mboxrd. --json prints an object a line in
reading order: message_id, level, subject, from, date (RFC 3339), missing, loose.` + exitHelp("there is no such message"),
		Example: "  bobbin thread 20230914183831.587273-1-john.ogness@linutronix.de\n  bobbin thread --mbox MSGID | mutt -f /dev/stdin",
		Args:    wantArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyOne(cmd, "json", "mbox"); err != nil {
				return err
			}
			return runThread(cmd.Context(), e, args[0], opt)
		},
	}
	cmd.Flags().StringVar(&opt.inbox, "inbox", catalog.All, "look only in this `inbox`")
	cmd.Flags().BoolVar(&opt.strict, "strict", false, "only what References and In-Reply-To join")
	cmd.Flags().BoolVar(&opt.json, "json", false, "print an object a line")
	cmd.Flags().BoolVar(&opt.mbox, "mbox", false, "print the messages as mboxrd")
	_ = cmd.RegisterFlagCompletionFunc("inbox", completeInbox(e, -1))
	return cmd
}

// nodeJSON is a line of `thread --json`.
type nodeJSON struct {
	MessageID string `json:"message_id"`
	Level     int    `json:"level"`
	Subject   string `json:"subject"`
	From      string `json:"from"`
	Date      string `json:"date"`
	Missing   bool   `json:"missing"`
	Loose     bool   `json:"loose"`
}

func runThread(ctx context.Context, e *env, arg string, opt threadOptions) error {
	d, cat, err := openCatalog(ctx, e)
	if err != nil {
		return err
	}
	defer cat.Close()
	if _, ok := d.inbox(opt.inbox); !ok && opt.inbox != catalog.All {
		return d.noInbox(opt.inbox)
	}
	msgid := bareID(arg)
	t, err := cat.Thread(ctx, opt.inbox, msgid, !opt.strict)
	if err != nil {
		return noMessage(ctx, cat, opt.inbox, msgid, err)
	}
	p := newPrinter(e)
	switch {
	case opt.mbox:
		err = threadMbox(ctx, p, cat, t)
	case opt.json:
		err = threadObjects(p, t)
	default:
		err = threadTree(p, t)
	}
	if err != nil {
		return err
	}
	return p.flush()
}

func threadMbox(ctx context.Context, p *printer, cat *catalog.Catalog, t *catalog.Thread) error {
	var buf []byte
	for i := range t.Messages {
		raw, err := cat.Raw(ctx, t.Messages[i].Blob)
		if err != nil {
			return err
		}
		buf = mbox.Append(buf[:0], raw)
		if _, err := p.w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

func threadObjects(p *printer, t *catalog.Thread) error {
	for i := range t.Tree {
		n := &t.Tree[i]
		o := nodeJSON{MessageID: n.MessageID, Level: n.Level, Missing: n.Msg == nil, Loose: n.Loose}
		if n.Msg != nil {
			o.Subject, o.From, o.Date = n.Msg.Subject, n.Msg.From.String(), rfc3339(n.Msg.Sent)
		}
		if err := p.object(o); err != nil {
			return err
		}
	}
	return nil
}

// maxIndent is the deepest level that is drawn; deeper ones stand below each other.
const maxIndent = 24

// threadTree draws the tree. A subject that only repeats the one above is left out.
func threadTree(p *printer, t *catalog.Thread) error {
	last := ""
	for i := range t.Tree {
		n := &t.Tree[i]
		when, what := "", "[not in the archive] <"+n.MessageID+">"
		if n.Msg != nil {
			when, what = minute(n.Msg.Sent), n.Msg.From.Display()
			if same := withoutRe(n.Msg.Subject); same != last || n.Level == 0 {
				last, what = same, what+": "+n.Msg.Subject
			}
		}
		if n.Loose {
			what = "~ " + what
		}
		if err := p.row(column{when, 16}, column{branch(t, i) + what, 0}); err != nil {
			return err
		}
	}
	return nil
}

// branch draws the lines that lead to a node from its ancestors.
func branch(t *catalog.Thread, i int) string {
	var parts []string
	for n := &t.Tree[i]; n.Parent >= 0 && len(parts) < maxIndent; n = &t.Tree[n.Parent] {
		kids := t.Tree[n.Parent].Kids
		last := len(kids) > 0 && &t.Tree[kids[len(kids)-1]] == n
		switch {
		case len(parts) == 0 && last:
			parts = append(parts, "└ ")
		case len(parts) == 0:
			parts = append(parts, "├ ")
		case last:
			parts = append(parts, "  ")
		default:
			parts = append(parts, "│ ")
		}
	}
	slices.Reverse(parts)
	return strings.Join(parts, "")
}

// withoutRe takes "Re: " off a subject.
func withoutRe(subject string) string {
	for len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		subject = strings.TrimSpace(subject[3:])
	}
	return subject
}
