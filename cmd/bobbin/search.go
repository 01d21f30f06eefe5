package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mbox"
)

// searchOptions are the flags of search.
type searchOptions struct {
	inbox   string
	limit   int
	sort    string
	json    bool
	mbox    bool
	threads bool
}

func newSearchCommand(e *env) *cobra.Command {
	opt := searchOptions{}
	cmd := &cobra.Command{
		Use:   "search QUERY…",
		Short: "Search messages, newest first",
		Long: `Search the index and print the messages that match, newest first: time (UTC),
sender, subject, Message-ID. Several arguments are joined with spaces.

Words must all occur; "OR", "NOT", parentheses, "phrases" and prefixes such as
s:subject f:sender d:last.week..  dfn:file.c narrow that. doc/search.md describes
the language, as does /_/text/help/ of any inbox on the web. A query that begins
with - stands after "--".

--json prints an object a line: message_id, inbox, subject, from, date (of the
Date header, RFC 3339). --mbox prints the messages whole, as mboxrd; with
--threads, every message of their threads.` + exitHelp("nothing matches"),
		Example: `  bobbin search s:regression d:last.month..
  bobbin search --inbox linux-serial --sort relevance 'dma NEAR timeout'
  bobbin search --mbox --threads 'f:torvalds rc1' > rc1.mbox`,
		Args: wantArgs(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyOne(cmd, "json", "mbox"); err != nil {
				return err
			}
			return runSearch(cmd.Context(), e, strings.Join(args, " "), opt)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.inbox, "inbox", catalog.All, "search only this `inbox`")
	f.IntVar(&opt.limit, "limit", 100, "print at most `n` messages; 0 for all of them")
	f.StringVar(&opt.sort, "sort", "newest", "`order`: newest, oldest or relevance")
	f.BoolVar(&opt.json, "json", false, "print an object a line")
	f.BoolVar(&opt.mbox, "mbox", false, "print the messages as mboxrd")
	f.BoolVar(&opt.threads, "threads", false, "with --mbox: whole threads")
	_ = cmd.RegisterFlagCompletionFunc("inbox", completeInbox(e, -1))
	_ = cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions([]string{"newest", "oldest", "relevance"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// hitJSON is a line of `search --json`.
type hitJSON struct {
	MessageID string `json:"message_id"`
	Inbox     string `json:"inbox"`
	Subject   string `json:"subject"`
	From      string `json:"from"`
	Date      string `json:"date"`
}

func runSearch(ctx context.Context, e *env, text string, opt searchOptions) error {
	req := catalog.Request{Inbox: opt.inbox, Query: text, Relevance: opt.sort == "relevance", Ascending: opt.sort == "oldest"}
	if !req.Relevance && !req.Ascending && opt.sort != "newest" {
		return errs.WithHint(errs.Invalid, "newest, oldest or relevance", "search: --sort: unknown order %q", opt.sort)
	}
	if opt.limit < 0 {
		return errs.New(errs.Invalid, "search: --limit: %d is negative", opt.limit)
	}
	if opt.threads && !opt.mbox {
		return errs.WithHint(errs.Invalid, "add --mbox", "search: --threads: only mboxes hold whole threads")
	}
	d, cat, err := openCatalog(ctx, e)
	if err != nil {
		return err
	}
	defer cat.Close()
	if _, ok := d.inbox(opt.inbox); !ok && opt.inbox != catalog.All {
		return d.noInbox(opt.inbox)
	}
	p := newPrinter(e)
	found := 0
	if opt.mbox {
		found, err = searchMbox(ctx, p, cat, req, opt)
	} else {
		found, err = searchList(ctx, p, cat, req, opt)
	}
	if err != nil {
		return err
	}
	if err := p.flush(); err != nil {
		return err
	}
	if found == 0 {
		e.note("search: nothing matches %s", text)
		return errSilent
	}
	return nil
}

// pageSize is the catalog's limit for one page of results.
const pageSize = 200

// searchList prints matches page by page, so that no limit is too large for memory.
func searchList(ctx context.Context, p *printer, cat *catalog.Catalog, req catalog.Request, opt searchOptions) (int, error) {
	found := 0
	for opt.limit == 0 || found < opt.limit {
		req.Offset, req.Limit = found, pageSize
		if opt.limit > 0 {
			req.Limit = min(pageSize, opt.limit-found)
		}
		page, err := cat.Search(ctx, req)
		if err != nil {
			return found, err
		}
		for i := range page.Hits {
			if err := printHit(p, &page.Hits[i], opt); err != nil {
				return found, err
			}
			found++
		}
		if !page.More || len(page.Hits) == 0 {
			break
		}
		req.Anchor = page.Anchor
	}
	return found, nil
}

func printHit(p *printer, h *catalog.Hit, opt searchOptions) error {
	if !opt.json {
		return p.message(column{}, h.Sent, &h.Summary)
	}
	return p.object(hitJSON{h.MessageID, h.Inbox, h.Subject, h.From.String(), rfc3339(h.Sent)})
}

// searchMbox prints matching messages whole.
func searchMbox(ctx context.Context, p *printer, cat *catalog.Catalog, req catalog.Request, opt searchOptions) (int, error) {
	if req.Relevance || req.Ascending {
		return 0, errs.WithHint(errs.Invalid, "leave out --sort", "search: --mbox: mboxes are newest first")
	}
	found := 0
	var buf []byte
	for a, err := range cat.Matches(ctx, req, opt.threads) {
		if err != nil {
			return found, err
		}
		raw, err := cat.Raw(ctx, a.Blob)
		if err != nil {
			return found, err
		}
		buf = mbox.Append(buf[:0], raw)
		if _, err := p.w.Write(buf); err != nil {
			return found, err
		}
		if found++; found == opt.limit {
			break
		}
	}
	return found, nil
}
