// SPDX-License-Identifier: Apache-2.0
/*
 * Sheds: wait queues.
 *
 * A waiter lives on the stack of the warp that waits.  It is on the shed's
 * list from shed_prepare() until either somebody wakes it or the wait times
 * out, and nobody may touch it afterwards.
 */
#include <loom/shed.h>

void shed_init(struct shed *s, const char *name)
{
	s->lock = (struct lock)LOCK_INIT(name);
	list_init(&s->waiters);
}

void shed_prepare(struct shed *s, struct shed_waiter *w)
{
	u32 flags;

	w->warp = warp_current();
	w->woken = false;
	flags = lock_irq(&s->lock);
	list_add_tail(&w->node, &s->waiters);
	unlock_irq(&s->lock, flags);
}

/* Sleeps until woken or until @timeout ticks have passed; 0 waits for ever. */
int shed_wait(struct shed *s, struct shed_waiter *w, u32 timeout)
{
	u32 deadline = timeout ? warp_ticks() + timeout : 0;
	u32 flags;

	while (!READ_ONCE(w->woken)) {
		warp_sleep(deadline);
		if (deadline && warp_ticks() >= deadline)
			break;
	}

	flags = lock_irq(&s->lock);
	list_del(&w->node);
	unlock_irq(&s->lock, flags);

	return w->woken ? 0 : -LOOM_ETIMEDOUT;
}

bool shed_wake_one(struct shed *s)
{
	struct shed_waiter *w;
	u32 flags;
	bool woke = false;

	flags = lock_irq(&s->lock);
	if (!list_empty(&s->waiters)) {
		w = list_first(&s->waiters, struct shed_waiter, node);
		w->woken = true;
		warp_ready(w->warp);
		woke = true;
	}
	unlock_irq(&s->lock, flags);

	return woke;
}

unsigned int shed_wake_all(struct shed *s)
{
	struct list *pos;
	unsigned int n = 0;
	u32 flags;

	flags = lock_irq(&s->lock);
	list_for_each(pos, &s->waiters) {
		struct shed_waiter *w = container_of(pos, struct shed_waiter, node);

		w->woken = true;
		warp_ready(w->warp);
		n++;
	}
	unlock_irq(&s->lock, flags);

	return n;
}
