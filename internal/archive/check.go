package archive

import (
	"context"

	"bobbin/internal/errs"
)

// Problem is something that is wrong with an inbox.
type Problem struct {
	Epoch  int    // -1: the inbox as a whole
	Commit string // hex; "" when it is not one commit's
	Blob   string // hex; "" when it is not one blob's
	What   string // one line
}

// maxProblems bounds what Check lists of one epoch.
const maxProblems = 1000

// Check verifies the inbox: git fsck of each epoch, the form of the commits, blobs that
// are missing, all.git. It changes nothing. nil means that all is well.
func (b *Inbox) Check(ctx context.Context) []Problem {
	epochs, err := b.Epochs(ctx)
	if err != nil {
		return []Problem{{Epoch: -1, What: err.Error()}}
	}
	var list []Problem
	for _, e := range epochs {
		list = append(list, b.checkEpoch(ctx, e)...)
	}
	return list
}

func (b *Inbox) checkEpoch(ctx context.Context, e Epoch) []Problem {
	var list []Problem
	add := func(p Problem) {
		if p.Epoch = e.N; len(list) < maxProblems {
			list = append(list, p)
		}
	}
	if err := e.Repo.Fsck(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		add(Problem{What: err.Error()})
	}
	_, tip, err := e.Repo.Tip(ctx)
	if err != nil {
		add(Problem{What: err.Error()})
	}
	if tip == "" {
		return list
	}
	for en, err := range b.Walk(ctx, e.N, "", tip) {
		if err != nil {
			if !errs.Is(err, errs.Internal) || ctx.Err() == nil {
				add(Problem{What: err.Error()})
			}
			break
		}
		if en.Missing {
			add(Problem{Commit: en.Commit, Blob: en.Blob, What: "missing or unreadable blob"})
		}
	}
	return list
}
