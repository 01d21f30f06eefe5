package index

import (
	"context"
	"maps"

	"bobbin/internal/archive"
)

// reconcile indexes an epoch whose history was rewritten (a purge, an edit, a forced
// fetch): articles whose blob is no longer in the history go, the others keep their
// numbers, and blobs that are new get numbers at the end. The cursor moves when all is
// done, so a pass that is killed begins again and finds less to do.
func reconcile(ctx context.Context, p *pass, b *archive.Inbox, e archive.Epoch) (Stats, error) {
	logger(p.opt).Warn("history was rewritten", "inbox", p.name, "epoch", e.N, "was", p.from, "is", p.tip)
	want, undone := map[string]int{}, map[string]int{}
	for c, err := range e.Repo.Log(ctx, "", p.tip) {
		switch {
		case err != nil:
			return Stats{}, err
		case c.Path == "m" && c.Status != 'D':
			want[c.Blob]++
		case c.Path == "d" && c.Status != 'D' && want[c.Blob] > 0:
			want[c.Blob]--
			undone[c.Blob]++
		}
	}
	held, err := p.w.InEpoch(ctx, p.at)
	if err != nil {
		return Stats{}, err
	}
	if err := p.w.Begin(ctx); err != nil {
		return Stats{}, err
	}
	if err := p.w.ClearFaults(ctx, p.at); err != nil {
		p.w.Rollback(context.WithoutCancel(ctx))
		return Stats{}, err
	}
	p.skip, p.unadded, p.unremoved = map[string]int{}, undone, maps.Clone(undone)
	for _, h := range held {
		if want[h.Blob] > 0 {
			want[h.Blob]--
			p.skip[h.Blob]++
			continue
		}
		if err := p.w.RemoveArticle(ctx, p.at.Inbox, h.Number, h.Msg); err != nil {
			p.w.Rollback(context.WithoutCancel(ctx))
			return Stats{}, err
		}
		p.stats.Removed++
	}
	if err := p.w.Commit(ctx); err != nil {
		p.w.Rollback(context.WithoutCancel(ctx))
		return Stats{}, err
	}
	return p.run(ctx, b.Walk(ctx, e.N, "", p.tip))
}
