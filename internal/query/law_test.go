package query

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// pieces are what queries are made of.
var pieces = []string{
	"foo", "bar_baz", "Jiří", "中文", "a.b@c", "x->y", "f(x)", "fo*", "*", "--", ",", "1.2", "\u0301", "\u00a0",
	" ", " ", " ", " AND ", " OR ", " NOT ", " XOR ", " NEAR ", " NEAR/3 ", " ADJ ", "AND", "near",
	"(", ")", "(", ")", `"`, `"`, "“", "”", "-", "+", " -", " +", "-(",
	"s:", "f:", "tcf:", "mid:", "<m@x>", "patchid:", "dfpre:", "lid:", "is:", "has:", "patch", "attachment", "thread:", "foo:",
	"d:", "dt:", "rt:", "z:", "uid:", "..", "2021-01-01", "20210101", "last.week", "2021", "1609459200", "1000", "-42",
}

// TestTextLaw checks that the text of any tree is a query for the same tree, and that
// every tree is in normal form.
func TestTextLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		query := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 25).Draw(t, "pieces"), "")
		checkQuery(t, query)
	})
}

// TestOperatorLaw does the same with queries that all parse.
func TestOperatorLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		query := drawQuery(t, 5)
		n, err := Parse(query, testNow)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		checkNormal(t, n)
		checkText(t, n)
	})
}

var (
	operators = []string{" ", " AND ", " OR ", " XOR ", " NOT ", " AND NOT ", " OR NOT "}
	operands  = []string{"foo", `"a b"`, "s:x-y*", "mid:a", "mid:b", "z:1..", "d:2021", "a NEAR b", "s:(a ADJ/2 b)", `mid:"a ""b"`}
)

func drawQuery(t *rapid.T, depth int) string {
	sign := rapid.SampledFrom([]string{"", "", "-", "+"}).Draw(t, "sign")
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "leaf") == 0 {
		return sign + rapid.SampledFrom(operands).Draw(t, "operand")
	}
	text := drawQuery(t, depth-1)
	for range rapid.IntRange(0, 3).Draw(t, "operators") {
		text += rapid.SampledFrom(operators).Draw(t, "operator") + drawQuery(t, depth-1)
	}
	prefix := rapid.SampledFrom([]string{"", "", "s:", "mid:"}).Draw(t, "prefix")
	if prefix == "mid:" && strings.Contains(text, "NEAR") {
		prefix = "" // NEAR joins words only
	}
	return sign + prefix + "(" + text + ")"
}

// checkQuery checks what must hold for every text.
func checkQuery(t reporter, query string) {
	t.Helper()
	n, err := Parse(query, testNow)
	if err != nil {
		if !strings.HasPrefix(err.Error(), "query, character ") {
			t.Errorf("%q: the error does not say where: %v", query, err)
		}
		return
	}
	checkNormal(t, n)
	checkText(t, n)
}

func FuzzParse(f *testing.F) {
	for _, c := range parseCases {
		f.Add(c.query)
	}
	for _, p := range pieces {
		f.Add(p + "foo" + p + " bar " + p)
	}
	f.Fuzz(func(t *testing.T, query string) { checkQuery(t, query) })
}

func FuzzTokens(f *testing.F) {
	f.Add("Jiří Kleine-König", "x")
	f.Add("中文かな", "ſt")
	f.Add(strings.Repeat("é", 40), "\xff\u0301a")
	f.Add(patchText, " ")
	f.Fuzz(func(t *testing.T, a, b string) { checkTokens(t, a, b) })
}

// TestTokensLaw checks the tokenizer's laws on texts of all scripts.
func TestTokensLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkTokens(t, rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b"))
	})
}

// checkTokens checks that both forms agree, that words are words, that cutting a cut
// text changes nothing, and that a text can be cut at any space.
func checkTokens(t reporter, a, b string) {
	words := Tokens(a)
	joined := string(AppendTokens(nil, a))
	if strings.Join(words, " ") != joined {
		t.Errorf("%q: Tokens gives %q, AppendTokens %q", a, words, joined)
	}
	for _, w := range words {
		if w == "" || len(w) > maxWord || !utf8.ValidString(w) || strings.ContainsFunc(w, notWordRune) {
			t.Errorf("%q: %q is no word", a, w)
		}
	}
	if again := Tokens(joined); !slices.Equal(words, again) {
		t.Errorf("%q: words %q, their words %q", a, words, again)
	}
	whole := Tokens(a + " " + b)
	if parts := append(words, Tokens(b)...); !slices.Equal(whole, parts) {
		t.Errorf("%q and %q: together %q, apart %q", a, b, whole, parts)
	}
	if got := string(AppendTokens([]byte(joined), b)); got != strings.Join(whole, " ") {
		t.Errorf("%q appended to %q: %q", b, joined, got)
	}
	if want := referenceTokens(a); !slices.Equal(words, want) {
		t.Errorf("%q: got %q, want %q", a, words, want)
	}
}

// referenceTokens is the tokenizer as its comment tells it, a rune at a time.
func referenceTokens(s string) []string {
	var out []string
	var word []byte
	end := func() {
		if word = cut(word, 0); len(word) > 0 {
			out = append(out, string(word))
		}
		word = nil
	}
	for _, r := range s {
		switch f := foldRune(r); {
		case f == 0:
			end()
		case isUnspaced(r):
			end()
			word = utf8.AppendRune(word, f)
			end()
		case !isDiacritic(r):
			word = appendFolded(word, f)
		}
	}
	end()
	return out
}

// foldRune is fold for every rune.
func foldRune(r rune) rune {
	switch {
	case r >= utf8.RuneSelf:
		return fold(r)
	case isWordRune(r):
		return rune(asciiFold[r])
	}
	return 0
}
