package git

import "testing"

// BenchmarkRead compares the two ways to read a blob. On 37,333 real mails in random
// order, one core: 56 µs in process, 130 µs through git cat-file.
func BenchmarkRead(b *testing.B) {
	r := newRepo(b)
	blobs := add(b, r, versions(500)[:500]...)
	gitRun(b, r.Dir(), "", "repack", "-adfq")
	p := testPool(b, r.Dir())
	for name, read := range map[string]func(string) ([]byte, error){
		"InProcess": p.objs.read,
		"Git":       func(oid string) ([]byte, error) { return p.readByGit(b.Context(), oid) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				data, err := read(blobs[i*7%len(blobs)])
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(data)))
			}
		})
	}
}
