// Package ingest brings mail from where it lies into an archive: git bundles and bare
// repositories in v2 epoch form, whole v2 directories, mboxes, Maildirs, single mails,
// standard input.
//
// Epochs are cloned as they are and never rewritten; an epoch that the inbox has is
// recognised by its first commit and fast-forwarded when the source is newer. Mail
// goes through the archive's writer, which drops duplicates by the v2 rules. So
// importing the same source twice changes nothing, and an import that was interrupted
// is completed by running it again.
//
// The package does not index and does not print.
package ingest

import (
	"context"
	"io"

	"bobbin/internal/archive"
)

// Deduper knows the mails of the inbox.
type Deduper interface {
	archive.Deduper
	io.Closer
}

// Options tune an import.
type Options struct {
	// Stdin is what the source "-" reads.
	Stdin io.Reader
	// Dedupe is called before the first single mail is written, and what it gives is
	// closed by Close. nil: the inbox is scanned, which takes time when it is large.
	Dedupe func(context.Context) (Deduper, error)
	// Progress is called a few times a second from the goroutine of Import; may be nil.
	Progress func(Progress)
	// GitProgress gets what git prints about a clone or fetch; may be nil.
	GitProgress io.Writer
}

// Progress is how far the import of a source is.
type Progress struct {
	Source string
	Mails  int64 // read so far
	Total  int64 // estimate from the part of the source that was read; 0 when not known
}

// Stats counts what an import did.
type Stats struct {
	Added      int64 // mails written
	Duplicates int64 // mails that the inbox had
	Renamed    int64 // of Added: mails whose Message-ID another one has, and that got a new one
	Skipped    int64 // mails that are empty or too large
	Epochs     int64 // epochs that were cloned
	Forwarded  int64 // epochs that were brought up to date
}

func (s *Stats) add(o Stats) {
	s.Added += o.Added
	s.Duplicates += o.Duplicates
	s.Renamed += o.Renamed
	s.Skipped += o.Skipped
	s.Epochs += o.Epochs
	s.Forwarded += o.Forwarded
}

// Changed reports whether anything came into the inbox.
func (s *Stats) Changed() bool { return s.Added+s.Epochs+s.Forwarded > 0 }
