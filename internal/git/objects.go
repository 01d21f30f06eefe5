package git

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bobbin/internal/errs"
)

// objects reads blobs out of the packs and loose objects of several repositories without
// git. What it does not find or understand (other versions, SHA-256, alternates, partial
// clones) git may know; so nothing that it says is final but success, and a success has
// been held against the object's name. It is safe for concurrent use.
type objects struct {
	dirs    []string // of objects
	set     atomic.Pointer[packSet]
	checked atomic.Int64 // when the directories were looked at last, Unix nanoseconds
	scan    sync.Mutex
	bases   *baseCache
	free    sync.Pool // of *inflater
}

// packSet is the packs there are. It does not change.
type packSet struct {
	dirs  []packDir
	packs []*pack      // of all dirs
	last  atomic.Int32 // the pack that an object was found in last
}

// packDir is what was found in one directory.
type packDir struct {
	mtime time.Time // of the directory; zero: look again
	byIdx map[string]*pack
}

const (
	// lookEvery is how often a reader looks whether packs came or went.
	lookEvery = time.Second
	// racy is how old a directory's time must be to be trusted: what changes within the
	// same tick of the file system's clock cannot be told from what was seen.
	racy = 2 * time.Second
	// randomBases and streamBases bound the bases of deltas that are kept, in bytes. What
	// is read in the order of the history has its base close by.
	randomBases = 16 << 20
	streamBases = 4 << 20
)

// newObjects reads the repositories in dirs and keeps so many bytes of bases.
func newObjects(dirs []string, bases int64) *objects {
	o := &objects{bases: newBaseCache(bases)}
	for _, d := range dirs {
		o.dirs = append(o.dirs, filepath.Join(d, "objects"))
	}
	o.set.Store(&packSet{dirs: make([]packDir, len(o.dirs))})
	o.free.New = func() any { return new(inflater) }
	return o
}

// errElsewhere says that an object was not found here.
var errElsewhere = errs.New(errs.NotFound, "not in a pack or file that is understood")

// read gives a blob, a slice of its own.
func (o *objects) read(name string) ([]byte, error) {
	id, ok := parseOID(name)
	if !ok {
		return nil, errElsewhere
	}
	now := time.Now()
	if last := o.checked.Load(); now.UnixNano()-last > int64(lookEvery) && o.checked.CompareAndSwap(last, now.UnixNano()) {
		o.look(now)
	}
	set := o.set.Load()
	data, err := o.readPacked(set, id)
	if err != errElsewhere {
		return data, err
	}
	if data, err = o.readLoose(name, id); err != errElsewhere {
		return data, err
	}
	o.look(now)
	if now := o.set.Load(); now != set {
		return o.readPacked(now, id)
	}
	return nil, errElsewhere
}

func (o *objects) readPacked(set *packSet, id oid) ([]byte, error) {
	n := int32(len(set.packs))
	first := set.last.Load()
	var fault error
	for k := range n {
		i := (first + k) % n
		off, ok, err := set.packs[i].idx.find(id)
		if err == nil && !ok {
			continue
		}
		var data []byte
		if err == nil {
			data, err = o.readAt(set.packs[i], off, id)
		}
		if err == nil {
			if k > 0 {
				set.last.Store(i)
			}
			return data, nil
		}
		fault = err // another pack may have it whole
	}
	if fault != nil {
		return nil, fault
	}
	return nil, errElsewhere
}

// readAt reads a blob out of a pack and holds it against its name.
func (o *objects) readAt(p *pack, off int64, id oid) ([]byte, error) {
	in := o.free.Get().(*inflater)
	defer o.free.Put(in)
	data, kind, shared, err := p.read(off, in, o.bases)
	if err != nil {
		return nil, err
	}
	if kind != entryBlob {
		return nil, errs.New(errs.Invalid, "pack: not a blob")
	}
	if blobOID(data) != id {
		return nil, errs.New(errs.Corrupt, "pack: the object is not what its name says")
	}
	if shared {
		data = bytes.Clone(data)
	}
	return data, nil
}

// blobOID computes a blob's name.
func blobOID(data []byte) (id oid) {
	h := sha1.New()
	var head [32]byte
	h.Write(append(strconv.AppendInt(append(head[:0], "blob "...), int64(len(data)), 10), 0))
	h.Write(data)
	h.Sum(id[:0])
	return id
}

// readLoose reads a blob that has a file of its own.
func (o *objects) readLoose(name string, id oid) ([]byte, error) {
	for _, dir := range o.dirs {
		f, err := os.Open(filepath.Join(dir, name[:2], name[2:]))
		if err != nil {
			continue
		}
		data, err := unpackLoose(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		if blobOID(data) != id {
			return nil, errs.New(errs.Corrupt, "object: is not what its name says")
		}
		return data, nil
	}
	return nil, errElsewhere
}

// maxLooseHead is what the type and size of a loose object take at most.
const maxLooseHead = 32

// unpackLoose reads a loose object: a zlib stream of "blob SIZE", NUL and the blob.
func unpackLoose(r io.Reader) ([]byte, error) {
	bad := errs.New(errs.Corrupt, "object: cannot be read")
	z, err := inflateReader(bufio.NewReader(r))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	head := make([]byte, 0, maxLooseHead)
	for len(head) == 0 || head[len(head)-1] != 0 {
		if len(head) == cap(head) {
			return nil, bad
		}
		if _, err := io.ReadFull(z, head[len(head):len(head)+1]); err != nil {
			return nil, bad
		}
		head = head[:len(head)+1]
	}
	digits, ok := strings.CutPrefix(string(head[:len(head)-1]), "blob ")
	if !ok {
		return nil, errs.New(errs.Invalid, "object: not a blob")
	}
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || size < 0 || size > maxBlob {
		return nil, bad
	}
	return readExactly(z, size)
}

// look brings the set of packs up to date. Packs that went are forgotten; whoever still
// reads one finishes.
func (o *objects) look(now time.Time) {
	o.scan.Lock()
	defer o.scan.Unlock()
	old, changed := o.set.Load(), false
	set := &packSet{dirs: make([]packDir, len(o.dirs))}
	for i, dir := range o.dirs {
		var fresh bool
		set.dirs[i], fresh = lookInto(filepath.Join(dir, "pack"), old.dirs[i], now)
		changed = changed || fresh
	}
	for i := len(set.dirs) - 1; i >= 0; i-- { // new epochs are asked for more often
		for _, p := range set.dirs[i].byIdx {
			set.packs = append(set.packs, p)
		}
	}
	if changed {
		o.set.Store(set)
	}
}

// lookInto reads a directory of packs when it has changed since.
func lookInto(path string, old packDir, now time.Time) (_ packDir, changed bool) {
	fi, err := os.Stat(path)
	if err != nil {
		return packDir{}, len(old.byIdx) > 0
	}
	if fi.ModTime().Equal(old.mtime) {
		return old, false
	}
	list, err := os.ReadDir(path)
	if err != nil {
		return old, false
	}
	d := packDir{mtime: fi.ModTime(), byIdx: map[string]*pack{}}
	if now.Sub(d.mtime) < racy {
		d.mtime = time.Time{}
	}
	for _, e := range list {
		name := e.Name()
		if !strings.HasPrefix(name, "pack-") || !strings.HasSuffix(name, ".idx") {
			continue
		}
		p := old.byIdx[name]
		if p == nil {
			if p, err = openPack(filepath.Join(path, name)); err != nil {
				continue // git may be able to
			}
			changed = true
		}
		d.byIdx[name] = p
	}
	return d, changed || len(d.byIdx) != len(old.byIdx)
}
