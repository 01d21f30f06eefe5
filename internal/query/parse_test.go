package query

import (
	"strings"
	"testing"

	"bobbin/internal/errs"

	"github.com/google/go-cmp/cmp"
)

// parseCases pairs queries with their trees. Where nothing else is said, Xapian's parser
// with public-inbox's settings makes the same of them.
var parseCases = []struct{ query, want string }{
	{"", "all"},
	{" \t\n", "all"},

	// Words side by side.
	{"foo", "[foo]"},
	{"foo Bar", "(and [foo] [bar])"},
	{"foo_bar", "[foo_bar]"},
	{"+foo bar", "(and [foo] [bar])"},
	{"near and or not", "(and [near] [and] [or] [not])"},
	{"foo -- bar", "(and [foo] [bar])"},
	{"a - b + c", "(and [a] [b] [c])"},
	{"--foo", "[foo]"},

	// Written together: a phrase. Xapian joins only at . - / : \ @ and takes 1.2.3,
	// don't, AT&T and c++ for words.
	{"foo-bar", "[foo bar]"},
	{"foo--bar", "[foo bar]"},
	{"foo::bar", "[foo bar]"},
	{"u.kleine-koenig@pengutronix.de", "[u kleine koenig pengutronix de]"},
	{"drivers/tty/serial/8250.c", "[drivers tty serial 8250 c]"},
	{`C:\DOS`, "[c dos]"},
	{"1.2.3", "[1 2 3]"},
	{"don't", "[don t]"},
	{"AT&T", "[at t]"},
	{"c++", "[c]"},
	{"foo->bar", "[foo bar]"},
	{"CONFIG_X=y", "[config_x y]"},
	{"kfree(ptr) x", "(and [kfree ptr] [x])"},
	{"(kfree() x)", "(and [kfree] [x])"},
	{"foo,", "[foo]"},
	{"[PATCH]", "[patch]"},
	{"foo:bar", "[foo bar]"},
	{"Subject:foo", "[subject foo]"},
	{"S:foo", "[s foo]"},

	// Phrases.
	{`"foo bar"`, "[foo bar]"},
	{`"Foo"`, "[foo]"},
	{"“foo bar”", "[foo bar]"},
	{"”foo bar“ baz", "(and [foo bar] [baz])"},
	{`“foo bar" baz`, "(and [foo bar] [baz])"},
	{`"foo “bar” baz"`, "[foo bar baz]"},
	{`"AND"`, "[and]"},
	{`"foo" "bar baz`, "(and [foo] [bar baz])"},
	{`foo"bar"baz`, "(and [foo] [bar] [baz])"},
	{`"foo"-bar`, "(and [foo] [bar])"},
	{`"a NOT b"`, "[a not b]"},
	{`"" foo`, "[foo]"},
	{`"--" foo`, "[foo]"},

	// Beginnings of words. Xapian has no phrase with a star.
	{"foo*", "[foo*]"},
	{"foo-ba*", "[foo ba*]"},
	{`"foo ba"*`, "[foo ba*]"},
	{`s:"foo ba"* x`, "(and [s:foo ba*] [x])"},
	{`"foo ba*"`, "[foo ba]"},
	{"fo*o", "[fo o]"},
	{"*foo", "[foo]"},
	{"foo *", "[foo]"},
	{"(foo*)", "[foo*]"},

	// Operators.
	{"a AND b", "(and [a] [b])"},
	{"a AND b c", "(and [a] [b] [c])"},
	{"a OR b", "(or [a] [b])"},
	{"a OR b OR c", "(or [a] [b] [c])"},
	{"a OR b c", "(or [a] (and [b] [c]))"},
	{"a b OR c d", "(or (and [a] [b]) (and [c] [d]))"},
	{"a AND b OR c AND d XOR e", "(or (and [a] [b]) (xor (and [c] [d]) [e]))"},
	{"a XOR b", "(xor [a] [b])"},
	{"a XOR b XOR c", "(xor (xor [a] [b]) [c])"},
	{"a XOR (b XOR c)", "(xor [a] (xor [b] [c]))"},
	{`a OR"b c"`, "(or [a] [b c])"},
	{"ANDROID ORB", "(and [android] [orb])"},
	{`a OR "--"`, "[a]"},
	{`"--" XOR a`, "[a]"},
	{"foo AND () bar", "(and [foo] [bar])"},

	// NOT. Alone it takes from everything; public-inbox refuses it there.
	{"NOT a", "(and all (not [a]))"},
	{"-a", "(and all (not [a]))"},
	{"-a -b", "(and all (not [a]) (not [b]))"},
	{"NOT a b", "(and all (not (and [a] [b])))"},
	{"a NOT b", "(and [a] (not [b]))"},
	{"a NOT b c", "(and [a] (not (and [b] [c])))"},
	{"a NOT b NOT c", "(and [a] (not [b]) (not [c]))"},
	{"a AND NOT b", "(and [a] (not [b]))"},
	{"a AND -b", "(and [a] (not [b]))"},
	{"a OR NOT b", "(or [a] (and all (not [b])))"},
	{"-b a", "(and [a] (not [b]))"},
	{"a -b c", "(and [a] [c] (not [b]))"},
	{"-(a b) c", "(and [c] (not (and [a] [b])))"},
	{"-(-a)", "(and all (not (and all (not [a]))))"},
	{"(-a) b", "(and [b] (not [a]))"},
	{`-"a b" c`, "(and [c] (not [a b]))"},
	{"-foo-bar x", "(and [x] (not [foo bar]))"},
	{`-"--" a`, "[a]"},

	// NEAR and ADJ.
	{"a NEAR b", "(near/10 [a] [b])"},
	{"a NEAR/3 b c", "(and (near/3 [a] [b]) [c])"},
	{"a NEAR/3 b NEAR c", "(near/10 [a] [b] [c])"},
	{"a ADJ b", "(adj/10 [a] [b])"},
	{"a ADJ/2 b", "(adj/2 [a] [b])"},
	{`a NEAR "b c"`, "(near/10 [a] [b c])"},
	{"-a NEAR b", "(and all (not (near/10 [a] [b])))"},
	{"s:a NEAR s:b", "(near/10 [s:a] [s:b])"},
	{"s:(a NEAR b)", "(near/10 [s:a] [s:b])"},
	{"NEAR/x ADJ/", "(and [near x] [adj])"},

	// Parentheses, also unbalanced ones.
	{"(a OR b) c", "(and (or [a] [b]) [c])"},
	{"((a))", "[a]"},
	{"(foo bar", "(and [foo] [bar])"},
	{"foo AND (bar", "(and [foo] [bar])"},
	{"foo bar)", "(and [foo] [bar])"},
	{"a) OR b", "(or [a] [b])"},
	{"a (b)c", "(and [a] [b] [c])"},
	{"foo:(a OR b)", "(and [foo] (or [a] [b]))"},

	// Prefixes.
	{"s:foo bar", "(and [s:foo] [bar])"},
	{"s:foo-bar", "[s:foo bar]"},
	{`s:"foo bar" baz`, "(and [s:foo bar] [baz])"},
	{"s:“foo bar” baz", "(and [s:foo bar] [baz])"},
	{`s:"a b"c`, "(and [s:a b] [c])"},
	{"s:(a OR b) c", "(and (or [s:a] [s:b]) [c])"},
	{"s:(a f:b) c", "(and [s:a] [f:b] [c])"},
	{"s:(a (b OR c))", "(and [s:a] (or [s:b] [s:c]))"},
	{"-s:foo a", "(and [a] (not [s:foo]))"},
	{"s: foo", "(and [s] [foo])"},
	{"s:", "[s]"},
	{"(s:)", "[s]"},
	{"s:foo,bar", "[s:foo bar]"},
	{"s:[PATCH]", "[s:patch]"},
	{"s:AND", "[s:and]"},
	{`s:"--" foo`, "[foo]"},
	{"f:<a@b.c>", "[f:a b c]"},
	{"foo s:bar OR f:baz", "(or (and [foo] [s:bar]) [f:baz])"},

	// Exact values: alternatives side by side, unless an operator says otherwise.
	{"mid:a@b", "[mid!a@b]"},
	{"mid:a mid:b", "(or [mid!a] [mid!b])"},
	{"mid:a x mid:b -s:y", "(and (or [mid!a] [mid!b]) [x] (not [s:y]))"},
	{"mid:a AND mid:b", "(and [mid!a] [mid!b])"},
	{"(mid:a) mid:b", "(and [mid!a] [mid!b])"},
	{"mid:a patchid:b x", "(and [mid!a] [patchid!b] [x])"},
	{"-mid:a -mid:b", "(and all (not [mid!a]) (not [mid!b]))"},
	{"is:patch is:reply", "(and [is!patch] [is!reply])"},
	{`mid:"a b" x`, "(and [mid!a b] [x])"},
	{`mid:"a ""b"" c"`, `[mid!a "b" c]`},
	{"mid:“a b” x", "(and [mid!a b] [x])"},
	{"(mid:a@b) c", "(and [mid!a@b] [c])"},
	{"(mid:a(b)@c)", "[mid!a(b)@c]"},
	{"mid:(a OR <b>)", "(or [mid!a] [mid!b])"},
	{"mid:<a$b@c.d>", "[mid!a$b@c.d]"},
	{"mid:@", "[mid!@]"},
	{`mid:"" foo`, "[foo]"},
	{"mid:foo*", "[mid!foo*]"},
}

func TestParse(t *testing.T) {
	for _, c := range parseCases {
		n, err := Parse(c.query, testNow)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		if got := dump(n); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
		}
		checkNormal(t, n)
		checkText(t, n)
	}
}

// checkText checks that a tree's text is the tree again.
func checkText(t reporter, n Node) {
	t.Helper()
	again, err := Parse(n.String(), testNow)
	if err != nil {
		t.Errorf("the text %q of a tree does not parse: %v", n, err)
		return
	}
	if d := cmp.Diff(n, again); d != "" {
		t.Errorf("the text %q of a tree is another tree:\n%s", n, d)
	}
}

// TestTerm looks at everything a term holds.
func TestTerm(t *testing.T) {
	for query, want := range map[string]Term{
		"Foo,":                 {Words: []string{"foo"}, Value: "Foo"},
		`"Foo"`:                {Words: []string{"foo"}, Value: "Foo"},
		"s:Foo-Bar*":           {Field: "s", Words: []string{"foo", "bar"}, Value: "Foo-Bar", Phrase: true, Prefix: true},
		`nq:"Change-Id: I1"`:   {Field: "nq", Words: []string{"change", "id", "i1"}, Value: "Change-Id: I1", Phrase: true},
		"tcf:Uwe":              {Field: "a", Words: []string{"uwe"}, Value: "Uwe"},
		"mid:<A.b@C>":          {Field: "mid", Words: []string{"a", "b", "c"}, Value: "A.b@C", Phrase: true},
		"lid:<Linux-Serial.V>": {Field: "lid", Words: []string{"linux", "serial", "v"}, Value: "linux-serial.v", Phrase: true},
		"patchid:ABC":          {Field: "patchid", Words: []string{"abc"}, Value: "abc"},
		"change-id:20210101-A": {Field: "change-id", Words: []string{"20210101", "a"}, Value: "20210101-A", Phrase: true},
	} {
		got, err := Parse(query, testNow)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if d := cmp.Diff(Node(want), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", query, d)
		}
	}
}

// TestFields goes through every prefix that there is.
func TestFields(t *testing.T) {
	values := map[string]string{"is": "reply", "has": "attachment"}
	for field, kind := range fieldKinds {
		var query, want string
		canonical := strings.Replace(field, "tcf", "a", 1)
		switch {
		case kind == span && isTimeField(field):
			query, want = field+":2021-01-02..2021-01-03", "["+field+" 2021-01-02 2021-01-04]"
		case kind == span:
			query, want = field+":10..20", "["+field+" 10 20]"
		case kind.exact():
			value := "abc"
			if v := values[field]; v != "" {
				value = v
			}
			query, want = field+":"+value, "["+field+"!"+value+"]"
		default:
			query, want = field+":Foo.bar", "["+canonical+":foo bar]"
		}
		n, err := Parse(query, testNow)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := dump(n); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
		checkText(t, n)
		if len(field) > maxFieldName {
			t.Errorf("%s is longer than maxFieldName", field)
		}
	}
}

// TestClients parses what b4 and lei send.
func TestClients(t *testing.T) {
	for query, want := range map[string]string{
		`s:"fiber: backport for stack {madvise/mprotect}, errors: handling" AND f:"u@tarantool.org" AND d:20210101..`: "(and [s:fiber backport for stack madvise mprotect errors handling] [f:u tarantool org] [d 2021-01-01 -])",
		`nq:"change-id: 20210101-foo-abc"`:                      "[nq:change id 20210101 foo abc]",
		`"change-id: 20210101-foo-abc"`:                         "[change id 20210101 foo abc]",
		`patchid:973ac928a08de9a3dec143c2b87d3e179d78400b`:      "[patchid!973ac928a08de9a3dec143c2b87d3e179d78400b]",
		`(patchid:aa OR patchid:bb) AND d:..20210131`:           "(and (or [patchid!aa] [patchid!bb]) [d - 2021-02-01])",
		`d:20210101..20210131`:                                  "[d 2021-01-01 2021-02-01]",
		`dt:20210102030405..`:                                   "[dt 2021-01-02T03:04:05 -]",
		`rt:1609459200..`:                                       "[rt 2021-01-01 -]",
		`(s:foo OR dfn:bar/baz.c) AND dt:20211119123456..`:      "(and (or [s:foo] [dfn:bar baz c]) [dt 2021-11-19T12:34:56 -])",
		`dfpre:3b12bfc1ed67 dfpost:973870ebff69 dfblob:1234567`: "(and [dfpre!3b12bfc1ed67] [dfpost!973870ebff69] [dfblob!1234567])",
	} {
		n, err := Parse(query, testNow)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := dump(n); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
		checkText(t, n)
	}
}

func TestParseErrors(t *testing.T) {
	for query, want := range map[string]string{
		"foo AND":                      `character 5: AND has nothing after it`,
		"(foo AND) x":                  `character 6: AND has nothing after it`,
		"OR foo":                       `character 1: OR has nothing before it`,
		"föö OR OR x":                  `character 5: OR has nothing after it`,
		"XOR":                          `character 1: XOR has nothing before it`,
		"a NOT":                        `character 3: NOT has nothing after it: add a word, or write "NOT" in quotes to search for the word itself`,
		"a NOT NOT b":                  `character 3: NOT has nothing after it`,
		"a NEAR":                       `character 3: NEAR has nothing after it`,
		"NEAR a":                       `character 1: NEAR has nothing before it`,
		"a NEAR/0 b":                   `character 3: NEAR/0: the distance is a number of words from 1 to 10000`,
		"a ADJ/99999999999999999999 b": `character 3: ADJ/99999999999999999999: the distance`,
		"(a b) NEAR c":                 `character 1: NEAR joins single words and phrases only`,
		"a NEAR (b c)":                 `character 8: NEAR joins single words and phrases only`,
		"mid:a NEAR b":                 `character 1: NEAR joins single words and phrases only`,
		"s:a NEAR b":                   `character 10: NEAR joins words of one field: put the prefix before both, as in s:(one NEAR two)`,
		"a NEAR b ADJ c":               `character 10: NEAR and ADJ cannot be mixed`,
		"--":                           `character 1: there is nothing to search for: give at least one word or number`,
		"()":                           `character 1: there is nothing to search for`,
		"foo is:pach":                  `character 5: is:pach is not known: write is:patch or is:reply or is:defective`,
		"has:legs":                     `character 1: has:legs is not known: write has:attachment`,
		"thread:{s:foo}":               `character 1: thread: takes a Message-ID`,
		"a d:":                         "", // a word
		"a d:..":                       `character 3: ".." is no date: write d:FROM..TO`,
		"d:garbage..":                  `character 1: "garbage" is no date`,
		"rt:1..later":                  `character 1: "later" is no date`,
		"z:big..":                      `character 1: "big" is no size in bytes: write z:FROM..TO`,
		"uid:-1":                       `character 1: "-1" is no article number`,
		"d:(a b)":                      `character 1: "" is no date`,
	} {
		n, err := Parse(query, testNow)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", query, err)
		case want == "":
		case err == nil:
			t.Errorf("%s: no error but %s", query, dump(n))
		case !errs.Is(err, errs.Invalid):
			t.Errorf("%s: kind %v, want Invalid", query, errs.KindOf(err))
		case !strings.HasPrefix(err.Error(), "query, "+want):
			t.Errorf("%s\n got %s\nwant query, %s…", query, err, want)
		}
	}
}

func TestParseLimits(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"parentheses", strings.Repeat("(", maxDepth) + "a", ""},
		{"too many parentheses", strings.Repeat("(", maxDepth+1) + "a", "nest more than 100 deep"},
		// Its text needs twice as many, and must be a query too.
		{"text too deep", strings.Repeat("(a OR b NOT c ", maxDepth), "nests more than 100 deep"},
		{"words", strings.Repeat("a ", maxTerms), ""},
		{"too many words", strings.Repeat("a ", maxTerms+1), "character 2001: the query has more than 1000 words"},
		{"too long a phrase", strings.Repeat("a-", maxTerms+1), "character 1: the query has more than 1000 words"},
		{"too many values", strings.Repeat("mid:@ ", maxTerms+1), "more than 1000 words"},
		{"too many ranges", strings.Repeat("z:1 ", maxTerms+1), "more than 1000 words"},
		{"alternatives", strings.Repeat("a OR ", maxTerms-1) + "a", ""},
		{"exclusives", strings.Repeat("a XOR ", maxTerms-1) + "a", ""},
		{"signs", strings.Repeat("- ", 10000) + "a", ""},
		{"doubled quotes", "mid:" + strings.Repeat(`"`, 100000), ""},
		{"no text at all", strings.Repeat(")", 10000) + "a", ""},
	} {
		n, err := Parse(c.query, testNow)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "":
			checkText(t, n)
		case err == nil || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: got error %v, want %s", c.name, err, c.want)
		}
	}
}
