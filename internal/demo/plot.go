package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// plot draws a bar chart as a small PNG: no axes, one bar a value.
func plot(values []int) ([]byte, error) {
	const width, gap, height = 14, 4, 96
	most := 1
	for _, v := range values {
		most = max(most, v)
	}
	ink := []color.Color{
		color.RGBA{0xfb, 0xfa, 0xf6, 0xff}, // paper
		color.RGBA{0x2f, 0x5d, 0x8a, 0xff}, // bar
		color.RGBA{0xb4, 0x3c, 0x2e, 0xff}, // the highest bar
		color.RGBA{0xd8, 0xd4, 0xc8, 0xff}, // grid
	}
	m := image.NewPaletted(image.Rect(0, 0, gap+len(values)*(width+gap), height+2*gap), ink)
	for y := gap; y <= gap+height; y += height / 4 {
		for x := range m.Rect.Dx() {
			m.SetColorIndex(x, y, 3)
		}
	}
	for i, v := range values {
		index := uint8(1)
		if v == most {
			index = 2
		}
		left := gap + i*(width+gap)
		for y := gap + height - v*height/most; y < gap+height; y++ {
			for x := left; x < left+width; x++ {
				m.SetColorIndex(x, y, index)
			}
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}
