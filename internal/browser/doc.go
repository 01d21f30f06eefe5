// Package browser holds no code, only tests that look at the demo archive from outside,
// served as `bobbin demo` serves it: the requests of doc/http.md, and everything else
// through Debian's Chromium. The latter see what no other test can: whether a page is as wide
// as the screen, what the browser says on its console, which hosts it asks, what keys do,
// and which colours stand on which ground. Without the package chromium they skip.
//
// With BOBBIN_SCREENSHOTS=DIR in the environment they leave a picture of every page
// there, in both colour schemes and both widths; doc/screenshot.png is one of them:
//
//	BOBBIN_SCREENSHOTS=/var/tmp/shots go test ./internal/browser
//	cp /var/tmp/shots/readme.png doc/screenshot.png
package browser
