package interop

import (
	"strings"
	"testing"
)

// question is a request whose status both sides are asked for.
type question struct{ method, path string }

// same are requests that both sides answer with the same status and the same Location.
// MID stands for a message of the inbox x86, CUT for its beginning.
var same = []question{
	{"GET", "/x86"}, {"GET", "/x86/"}, {"GET", "/x86/index.html"}, {"GET", "/x86/new.html"}, {"GET", "/x86/new.atom"},
	{"GET", "/x86/atom.xml"}, {"GET", "/x86/description"}, {"GET", "/x86/all.mbox.gz"}, {"GET", "/x86/2022-01.mbox.gz"},
	{"GET", "/x86/manifest.js.gz"}, {"GET", "/manifest.js.gz"}, {"GET", "/all/"}, {"GET", "/all/new.html"},
	{"GET", "/x86/_/text/help"}, {"GET", "/x86/_/text/help/"}, {"GET", "/x86/_/text/help/raw"}, {"GET", "/x86/_/text/mirror/"},
	{"GET", "/x86/_/text/color/"}, {"GET", "/x86/_/text/config/"}, {"GET", "/x86/_/text/config/raw"},
	{"GET", "/x86/_/text/nope/"}, {"GET", "/x86/_/text/nope/raw"},
	{"GET", "/x86/?t=20211005"}, {"GET", "/x86/?t=20200101"}, {"GET", "/x86/?t=20211005000000-"},
	{"GET", "/x86/new.html?t=20200101"}, {"GET", "/x86/new.atom?t=20200101"},
	{"GET", "/x86/?q=asus"}, {"GET", "/x86/?q=zzqqxx"}, {"GET", "/x86/?q=zzqqxx&x=A"}, {"GET", "/x86/?q=asus&x=t"},
	{"GET", "/x86/?q=asus&x=m"}, {"GET", "/x86/?q=asus&x=A"}, {"GET", "/x86/?q=asus&o=-1"}, {"GET", "/x86/?q=asus&l=3&r"},
	{"GET", "/x86/MID"}, {"GET", "/x86/MID/"}, {"GET", "/x86/MID/raw"}, {"GET", "/x86/MID/T/"}, {"GET", "/x86/MID/t/"},
	{"GET", "/x86/MID/T"}, {"GET", "/x86/MID/t"}, {"GET", "/x86/MID/t.mbox.gz"}, {"GET", "/x86/MID/t.mbox"}, {"GET", "/x86/MID/t.atom"},
	{"GET", "/x86/MID/R"}, {"GET", "/x86/MID/R/"}, {"GET", "/x86/MID/f/"}, {"GET", "/x86/MID/T/?x=y"}, {"GET", "/x86/MID?x=y"},
	{"GET", "/x86/MID/1-a.txt"}, {"GET", "/x86/MID/9-a.txt"}, {"GET", "/all/MID/"}, {"GET", "/all/MID/raw"}, {"GET", "/all/MID/t.mbox.gz"},
	{"GET", "/x86/none@x"}, {"GET", "/x86/none@x/raw"}, {"GET", "/x86/none@x/t.mbox.gz"}, {"GET", "/x86/none@x/t.atom"},
	{"GET", "/x86/none/"}, {"GET", "/x86/none"}, {"GET", "/x86/CUT/"}, {"GET", "/x86/CUT/T/"}, {"GET", "/x86/CUT/raw"},
	{"GET", "/x86/m/MID"}, {"GET", "/x86/m/MID.html"}, {"GET", "/x86/m/MID.txt"}, {"GET", "/x86/m/MID/raw"}, {"GET", "/x86/f/MID"},
	{"GET", "/x86/f/MID.html"}, {"GET", "/x86/t/MID"}, {"GET", "/x86/t/MID.html"}, {"GET", "/x86/t/MID.mbox.gz"}, {"GET", "/x86/t/MID/mbox.gz"},
	{"GET", "/none@x"}, {"GET", "/none@x/"}, {"GET", "/nope"}, {"GET", "/nope/"},
	{"GET", "/example.x86"}, {"GET", "/example.x86/"}, {"GET", "/example.x86/1"},
	{"GET", "/x86/0/info/refs?service=git-upload-pack"}, {"GET", "/x86/0.git/HEAD"}, {"GET", "/x86/git/0.git/HEAD"},
	{"GET", "/x86/1/HEAD"}, {"GET", "/x86/0/description"}, {"GET", "/x86/x.sql.gz"},
	{"POST", "/x86/?x=m&q=asus"}, {"POST", "/x86/?x=m&q=zzqqxx"}, {"POST", "/x86/?x=m&q="}, {"POST", "/x86/?x=m"}, {"POST", "/x86/"},
	{"POST", "/x86/MID/1-a.txt"}, {"POST", "/all/?x=m&t=1&q=asus"},
	{"PUT", "/x86/"}, {"DELETE", "/x86/MID/"}, {"OPTIONS", "/"},
	{"HEAD", "/x86/"}, {"HEAD", "/x86/MID/"}, {"HEAD", "/x86/MID"}, {"HEAD", "/x86/MID/t.mbox.gz"}, {"HEAD", "/x86/_/text/help/"},
	{"HEAD", "/manifest.js.gz"}, {"HEAD", "/all/MID/"},
}

// different are requests that Bobbin means to answer otherwise; doc/compat.md says why.
var different = []struct {
	question
	peer, ours int
}{
	{question{"GET", "/"}, 404, 200},
	{question{"GET", "/x86/topics_new.html"}, 301, 200},
	{question{"GET", "/x86/topics_active.atom"}, 301, 200},
	{question{"GET", "/x86/_/text"}, 302, 200},
	{question{"GET", "/x86/?t=20300101-"}, 200, 404},
	{question{"GET", "/x86/?q=NOT+asus"}, 400, 200},
	{question{"GET", "/x86/?q=("}, 404, 400},
	{question{"GET", "/x86/?q=d:zzz.."}, 404, 400},
	{question{"GET", "/x86/?q="}, 404, 200},
	{question{"GET", "/x86/none@x/"}, 300, 404},
	{question{"GET", "/x86/none@x/T/"}, 300, 404},
	{question{"GET", "/x86/%3CMID%3E/"}, 300, 301},
	{question{"GET", "/x86/%3CMID%3E/raw"}, 404, 301},
	{question{"GET", "/x86/MID/d/"}, 300, 301},
	{question{"GET", "/MID"}, 302, 302}, // elsewhere
	{question{"GET", "/MID/"}, 302, 302},
	{question{"GET", "/MID/raw"}, 404, 302},
	{question{"GET", "/MID/t.mbox.gz"}, 404, 302},
	{question{"GET", "/example.x86/999999"}, 301, 404},
	{question{"GET", "/x86/HEAD"}, 200, 301},
	{question{"GET", "/x86/0"}, 404, 301},
	{question{"GET", "/x86/0/config"}, 404, 301},
	{question{"GET", "/x86/userContent.css"}, 200, 404},
	{question{"GET", "/x86/abcdef1/s/"}, 500, 404},
	{question{"POST", "/x86/?x=m&q=NOT+asus"}, 500, 200},
	{question{"POST", "/x86/MID/raw"}, 404, 405},
	{question{"POST", "/manifest.js.gz"}, 200, 405},
	{question{"POST", "/"}, 404, 405},
}

func (p *pair) testStatus(t *testing.T) {
	id := p.find(t, "x86", "[PATCH v15 0/1]")
	fill := strings.NewReplacer("MID", id, "CUT", id[:len(id)-3])
	for _, q := range same {
		peer, ours := p.both(t, q.method, fill.Replace(q.path))
		if peer.status != ours.status || peer.location != ours.location {
			t.Errorf("%s %s: %d %s, public-inbox %d %s", q.method, q.path, ours.status, ours.location, peer.status, peer.location)
		}
	}
	for _, q := range different {
		peer, ours := p.both(t, q.method, fill.Replace(q.path))
		if peer.status != q.peer || ours.status != q.ours {
			t.Errorf("%s %s: %d, want %d; public-inbox %d, expected %d", q.method, q.path, ours.status, q.ours, peer.status, q.peer)
		}
	}
}

// find gives the first message of an inbox whose subject has a text.
func (p *pair) find(t *testing.T, inbox, subject string) string {
	t.Helper()
	for _, b := range p.boxes {
		for _, a := range b.articles {
			if b.name == inbox && strings.Contains(a.Subject, subject) {
				return a.MessageID
			}
		}
	}
	t.Fatalf("no %q in %s", subject, inbox)
	return ""
}
