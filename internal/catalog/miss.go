package catalog

import (
	"context"
	"strings"

	"bobbin/internal/query"
	"bobbin/internal/store"
)

const (
	maxPartial = 100 // matches shown
	minPartial = 14  // bytes of a Message-ID that are worth looking for
	maxPrefix  = 244 // bytes of a Message-ID that the index keeps
	maxTrims   = 8   // words cut off the end of one
	// minPartialWord is how many bytes of the last word must be there to look for its end.
	minPartialWord = 3
)

// Elsewhere lists the other inboxes that hold a Message-ID.
func (c *Catalog) Elsewhere(ctx context.Context, inbox, msgid string) ([]Elsewhere, error) {
	found, err := c.carriers(ctx, store.AnyInbox, msgid)
	if err != nil {
		return nil, err
	}
	var list []Elsewhere
	for i := range found {
		if list, err = c.appendCopies(ctx, list, inbox, &found[i].Summary); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// appendCopies adds the visible inboxes other than one that hold a message.
func (c *Catalog) appendCopies(ctx context.Context, list []Elsewhere, but string, r *Summary) ([]Elsewhere, error) {
	copies, err := c.db.Copies(ctx, store.AnyInbox, r.ID)
	if err != nil {
		return nil, err
	}
	for _, cp := range copies {
		b, err := c.Inbox(ctx, cp.Inbox)
		if err != nil || b.Hidden || cp.Inbox == but {
			continue
		}
		list = append(list, Elsewhere{Inbox: cp.Inbox, MessageID: r.MessageID, Subject: r.Subject})
	}
	return list, nil
}

// Partial lists messages of any inbox whose Message-ID resembles the one given: longer
// ones that begin with it or, with its tail trimmed word by word, share its beginning. At
// most 100.
func (c *Catalog) Partial(ctx context.Context, inbox, msgid string) ([]Elsewhere, error) {
	id := msgid[:min(len(msgid), maxPrefix)]
	for n := 0; n <= maxTrims && len(id) >= minPartial; n, id = n+1, trimWord(id) {
		words := query.Tokens(id)
		if len(words) == 0 {
			return nil, nil
		}
		// The beginning of a word costs as much as all words that begin so; what was
		// trimmed ends with a whole one.
		prefix := n == 0 && len(words[len(words)-1]) >= minPartialWord
		found, err := c.search(ctx, store.Find{
			Query: query.Term{Field: "m", Words: words, Value: id, Phrase: true, Prefix: prefix}, Limit: maxPartial,
		})
		if err != nil {
			return nil, err
		}
		list, err := c.partial(ctx, inbox, id, found)
		if err != nil || len(list) > 0 {
			return list, err
		}
	}
	return nil, nil
}

// partial gives the found messages, those of the inbox itself under its own name.
func (c *Catalog) partial(ctx context.Context, inbox, id string, found []store.Found) ([]Elsewhere, error) {
	var list []Elsewhere
	for _, h := range found {
		r, err := c.row(ctx, h.ID)
		if err != nil {
			return nil, err
		}
		if r == nil || !strings.Contains(strings.ToLower(r.MessageID), strings.ToLower(id)) {
			continue
		}
		if list, err = c.appendCopies(ctx, list, "", &r.Summary); err != nil {
			return nil, err
		}
	}
	return list[:min(len(list), maxPartial)], nil
}

// trimWord cuts the last word, and what separates it from the one before, off an id.
func trimWord(id string) string {
	i := strings.LastIndexFunc(id, func(r rune) bool { return strings.ContainsRune("@.-_+/:=", r) })
	if i <= 0 {
		return ""
	}
	return id[:i]
}
