package archive

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"bobbin/internal/mail"
)

// identity is what the v2 rules make of a mail's Message-IDs.
type identity struct {
	msgid     string   // by which the mail is known
	all       []string // every id that it carries, also a new one
	hash      [32]byte // of its content
	duplicate bool
	added     bool // msgid is new and must be added to the header
	renamed   bool // added because another mail has the ids
}

// identify decides under which Message-ID a mail is stored. The first one, when it is new.
// Else, when a mail with any of its ids has the same content, it is a duplicate. Else the
// last of its other ids that is new, and when there is none, one made from its content.
func (w *Writer) identify(ctx context.Context, m *mail.Message) (identity, error) {
	ids := m.IDs()
	id := identity{hash: m.ContentHash(), all: allIDs(m)}
	if len(ids) > 0 {
		known, err := w.opt.Dedupe.Known(ctx, ids[0])
		if err != nil {
			return id, err
		}
		if id.msgid = ids[0]; !known {
			return id, nil
		}
		for _, mid := range id.all {
			if id.duplicate, err = w.opt.Dedupe.HasContent(ctx, mid, id.hash); id.duplicate || err != nil {
				return id, err
			}
		}
		for _, mid := range slices.Backward(ids[1:]) {
			if known, err = w.opt.Dedupe.Known(ctx, mid); err != nil {
				return id, err
			}
			if !known {
				id.msgid = mid
				return id, nil
			}
		}
		id.renamed = true
	}
	return w.invent(ctx, m, id)
}

// invent makes a Message-ID from the mail's date and content: with the content alone;
// where that is taken, with the Received fields too; where that is, at random. A mail
// without any id whose first invention is taken by its equal is a duplicate; so that this
// works, one without a date gets 1970 and not the time of arrival.
func (w *Writer) invent(ctx context.Context, m *mail.Message, id identity) (identity, error) {
	sent, _ := m.Times(time.Unix(0, 0), time.Unix(0, 0))
	digest, more := id.hash, sha256.New()
	more.Write(id.hash[:])
	id.added = true
	for try := 0; ; try++ {
		id.msgid = sent.UTC().Format("20060102150405") + "." + base64.RawURLEncoding.EncodeToString(digest[:]) + "@z"
		known, err := w.opt.Dedupe.Known(ctx, id.msgid)
		if err != nil {
			return id, err
		}
		if !known {
			id.all = append(id.all, id.msgid)
			return id, nil
		}
		if id.duplicate, err = w.opt.Dedupe.HasContent(ctx, id.msgid, id.hash); id.duplicate || err != nil {
			return id, err
		}
		if try == 0 {
			for _, v := range m.Header.RawAll("Received") {
				more.Write([]byte(v))
			}
		} else {
			var salt [16]byte
			rand.Read(salt[:])
			more.Write(salt[:])
		}
		more.Sum(digest[:0])
	}
}

// allIDs gives every Message-ID by which a mail can be found.
func allIDs(m *mail.Message) []string {
	ids := slices.Clone(m.IDs())
	for _, mid := range m.AltIDs() {
		if !slices.Contains(ids, mid) {
			ids = append(ids, mid)
		}
	}
	return ids
}
