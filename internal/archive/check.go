package archive

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bobbin/internal/git"
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
// are missing, all.git. It changes nothing. nil means that all is well, or that ctx ended.
func (b *Inbox) Check(ctx context.Context) []Problem {
	epochs, err := b.Epochs(ctx)
	if err != nil {
		return []Problem{{Epoch: -1, What: err.Error()}}
	}
	list := append(b.checkNames(), b.checkAll(epochs)...)
	for _, e := range epochs {
		c := checker{b: b, e: e}
		c.run(ctx)
		if ctx.Err() != nil {
			return nil
		}
		list = append(list, c.list...)
	}
	return list
}

// checkNames looks for directories that are called like epochs and are none.
func (b *Inbox) checkNames() []Problem {
	var list []Problem
	ns, _ := b.numbers() // Epochs has just read them
	for _, n := range ns {
		if _, err := b.epoch(n); err != nil {
			list = append(list, Problem{Epoch: n, What: err.Error()})
		}
	}
	return list
}

// checkAll looks whether every epoch can be read through all.git, as public-inbox does.
func (b *Inbox) checkAll(epochs []Epoch) []Problem {
	text, err := os.ReadFile(filepath.Join(b.dir, allName, "objects", "info", "alternates"))
	if err != nil {
		return []Problem{{Epoch: -1, What: err.Error()}}
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		known[strings.TrimSpace(line)] = true
	}
	var list []Problem
	for _, e := range epochs {
		if !known[alternate(e.N)] {
			list = append(list, Problem{Epoch: e.N, What: "all.git does not know it"})
		}
	}
	return list
}

// checker verifies one epoch.
type checker struct {
	b    *Inbox
	e    Epoch
	list []Problem
}

func (c *checker) add(p Problem) {
	if p.Epoch = c.e.N; len(c.list) < maxProblems {
		c.list = append(c.list, p)
	}
}

func (c *checker) run(ctx context.Context) {
	if err := c.e.Repo.Fsck(ctx); err != nil {
		c.add(Problem{What: err.Error()})
	}
	_, tip, err := c.e.Repo.Tip(ctx)
	if err != nil {
		c.add(Problem{What: err.Error()})
	}
	if tip == "" {
		return
	}
	c.shape(ctx, tip)
	for en, err := range c.b.Walk(ctx, c.e.N, "", tip) {
		if err != nil {
			c.add(Problem{What: err.Error()})
			return
		}
		if en.Missing {
			c.add(Problem{Commit: en.Commit, Blob: en.Blob, What: "missing or unreadable blob"})
		}
	}
}

// shape follows the tree through the history: after each commit it has one file, m or d.
func (c *checker) shape(ctx context.Context, tip string) {
	tree := map[string]bool{}
	at := ""
	judge := func() {
		if at != "" && (len(tree) != 1 || !tree[pathAdd] && !tree[pathRemove]) {
			c.add(Problem{Commit: at, What: fmt.Sprintf("the commit has %d files, not one of m and d", len(tree))})
			for name := range tree { // it is told once
				if name != pathAdd && name != pathRemove {
					delete(tree, name)
				}
			}
		}
	}
	for ch, err := range c.e.Repo.Log(ctx, "", tip) {
		if err != nil {
			return // Walk says the same
		}
		if ch.Commit != at {
			judge()
			at = ch.Commit
		}
		track(tree, ch)
	}
	judge()
}

// maxTree bounds what is remembered of a tree that is no epoch's.
const maxTree = 1000

func track(tree map[string]bool, ch git.Change) {
	switch {
	case ch.Status == 'D':
		delete(tree, ch.Path)
	case len(tree) < maxTree:
		tree[ch.Path] = true
	}
}
