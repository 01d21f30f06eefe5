package git

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bobbin/internal/errs"

	"pgregory.net/rapid"
)

// versions makes files that are much alike, so that git stores deltas.
func versions(n int) []string {
	rnd := rand.New(rand.NewPCG(1, 2))
	lines := make([]string, 200)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d of text %x\n", i, rnd.Uint64())
	}
	var files []string
	for i := range n {
		for range 1 + rnd.IntN(4) {
			lines[rnd.IntN(len(lines))] = fmt.Sprintf("changed in %d: %x\n", i, rnd.Uint64())
		}
		files = append(files, strings.Join(lines[:50+rnd.IntN(150)], ""))
	}
	noise := make([]byte, 400_000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	return append(files, "", "x", string(noise), strings.Repeat("long and dull\n", 60_000))
}

// testPool is a Pool that is closed with the test.
func testPool(t testing.TB, dirs ...string) *Pool {
	t.Helper()
	p, err := NewPool(dirs, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// However git stores them, blobs are read, and without git.
func TestObjects(t *testing.T) {
	files := versions(60)
	layouts := []struct {
		name string
		args [][]string
	}{
		{"loose", nil},
		{"packed", [][]string{{"repack", "-adfq", "--depth=50", "--window=100"}}},
		{"packed with names of bases", [][]string{{"-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50"}}},
		{"not compressed", [][]string{{"-c", "pack.compression=0", "repack", "-adFq"}}},
		{"offsets of 64 bits", [][]string{{"repack", "-adfq"}, {"index-pack", "--index-version=2,0x40"}}},
		{"bitmaps and several packs", [][]string{{"repack", "-adbq"}, {"multi-pack-index", "write"}}},
	}
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			r := newRepo(t)
			var blobs []string
			for _, f := range files { // one by one, so that they stay loose
				blobs = append(blobs, add(t, r, f)...)
			}
			for _, args := range l.args {
				if args[0] == "index-pack" {
					packs, err := filepath.Glob(filepath.Join(r.Dir(), "objects/pack/*.pack"))
					if err != nil || len(packs) != 1 {
						t.Fatalf("packs: %q, %v", packs, err)
					}
					if err := os.Remove(strings.TrimSuffix(packs[0], "pack") + "idx"); err != nil {
						t.Fatal(err)
					}
					args = append(args, packs[0])
				}
				gitRun(t, r.Dir(), "", args...)
			}
			if strings.Contains(l.name, "packed") {
				gitRun(t, r.Dir(), "", "prune-packed")
			}
			o := newObjects([]string{r.Dir()}, 1<<20)
			for i, name := range blobs {
				if got, err := o.read(name); err != nil || string(got) != files[i] {
					t.Errorf("file %d: %v, %d bytes, want %d", i, err, len(got), len(files[i]))
				}
			}
			if _, err := o.read(tip(t, r)); err == nil {
				t.Error("a commit was read as a blob")
			}
			if _, err := o.read(strings.Repeat("1", 40)); !errors.Is(err, errElsewhere) {
				t.Errorf("what is not there: %v", err)
			}
		})
	}
}

func TestPool(t *testing.T) {
	one, two := newRepo(t), newRepo(t)
	a, b := add(t, one, "in one")[0], add(t, two, "in two")[0]
	p := testPool(t, one.Dir(), two.Dir())
	for oid, want := range map[string]string{a: "in one", b: "in two"} {
		if got, err := p.Read(t.Context(), oid); err != nil || string(got) != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	_, err := p.Read(t.Context(), strings.Repeat("1", 40))
	wantKind(t, err, errs.NotFound)
	_, err = p.Read(t.Context(), tip(t, one))
	wantKind(t, err, errs.NotFound)
	_, err = p.Read(t.Context(), "HEAD:m")
	wantKind(t, err, errs.Invalid)

	// What comes later is noticed, however it is stored; and what is stored anew.
	later := add(t, two, "later")[0]
	for _, args := range [][]string{nil, {"repack", "-adq"}, {"repack", "-adfq", "--window=1"}} {
		if args != nil {
			gitRun(t, two.Dir(), "", args...)
			gitRun(t, two.Dir(), "", "prune-packed")
		}
		if got, err := p.Read(t.Context(), later); err != nil || string(got) != "later" {
			t.Errorf("%q: %q, %v", args, got, err)
		}
	}
	none := testPool(t)
	_, err = none.Read(t.Context(), a)
	wantKind(t, err, errs.NotFound)
	gone := testPool(t, filepath.Join(one.Dir(), "gone"))
	if _, err = gone.Read(t.Context(), a); err == nil {
		t.Error("read out of nothing")
	}
}

// What is unusual is left to git: alternates, names of 64 digits.
func TestPoolAsksGit(t *testing.T) {
	one, two := newRepo(t), newRepo(t)
	a := add(t, one, "in one")[0]
	alternates := filepath.Join(two.Dir(), "objects/info/alternates")
	if err := os.MkdirAll(filepath.Dir(alternates), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(alternates, []byte(filepath.Join(one.Dir(), "objects")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	odd := filepath.Join(t.TempDir(), `odd:"name\`)
	if err := os.Rename(two.Dir(), odd); err != nil {
		t.Fatal(err)
	}
	three := newRepo(t)
	for _, dirs := range [][]string{{odd}, {three.Dir(), odd}} {
		p := testPool(t, dirs...)
		if got, err := p.Read(t.Context(), a); err != nil || string(got) != "in one" {
			t.Errorf("through alternates of %q: %q, %v", dirs, got, err)
		}
	}
	sha256 := filepath.Join(t.TempDir(), "x.git")
	gitRun(t, sha256, "", "init", "--quiet", "--bare", "--object-format=sha256", sha256)
	long := gitRun(t, sha256, "long", "hash-object", "-w", "--stdin")
	if got, err := testPool(t, sha256).Read(t.Context(), long); err != nil || string(got) != "long" {
		t.Errorf("sha256: %q, %v", got, err)
	}
}

// A git that was killed is started anew; one that dies over an object is an error.
func TestPoolRestartsGit(t *testing.T) {
	r := newRepo(t)
	blobs := add(t, r, "one", "two")
	p, err := NewPool([]string{r.Dir()}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for range 3 {
		if got, err := p.readByGit(t.Context(), blobs[0]); err != nil || string(got) != "one" {
			t.Fatalf("%q, %v", got, err)
		}
		c := <-p.free
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.free <- c
	}
	path := filepath.Join(r.Dir(), "objects", blobs[1][:2], blobs[1][2:])
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x\x01\x02\x03"), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := p.Read(t.Context(), blobs[1])
		wantKind(t, err, errs.Corrupt)
	}
	if got, err := p.readByGit(t.Context(), blobs[0]); err != nil || string(got) != "one" {
		t.Errorf("after the damaged one: %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.readByGit(ctx, blobs[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if got, err := p.readByGit(t.Context(), blobs[0]); err != nil || string(got) != "one" {
		t.Errorf("after one that was cancelled: %q, %v", got, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.Read(t.Context(), blobs[0]); err == nil {
		t.Error("a closed pool reads")
	}
}

func TestPoolConcurrent(t *testing.T) {
	r := newRepo(t)
	files := versions(40)
	blobs := add(t, r, files...)
	p := testPool(t, r.Dir())
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := range 200 {
				i = (i*7 + k*13) % len(files)
				read := p.Read
				if i%9 == 0 {
					read = p.readByGit
				}
				if got, err := read(t.Context(), blobs[i]); err != nil || string(got) != files[i] {
					t.Errorf("file %d: %v", i, err)
				} else if len(got) > 0 {
					got[0] = 'X' // it is ours
				}
			}
		})
	}
	gitRun(t, r.Dir(), "", "repack", "-adfq")
	wg.Wait()
}

// Whatever happens to a pack, what is read is what the name says, or an error.
func TestDamagedPack(t *testing.T) {
	r := newRepo(t)
	files := versions(20)
	blobs := add(t, r, files...)
	gitRun(t, r.Dir(), "", "repack", "-adfq", "--depth=10")
	idx, pak := packFiles(t, r)
	rapid.Check(t, func(t *rapid.T) {
		x, p := bytes.Clone(idx), bytes.Clone(pak)
		for range rapid.IntRange(1, 20).Draw(t, "bytes") {
			victim := p
			if rapid.IntRange(0, 4).Draw(t, "which") == 0 {
				victim = x
			}
			victim[rapid.IntRange(0, len(victim)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		}
		if rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
			p = p[:rapid.IntRange(0, len(p)).Draw(t, "length")]
		}
		readAll(t, x, p, blobs, files)
	})
}

func packFiles(t testing.TB, r *Repo) (idx, pak []byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(r.Dir(), "objects/pack/*.idx"))
	if err != nil || len(names) != 1 {
		t.Fatalf("packs: %q, %v", names, err)
	}
	if idx, err = os.ReadFile(names[0]); err == nil {
		pak, err = os.ReadFile(strings.TrimSuffix(names[0], "idx") + "pack")
	}
	if err != nil {
		t.Fatal(err)
	}
	return idx, pak
}

// fataler is what tests, properties and fuzz targets have in common.
type fataler interface{ Fatalf(string, ...any) }

// readAll reads blobs out of a pack in memory; what comes must be right.
func readAll(t fataler, idx, pak []byte, blobs, files []string) {
	o := newObjects(nil, 1<<20)
	x, err := newPackIndex(bytes.NewReader(idx), int64(len(idx)))
	if err != nil {
		return
	}
	p, err := newPack(bytes.NewReader(pak), int64(len(pak)), x)
	if err != nil {
		return
	}
	set := &packSet{packs: []*pack{p}}
	for i, name := range blobs {
		id, _ := parseOID(name)
		got, err := o.readPacked(set, id)
		if err == nil && string(got) != files[i] {
			t.Fatalf("file %d is wrong", i)
		}
		if k := errs.KindOf(err); err != nil && k == errs.Internal {
			t.Fatalf("file %d: the error %v has no kind", i, err)
		}
	}
}

// FuzzPackEntry reads objects out of a pack in which one entry is what the fuzzer makes.
func FuzzPackEntry(f *testing.F) {
	base := []byte("what others are made from")
	z := func(b []byte) []byte { return append([]byte{0x78, 0x9c}, deflated(f, b, 6)...) }
	whole := append(entryHead(entryBlob, len(base)), z(base)...)
	delta := append(binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(base))), 10), 0x90, 5, 5, ' ', 'm', 'o', 'r', 'e')
	f.Add(whole)
	f.Add(append(append(entryHead(entryOfsDelta, len(delta)), byte(len(whole))), z(delta)...))
	f.Add(append(append(entryHead(entryRefDelta, len(delta)), bytes.Repeat([]byte{1}, 20)...), z(delta)...))
	f.Add(append(append(entryHead(entryRefDelta, len(delta)), bytes.Repeat([]byte{2}, 20)...), z(delta)...))
	f.Add(append(entryHead(entryBlob, 1<<40), z(base)...))
	f.Add(append(append(entryHead(entryOfsDelta, 1<<30), 0xff, 0xff, 0xff, 0x7f), z(delta)...))
	f.Fuzz(func(t *testing.T, e []byte) {
		// The base is at 12 with the name 01…, the entry behind it with the name 02….
		pak := append([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x02"), whole...)
		at := len(pak)
		pak = append(append(pak, e...), make([]byte, packTrailer)...)
		idx := indexOf([]oid{oid(bytes.Repeat([]byte{1}, 20)), oid(bytes.Repeat([]byte{2}, 20))}, []int64{packHeader, int64(at)})
		x, err := newPackIndex(bytes.NewReader(idx), int64(len(idx)))
		if err != nil {
			t.Fatal(err)
		}
		p, err := newPack(bytes.NewReader(pak), int64(len(pak)), x)
		if err != nil {
			t.Fatal(err)
		}
		data, kind, _, err := p.read(int64(at), new(inflater), newBaseCache(1<<20))
		if err == nil && (kind < entryCommit || kind > entryTag) {
			t.Errorf("type %d with %d bytes", kind, len(data))
		}
		if err != nil && errs.KindOf(err) == errs.Internal {
			t.Errorf("the error %v has no kind", err)
		}
	})
}

// entryHead writes the type and size of an entry.
func entryHead(kind byte, size int) []byte {
	c := kind<<4 | byte(size&15)
	var b []byte
	for size >>= 4; size > 0; size >>= 7 {
		b = append(b, c|0x80)
		c = byte(size & 0x7f)
	}
	return append(b, c)
}

// indexOf makes a pack index; names must be in order.
func indexOf(names []oid, offsets []int64) []byte {
	b := []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}
	for i := range 256 {
		n, _ := slices.BinarySearchFunc(names, i, func(id oid, i int) int {
			if int(id[0]) <= i {
				return -1
			}
			return 1
		})
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	for _, id := range names {
		b = append(b, id[:]...)
	}
	b = append(b, make([]byte, 4*len(names))...)
	var wide []byte
	for _, off := range offsets {
		if off < 1<<31 {
			b = binary.BigEndian.AppendUint32(b, uint32(off))
			continue
		}
		b = binary.BigEndian.AppendUint32(b, uint32(len(wide)/8)|1<<31)
		wide = binary.BigEndian.AppendUint64(wide, uint64(off))
	}
	return append(append(b, wide...), make([]byte, idxTrailer)...)
}

// Every name in an index is found where it is, however the names are spread.
func TestPackIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 2, 199, 200, 201, 5000, 20_000}).Draw(t, "objects")
		spread := rapid.SampledFrom([]int{0, 1, 3, 20}).Draw(t, "bytes that differ")
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		seen := map[oid]int64{}
		var names []oid
		for range n {
			var id oid
			for k := range id {
				if k < spread || k >= len(id)-4 {
					id[k] = byte(rnd.Uint32())
				}
			}
			if _, ok := seen[id]; !ok {
				seen[id] = rnd.Int64N(1 << 40)
				names = append(names, id)
			}
		}
		slices.SortFunc(names, func(a, b oid) int { return bytes.Compare(a[:], b[:]) })
		offsets := make([]int64, len(names))
		for i, id := range names {
			offsets[i] = seen[id]
		}
		idx := indexOf(names, offsets)
		x, err := newPackIndex(bytes.NewReader(idx), int64(len(idx)))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(names); i += 1 + len(names)/100 {
			off, ok, err := x.find(names[i])
			if off != offsets[i] || !ok || err != nil {
				t.Fatalf("name %d of %d: %d %v %v, want %d", i, len(names), off, ok, err, offsets[i])
			}
			other := names[i]
			other[19]++
			if _, there := seen[other]; there {
				continue
			}
			if _, ok, err := x.find(other); ok || err != nil {
				t.Fatalf("a name that is not there was found: %v", err)
			}
		}
	})
}

// FuzzPackIndex looks names up in what may be an index.
func FuzzPackIndex(f *testing.F) {
	f.Add([]byte(nil), make([]byte, 20))
	f.Add(indexOf(nil, nil), make([]byte, 20))
	f.Add(indexOf([]oid{{1}, {1, 2}, {200}}, []int64{12, 1 << 33, 99}), append([]byte{1, 2}, make([]byte, 18)...))
	f.Fuzz(func(t *testing.T, idx, name []byte) {
		x, err := newPackIndex(bytes.NewReader(idx), int64(len(idx)))
		if err != nil || len(name) != len(oid{}) {
			return
		}
		if off, ok, err := x.find(oid(name)); ok && (off < 0 || err != nil) {
			t.Errorf("found at %d, %v", off, err)
		}
	})
}

// The set of packs is read again when it may have changed, and only then.
func TestLook(t *testing.T) {
	r := newRepo(t)
	add(t, r, versions(120)...)
	o := newObjects([]string{r.Dir()}, 1<<20)
	now := time.Now().Add(time.Hour) // what is on disk is old
	o.look(now)
	first := o.set.Load()
	o.look(now)
	if len(first.packs) != 1 || o.set.Load() != first {
		t.Errorf("%d packs; read again for no reason: %v", len(first.packs), o.set.Load() != first)
	}
	gitRun(t, r.Dir(), "", "repack", "-adfq", "--depth=1")
	o.look(now)
	second := o.set.Load()
	if len(second.packs) != 1 || second.packs[0] == first.packs[0] {
		t.Errorf("%d packs after a repack", len(second.packs))
	}
	if err := os.RemoveAll(filepath.Join(r.Dir(), "objects/pack")); err != nil {
		t.Fatal(err)
	}
	o.look(now)
	if n := len(o.set.Load().packs); n != 0 {
		t.Errorf("%d packs after all were removed", n)
	}
}

func TestBaseCacheIsBounded(t *testing.T) {
	c := newBaseCache(10_000)
	for i := range 1000 {
		c.put(baseKey{nil, int64(i)}, make([]byte, 300), entryBlob)
		c.get(baseKey{nil, 0})
	}
	if n := c.order.Len(); n != 20 || len(c.byKey) != n {
		t.Errorf("%d bases are kept, want 20", n)
	}
	if data, _ := c.get(baseKey{nil, 0}); data == nil {
		t.Error("the one that is always used is gone")
	}
}
