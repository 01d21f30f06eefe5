package ingest

import (
	"context"

	"bobbin/internal/archive"
)

// importEpochs brings in the epochs of a bundle, a bare repository or a v2 directory.
func importEpochs(ctx context.Context, b *archive.Inbox, src Source, opt Options) (Stats, error) {
	var done []archive.Copied
	var err error
	if src.Kind == Inbox {
		done, err = b.CopyFrom(ctx, src.Path, opt.GitProgress)
	} else {
		var one archive.Copied
		one, err = b.AddEpochFrom(ctx, src.Path, opt.GitProgress)
		done = append(done, one)
	}
	var stats Stats
	for _, c := range done {
		switch {
		case c.Cloned:
			stats.Epochs++
		case c.Forwarded:
			stats.Forwarded++
		}
	}
	return stats, err
}
