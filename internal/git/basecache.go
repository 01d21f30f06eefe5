package git

import (
	"container/list"
	"sync"
)

// baseCache keeps objects that others are deltas against, the latest used ones, up to so
// many bytes. It is safe for concurrent use; nil is a cache that keeps nothing.
type baseCache struct {
	mu    sync.Mutex
	left  int64
	byKey map[baseKey]*list.Element
	order *list.List // of *base, the latest used first
}

type base struct {
	key  baseKey
	data []byte
	kind byte
}

// baseCost is what an entry takes besides its bytes.
const baseCost = 200

func newBaseCache(size int64) *baseCache {
	return &baseCache{left: size, byKey: map[baseKey]*list.Element{}, order: list.New()}
}

func (c *baseCache) get(k baseKey) ([]byte, byte) {
	if c == nil {
		return nil, 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.byKey[k]
	if el == nil {
		return nil, 0
	}
	c.order.MoveToFront(el)
	b := el.Value.(*base)
	return b.data, b.kind
}

func (c *baseCache) put(k baseKey, data []byte, kind byte) {
	if c == nil || data == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[k] != nil {
		return
	}
	c.byKey[k] = c.order.PushFront(&base{k, data, kind})
	c.left -= int64(len(data)) + baseCost
	for c.left < 0 && c.order.Len() > 0 {
		el := c.order.Back()
		b := c.order.Remove(el).(*base)
		delete(c.byKey, b.key)
		c.left += int64(len(b.data)) + baseCost
	}
}
