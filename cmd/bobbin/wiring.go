package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"bobbin/internal/archive"
	"bobbin/internal/catalog"
	"bobbin/internal/config"
	"bobbin/internal/demo"
	"bobbin/internal/errs"
	"bobbin/internal/git"
	"bobbin/internal/gitserve"
	"bobbin/internal/index"
	"bobbin/internal/ingest"
	"bobbin/internal/store"
	"bobbin/internal/web"
)

// This file joins the packages: what a data directory holds, in the words of each.

type indexStats = index.Stats

const schemaVersion = store.SchemaVersion

func gitVersion(ctx context.Context) (string, error) { return git.Version(ctx) }

// sourcesOf names inboxes for package index.
func sourcesOf(inboxes []inbox) []index.Source {
	list := make([]index.Source, len(inboxes))
	for i, ib := range inboxes {
		list[i] = index.Source{Name: ib.Name, Dir: ib.Dir}
	}
	return list
}

// describe names inboxes for package catalog.
func describe(inboxes []inbox) []catalog.Inbox {
	list := make([]catalog.Inbox, len(inboxes))
	for i, ib := range inboxes {
		list[i] = catalog.Inbox{
			Name:        ib.Name,
			Dir:         ib.Dir,
			Description: ib.Description,
			Addresses:   ib.Address,
			ListIDs:     ib.ListID,
			URLs:        ib.URL,
			InfoURLs:    ib.InfoURL,
			Newsgroup:   ib.Newsgroup,
			Hidden:      ib.Hide,
		}
	}
	return list
}

// buildIndex catches the index up with inboxes, showing progress.
func buildIndex(ctx context.Context, e *env, d *dataDir, inboxes []inbox, opt indexOptions) (indexStats, error) {
	bar := newProgress(e, "mails")
	defer bar.close()
	return index.Run(ctx, d.path, sourcesOf(inboxes), index.Options{
		Rebuild: opt.rebuild,
		Wait:    opt.wait,
		Progress: func(p index.Progress) {
			label := p.Phase
			if p.Inbox != "" {
				label += " " + p.Inbox
			}
			bar.update(label, p.Done, p.Total)
		},
	})
}

// followIndex keeps the index up to date until ctx ends.
func followIndex(ctx context.Context, live *liveDir, lg *slog.Logger) error {
	return index.Follow(ctx, live.path, func() ([]index.Source, error) {
		d, err := live.now()
		if err != nil {
			return nil, err
		}
		return sourcesOf(d.inboxes), nil
	}, index.Options{Log: lg})
}

// openCatalog opens the data directory and its index for reading.
func openCatalog(ctx context.Context, e *env) (*dataDir, *catalog.Catalog, error) {
	d, err := openDataDir(e)
	if err != nil {
		return nil, nil, err
	}
	cat, err := catalog.Open(ctx, d.path, catalog.Options{
		Now:     e.now,
		Inboxes: func() ([]catalog.Inbox, error) { return describe(d.inboxes), nil },
	})
	if errs.Is(err, errs.NotFound) {
		err = errs.WithHint(errs.NotFound, "`bobbin index` makes it", "%s: there is no index yet", d.path)
	}
	return d, cat, err
}

// catalogShare is the part of the memory for caches that the catalog gets; the pages
// get the rest.
const catalogShare = 0.6

// serving opens the catalog for a server.
func (l *liveDir) serving(ctx context.Context, lg *slog.Logger) (*catalog.Catalog, error) {
	return catalog.Open(ctx, l.path, catalog.Options{
		CacheBytes: int64(float64(l.last.config.CacheMiB<<20) * catalogShare),
		Log:        lg,
		Inboxes: func() ([]catalog.Inbox, error) {
			d, err := l.now()
			if err != nil {
				return nil, err
			}
			return describe(d.inboxes), nil
		},
	})
}

// newSite makes the handler of all URLs.
func newSite(lg *slog.Logger, cat *catalog.Catalog, c *config.Config) http.Handler {
	return web.New(lg, cat, web.Options{
		CacheBytes: int64(float64(c.CacheMiB<<20) * (1 - catalogShare)),
		TrustProxy: c.Proxy,
		Git:        gitserve.New(git.Server{}, gitserve.Options{Log: lg}).Handler,
	})
}

// checkInboxes verifies inboxes and what the index holds of them.
func checkInboxes(ctx context.Context, d *dataDir, inboxes []inbox) ([]finding, error) {
	problems, err := index.Check(ctx, d.path, sourcesOf(inboxes))
	list := make([]finding, len(problems))
	for i, p := range problems {
		list[i] = finding{Inbox: p.Inbox, Place: "index", Problem: p.What}
		if p.Epoch >= 0 {
			list[i].Place = fmt.Sprintf("epoch %d", p.Epoch)
		}
	}
	return list, err
}

// checkV2 tells whether path is a v2 directory that can be used.
func checkV2(ctx context.Context, path string) error {
	b, err := archive.Open(path)
	if err != nil {
		return err
	}
	_, err = b.Epochs(ctx)
	return err
}

// createInbox makes the v2 directory of an inbox unless it is there.
func createInbox(ctx context.Context, ib inbox) (made bool, err error) {
	_, err = archive.Open(ib.Dir)
	if !errs.Is(err, errs.NotFound) {
		return false, err
	}
	opt := archive.CreateOptions{Name: ib.Name, Description: ib.Description}
	if len(ib.Address) > 0 {
		opt.Address = ib.Address[0]
	}
	if _, err = archive.Create(ctx, ib.Dir, opt); err == nil {
		return true, nil
	}
	if _, oerr := archive.Open(ib.Dir); oerr == nil { // another process was faster
		return false, nil
	}
	return false, err
}

// removeEmpty removes an inbox that this process has made, unless there is mail in it or
// another process has begun to write to it.
func removeEmpty(ctx context.Context, ib inbox) error {
	f, err := os.Open(filepath.Join(ib.Dir, "inbox.lock"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil
	}
	b, err := archive.Open(ib.Dir)
	if err != nil {
		return err
	}
	epochs, err := b.Epochs(ctx)
	for _, e := range epochs {
		_, tip, terr := e.Repo.Tip(ctx)
		if err = errors.Join(err, terr); tip != "" {
			return nil
		}
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(ib.Dir)
}

// openImporter prepares an import into an inbox. Duplicates are found by the index, which
// is caught up first; indexed is told what that brought.
func openImporter(e *env, d *dataDir, ib inbox, opt ingest.Options, indexed func(indexStats)) (*ingest.Importer, error) {
	b, err := archive.Open(ib.Dir)
	if err != nil {
		return nil, err
	}
	opt.Dedupe = func(ctx context.Context) (ingest.Deduper, error) {
		stats, err := buildIndex(ctx, e, d, []inbox{ib}, indexOptions{wait: true})
		indexed(stats)
		if err != nil {
			return nil, err
		}
		return index.NewDeduper(ctx, d.path, ib.Name)
	}
	return ingest.New(b, opt), nil
}

func demoInboxes() []string {
	var names []string
	for _, ib := range demo.Inboxes() {
		names = append(names, ib.Name)
	}
	return names
}

// writeDemo makes the demo's inboxes and tells bobbin.toml their addresses.
func writeDemo(ctx context.Context, e *env, d *dataDir) error {
	bar := newProgress(e, "mails")
	defer bar.close()
	err := demo.Write(ctx, d.path, func(done, total int) { bar.update("write the demo", int64(done), int64(total)) })
	if err != nil {
		return err
	}
	for _, ib := range demo.Inboxes() {
		err = errors.Join(err, config.AppendInbox(d.path, ib.Name, config.Inbox{Address: []string{ib.Address}}))
	}
	return err
}

// liveDir is a data directory that is looked at again while it is served: inboxes come
// and go. It is safe for concurrent use.
type liveDir struct {
	path string
	mu   sync.Mutex
	last *dataDir
	seen [2]time.Time // when bobbin.toml and inbox/ changed last
}

func newLiveDir(d *dataDir) *liveDir {
	l := &liveDir{path: d.path, last: d}
	l.seen = l.stamps()
	return l
}

// now gives the directory as it is. When bobbin.toml has a mistake, that is an error
// once; then the directory as it was goes on.
func (l *liveDir) now() (*dataDir, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.stamps()
	if at == l.seen {
		return l.last, nil
	}
	l.seen = at
	d, err := loadDataDir(l.path)
	if err != nil {
		return nil, err
	}
	l.last = d
	return d, nil
}

func (l *liveDir) stamps() (at [2]time.Time) {
	for i, name := range [...]string{config.FileName, "inbox"} {
		if fi, err := os.Stat(filepath.Join(l.path, name)); err == nil {
			at[i] = fi.ModTime()
		}
	}
	return at
}
