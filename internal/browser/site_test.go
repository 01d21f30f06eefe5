package browser

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"bobbin/internal/catalog"
	"bobbin/internal/demo"
	"bobbin/internal/git"
	"bobbin/internal/gitserve"
	"bobbin/internal/index"
	"bobbin/internal/mail"
	"bobbin/internal/web"
)

// TestSite looks at the demo in one browser; every part of it has a tab of its own.
func TestSite(t *testing.T) {
	s := open(t)
	t.Run("instruments", s.testInstruments)
	t.Run("pages", s.testPages)
	t.Run("hostile mail", s.testHostile)
	t.Run("without scripts", s.testWithoutScripts)
	t.Run("keys", s.testKeys)
	t.Run("focus", s.testFocus)
	t.Run("copy", s.testCopy)
}

// site is the demo, served, and a browser.
type site struct {
	base  string // "http://127.0.0.1:1234", no slash at the end
	mails []demo.Mail
	ctx   context.Context // the browser's
}

func open(t *testing.T) *site {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("the Debian package chromium is not installed")
	}
	s := &site{base: serveDemo(t)}
	if s.mails, err = demo.Mails(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // does not work for root and in many containers; all pages are our own
		chromedp.Flag("enable-blink-features", "ComputedAccessibilityInfo"),
	)...)
	t.Cleanup(stop)
	s.ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(s.ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return s
}

// serveDemo writes the demo archive, indexes it and serves it like `bobbin demo`.
func serveDemo(t *testing.T) (base string) {
	t.Helper()
	dir := t.TempDir()
	if err := demo.Write(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	var sources []index.Source
	var boxes []catalog.Inbox
	for _, in := range demo.Inboxes() {
		at := filepath.Join(dir, "inbox", in.Name)
		sources = append(sources, index.Source{Name: in.Name, Dir: at})
		boxes = append(boxes, catalog.Inbox{Name: in.Name, Dir: at, Addresses: []string{in.Address}})
	}
	if _, err := index.Run(t.Context(), dir, sources, index.Options{}); err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Open(t.Context(), dir, catalog.Options{
		Inboxes: func() ([]catalog.Inbox, error) { return boxes, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cat.Close() })
	lg := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	srv := httptest.NewServer(web.New(lg, cat, web.Options{
		Git: gitserve.New(git.Server{}, gitserve.Options{Log: lg}).Handler,
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// message gives the path of the first mail of an inbox whose subject begins so.
func (s *site) message(t *testing.T, inbox, subject string) string {
	t.Helper()
	for _, m := range s.mails {
		if m.Inbox != inbox {
			continue
		}
		if p := mail.Parse(m.Raw); strings.HasPrefix(p.Subject(), subject) {
			return "/" + inbox + "/" + p.IDs()[0] + "/"
		}
	}
	t.Fatalf("the demo has no mail %q in %s", subject, inbox)
	return ""
}

// tab is a tab of the browser with a record of all that a good page never does.
type tab struct {
	ctx  context.Context
	base string

	mu     sync.Mutex
	pages  map[string]bool // URLs that were loaded as pages
	faults []string
}

// tab opens a tab; what happens in it and should not is reported at the test's end.
func (s *site) tab(t *testing.T) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(s.ctx)
	t.Cleanup(stop)
	p := &tab{ctx: ctx, base: s.base, pages: map[string]bool{}}
	if err := chromedp.Listen(ctx, p.watch); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.check(t, "at the end") })
	return p
}

// watch notes what the browser complains of, and requests that leave the site.
func (p *tab) watch(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		p.fault("console: %s", ev.Type)
	case *runtime.EventExceptionThrown:
		p.fault("exception: %s", ev.ExceptionDetails.Text)
	case *log.EventEntryAdded: // breaches of the policy come here, too
		if ev.Entry.Source == log.EntrySourceNetwork && strings.HasPrefix(ev.Entry.Text, "Failed to load resource: the server responded with a status of 4") && p.isPage(ev.Entry.URL) {
			return // a page about something that is not there
		}
		p.fault("log: %s %s", ev.Entry.Text, ev.Entry.URL)
	case *page.EventJavascriptDialogOpening:
		p.fault("dialog: %s", ev.Message)
		go func() {
			_, _ = chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	case *network.EventRequestWillBeSent:
		if ev.Type == network.ResourceTypeDocument {
			p.mu.Lock()
			p.pages[ev.Request.URL] = true
			p.mu.Unlock()
		}
		if u := ev.Request.URL; !strings.HasPrefix(u, p.base+"/") && !strings.HasPrefix(u, "data:") {
			p.fault("request to %s", u)
		}
	}
}

func (p *tab) isPage(url string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pages[url]
}

func (p *tab) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// take gives the faults so far, and forgets them.
func (p *tab) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.faults
	p.faults = nil
	return list
}

// check reports the faults so far.
func (p *tab) check(t *testing.T, where string) {
	t.Helper()
	report(t, where, p.take())
}

// report reports faults of a page.
func report(t *testing.T, where string, faults []string) {
	t.Helper()
	for _, f := range faults {
		t.Errorf("%s: %s", where, f)
	}
}

// do runs steps that have to work.
func (p *tab) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// open goes to a path of the site and waits until it is loaded.
func (p *tab) open(t *testing.T, path string) {
	t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(p.base+path)); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// eval gives the value of an expression in the page.
func eval[T any](t *testing.T, p *tab, js string) T {
	t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// arrive waits until the tab shows the page at path, whole.
func (p *tab) arrive(t *testing.T, path string) {
	t.Helper()
	at := ""
	for range 500 { // errors: the page at hand is going away
		at, _ = chromedp.Run(p.ctx, chromedp.Evaluate[string](
			`document.readyState === "complete" ? location.pathname + location.search + location.hash : "loading"`))
		if at == path {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("at %s, want %s", at, path)
}

// scheme emulates the system's choice of colours: "light" or "dark".
func scheme(t *testing.T, p *tab, name string) {
	t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
