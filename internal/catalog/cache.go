package catalog

import (
	"container/list"
	"sync"
)

// cache keeps the values used last, up to a number of bytes. Safe for concurrent use.
type cache[K comparable, V any] struct {
	mu    sync.Mutex
	max   int64
	size  int64
	cost  func(V) int64
	order list.List // of *entry, newest in front
	byKey map[K]*list.Element
	epoch uint64 // counts clears
}

type cacheEntry[K comparable, V any] struct {
	key  K
	val  V
	cost int64
}

func newCache[K comparable, V any](limit int64, cost func(V) int64) *cache[K, V] {
	return &cache[K, V]{max: limit, cost: cost, byKey: map[K]*list.Element{}}
}

// get gives a value; epoch is to be handed to put when it was not there.
func (c *cache[K, V]) get(k K) (v V, ok bool, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[k]
	if !ok {
		return v, false, c.epoch
	}
	c.order.MoveToFront(e)
	return e.Value.(*cacheEntry[K, V]).val, true, c.epoch
}

// put keeps a value that was read after get gave epoch; a clear in between drops it.
func (c *cache[K, V]) put(k K, v V, epoch uint64) {
	cost := c.cost(v)
	if cost > c.max/8 {
		return // one value must not push out all others
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.byKey[k]; there || epoch != c.epoch {
		return
	}
	c.byKey[k] = c.order.PushFront(&cacheEntry[K, V]{k, v, cost})
	c.size += cost
	for c.size > c.max {
		last := c.order.Back()
		e := c.order.Remove(last).(*cacheEntry[K, V])
		delete(c.byKey, e.key)
		c.size -= e.cost
	}
}

func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byKey)
	c.order.Init()
	c.size = 0
	c.epoch++
}
