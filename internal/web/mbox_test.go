package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bobbin/internal/errs"
)

const (
	mailOne = `
Message-ID: <one@x>
From: Ada <ada@example.org>
Subject: [PATCH 1/2] cast on
Date: Sun, 1 Mar 2026 12:00:00 +0000
Content-Type: text/plain; charset=iso-8859-1

From here on
`
	mailTwo = `
Message-ID: <two/2@x>
From: bob@example.org
Subject: Re: [PATCH 1/2] cast on
In-Reply-To: <one@x>
Status: RO

yes
`
	mailThree = `
Message-ID: <three@x>
From: Ada <ada@example.org>
Subject: purl
References: <one@x> <two/2@x>

no
`
	fromLine = "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
)

// asMbox gives a mail as the download should hold it.
func asMbox(mail string) string {
	mail = strings.TrimPrefix(mail, "\n")
	mail = strings.ReplaceAll(mail, "\nFrom here", "\n>From here")
	return fromLine + strings.ReplaceAll(mail, "Status: RO\n", "") + "\n"
}

func TestRaw(t *testing.T) {
	f := newShelf(mailOne, mailTwo, mailThree)
	x := ask(t, f, "GET", "/knit/one@x/raw", "")
	x.want(200, "Content-Type: text/plain; charset=iso-8859-1",
		"Content-Disposition: inline; filename=PATCH-1-2-cast-on.txt", "Content-Encoding")
	if d := cmp.Diff(asMbox(mailOne), x.Body.String()); d != "" {
		t.Error(d)
	}
	etag := x.Header().Get("ETag")
	ask(t, f, "GET", "/knit/one@x/raw", "", "If-None-Match: "+etag).want(304, "Content-Type")
	ask(t, f, "HEAD", "/knit/one@x/raw", "").want(200, "ETag: "+etag)
	ask(t, f, "GET", "/knit/two%2F2@x/raw", "").want(200, "Content-Disposition: inline; filename=PATCH-1-2-cast-on.txt",
		"Content-Type: text/plain; charset=UTF-8")
	ask(t, f, "GET", "/knit/none@x/raw", "").want(404, "Content-Type: text/plain; charset=UTF-8", "ETag")
}

func TestRawOfReusedID(t *testing.T) {
	again := strings.Replace(mailOne, "cast on", "cast off", 1)
	x := ask(t, newShelf(mailOne, mailThree, again), "GET", "/knit/one@x/raw", "")
	x.want(200)
	if d := cmp.Diff(asMbox(mailOne)+asMbox(again), x.Body.String()); d != "" {
		t.Error(d)
	}
}

func TestShownCharset(t *testing.T) {
	for name, want := range map[string]string{
		"": "UTF-8", "utf8": "UTF-8", "y": "UTF-8", "UTF-16LE": "UTF-8", "GBK": "gbk",
		" Windows-1252 ": "windows-1252", "hz-gb-2312": "UTF-8", "x\r\ny": "UTF-8", "us-ascii": "us-ascii",
	} {
		if got := shownCharset(name); got != want {
			t.Errorf("shownCharset(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestThreadMbox(t *testing.T) {
	f := newShelf(mailOne, mailTwo, mailThree)
	for _, name := range []string{"t.mbox.gz", "t.mbox"} {
		x := ask(t, f, "GET", "/knit/three@x/"+name, "", "Accept-Encoding: gzip")
		x.want(200, "Content-Type: application/gzip", "Content-Encoding",
			"Content-Disposition: inline; filename=PATCH-1-2-cast-on.mbox.gz")
		if d := cmp.Diff(asMbox(mailOne)+asMbox(mailTwo)+asMbox(mailThree), x.gunzip()); d != "" {
			t.Error(d)
		}
		ask(t, f, "GET", "/knit/three@x/"+name, "", "If-None-Match: "+x.Header().Get("ETag")).want(304)
	}
	if x := ask(t, f, "HEAD", "/knit/three@x/t.mbox.gz", ""); x.Code != 200 || x.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", x.Code, x.Body.Len())
	}
	ask(t, f, "GET", "/knit/none@x/t.mbox.gz", "").want(404, "Content-Disposition")
	if x := ask(t, f, "GET", "/all/three@x/t.mbox.gz", ""); x.gunzip() != asMbox(mailOne)+asMbox(mailTwo)+asMbox(mailThree) {
		t.Error("/all/ is not in order of arrival")
	}
}

func TestMboxLeavesOutUnreadable(t *testing.T) {
	f := newShelf(mailOne, mailTwo, mailThree)
	f.fault[f.articles[1].Blob] = errs.New(errs.Corrupt, "blob is missing")
	for _, path := range []string{"/knit/three@x/t.mbox.gz", "/knit/all.mbox.gz"} {
		x := ask(t, f, "GET", path, "")
		x.want(200)
		if got := x.gunzip(); got != asMbox(mailOne)+asMbox(mailThree) {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestMboxOfEmptyInbox(t *testing.T) {
	x := ask(t, newShelf(), "GET", "/knit/all.mbox.gz", "")
	x.want(200, "Content-Type: application/gzip", "Content-Disposition: inline; filename=all.mbox.gz")
	if got := x.gunzip(); got != "" {
		t.Errorf("%q", got)
	}
	ask(t, newShelf(), "GET", "/knit/2026-03.mbox.gz", "").want(404)
}

// A fault before anything was sent is an error; one after it cuts the connection, so that
// neither curl nor gzip takes what has come for the whole.
func TestMboxFaultIsNeverASuccess(t *testing.T) {
	random := make([]byte, 1<<20)
	src := rand.NewChaCha8([32]byte{})
	src.Read(random)
	for i := range random {
		random[i] = 'A' + random[i]%50
	}
	big := "Message-ID: <big@x>\nSubject: big\n\n" + string(random) + "\n"
	f := newShelf(big, mailTwo)
	srv := httptest.NewServer(New(slog.New(slog.DiscardHandler), f, Options{}))
	defer srv.Close()

	f.fault[f.articles[0].Blob] = errors.New("disk on fire")
	resp, err := http.Get(srv.URL + "/knit/all.mbox.gz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 500 {
		t.Errorf("fault before the first byte: status %d", resp.StatusCode)
	}

	delete(f.fault, f.articles[0].Blob)
	f.fault[f.articles[1].Blob] = errors.New("disk on fire")
	resp, err = http.Get(srv.URL + "/knit/all.mbox.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || err == nil {
		t.Errorf("fault after %d bytes: status %d, error %v", len(body), resp.StatusCode, err)
	}
	if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		if _, err := io.Copy(io.Discard, z); err == nil {
			t.Error("the gzip stream looks whole")
		}
	}
}

func TestSearchMbox(t *testing.T) {
	f := newShelf(mailOne, mailTwo, mailThree)
	all := asMbox(mailThree) + asMbox(mailTwo) + asMbox(mailOne)
	for _, c := range []struct{ target, body, name, want string }{
		{"/knit/?x=m&q=purl", "", "results-purl", asMbox(mailThree)},
		{"/knit/?q=purl&x=m", "z=results+only", "results-purl", asMbox(mailThree)},
		{"/knit/?q=purl&x=m", "x=0", "results-purl", asMbox(mailThree)},
		{"/knit/?x=m&t=1&q=purl", "", "results-thread-purl", all},
		{"/knit/?x=m&q=purl", "x=full+threads", "results-thread-purl", all},
		{"/all/?x=m&t=1&q=purl", "x=m", "results-thread-purl", all},
		{"/knit/?x=m&q=cast+on", "", "results-cast-on", asMbox(mailTwo) + asMbox(mailOne)},
		{"/knit/?x=m&q=", "", "all", asMbox(mailOne) + asMbox(mailTwo) + asMbox(mailThree)},
		{"/knit/one@x/?x=m&q=purl", "", "results-purl", asMbox(mailThree)},
	} {
		x := ask(t, f, "POST", c.target, c.body)
		x.want(200, "Content-Type: application/gzip", "Content-Disposition: inline; filename="+c.name+".mbox.gz", "Content-Encoding")
		if d := cmp.Diff(c.want, x.gunzip()); d != "" {
			t.Errorf("%s with %q: %s", c.target, c.body, d)
		}
	}
	x := ask(t, f, "POST", "/knit/?x=m&q=nothing", "")
	x.want(404, "Content-Type: text/plain; charset=UTF-8", "Content-Disposition")
	if got := x.Body.String(); got != "No results found\n" {
		t.Errorf("%q", got)
	}
	ask(t, f, "POST", "/knit/?x=m&q=(", "").want(400)
	ask(t, f, "POST", "/knit/none@x/?x=m&q=purl", "").want(404)
	ask(t, f, "POST", "/knit/?x=m", "").want(404)
	ask(t, f, "POST", "/knit/?x=m&q=purl", strings.Repeat("x", maxForm+1)).want(413)
}
