package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
)

// showOptions are the flags of show.
type showOptions struct {
	inbox string
	raw   bool
	json  bool
}

func newShowCommand(e *env) *cobra.Command {
	opt := showOptions{}
	cmd := &cobra.Command{
		Use:   "show MSGID",
		Short: "Print a message",
		Long: `Print the message with a Message-ID, with or without its angle brackets: the
headers that matter, then its text, decoded to UTF-8. Attachments are named, not
printed. When several messages carry the id, all are printed.

--raw prints the bytes that the archive holds. --json prints an object a line:
message_id, inbox, number, blob, subject, from, to, cc, date, received (RFC 3339),
references, text, attachments (index, name, type, bytes), defects.` + exitHelp("there is no such message"),
		Example: "  bobbin show 20230914183831.587273-1-john.ogness@linutronix.de\n  bobbin show --raw MSGID | git am",
		Args:    wantArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := onlyOne(cmd, "raw", "json"); err != nil {
				return err
			}
			return runShow(cmd.Context(), e, args[0], opt)
		},
	}
	cmd.Flags().StringVar(&opt.inbox, "inbox", catalog.All, "look only in this `inbox`")
	cmd.Flags().BoolVar(&opt.raw, "raw", false, "print the bytes as they are")
	cmd.Flags().BoolVar(&opt.json, "json", false, "print an object a line")
	_ = cmd.RegisterFlagCompletionFunc("inbox", completeInbox(e, -1))
	return cmd
}

func runShow(ctx context.Context, e *env, arg string, opt showOptions) error {
	d, cat, err := openCatalog(ctx, e)
	if err != nil {
		return err
	}
	defer cat.Close()
	if _, ok := d.inbox(opt.inbox); !ok && opt.inbox != catalog.All {
		return d.noInbox(opt.inbox)
	}
	msgid := bareID(arg)
	articles, err := cat.Messages(ctx, opt.inbox, msgid)
	if err != nil {
		return noMessage(ctx, cat, opt.inbox, msgid, err)
	}
	p := newPrinter(e)
	for i := range articles {
		raw, err := cat.Raw(ctx, articles[i].Blob)
		if err != nil {
			return err
		}
		switch {
		case opt.raw:
			_, err = p.w.Write(raw)
		case opt.json:
			err = p.object(messageObject(&articles[i], mail.Parse(raw)))
		default:
			if i > 0 {
				p.w.WriteString("\n")
			}
			err = showMessage(p, mail.Parse(raw))
		}
		if err != nil {
			return err
		}
	}
	return p.flush()
}

// bareID takes the angle brackets off a Message-ID, and what mail readers put before it.
func bareID(arg string) string {
	id := strings.TrimSpace(arg)
	for _, prefix := range []string{"mid:", "id:", "Message-ID:", "Message-Id:"} {
		id = strings.TrimSpace(strings.TrimPrefix(id, prefix))
	}
	return strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
}

// noMessage adds to a NotFound what the user may have meant.
func noMessage(ctx context.Context, cat *catalog.Catalog, inbox, msgid string, err error) error {
	if !errs.Is(err, errs.NotFound) {
		return err
	}
	hint := "`bobbin search` finds messages by their words"
	if near, perr := cat.Partial(ctx, inbox, msgid); perr == nil && len(near) > 0 {
		hint = fmt.Sprintf("did you mean <%s>?", near[0].MessageID)
	}
	return errs.WithHint(errs.NotFound, hint, "message <%s>: not found", msgid)
}

// shownHeaders are what people read of a header, in order.
var shownHeaders = [...]string{"From", "To", "Cc", "Date", "Subject", "Message-ID", "In-Reply-To"}

// showMessage prints a message for people.
func showMessage(p *printer, m *mail.Message) error {
	for _, name := range shownHeaders {
		for _, value := range m.Header.TextAll(name) {
			if err := printable(p.w, foldHeader(name+": "+value, p.width)+"\n", p.width > 0); err != nil {
				return err
			}
		}
	}
	for _, part := range m.Leaves() {
		p.w.WriteString("\n")
		if part.IsAttachment() || !part.IsText() {
			a := attachmentOf(part)
			fmt.Fprintf(p.w, "[attachment %s: %s, %s, %s]\n", a.Index, cell(a.Name), cell(a.Type), count(int64(a.Bytes), "byte"))
			continue
		}
		text, _ := part.Text()
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		if err := printable(p.w, text, p.width > 0); err != nil {
			return err
		}
	}
	return nil
}

// foldHeader breaks a long header at spaces for a terminal, as mail does; width 0 leaves
// it on one line.
func foldHeader(line string, width int) string {
	if width == 0 || columns(line) <= width {
		return line
	}
	var b strings.Builder
	at := 0
	for i, word := range strings.Split(line, " ") {
		n := columns(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n   ")
			at = 3
			fallthrough
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// messageJSON is a line of `show --json`.
type messageJSON struct {
	MessageID   string           `json:"message_id"`
	Inbox       string           `json:"inbox"`
	Number      int64            `json:"number"`
	Blob        string           `json:"blob"`
	Subject     string           `json:"subject"`
	From        string           `json:"from"`
	To          []string         `json:"to"`
	Cc          []string         `json:"cc"`
	Date        string           `json:"date"`
	Received    string           `json:"received"`
	References  []string         `json:"references"`
	Text        string           `json:"text"`
	Attachments []attachmentJSON `json:"attachments"`
	Defects     []string         `json:"defects"`
}

type attachmentJSON struct {
	Index string `json:"index"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes int    `json:"bytes"`
}

func attachmentOf(p *mail.Part) attachmentJSON {
	name := p.Filename
	if name == "" {
		name = "unnamed"
	}
	return attachmentJSON{p.Index, name, p.Type, p.Size()}
}

func messageObject(a *catalog.Article, m *mail.Message) messageJSON {
	o := messageJSON{
		MessageID:   a.MessageID,
		Inbox:       a.Inbox,
		Number:      a.Number,
		Blob:        a.Blob,
		Subject:     a.Subject,
		From:        a.From.String(),
		To:          addresses(m, "To"),
		Cc:          addresses(m, "Cc"),
		Date:        rfc3339(a.Sent),
		Received:    rfc3339(a.Received),
		References:  append([]string{}, m.References()...),
		Attachments: []attachmentJSON{},
		Defects:     []string{},
	}
	var text strings.Builder
	for _, part := range m.Leaves() {
		if part.IsAttachment() || !part.IsText() {
			o.Attachments = append(o.Attachments, attachmentOf(part))
			continue
		}
		s, _ := part.Text()
		text.WriteString(s)
	}
	o.Text = text.String()
	for _, d := range m.Defects {
		o.Defects = append(o.Defects, d.Detail)
	}
	return o
}

func addresses(m *mail.Message, header string) []string {
	list := []string{}
	for _, a := range m.Header.Addresses(header) {
		list = append(list, a.String())
	}
	return list
}
