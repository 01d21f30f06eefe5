package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Text must be readable in both schemes: WCAG 2.2 asks for a contrast of 4.5:1.
func TestContrast(t *testing.T) {
	css, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("no dark scheme")
	}
	colours := map[string]string{}
	for _, scheme := range []struct{ name, css string }{{"light", light}, {"dark", dark}} {
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(scheme.css, -1) {
			colours[m[1]] = m[2]
		}
		for _, pair := range []string{
			"fg bg", "fg panel", "quiet bg", "quiet panel", "link bg", "visited bg", "link panel", "visited panel", "accent bg",
			"q bg", "q2 bg", "q3 bg", "sig bg", "fg head-bg", "head head-bg", "hunk hunk-bg", "add add-bg", "del del-bg", "warn warn-bg",
			"add bg", "del bg",
		} {
			fore, back, _ := strings.Cut(pair, " ")
			if c := contrast(t, colours[fore], colours[back]); c < 4.5 {
				t.Errorf("%s scheme: %s on %s: contrast %.2f", scheme.name, fore, back, c)
			}
		}
	}
}

// contrast computes WCAG's contrast ratio of two colours.
func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	v, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("colour %q", hex)
	}
	linear := func(c uint64) float64 {
		if f := float64(c&255) / 255; f > 0.04045 {
			return math.Pow((f+0.055)/1.055, 2.4)
		} else {
			return f / 12.92
		}
	}
	return 0.2126*linear(v>>16) + 0.7152*linear(v>>8) + 0.0722*linear(v)
}
