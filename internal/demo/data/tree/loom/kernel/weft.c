// SPDX-License-Identifier: Apache-2.0
/*
 * Wefts: messages between warps.
 *
 * A channel is a ring of fixed-size slots.  Head and tail run freely and are
 * masked on use, so that a full ring and an empty one can be told apart.
 */
#include <loom/weft.h>
#include <string.h>

static inline bool full(const struct weft_channel *c)
{
	return c->head - c->tail == c->depth;
}

static inline bool empty(const struct weft_channel *c)
{
	return c->head == c->tail;
}

int weft_open(struct weft_channel *c, struct weft *ring, u32 depth)
{
	if (!ring || depth == 0)
		return -LOOM_EINVAL;

	c->lock = (struct lock)LOCK_INIT("weft");
	shed_init(&c->shed, "weft-shed");
	c->ring = ring;
	c->depth = depth;
	c->head = c->tail = 0;
	c->closed = false;
	return 0;
}

int weft_send(struct weft_channel *c, const struct weft *w)
{
	struct shed_waiter self;
	u32 flags;

	if (w->len > WEFT_PAYLOAD)
		return -LOOM_EINVAL;

	for (;;) {
		flags = lock_irq(&c->lock);
		if (c->closed) {
			unlock_irq(&c->lock, flags);
			return -LOOM_EPIPE;
		}
		if (!full(c))
			break;
		shed_prepare(&c->shed, &self);
		unlock_irq(&c->lock, flags);
		shed_wait(&c->shed, &self, 0);
	}

	c->ring[c->head++ & (c->depth - 1)] = *w;
	unlock_irq(&c->lock, flags);
	shed_wake_all(&c->shed);
	return 0;
}

int weft_recv(struct weft_channel *c, struct weft *w)
{
	struct shed_waiter self;
	u32 flags;

	for (;;) {
		flags = lock_irq(&c->lock);
		if (!empty(c))
			break;
		if (c->closed) {
			unlock_irq(&c->lock, flags);
			return -LOOM_EPIPE;
		}
		shed_prepare(&c->shed, &self);
		unlock_irq(&c->lock, flags);
		shed_wait(&c->shed, &self, 0);
	}

	*w = c->ring[c->tail++ & (c->depth - 1)];
	unlock_irq(&c->lock, flags);
	shed_wake_all(&c->shed);
	return 0;
}

/* Throws away whatever is queued; returns how many wefts that were. */
unsigned int weft_flush(struct weft_channel *c)
{
	unsigned int n;
	u32 flags;

	flags = lock_irq(&c->lock);
	n = c->head - c->tail;
	c->tail = c->head;
	unlock_irq(&c->lock, flags);
	return n;
}

void weft_close(struct weft_channel *c)
{
	u32 flags;

	flags = lock_irq(&c->lock);
	c->closed = true;
	unlock_irq(&c->lock, flags);
	shed_wake_all(&c->shed);
}
