package git

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// pack compresses as git's zlib would.
func deflated(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := flate.NewWriter(&buf, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// texts draws data in which some things repeat, near and far.
func texts(t *rapid.T) []byte {
	size := rapid.IntRange(0, 100_000).Draw(t, "size")
	alphabet := rapid.IntRange(1, 256).Draw(t, "alphabet")
	rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	var data []byte
	for len(data) < size {
		if rnd.IntN(3) > 0 && len(data) > 0 {
			dist, n := 1+rnd.IntN(min(len(data), 1<<rnd.IntN(16))), rnd.IntN(300)
			for range n {
				data = append(data, data[len(data)-dist])
			}
			continue
		}
		for range rnd.IntN(40) {
			// A skewed choice makes codes of all lengths.
			data = append(data, byte(rnd.IntN(1+rnd.IntN(1+rnd.IntN(alphabet)))))
		}
	}
	return data[:size]
}

func TestDeflateInverts(t *testing.T) {
	var d deflater
	rapid.Check(t, func(rt *rapid.T) {
		want := texts(rt)
		level := rapid.SampledFrom([]int{flate.HuffmanOnly, 0, 1, 5, 6, 9}).Draw(rt, "level")
		src := append(deflated(t, want, level), "what follows"...)
		got := make([]byte, len(want))
		if !d.decode(got, src) || !bytes.Equal(got, want) {
			rt.Fatalf("%d bytes at level %d do not come back", len(want), level)
		}
		if len(want) > 0 && d.decode(got[:len(want)-1], src) {
			rt.Fatal("a stream that is too long was taken")
		}
		if d.decode(make([]byte, len(want)+1), src) {
			rt.Fatal("a stream that is too short was taken")
		}
	})
}

// FuzzDeflate holds the decoder against compress/flate.
func FuzzDeflate(f *testing.F) {
	for _, s := range []string{"", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "From: A <a@b>\nTo: B <b@b>\nSubject: Re: Re\n\n> quoted\nnot\n"} {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			f.Add(deflated(f, []byte(s), level))
		}
	}
	f.Add(deflated(f, bytes.Repeat([]byte("In-Reply-To: <1234@example.org>\nReferences: <5678@example.com>\n"), 50), 9))
	f.Fuzz(func(t *testing.T, src []byte) {
		want, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(src)), 1<<20))
		if len(want) == 1<<20 {
			return
		}
		var d deflater
		got := make([]byte, len(want))
		if ok := d.decode(got, src); ok != (err == nil) || ok && !bytes.Equal(got, want) {
			t.Errorf("ok is %v and compress/flate says %v; the same bytes: %v", ok, err, bytes.Equal(got, want))
		}
	})
}
