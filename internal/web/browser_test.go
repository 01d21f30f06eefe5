package web

import (
	"context"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser starts Debian's Chromium, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("the Debian package chromium is not installed")
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return ctx
}

// long is a mail that would burst a narrow page if it could.
var long = strings.NewReplacer("cover@", strings.Repeat("x", 120)+"@", "Cable stitch", strings.Repeat("Overlong", 30)).Replace(talk[0]) +
	"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-" + strings.Repeat("word ", 60) + "\n+" + strings.Repeat("w", 300) + "\n"

// What only a browser can tell: no page is wider than a small screen, and none breaks
// its own security policy.
func TestInBrowser(t *testing.T) {
	ctx := browser(t)
	srv := httptest.NewServer(New(quiet, newForum(append(slices.Clone(talk), long, evil)...), Options{}))
	t.Cleanup(srv.Close)
	id := strings.Repeat("x", 120) + "@example.org/"
	for _, path := range []string{"/", "/knit/", "/knit/" + id, "/knit/" + id + "T/", "/knit/patch@example.org/t/", "/knit/new.html",
		"/knit/topics_new.html", "/knit/?q=PATCH", "/knit/?q=PATCH&x=t", "/knit/nobody@example.org/", "/knit/_/text/help/", "/knit/_/text/mirror/"} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(360, 800), chromedp.Navigate(srv.URL+path)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		width, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		if err != nil || width > 360 {
			t.Errorf("%s: %d pixels wide, %v", path, width, err)
		}
		if broken, err := chromedp.Run(ctx, chromedp.Evaluate[string](violations)); err != nil || broken != "" {
			t.Errorf("%s: %s %v", path, broken, err)
		}
	}
	// The check itself must notice something.
	broken, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.setAttribute("style", "color: red"); `+violations))
	if err != nil || !strings.Contains(broken, "style-src") {
		t.Errorf("a style attribute went unnoticed: %q %v", broken, err)
	}
}

// violations lists what the page did against its security policy.
const violations = `(() => {
	const o = new ReportingObserver(() => {}, {buffered: true});
	o.observe();
	return o.takeRecords().map(r => r.type + " " + JSON.stringify(r.body)).join("\n");
})()`

// The keys that the help of app.js names.
func TestKeys(t *testing.T) {
	ctx := browser(t)
	srv := httptest.NewServer(New(quiet, newForum(talk...), Options{}))
	t.Cleanup(srv.Close)
	if err := chromedp.Do(ctx, chromedp.Navigate(srv.URL+"/knit/cover@example.org/")); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ key, path string }{
		{"j", "patch@example.org/"}, {"j", "review@example.com/"}, {"k", "patch@example.org/"}, {"u", "cover@example.org/"}, {"u", ""},
	} {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(step.key)); err != nil {
			t.Fatal(err)
		}
		arrive(ctx, t, srv.URL+"/knit/"+step.path)
	}
}

// arrive waits until the browser shows the page at url, whole.
func arrive(ctx context.Context, t *testing.T, url string) {
	t.Helper()
	var at string
	for range 500 { // errors: the page at hand is going away
		at, _ = chromedp.Run(ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? location.href : "loading"`))
		if at == url {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("at %s, want %s", at, url)
}
