package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bobbin/internal/catalog"
	"bobbin/internal/mail"
)

// chain makes a thread of n messages, each the answer to the one before.
func chain(n int) *catalog.Thread {
	t := &catalog.Thread{Strict: n, Messages: make([]catalog.Summary, n), Tree: make([]catalog.Node, n)}
	for i := range n {
		at := time.Date(2026, 3, 1, 0, 0, i, 0, time.UTC)
		t.Messages[i] = catalog.Summary{ID: catalog.MsgID(i + 1), MessageID: fmt.Sprintf("%d@example.org", i), Subject: "Re: chain",
			From: mail.Address{Name: "Ada"}, Sent: at, Received: at}
		t.Tree[i] = catalog.Node{Msg: &t.Messages[i], MessageID: t.Messages[i].MessageID, Level: i, Parent: i - 1}
		if i > 0 {
			t.Tree[i-1].Kids = []int{i}
		}
	}
	return t
}

func TestTreeOfLongThread(t *testing.T) {
	const n = 5000
	th := chain(n)
	for _, at := range []int{0, 1, 2500, n - 1} {
		d := parse(t, string(appendTree(nil, th, &treeView{inbox: "knit", current: th.Tree[at].MessageID})))
		if rows := len(d.all("li time")); rows != maxTreeRows {
			t.Errorf("around %d: %d rows", at, rows)
		}
		d.one("li#r.here")
		shown := maxTreeRows
		for _, note := range d.texts("li.more") {
			var more int
			if _, err := fmt.Sscan(note, &more); err != nil {
				t.Fatalf("note %q: %v", note, err)
			}
			shown += more
		}
		if shown != n {
			t.Errorf("around %d: %d messages accounted for", at, shown)
		}
	}
	if b := appendTree(nil, th, &treeView{inbox: "knit"}); strings.Contains(string(b), "l17") {
		t.Error("a level without a class")
	}
}

func TestTreeOfTwoParts(t *testing.T) {
	th := chain(4)
	for i := 2; i < 4; i++ {
		th.Tree[i].Loose, th.Tree[i].Level, th.Tree[i].Parent = true, 0, -1
	}
	d := parse(t, string(appendTree(nil, th, &treeView{inbox: "knit"})))
	if got := d.texts("li.more"); len(got) != 1 || !strings.Contains(got[0], "by subject only") {
		t.Errorf("notes %q", got)
	}
	if got := d.texts("li a"); got[1] != "Ada" || got[2] != "Re: chain" {
		t.Errorf("rows %q", got)
	}
}

func TestInlineMessages(t *testing.T) {
	th := chain(1500)
	th.Strict = 300
	show := inlineMessages(th)
	if len(show) != maxInline || show[299].ID != 300 || show[300].ID != 801 || show[999].ID != 1500 {
		t.Errorf("%d messages; %d, %d, %d", len(show), show[299].ID, show[300].ID, show[len(show)-1].ID)
	}
	th.Strict = 1500
	if show = inlineMessages(th); len(show) != maxInline || show[999].ID != 1000 {
		t.Errorf("strict: %d messages, the last %d", len(show), show[len(show)-1].ID)
	}
}

func TestTrimRe(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Re: a": "a", "RE:re:  Re: a": "a", "Re": "Re", "Reply: a": "Reply: a", " re:": "", "AW: a": "AW: a",
	} {
		if got := trimRe(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestFormat(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", -3600))
	for got, want := range map[string]string{
		formatMinute(at): "2026-01-02 04:04", formatDay(at): "2026-01-02", string(appendStamp(nil, at)): "20260102040405",
		formatDay(time.Date(12345, 1, 2, 0, 0, 0, 0, time.UTC)): "12345-01-02",
		formatCount(0): "0", formatCount(999): "999", formatCount(1234567): "1\u202f234\u202f567",
		shorten("grün", 3): "gr…", shorten("abc", 3): "abc",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for v, ok := range map[string]bool{"20260102": true, "20260102030405": true, "2026010": false, "20261302": false, "2026-01-02": false, "202601020304056": false} {
		if _, got := parseStamp(v); got != ok {
			t.Errorf("%s: %t", v, got)
		}
	}
}
