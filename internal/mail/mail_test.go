package mail

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseAddresses(t *testing.T) {
	tests := []struct {
		in   string
		want []Address
	}{
		{"", nil},
		{" , ,;", nil},
		{"a@b.c", []Address{{"", "a@b.c"}}},
		{"<a@b.c>", []Address{{"", "a@b.c"}}},
		{"A B <a@b.c>, d@e.f", []Address{{"A B", "a@b.c"}, {"", "d@e.f"}}},
		{`"B, A" <a@b.c>`, []Address{{"B, A", "a@b.c"}}},
		{`"A \"the\" B" <a@b.c>`, []Address{{`A "the" B`, "a@b.c"}}},
		{"J. R. Random <a@b.c>", []Address{{"J. R. Random", "a@b.c"}}},
		{"a@b.c (A (really) B)", []Address{{"A (really) B", "a@b.c"}}},
		{"A (comment) <a@b.c>", []Address{{"A", "a@b.c"}}},
		{"(comment) <a@b.c>", []Address{{"comment", "a@b.c"}}},
		{"team: A <a@b.c>, d@e.f;, g@h.i", []Address{{"A", "a@b.c"}, {"", "d@e.f"}, {"", "g@h.i"}}},
		{"undisclosed-recipients:;", nil},
		{"<@relay,@other:a@b.c>", []Address{{"", "a@b.c"}}},
		{`"john doe"@b.c`, []Address{{"", `"john doe"@b.c`}}},
		{"root", []Address{{"", "root"}}},
		{"The Daemon", []Address{{"The Daemon", ""}}},
		{"John Doe a@b.c", []Address{{"John Doe", "a@b.c"}}},
		{"A <a@b.c", []Address{{"A", "a@b.c"}}},
		{"A <a@b.c, B <d@e.f>", []Address{{"A", "a@b.c, B <d@e.f"}}},
		{`A "B <a@b.c>`, []Address{{`A "B`, "a@b.c"}}},
		{"A <a@b.c> B", []Address{{"A B", "a@b.c"}}},
		{"A <<a@b.c>>", []Address{{"A >", "a@b.c"}}},
		{"Ünï <a@b.c>", []Address{{"Ünï", "a@b.c"}}},
		{"\xfcn <a@b.c>", []Address{{"ün", "a@b.c"}}},
		{"=?utf-8?q?A=2C_B?= <a@b.c>, d@e.f", []Address{{"A, B", "a@b.c"}, {"", "d@e.f"}}},
		{"=?utf-8?q?A_=3Ca=40b=2Ec=3E?=", []Address{{"A", "a@b.c"}}},
		{"<>", nil},
		{"A\x00B <a@b.c>", []Address{{"A B", "a@b.c"}}},
		{"mailto:a@b.c", []Address{{"", "a@b.c"}}},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, ParseAddresses(tt.in)); d != "" {
			t.Errorf("%q: %s", tt.in, d)
		}
	}
}

func TestAddressForms(t *testing.T) {
	tests := []struct {
		in              Address
		display, string string
	}{
		{Address{"A B", "a@b.c"}, "A B", "A B <a@b.c>"},
		{Address{"", "a@b.c"}, "a", "a@b.c"},
		{Address{"", "root"}, "root", "root"},
		{Address{"B, A", ""}, "B, A", `"B, A"`},
		{Address{`A "x" \B`, "a@b.c"}, `A "x" \B`, `"A \"x\" \\B" <a@b.c>`},
		{Address{}, "", ""},
	}
	for _, tt := range tests {
		if got := tt.in.Display(); got != tt.display {
			t.Errorf("%v.Display() = %q, want %q", tt.in, got, tt.display)
		}
		if got := tt.in.String(); got != tt.string {
			t.Errorf("%v.String() = %q, want %q", tt.in, got, tt.string)
		}
	}
}

// What String writes ParseAddresses reads back.
func TestAddressRoundTrip(t *testing.T) {
	name := rapid.StringMatching(`[A-Za-zäöü山.,"\\()<>@:;]([ A-Za-zäöü山.,"\\()<>@:;]{0,12}[A-Za-zäöü山.,"\\()<>@:;])?`)
	addr := rapid.StringMatching(`[a-z]{1,8}@[a-z]{1,8}\.[a-z]{2}`)
	rapid.Check(t, func(t *rapid.T) {
		want := []Address{{name.Draw(t, "name"), addr.Draw(t, "addr")}, {"", addr.Draw(t, "addr")}}
		if strings.Contains(want[0].Name, "  ") {
			return // Name is one line with white space squeezed
		}
		got := ParseAddresses(want[0].String() + ", " + want[1].String())
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

const day = 978307200 // 2001-01-01

// dateTests has what public-inbox 1.9 makes of these, too; 0 is "no date".
var dateTests = []struct {
	in   string
	want int64
}{
	{"Mon, 1 Jan 2001 00:00:00 +0100", day - 3600},
	{"1 Jan 2001 00:00 +0100", day - 3600},
	{" Mon,   1   Jan  2001   00:00:00   +0100 (CET) ", day - 3600},
	{"Mon,1 Jan 2001 00:00:00 +0100", day - 3600},
	{"Mon, 1 Jan 2001 00:00:00", day},
	{"Mon, 1 Jan 2001 00:00:00 GMT", day},
	{"Mon, 1 Jan 2001 00:00:00 EST", day + 5*3600},
	{`Mon, 1 Jan 2001 00:00:00 "EST"`, day + 5*3600},
	{"Mon, 1 Jan 2001 00:00:00 GMT+0100", day - 3600},
	{"Mon, 1 Jan 2001 00:00:00 A", day},
	{"Mon, 1 Jan 2001 00:00:00 FOO", 0},
	{"Mon, 1 Jan 2001 00:00:00 (CET)", day},
	{"Mon, 1 Jan 2001 00:00:00 +1900", day - 19*3600},
	{"Mon, 1 Jan 2001 00:00:00 +9999", day - 99*3600 - 99*60},
	{"Mon, 1 Jan 2001 00:00:00 +0060", day - 3600},
	{"Mon, 1 Jan 2001 00:00:00 +01:00", day - 3600},
	{"Mon, 1 Jan 2001 00:00:00 +1", day - 3600},
	{"Mon, 1 Jan 2001 00:00:00 +010", day - 600},
	{"Mon, 1 Jan 2001 00:00:00 0100", day - 3600},
	{"Mon, 1 Jan 2001 00:00:00 -0000", day},
	{"Mon, 1 Jan 2001 00:00:00 +0100 foo", day - 3600},
	{"Mon, 1 Jan 01 00:00:00 +0100", day - 3600},
	{"Mon, 1 Jan 101 00:00:00 +0100", day - 3600},
	{"Mon, 1 Jan 99 00:00:00 +0000", 915148800},
	{"Mon, 1 Jan 49 00:00:00 +0000", 2493072000},
	{"Mon, 1 Jan 50 00:00:00 +0000", 0},
	{"Thu, 1 Jan 1970 00:00:00 +0100", -3600},
	{"Mon, 1 Jan 1969 00:00:00 +0100", 0},
	{"Mon, 1 Jan 20010 00:00:00 +0100", 0},
	{"Mon, 31 Feb 2001 00:00:00 +0100", 0},
	{"Mon, 1 Jan 2001 24:00:00 +0100", 0},
	{"Mon, 1 Jan 2001 23:59:60 +0100", 0},
	{"Mon, 1 Jan 2001 3:4:5 +0000", day + 3*3600 + 4*60 + 5},
	{"Mon, 1 Jan 2001 00:00:00.5 +0100", day - 3600},
	{"Mon, 1 Jan 2001 00.00.00 +0100", day - 3600},
	{"Monday, 01-Jan-01 00:00:00 GMT", day},
	{"Mon, 1 January 2001 00:00:00 +0100", day - 3600},
	{"Lun, 1 JAN 2001 00:00:00 +0100", day - 3600},
	{"Mon, 1 Dez 2001 00:00:00 +0100", 0},
	{"Mon Jan  1 00:00:00 2001", day},
	{"Mon Jan  1 00:00:00 CET 2001", day - 3600},
	{"Mon Jan  1 00:00:00 +0100 2001", day - 3600},
	{"Jan 1, 2001 10:00 PM -0500", day + 27*3600},
	{"Mon, 1 Jan 2001 12:00:00 AM +0100", day - 3600},
	{"2001-01-01", day},
	{"2001-01-01 00:00:00 +0100", day - 3600},
	{"2001-01-01T00:00:00.123+01:00", day - 3600},
	{"20010101T000000Z", day},
	{"01/02/2001 00:00:00", day + 86400},
	{"2001/01/01 03:04", day + 3*3600 + 4*60},
	{"Date: Mon, 1 Jan 2001 00:00:00 +0100", day - 3600},
	{"978303600", 0},
	{"yesterday", 0},
	{"", 0},
	{"(", 0},
}

func TestParseDate(t *testing.T) {
	for _, tt := range dateTests {
		got, ok := ParseDate(tt.in)
		switch {
		case ok != (tt.want != 0):
			t.Errorf("ParseDate(%q) = %v, %v", tt.in, got, ok)
		case ok && (got.Unix() != tt.want || got.Location() != time.UTC):
			t.Errorf("ParseDate(%q) = %v, want %v", tt.in, got, time.Unix(tt.want, 0).UTC())
		}
	}
}

func TestTimesFallBack(t *testing.T) {
	zone := time.FixedZone("", 3600)
	author, commit := time.Unix(1e9, 0).In(zone), time.Unix(2e9, 0).In(zone)
	sent, received := Parse([]byte("Date: never\n\n")).Times(author, commit)
	if sent != author.UTC() || received != commit.UTC() {
		t.Errorf("Times = %v, %v", sent, received)
	}
}

func TestBaseSubject(t *testing.T) {
	long := strings.Repeat("long ", 60)
	tests := []struct{ in, want string }{
		{"", ""},
		{"Re: ", ""},
		{"...", ""},
		{"Foo bar", "foo_bar"},
		{"Re: foo", "foo"},
		{"RE: re:Re: Foo", "foo"},
		{"foo...", "foo"},
		{"foo (was: bar)", "foo_was_bar_"},
		{"[PATCH v2 1/2] foo: bar", "_patch_v2_1/2_foo_bar"},
		{"foo/bar~baz-x_y.z", "foo/bar~baz-x_y.z"},
		{"  foo \t bar ", "foo_bar"},
		{"Ünïcode ÄÖ 日本", "ünïcode_äö_日本"},
		{"Aw: foo", "aw_foo"},
		{long, "8ec5c15a16b8f2f12a2ac5b4aa1e3a3b8a9c3f1b"},
	}
	for _, tt := range tests {
		got := BaseSubject(tt.in)
		if tt.in == long {
			if len(got) != 40 {
				t.Errorf("a long subject: %q, want a hash", got)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("BaseSubject(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestExtractIDs(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"a@b", nil},
		{"<a@b>", []string{"a@b"}},
		{"<a@b><c@d>, <e@f>", []string{"a@b", "c@d", "e@f"}},
		{"<a\t@\r\n\x00b>", []string{"a@b"}},
		{"<a b@c/d\"'>", []string{"a b@c/d\"'"}},
		{"<> <a@b>", []string{"a@b"}},
		{"<a@b", nil},
		{"<<a@b>>", []string{"<a@b"}},
		{"<" + long + ">", []string{long[:244]}},
	}
	for _, tt := range tests {
		if d := cmp.Diff(tt.want, ExtractIDs(tt.in)); d != "" {
			t.Errorf("%q: %s", tt.in, d)
		}
	}
}

func TestParseHeader(t *testing.T) {
	tests := []struct {
		in   string
		body string
		raw  string // of Subject
	}{
		{"Subject: a\n\nbody", "body", "a"},
		{"Subject: a\r\n b\r\n\r\nbody", "body", "a b"},
		{"From x\nSUBJECT:a \t\n\n\nbody", "\nbody", "a"},
		{"\n\n>From x\nSubject: a\nSubject: b\n\nbody", "body", "a"},
		{"Subject: a\n \t\nX: y\n\nbody", "body", "a"},
		{"Subject: a", "", "a"},
		{"\nSubject: a\n\n", "Subject: a\n\n", ""},
		{"no header", "no header", ""},
		{"", "", ""},
	}
	for _, tt := range tests {
		h, n := ParseHeader([]byte(tt.in))
		if got := tt.in[n:]; got != tt.body {
			t.Errorf("%q: body %q, want %q", tt.in, got, tt.body)
		}
		if got := h.Raw("subject"); got != tt.raw {
			t.Errorf("%q: subject %q, want %q", tt.in, got, tt.raw)
		}
		if got := h.Has("subject"); got != (tt.raw != "") {
			t.Errorf("%q: Has = %v", tt.in, got)
		}
	}
}

func TestHeaderText(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{" a  b\tc ", "a b c"},
		{"bell\a, escape\x1b[1m, del\x7f", "bell , escape [1m, del"},
		{"latin \xe9 utf é", "latin é utf é"},
		{"nbsp\u00a0and\u2028breaks\u0085x", "nbsp and breaks x"},
		{"=?utf-8?q?a=0Ab=0D=00c?=", "a b c"},
		{"=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
		{"=?utf-8?q?a?= \t =?iso-8859-1?q?=E9?= x", "aé x"},
		{"=?utf-8*en?q?a?=", "a"},
		{"=?nonsense?q?=C3=A9?=", "é"},
		{"=?utf-8?b?w6k?=", "é"},
		{"=?utf-8?q??=", ""},
		{"=?", "=?"},
		{"=?a?q?b", "=?a?q?b"},
	}
	for _, tt := range tests {
		h, _ := ParseHeader([]byte("X: " + tt.in + "\n\n"))
		if got := h.Text("X"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestContentHash(t *testing.T) {
	base := "From: A <a@Example.ORG>\nTo: b@c.d\nSubject: s\nDate: Mon, 1 Jan 2001 00:00:00 +0100\nMessage-ID: <1@x>\nReferences: <0@x>\n\nbody\n"
	same := []string{
		"Received: by x; Mon, 1 Jan 2001 00:00:00 +0000\nList-Id: <l>\n" + base,
		strings.Replace(base, "1@x", "2@x", 1),
		strings.Replace(base, "From: A <a@Example.ORG>", "From: \"A\"\n  <a@example.org>", 1),
		base + "\n \n",
		strings.ReplaceAll(base, "\n", "\r\n"),
		strings.Replace(base, "\n\nbody", "\nContent-Transfer-Encoding: base64\n\nYm9keQ==", 1),
	}
	want := Parse([]byte(base)).ContentHash()
	for _, s := range same {
		if Parse([]byte(s)).ContentHash() != want {
			t.Errorf("another hash for %q", s)
		}
	}
	for _, pair := range [][2]string{{"A <", "B <"}, {"b@c.d", "b@c.e"}, {"Subject: s", "Subject: t"}, {"0@x", "3@x"}, {"body", "Body"}, {"Jan 2001", "Jan 2002"}} {
		if Parse([]byte(strings.Replace(base, pair[0], pair[1], 1))).ContentHash() == want {
			t.Errorf("the same hash with %q", pair[1])
		}
	}
}

func TestDefectString(t *testing.T) {
	for k := BadHeaderLine; k <= EmptyMultipart; k++ {
		if s := k.String(); s == "" || strings.HasPrefix(s, "defect") {
			t.Errorf("kind %d has no name", k)
		}
	}
	m := Parse([]byte("A: b\n\xff" + strings.Repeat("ü", 100) + "\n\n"))
	if len(m.Defects) != 1 || len(m.Defects[0].Detail) > maxDetail || !utf8.ValidString(m.Defects[0].Detail) {
		t.Errorf("defects %q", m.Defects)
	}
}
