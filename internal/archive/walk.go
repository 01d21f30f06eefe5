package archive

import (
	"context"
	"iter"
	"time"

	"bobbin/internal/git"
)

// Op says what a commit does to its mail.
type Op uint8

// The operations.
const (
	Add    Op = iota // the file m
	Remove           // the file d
)

// Entry is one commit's mail.
type Entry struct {
	Epoch     int
	Commit    string // object name, hex
	Op        Op
	Blob      string    // object name of the mail, hex
	Author    time.Time // UTC; 1970 where the commit makes no sense
	Committer time.Time
	Raw       []byte // the mail as it is stored; empty when it was purged. A slice of its own
	Missing   bool   // the blob is not there or cannot be read
}

// Walk gives the mails of the commits that lead to the commit to and not to from (""
// for all), oldest first, with their contents. A blob that is missing or corrupt gives
// a Missing entry, and the walk goes on; the sequence ends after the first error.
//
// Mails are read ahead in the background, some hundred KiB of them. Nothing is left
// running when the loop ends.
func (b *Inbox) Walk(ctx context.Context, epoch int, from, to string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		e, err := b.epoch(epoch)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for bl, err := range e.Repo.Stream(ctx, mails(e.Repo.Log(ctx, from, to))) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			en := Entry{
				Epoch: epoch, Commit: bl.Commit, Blob: bl.Blob, Author: bl.Author, Committer: bl.Committer,
				Raw: bl.Data, Missing: bl.Missing,
			}
			if bl.Path == pathRemove {
				en.Op = Remove
			}
			if !yield(en, nil) {
				return
			}
		}
	}
}

// The files of a commit's tree.
const (
	pathAdd    = "m"
	pathRemove = "d"
)

// mails keeps the changes that are mails. A commit that removes deletes m as well, and
// one that adds may delete d; neither says anything.
func mails(changes iter.Seq2[git.Change, error]) iter.Seq2[git.Change, error] {
	return func(yield func(git.Change, error) bool) {
		for c, err := range changes {
			if err == nil && (c.Status == 'D' || c.Path != pathAdd && c.Path != pathRemove) {
				continue
			}
			if !yield(c, err) {
				return
			}
		}
	}
}
