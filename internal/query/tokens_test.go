package query

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestTokens(t *testing.T) {
	long := strings.Repeat("x", 100)
	for text, want := range map[string]string{
		"":                        "",
		" .,- ":                   "",
		"Foo bar":                 "foo bar",
		"snake_case __init__":     "snake_case __init__",
		"8250_port.c":             "8250_port c",
		"a@b.c/d:e-f":             "a b c d e f",
		"x=1;y|z&(w)":             "x 1 y z w",
		"don't":                   "don t",
		"line\nbreak\ttab\x00nul": "line break tab nul",
		"Kleine-König":            "kleine konig",
		"Jiří Rafał Søren":        "jiri rafal soren",
		"Jir\u030ci\u0301":        "jiri",
		"Straße ÆON œuvre Þór":    "strasse aeon oeuvre thor",
		"İstanbul ISPARTA ılık":   "istanbul isparta ilik",
		"ΣΊΣΥΦΟΣ σίσυφος":         "σισυφοσ σισυφοσ",
		"Ёлка ёлка йод":           "елка елка иод",
		"5 µs 5 μs 300 K":         "5 μs 5 μs 300 k",
		"ＰＡＴＣＨ　２":                 "patch 2",
		"中文abc字":                  "中 文 abc 字",
		"カーネル":                    "カ ー ネ ル",
		"한국어 문서":                  "한국어 문서",
		"हिन्दी में":              "हिन्दी में",
		"שָׁלוֹם":                 "שָׁלוֹם",
		"\u0301":                  "",
		"a \u0301 b":              "a b",
		"bad\xffbytes\xc3":        "bad bytes",
		"x×y ÷":                   "x y",
		"ⅷ ² ½":                   "ⅷ ² ½",
		"a\u200bb\u00adc":         "a b c",
		long:                      long[:64],
		long + "é " + long + "y":  long[:64] + " " + long[:64],
		long[:63] + "ж":           long[:63],
		strings.Repeat("ж", 40):   strings.Repeat("ж", 32),
	} {
		if got := strings.Join(Tokens(text), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if got := strings.Join(referenceTokens(text), " "); got != want {
			t.Errorf("reference, %q: got %q, want %q", text, got, want)
		}
	}
}

func TestAppendTokens(t *testing.T) {
	for _, c := range []struct{ dst, text, want string }{
		{"", "A b", "a b"},
		{"x", "A b", "x a b"},
		{"x ", "A b", "x a b"},
		{"x\n", "A b", "x\na b"},
		{"x", "", "x"},
		{"x", " - ", "x"},
		{"x ", " - ", "x "},
		{"x", "—", "x"},
		{"", "— a —", "a"},
	} {
		if got := string(AppendTokens([]byte(c.dst), c.text)); got != c.want {
			t.Errorf("%q to %q: got %q, want %q", c.text, c.dst, got, c.want)
		}
	}
}

func TestAppendTokensAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 2*len(patchText))
	if n := testing.AllocsPerRun(10, func() { AppendTokens(dst, patchText) }); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

// TestFold goes through all of Unicode: folding is done once, and in the scripts that
// lose their diacritics it makes no difference how a letter was composed.
func TestFold(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) {
			continue
		}
		words := Tokens(string(r))
		if again := Tokens(strings.Join(words, " ")); !slices.Equal(words, again) {
			t.Errorf("%U: words %q, their words %q", r, words, again)
		}
		if unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
			s := string(r)
			if apart := Tokens(norm.NFD.String(s)); !slices.Equal(words, apart) {
				t.Errorf("%U: words %q, decomposed %q", r, words, apart)
			}
			if u := unicode.ToUpper(r); unicode.ToLower(u) == r && !slices.Equal(words, Tokens(string(u))) {
				t.Errorf("%U: words %q, in upper case %q", r, words, Tokens(string(u)))
			}
		}
	}
}
