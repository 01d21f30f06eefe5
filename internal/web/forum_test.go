package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
)

// forum is a shelf whose messages form trees by their references, with two more
// inboxes beside it: "purl", whose newsgroup is inbox.comp.purl, and all.
type forum struct {
	*shelf
	elsewhere map[string][]catalog.Elsewhere // by Message-ID
	partial   []catalog.Elsewhere
	asked     []catalog.Request // searches, as they came
	span      catalog.Span      // of the last listing
	total     int               // of searches; 0 = the number of hits
	gen       uint64
	renders   int // look-ups of messages
}

func newForum(mails ...string) *forum { return &forum{shelf: newShelf(mails...), gen: 1} }

func (f *forum) Generation() uint64 { return f.gen }

func (f *forum) Inboxes(context.Context) ([]catalog.Inbox, error) {
	return []catalog.Inbox{f.box, {Name: "purl", Newsgroup: "inbox.comp.purl"}}, nil
}

func (f *forum) Inbox(ctx context.Context, name string) (*catalog.Inbox, error) {
	if name == "purl" {
		return &catalog.Inbox{Name: name, Newsgroup: "inbox.comp.purl"}, nil
	}
	return f.shelf.Inbox(ctx, name)
}

func (f *forum) Messages(ctx context.Context, inbox, msgid string) ([]catalog.Article, error) {
	f.renders++
	if inbox == "purl" {
		return nil, errs.New(errs.NotFound, "message <%s>: not found", msgid)
	}
	return f.shelf.Messages(ctx, inbox, msgid)
}

// Thread makes a tree of all messages: each below the last of its references.
func (f *forum) Thread(ctx context.Context, inbox, msgid string, _ bool) (*catalog.Thread, error) {
	if _, err := f.Messages(ctx, inbox, msgid); err != nil {
		return nil, err
	}
	t := &catalog.Thread{Strict: len(f.articles)}
	for _, a := range f.articles {
		t.Messages = append(t.Messages, a.Summary)
	}
	var walk func(id string, level, parent int)
	walk = func(id string, level, parent int) {
		for i := range t.Messages {
			m := &t.Messages[i]
			refs := f.refs[m.MessageID]
			if len(refs) == 0 && id != "" || len(refs) > 0 && refs[len(refs)-1] != id {
				continue
			}
			at := len(t.Tree)
			t.Tree = append(t.Tree, catalog.Node{Msg: m, MessageID: m.MessageID, Level: level, Parent: parent})
			if parent >= 0 {
				t.Tree[parent].Kids = append(t.Tree[parent].Kids, at)
			}
			walk(m.MessageID, level+1, at)
		}
	}
	walk("", 0, -1)
	for _, a := range f.articles { // what nobody has sent but somebody answered
		refs := f.refs[a.MessageID]
		if n := len(refs); n > 0 && !slices.ContainsFunc(f.articles, func(o catalog.Article) bool { return o.MessageID == refs[n-1] }) {
			t.Tree = append(t.Tree, catalog.Node{MessageID: refs[n-1], Parent: -1})
			walk(refs[n-1], 1, len(t.Tree)-1)
		}
	}
	return t, nil
}

func (f *forum) Topics(ctx context.Context, inbox string, sp catalog.Span) ([]catalog.Topic, *catalog.Recent, error) {
	f.span = sp
	r, err := f.Recent(ctx, inbox, sp)
	if err != nil || len(r.Messages) == 0 {
		return nil, r, err
	}
	t, err := f.Threads(ctx, inbox, catalog.ByActivity, sp)
	for i := range t {
		t[i].RootLatest = t[i].Latest
	}
	r.Older, r.Newer = true, !sp.Before.IsZero()
	return t, r, err
}

func (f *forum) Search(ctx context.Context, r catalog.Request) (*catalog.Result, error) {
	f.asked = append(f.asked, r)
	if strings.HasSuffix(r.Query, "(") {
		return nil, errs.WithHint(errs.Invalid, "close the parenthesis", "query: nothing after (")
	}
	res, err := f.shelf.Search(ctx, r)
	res.Total, res.Exact, res.Anchor = len(res.Hits), true, 77
	if f.total > 0 && res.Total > 0 {
		res.Total, res.More = f.total, true
	}
	return res, err
}

func (f *forum) Elsewhere(_ context.Context, _, msgid string) ([]catalog.Elsewhere, error) {
	return f.elsewhere[msgid], nil
}

func (f *forum) Partial(context.Context, string, string) ([]catalog.Elsewhere, error) {
	return f.partial, nil
}

// fetch gets a page and parses it.
func fetch(t *testing.T, cat Catalog, target string, code int) doc {
	t.Helper()
	x := ask(t, cat, http.MethodGet, target, "")
	x.want(code, "Content-Type: text/html; charset=UTF-8")
	return parse(t, x.Body.String())
}

// talk is a small discussion: a series with a review, and an answer to nobody known.
var talk = []string{`
From: Ada Lovelace <ada@example.org>
To: knit@example.org
Cc: Grace Hopper <grace@example.com>, "O'Hara, Kim" <kim@example.net>
Subject: [PATCH 0/1] Cable stitch
Date: Sun, 1 Mar 2026 13:00:00 +0100
Message-ID: <cover@example.org>

A small series.
`, `
From: Ada Lovelace <ada@example.org>
To: knit@example.org
Subject: [PATCH 1/1] stitch: cross two & two
Message-ID: <patch@example.org>
References: <cover@example.org>
In-Reply-To: <cover@example.org>

> quoted
> more

Mine.
`, `
From: Grace Hopper <grace@example.com>
To: Ada Lovelace <ada@example.org>
Cc: knit@example.org
Subject: Re: [PATCH 1/1] stitch: cross two & two
Message-ID: <review@example.com>
References: <cover@example.org> <patch@example.org>
In-Reply-To: <patch@example.org>

Looks good.
`, `
From: stranger@example.net
To: knit@example.org
Subject: Re: lost
Message-ID: <late@example.net>
In-Reply-To: <ghost/with "quotes"@example.net>

Hello?
`}
