package browser

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// foreign lists what in a page did not come from Bobbin's own templates, or would do
// more than be read. The demo's hostile mail tries all of it.
const foreign = `(() => {
	const found = [];
	const note = (sel) => document.querySelectorAll(sel).forEach((el) => found.push(el.outerHTML.slice(0, 100)));
	note("script:not([src^='/-/']), style, iframe, object, embed, base, img, svg, meta[http-equiv], link[rel=stylesheet]:not([href^='/-/'])");
	note("[onload], [onerror], [onclick], [onmouseover], [onfocus], [style]");
	for (const a of document.links) {
		if (!["http:", "https:", "mailto:", "ftp:"].includes(a.protocol)) found.push(a.outerHTML.slice(0, 100));
	}
	for (const f of document.forms) {
		if (f.origin !== undefined || new URL(f.action).origin !== location.origin) found.push(f.outerHTML.slice(0, 100));
	}
	return found;
})()`

// testHostile opens a mail full of scripts wherever mail is shown. The tab notices
// dialogs, scripts that break the policy and requests to other hosts by itself.
func (s *site) testHostile(t *testing.T) {
	p := s.tab(t)
	path := s.message(t, "weavers", "<script>")
	id := strings.TrimSuffix(strings.TrimPrefix(path, "/weavers/"), "/")
	for _, at := range []string{
		path, path + "T/", path + "t/", path + "raw", "/all/" + id + "/", "/weavers/", "/weavers/?t=20251015",
		"/weavers/?q=vanakkam", "/weavers/?q=m:" + id + "&x=t", "/weavers/?q=<script>alert(7)</script>", "/weavers/?q=\"><img+src=x+onerror=alert(8)>",
		"/shuttle/" + id + "/", "/weavers/<script>alert(9)</script>/", "/weavers/topics_active.html", "/weavers/new.html?t=20251016",
	} {
		p.open(t, at)
		p.settle(t)
		if strings.HasSuffix(at, "/raw") {
			if got := eval[string](t, p, "document.contentType"); got != "text/plain" {
				t.Errorf("%s: the browser took it for %s", at, got)
			}
			continue
		}
		report(t, at, eval[[]string](t, p, foreign))
		if title := eval[string](t, p, "document.title"); title == "woven" {
			t.Errorf("%s: a script of the mail ran", at)
		}
		p.check(t, at)
	}
	p.open(t, path)
	if text := eval[string](t, p, `document.querySelector(".body").textContent`); !strings.Contains(text, `<img src=x onerror="alert(1)">`) {
		t.Errorf("the mail's source is not shown as it is")
	}
	s.testHostileAttachments(t, p, path)
}

// Attachments keep to the page's rules: text is text, everything else is for saving.
func (s *site) testHostileAttachments(t *testing.T, p *tab, path string) {
	p.open(t, path)
	links := eval[[]string](t, p, `[...document.querySelectorAll(".att a")].map((a) => a.getAttribute("href"))`)
	if len(links) < 4 {
		t.Fatalf("%d links to attachments in %s", len(links), path)
	}
	for _, href := range links {
		if strings.Contains(href, "..") || strings.ContainsAny(href, `<>"'`) {
			t.Errorf("%s: a name out of the mail in a link", href)
		}
		url := s.base + path + href
		if strings.HasPrefix(href, "/") {
			url = s.base + href
		}
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		ctype, how := resp.Header.Get("Content-Type"), resp.Header.Get("Content-Disposition")
		if !strings.HasPrefix(ctype, "text/plain;") && !strings.HasPrefix(how, "attachment;") ||
			!strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "sandbox;") {
			t.Errorf("%s: %s as %s, %s", url, resp.Status, ctype, how)
		}
		if !strings.HasPrefix(ctype, "text/plain;") {
			continue
		}
		// Nothing can be evaluated there: the sandbox holds for us, too.
		doc, err := chromedp.Run(p.ctx, chromedp.NavigateResponse(url))
		if err != nil || doc.MimeType != "text/plain" {
			t.Errorf("%s: the browser took it for %v, %v", url, doc, err)
		}
	}
}
