package browser

import (
	"bytes"
	"cmp"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// tallest is how much of a long page a picture shows, in pixels.
const tallest = 3000

// shoot leaves a picture of the page, from its top, when pictures are wanted.
func (p *tab) shoot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("BOBBIN_SCREENSHOTS")
	if dir == "" {
		return
	}
	size := eval[[2]float64](t, p, `[innerWidth, document.documentElement.scrollHeight]`)
	save(t, dir, name, capture(t, p.ctx, size[0], min(size[1], tallest)))
}

// shootReadme makes the picture that README.md shows.
func (s *site) shootReadme(t *testing.T, p *tab) {
	t.Helper()
	dir := os.Getenv("BOBBIN_SCREENSHOTS")
	if dir == "" {
		return
	}
	const width, height = 1280, 1280
	scheme(t, p, "light")
	p.do(t, chromedp.EmulateViewport(width, height))
	p.open(t, s.message(t, "loom-devel", "[PATCH 2/4] weft: wake one waiter"))
	b := fewColours(t, capture(t, p.ctx, width, height))
	if len(b) > 150<<10 {
		t.Errorf("readme.png has %d bytes", len(b))
	}
	save(t, dir, "readme", b)
}

func capture(t *testing.T, ctx context.Context, width, height float64) []byte {
	t.Helper()
	beyond := true
	res, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: width, Height: height, Scale: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return res.Data
}

func save(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// fewColours makes a picture small enough for a repository: it keeps the colours that
// occur most and takes the nearest of them for the others, which are edges of letters.
func fewColours(t *testing.T, b []byte) []byte {
	t.Helper()
	src, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r := src.Bounds()
	count := map[color.RGBA]int{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			count[color.RGBAModel.Convert(src.At(x, y)).(color.RGBA)]++
		}
	}
	most := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var colours color.Palette
	for _, c := range most[:min(len(most), 64)] {
		colours = append(colours, c)
	}
	dst := image.NewPaletted(r, colours)
	draw.Draw(dst, r, src, r.Min, draw.Src)
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&out, dst); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
