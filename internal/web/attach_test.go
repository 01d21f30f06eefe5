package web

import (
	"strings"
	"testing"
)

const mailParts = `
Message-ID: <parts@x>
From: Ada <ada@example.org>
Subject: parts
Content-Type: multipart/mixed; boundary=B

--B

see below
--B
Content-Type: text/html; charset=iso-8859-1; name="p.html"
Content-Transfer-Encoding: base64

PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
--B
Content-Type: image/svg+xml; name="..\..\<img>.svg"

<svg onload="alert(1)"/>
--B
Content-Type: multipart/mixed; boundary=C

--C
Content-Type: text/x-patch; name=".fix.patch"

--- a
--C
Content-Type: application/octet-stream; name="病院"
Content-Transfer-Encoding: base64

AAEC/w==
--C--
--B--
`

func TestAttachment(t *testing.T) {
	f := newShelf(mailOne, mailParts)
	for _, c := range []struct{ file, kind, how, body string }{
		{"1-a.txt", "text/plain; charset=UTF-8", `inline; filename="a.txt"`, "see below"},
		{"2-whatever.exe", "text/plain; charset=iso-8859-1", `inline; filename="p.html.txt"`, "<script>alert(1)</script>"},
		{"3-x.svg", "application/octet-stream", `attachment; filename="img-.svg.txt"`, `<svg onload="alert(1)"/>`},
		{"4.1-fix.patch", "text/plain; charset=UTF-8", `inline; filename="fix.patch"`, "--- a"},
		{"4.2-a.bin", "application/octet-stream", `attachment; filename="a.bin"`, "\x00\x01\x02\xff"},
	} {
		x := ask(t, f, "GET", "/knit/parts@x/"+c.file, "")
		x.want(200, "Content-Type: "+c.kind, "Content-Disposition: "+c.how, "X-Content-Type-Options: nosniff",
			"Content-Security-Policy: "+sandbox[0], "Content-Encoding")
		if got := strings.TrimSuffix(x.Body.String(), "\n"); got != c.body {
			t.Errorf("%s: %q, want %q", c.file, got, c.body)
		}
		x.sameWhenAskedAgain(f, "/knit/parts@x/"+c.file)
	}
	for _, file := range []string{"4-a.bin", "5-a.bin", "0-a.txt", "4.3-a.bin", "4.1.1-a.txt"} {
		ask(t, f, "GET", "/knit/parts@x/"+file, "").want(404)
	}
	for _, path := range []string{"/knit/parts@x/1-..%2f..%2fetc%2fpasswd", "/knit/parts@x/1-../../secret", "/knit/parts@x/4.-a.txt", "/knit/none@x/1-a.txt"} {
		if x := ask(t, f, "GET", path, ""); x.Code == 200 {
			t.Errorf("%s: 200", path)
		}
	}
}

func TestAttachmentFromElsewhere(t *testing.T) {
	f := newShelf(mailParts)
	const target = "/knit/parts@x/4.2-a.bin"
	x := ask(t, f, "GET", target, "", "Referer: https://evil.example/")
	x.want(403, "Content-Type: text/html; charset=UTF-8")
	if b := x.Body.String(); !strings.Contains(b, `method="post"`) || !strings.Contains(b, "/knit/parts@x/") {
		t.Errorf("no way on: %s", b)
	}
	ask(t, f, "GET", target, "", "Referer: ://").want(403)
	ask(t, f, "POST", target, "", "Referer: https://evil.example/").want(200)
	ask(t, f, "GET", target, "", "Referer: http://lists.example.net/knit/parts@x/").want(200)
	ask(t, f, "GET", "/knit/parts@x/1-a.txt", "", "Referer: https://evil.example/").want(200)
}
