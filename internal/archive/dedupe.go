package archive

import (
	"context"
	"crypto/sha256"

	"bobbin/internal/mail"
)

// scanned is a Deduper in memory: some 100 bytes a mail.
type scanned struct {
	ids  map[key]int32 // Message-ID → mails that carry it
	seen map[key]int32 // Message-ID and content → mails
}

// key is a cut SHA-256, long enough not to collide.
type key [16]byte

// ScanDeduper reads every mail of an inbox, in order, and knows them then. Mails that
// cannot be read are not known.
func ScanDeduper(ctx context.Context, b *Inbox) (Deduper, error) {
	d := &scanned{ids: map[key]int32{}, seen: map[key]int32{}}
	epochs, err := b.Epochs(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range epochs {
		_, tip, err := e.Repo.Tip(ctx)
		if err != nil {
			return nil, err
		}
		if tip == "" {
			continue
		}
		for en, err := range b.Walk(ctx, e.N, "", tip) {
			if err != nil {
				return nil, err
			}
			if en.Missing || len(en.Raw) == 0 {
				continue
			}
			d.take(en)
		}
	}
	return d, nil
}

func (d *scanned) take(en Entry) {
	m := mail.Parse(en.Raw)
	hash := m.ContentHash()
	for _, mid := range allIDs(m) {
		if en.Op == Remove {
			d.Removed(mid, hash)
		} else {
			d.Added(mid, hash)
		}
	}
}

// Known implements Deduper.
func (d *scanned) Known(_ context.Context, msgid string) (bool, error) {
	return d.ids[idKey(msgid)] > 0, nil
}

// HasContent implements Deduper.
func (d *scanned) HasContent(_ context.Context, msgid string, hash [32]byte) (bool, error) {
	return d.seen[contentKey(msgid, hash)] > 0, nil
}

// Added implements Deduper.
func (d *scanned) Added(msgid string, hash [32]byte) {
	d.ids[idKey(msgid)]++
	d.seen[contentKey(msgid, hash)]++
}

// Removed takes a mail out again. One that was not there changes nothing.
func (d *scanned) Removed(msgid string, hash [32]byte) {
	c := contentKey(msgid, hash)
	if d.seen[c] == 0 {
		return
	}
	drop(d.seen, c)
	drop(d.ids, idKey(msgid))
}

func drop(m map[key]int32, k key) {
	if m[k]--; m[k] <= 0 {
		delete(m, k)
	}
}

func idKey(msgid string) key {
	h := sha256.Sum256([]byte(msgid))
	return key(h[:len(key{})])
}

func contentKey(msgid string, hash [32]byte) key {
	h := sha256.Sum256(append(hash[:], msgid...))
	return key(h[:len(key{})])
}
