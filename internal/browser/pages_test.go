package browser

import (
	_ "embed"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/contrast.js
var contrastJS string

//go:embed testdata/page.js
var pageJS string

// picture is a page that is looked at; its name is that of its screenshots.
type picture struct{ name, path string }

// pictures gives a page of every kind.
func (s *site) pictures(t *testing.T) []picture {
	patch := s.message(t, "loom-devel", "[PATCH 2/4] weft: wake one waiter")
	review := s.message(t, "loom-devel", "Re: [PATCH 2/4] weft: wake one waiter")
	long := s.message(t, "loom-devel", "[RFC PATCH] reed: use 64-bit time stamps")
	talk := s.message(t, "weavers", "What does your machine make?")
	return []picture{
		{"inboxes", "/"},
		{"landing", "/loom-devel/"},
		{"landing-all", "/all/"},
		{"message-patch", patch},
		{"message-review", review},
		{"message-robot", s.message(t, "loom-devel", "Re: [RFC PATCH 3/3] selvage: notice")},
		{"message-arabic", s.message(t, "weavers", "ترجمة وثائق")},
		{"message-chinese", s.message(t, "weavers", "关于电梯制动器")},
		{"message-hostile", s.message(t, "weavers", "<script>")},
		{"thread-flat", patch + "T/"},
		{"thread-nested", patch + "t/"},
		{"thread-long", long + "t/"},
		{"thread-talk", talk + "T/"},
		{"search", "/loom-devel/?q=weft+timeout"},
		{"search-full", "/all/?q=s:weft+is:patch&x=t"},
		{"search-nothing", "/loom-devel/?q=nosuchword"},
		{"search-fault", "/loom-devel/?q=d:nonsense.."},
		{"topics", "/weavers/topics_active.html"},
		{"new", "/shuttle/new.html"},
		{"help", "/loom-devel/_/text/help/"},
		{"mirror", "/loom-devel/_/text/mirror/"},
		{"color", "/loom-devel/_/text/color/"},
		{"miss", "/shuttle/" + patch[len("/loom-devel/"):]},
		{"fault", "/nosuchinbox/"},
	}
}

// testPages looks at every kind of page, in two widths and both schemes.
func (s *site) testPages(t *testing.T) {
	p := s.tab(t)
	seen := map[string]bool{}
	for _, pic := range s.pictures(t) {
		t.Run(pic.name, func(t *testing.T) {
			p.open(t, pic.path)
			for _, width := range []int64{1280, 360} {
				p.do(t, chromedp.EmulateViewport(width, 800))
				where := fmt.Sprintf("%s, %d pixels", pic.path, width)
				report(t, where, eval[[]string](t, p, pageJS))
				for _, colours := range []string{"light", "dark"} {
					scheme(t, p, colours)
					if dark := eval[bool](t, p, groundIsDark); dark != (colours == "dark") {
						t.Errorf("%s: the ground is dark: %v, in the %s scheme", where, dark, colours)
					}
					report(t, where+", "+colours+", hard to read", eval[[]string](t, p, contrastJS))
					p.shoot(t, fmt.Sprintf("%s-%d-%s", pic.name, width, colours))
				}
			}
			p.check(t, pic.path)
		})
		for _, sel := range eval[[]string](t, p, coloured) {
			seen[sel] = true
		}
	}
	// What no page had has not been measured.
	for _, sel := range []string{".body", ".q", ".q2", ".add", ".del", ".hunk", ".head", ".sig", ".quiet", ".warn", ".body a"} {
		if !seen[sel] {
			t.Errorf("no page has %s", sel)
		}
	}
	s.shootReadme(t, p)
}

const groundIsDark = `getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).slice(0, 3).every((v) => v < 80)`

const coloured = `[".body", ".q", ".q2", ".add", ".del", ".hunk", ".head", ".sig", ".quiet", ".warn", ".body a"]
	.filter((sel) => document.querySelector(sel))`

// testInstruments makes sure that the other tests would notice something.
func (s *site) testInstruments(t *testing.T) {
	for _, tt := range []struct{ name, js, want string }{
		{"dialog", `setTimeout(() => alert("boo"))`, "dialog: boo"},
		{"console", `console.error("boo")`, "console: error"},
		{"exception", `setTimeout(() => { throw new Error("boo") })`, "exception: Uncaught"},
		{"style", `document.body.setAttribute("style", "color: red")`, "log: Applying inline style violates"},
		{"script", `document.body.append(Object.assign(document.createElement("script"), {text: "1"}))`, "log: Executing inline script violates"},
		{"frame", `document.body.append(Object.assign(document.createElement("iframe"), {src: "https://elsewhere.example/"}))`, "log: Framing"},
		{"image", `new Image().src = "https://elsewhere.example/pixel.gif"`, "log: Loading the image"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := s.tab(t)
			p.open(t, "/loom-devel/")
			eval[bool](t, p, tt.js+"; true")
			p.settle(t)
			if got := p.take(); !slices.ContainsFunc(got, func(f string) bool { return len(f) >= len(tt.want) && f[:len(tt.want)] == tt.want }) {
				t.Errorf("%s went unnoticed: %q", tt.js, got)
			}
		})
	}
	for _, tt := range []struct{ name, js, script string }{
		{"wide", `document.querySelector("h1").append("w".repeat(999)); document.querySelector("h1").setAttribute("class", "nowrap");
			document.styleSheets[0].insertRule(".nowrap { white-space: nowrap }")`, pageJS},
		{"heading", `document.querySelector("main").append(document.createElement("h4"))`, pageJS},
		{"label", `document.querySelector("input").removeAttribute("aria-label"); document.querySelector("input").removeAttribute("placeholder")`, pageJS},
		{"faint", `document.styleSheets[0].insertRule("h1 { opacity: .3 }")`, contrastJS},
		{"pale", `document.styleSheets[0].insertRule("html .about, html .quiet { color: color-mix(in srgb, currentColor 50%, transparent) }")`, contrastJS},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := s.tab(t)
			p.open(t, "/loom-devel/")
			before := eval[[]string](t, p, tt.script)
			eval[bool](t, p, tt.js+"; true")
			if got := eval[[]string](t, p, tt.script); len(got) <= len(before) {
				t.Errorf("%s went unnoticed: %q", tt.js, got)
			}
		})
	}
}

// settle gives the browser the time to run what was put off.
func (p *tab) settle(t *testing.T) {
	t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](
		`new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(() => done(true), 20)), 0))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
}
