package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press sends keys as a keyboard does: the letter comes with the stroke, so that a page
// that takes the stroke for itself does not get the letter, too.
func (p *tab) press(t *testing.T, keys string) {
	t.Helper()
	for _, r := range keys {
		for _, k := range kb.Encode(r) {
			switch k.Type {
			case kb.KeyChar:
				continue
			case kb.KeyDown, kb.KeyRawDown:
				if k.Type = kb.KeyDown; r != '\t' {
					k.Text = string(r)
				}
			}
			if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, *k); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// testKeys tries the keys that app.js names.
func (s *site) testKeys(t *testing.T) {
	p := s.tab(t)
	p.do(t, chromedp.EmulateViewport(1280, 800))
	t.Run("list", func(t *testing.T) {
		p.open(t, "/loom-devel/")
		p.press(t, "jjk")
		want := eval[string](t, p, `document.querySelectorAll(".topics a.subject")[0].getAttribute("href")`)
		if got := eval[string](t, p, `document.activeElement.getAttribute("href")`); got != want {
			t.Errorf("after jjk the focus is on %s, want %s", got, want)
		}
		p.press(t, "j")
		next := eval[string](t, p, `document.activeElement.getAttribute("href")`)
		p.press(t, kb.Enter)
		p.arrive(t, next)
	})
	t.Run("thread", func(t *testing.T) {
		p.open(t, s.message(t, "loom-devel", "[PATCH 0/4] weft: separate")+"T/")
		const focused = `[...document.querySelectorAll("article.mail")].findIndex((el) => el.contains(document.activeElement))`
		for _, step := range []struct {
			key  string
			want int
		}{{"j", 0}, {"j", 1}, {"j", 2}, {"k", 1}} {
			p.press(t, step.key)
			if got := eval[int](t, p, focused); got != step.want {
				t.Fatalf("%s: message %d has the focus, want %d", step.key, got, step.want)
			}
		}
		if top := eval[float64](t, p, `document.activeElement.getBoundingClientRect().top`); top < 0 || top > 400 {
			t.Errorf("what has the focus is %v pixels below the window's top", top)
		}
		p.press(t, "u")
		p.arrive(t, "/loom-devel/")
	})
	t.Run("message", func(t *testing.T) {
		cover := s.message(t, "loom-devel", "[PATCH 0/4] weft: separate")
		p.open(t, cover)
		p.press(t, "j")
		p.arrive(t, s.message(t, "loom-devel", "[PATCH 1/4] weft: give"))
		p.press(t, "k")
		p.arrive(t, cover)
		p.press(t, "u")
		p.arrive(t, "/loom-devel/")
	})
	t.Run("search", func(t *testing.T) {
		p.open(t, "/loom-devel/")
		p.press(t, "/")
		p.press(t, "jku/") // letters, while one writes
		if got := eval[string](t, p, `document.activeElement.value`); got != "jku/" {
			t.Errorf("the search box holds %q", got)
		}
	})
}

// testFocus walks through pages with the tabulator key.
func (s *site) testFocus(t *testing.T) {
	p := s.tab(t)
	const look = `(() => {
		const el = document.activeElement, r = el.getBoundingClientRect(), style = getComputedStyle(el);
		return {
			what: el.outerHTML.slice(0, 100),
			marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
			rect: JSON.stringify(r),
			inside: r.width > 0 && r.left >= 0 && r.top >= 0 && r.right <= innerWidth && r.bottom <= innerHeight + 1
		};
	})()`
	for _, width := range []int64{1280, 360} {
		p.do(t, chromedp.EmulateViewport(width, 800))
		for _, path := range []string{"/", "/loom-devel/", s.message(t, "loom-devel", "Re: [PATCH 2/4] weft"), "/loom-devel/?q=weft"} {
			p.open(t, path)
			p.press(t, kb.Tab)
			if got := eval[string](t, p, `document.activeElement.className`); got != "skip" {
				t.Errorf("%s: the first stop is %q, not the link over the page's head", path, got)
			}
			for range 30 {
				at := eval[struct {
					What, Rect     string
					Marked, Inside bool
				}](t, p, look)
				if strings.HasPrefix(at.What, "<body") { // round once
					break
				}
				if !at.Marked || !at.Inside {
					t.Errorf("%s, %d pixels: focus marked %v, in view %v: %s %s", path, width, at.Marked, at.Inside, at.What, at.Rect)
				}
				p.press(t, kb.Tab)
			}
		}
	}
	p.open(t, "/loom-devel/")
	p.press(t, kb.Tab+kb.Enter+kb.Tab)
	if !eval[bool](t, p, `document.activeElement.closest("main") !== null`) {
		t.Error("the link over the page's head does not lead into the content")
	}
}

// testCopy presses a button that app.js adds.
func (s *site) testCopy(t *testing.T) {
	p := s.tab(t)
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(s.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: s.base,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p.open(t, s.message(t, "loom-devel", "[PATCH 2/4] weft: wake one waiter"))
	p.do(t, chromedp.Click("pre.cmd .copy"))
	p.settle(t)
	want := eval[string](t, p, `document.querySelector("pre.cmd code").textContent`)
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`navigator.clipboard.readText()`, chromedp.EvalAwaitPromise))
	if err != nil || got != want || !strings.Contains(got, "git send-email") {
		t.Errorf("copied %q, %v; want %q", got, err, want)
	}
}

// testWithoutScripts does with scripts switched off what a reader does.
func (s *site) testWithoutScripts(t *testing.T) {
	p := s.tab(t)
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		t.Fatal(err)
	}
	p.open(t, "/")
	p.do(t, chromedp.Click(`a[href="/loom-devel/"]`))
	p.arrive(t, "/loom-devel/")

	thread := eval[string](t, p, `document.querySelector(".topics a.subject").getAttribute("href")`)
	p.do(t, chromedp.Click(".topics a.subject"))
	p.arrive(t, thread)
	if eval[int](t, p, `document.querySelectorAll("article.mail .body").length`) == 0 {
		t.Errorf("%s shows no message", thread)
	}

	p.do(t, chromedp.SendKeys("input[type=search]", "weft s:receive"+kb.Enter))
	p.arrive(t, "/loom-devel/?q=weft+s%3Areceive")
	hit := eval[string](t, p, `document.querySelector(".hits a.subject").getAttribute("href")`)
	p.do(t, chromedp.Click(".hits a.subject"))
	p.arrive(t, hit)
	if n := eval[int](t, p, `document.querySelectorAll("button.copy").length`); n > 0 {
		t.Errorf("%d buttons that would do nothing", n)
	}
	p.do(t, chromedp.Click(`.steps a[href$="raw"]`))
	p.arrive(t, hit+"raw")
	if got := eval[string](t, p, `document.contentType`); got != "text/plain" {
		t.Errorf("raw is %s", got)
	}
}
