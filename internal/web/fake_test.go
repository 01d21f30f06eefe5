package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bobbin/internal/catalog"
	"bobbin/internal/errs"
	"bobbin/internal/mail"
)

// shelf is a Catalog of one inbox, "knit", held in memory. All its messages are one
// thread, and a search finds those whose subject holds the query.
type shelf struct {
	Catalog  // what a test does not expect to be called
	box      catalog.Inbox
	articles []catalog.Article
	raw      map[string][]byte
	fault    map[string]error    // by blob
	refs     map[string][]string // by Message-ID
}

// newShelf makes a shelf of mails; the first gets number 1.
func newShelf(mails ...string) *shelf {
	f := &shelf{raw: map[string][]byte{}, fault: map[string]error{}, refs: map[string][]string{}, box: catalog.Inbox{
		Name: "knit", Description: "Knitting & purling", Addresses: []string{"knit@example.org"},
		Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	for i, text := range mails {
		text = strings.TrimPrefix(text, "\n")
		m := mail.Parse([]byte(text))
		blob := fmt.Sprintf("%040x", i+1)
		at := time.Date(2026, 3, 1, 12, i, 0, 0, time.UTC)
		s := catalog.Summary{ID: catalog.MsgID(at.Unix()), MessageID: m.IDs()[0], Subject: m.Subject(),
			Sent: at, Received: at, Blob: blob, Bytes: len(text), Thread: 1}
		if from := m.From(); len(from) > 0 {
			s.From = from[0]
		}
		f.raw[blob] = []byte(text)
		f.refs[s.MessageID] = m.References()
		f.articles = append(f.articles, catalog.Article{Summary: s, Inbox: "knit", Number: int64(i + 1), Blob: blob, Received: at})
	}
	return f
}

func (f *shelf) Generation() uint64 { return 1 }

func (f *shelf) Inboxes(context.Context) ([]catalog.Inbox, error) {
	return []catalog.Inbox{f.box}, nil
}

func (f *shelf) Inbox(_ context.Context, name string) (*catalog.Inbox, error) {
	switch name {
	case f.box.Name:
		return &f.box, nil
	case catalog.All:
		return &catalog.Inbox{Name: name}, nil
	}
	return nil, errs.New(errs.NotFound, "no inbox %s", name)
}

func (f *shelf) Raw(_ context.Context, blob string) ([]byte, error) {
	if err := f.fault[blob]; err != nil {
		return nil, err
	}
	return f.raw[blob], nil
}

func (f *shelf) Messages(_ context.Context, _, msgid string) ([]catalog.Article, error) {
	var list []catalog.Article
	for _, a := range f.articles {
		if a.MessageID == msgid {
			list = append(list, a)
		}
	}
	if list == nil {
		return nil, errs.New(errs.NotFound, "message <%s>: not found", msgid)
	}
	return list, nil
}

// Thread gives the newest first, so that whoever needs an order has to make it.
func (f *shelf) Thread(ctx context.Context, inbox, msgid string, loose bool) (*catalog.Thread, error) {
	if _, err := f.Messages(ctx, inbox, msgid); err != nil {
		return nil, err
	}
	t := &catalog.Thread{Strict: len(f.articles)}
	for _, a := range slices.Backward(f.articles) {
		t.Messages = append(t.Messages, a.Summary)
	}
	return t, nil
}

func (f *shelf) Recent(_ context.Context, _ string, sp catalog.Span) (*catalog.Recent, error) {
	r := &catalog.Recent{}
	for _, a := range slices.Backward(f.articles) {
		if !sp.Before.IsZero() && a.Summary.Received.After(sp.Before) || len(r.Messages) == sp.Limit {
			continue
		}
		r.Messages = append(r.Messages, a.Summary)
	}
	return r, nil
}

func (f *shelf) Threads(context.Context, string, catalog.TopicOrder, catalog.Span) ([]catalog.Topic, error) {
	n := len(f.articles)
	return []catalog.Topic{{Root: f.articles[0].Summary, Latest: f.articles[n-1].Summary, Messages: n}}, nil
}

func (f *shelf) Articles(context.Context, string, int64) iter.Seq2[catalog.Article, error] {
	return func(yield func(catalog.Article, error) bool) {
		for _, a := range f.articles {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func (f *shelf) Matches(_ context.Context, r catalog.Request, threads bool) iter.Seq2[catalog.Article, error] {
	return func(yield func(catalog.Article, error) bool) {
		if strings.HasSuffix(r.Query, "(") {
			yield(catalog.Article{}, errs.New(errs.Invalid, "query: nothing after ("))
			return
		}
		for _, a := range slices.Backward(f.articles) {
			if (threads || strings.Contains(a.Subject, r.Query)) && !yield(a, nil) {
				return
			}
		}
	}
}

func (f *shelf) Search(_ context.Context, r catalog.Request) (*catalog.Result, error) {
	res := &catalog.Result{}
	for _, a := range slices.Backward(f.articles) {
		if strings.Contains(a.Subject, r.Query) {
			res.Hits = append(res.Hits, catalog.Hit{Summary: a.Summary})
		}
	}
	return res, nil
}

// exchange is a request and its answer.
type exchange struct {
	t *testing.T
	*httptest.ResponseRecorder
}

// ask sends a request to a server over cat; head are "Name: value" lines.
func ask(t *testing.T, cat Catalog, method, target, body string, head ...string) exchange {
	t.Helper()
	r := httptest.NewRequest(method, "http://lists.example.net"+target, strings.NewReader(body))
	for _, h := range head {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s := New(slog.New(slog.DiscardHandler), cat, Options{Git: func(dir string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %s?%s", dir, r.URL.Path, r.URL.RawQuery)
		})
	}})
	s.ServeHTTP(w, r)
	return exchange{t, w}
}

// want checks status and headers, given as "Name: value" lines; an empty value means absent.
func (x exchange) want(code int, head ...string) {
	x.t.Helper()
	if x.Code != code {
		x.t.Errorf("status %d, want %d; body %.200q", x.Code, code, x.Body)
	}
	for _, h := range head {
		name, value, _ := strings.Cut(h, ": ")
		if got := x.Header().Get(name); got != value {
			x.t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

// gunzip gives the body uncompressed; it fails the test unless the stream is whole.
func (x exchange) gunzip() string {
	x.t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(x.Body.Bytes()))
	if err != nil {
		x.t.Fatalf("gzip: %v", err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		x.t.Fatalf("gzip: %v", err)
	}
	return string(b)
}
