package demo

import (
	"context"
	"path/filepath"

	"bobbin/internal/archive"
	"bobbin/internal/errs"
)

// Write creates the demo's inboxes as dir/inbox/NAME and adds the mails.
// progress, when not nil, is called from the caller's goroutine after every mail.
// The kind of the error is that of package archive: Exists when there is already
// an inbox of that name.
func Write(ctx context.Context, dir string, progress func(done, total int)) (err error) {
	defer errs.Wrap(&err, "demo.Write(%s)", dir)
	mails, err := Mails()
	if err != nil {
		return err
	}
	done := 0
	for _, in := range Inboxes() {
		step := func() {
			if done++; progress != nil {
				progress(done, len(mails))
			}
		}
		if err := fill(ctx, filepath.Join(dir, "inbox", in.Name), in, mails, step); err != nil {
			return err
		}
	}
	return nil
}

// fill creates one inbox and adds its share of mails.
func fill(ctx context.Context, dir string, in Inbox, mails []Mail, step func()) (err error) {
	b, err := archive.Create(ctx, dir, archive.CreateOptions{
		Name: in.Name, Address: in.Address, Description: in.Description,
	})
	if err != nil {
		return err
	}
	w, err := b.Writer(ctx, archive.WriterOptions{})
	if err != nil {
		return err
	}
	defer func() {
		if e := w.Close(); err == nil {
			err = e
		}
	}()
	for _, m := range mails {
		if m.Inbox != in.Name {
			continue
		}
		if _, err := w.Add(ctx, m.Raw); err != nil {
			return err
		}
		step()
	}
	return nil
}
