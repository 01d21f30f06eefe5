package web

import (
	"container/list"
	"hash/maphash"
	"sync"
)

// answer is a finished page as it goes over the wire. Nobody changes it.
type answer struct {
	generation uint64 // of the catalog when the page was begun
	status     int
	etag       string
	gzip       bool
	body       []byte
}

// cache keeps answers, the least recently used go first. An answer is kept only when
// its key is asked for a second time in a while: a robot that walks the whole archive
// then pushes nothing out. Safe for concurrent use.
type cache struct {
	mu    sync.Mutex
	max   int64 // bytes
	bytes int64
	order *list.List // of *cached, most recent first
	items map[string]*list.Element
	seed  maphash.Seed
	seen  [4096]uint32 // hashes of keys asked for lately
}

type cached struct {
	key string
	answer
}

// overhead is the memory of an entry besides its key and body, roughly.
const overhead = 256

// newCache makes a cache of at most max bytes; nil, which keeps nothing, for less than one.
func newCache(max int64) *cache {
	if max <= 0 {
		return nil
	}
	return &cache{max: max, order: list.New(), items: map[string]*list.Element{}, seed: maphash.MakeSeed()}
}

// get gives what is kept for key and was made at this generation.
func (c *cache) get(key []byte, generation uint64) (answer, bool) {
	if c == nil {
		return answer{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[string(key)]
	if !ok {
		return answer{}, false
	}
	it := e.Value.(*cached)
	if it.generation != generation {
		c.drop(e)
		return answer{}, false
	}
	c.order.MoveToFront(e)
	return it.answer, true
}

// wanted reports whether an answer for key is worth keeping, and notes the question.
func (c *cache) wanted(key []byte) bool {
	if c == nil {
		return false
	}
	h := maphash.Bytes(c.seed, key)
	slot, mark := &c.seen[h%uint64(len(c.seen))], uint32(h>>32)|1
	c.mu.Lock()
	defer c.mu.Unlock()
	if *slot == mark {
		return true
	}
	*slot = mark
	return false
}

// put keeps an answer. One that would take more than an eighth of the room is not kept.
func (c *cache) put(key []byte, a answer) {
	if c == nil {
		return
	}
	size := cost(len(key), len(a.body))
	if size > c.max/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[string(key)]; ok {
		c.drop(e)
	}
	for c.bytes+size > c.max && c.order.Len() > 0 {
		c.drop(c.order.Back())
	}
	it := &cached{string(key), a}
	c.items[it.key] = c.order.PushFront(it)
	c.bytes += size
}

func (c *cache) drop(e *list.Element) {
	it := e.Value.(*cached)
	c.order.Remove(e)
	delete(c.items, it.key)
	c.bytes -= cost(len(it.key), len(it.body))
}

func cost(key, body int) int64 { return int64(key+body) + overhead }
