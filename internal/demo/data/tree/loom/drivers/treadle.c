// SPDX-License-Identifier: Apache-2.0
/* Treadles: one-shot and periodic timers, driven by the tick. */
#include <loom/treadle.h>
#include <loom/lock.h>
#include <loom/warp.h>

static struct list pending = { &pending, &pending };
static struct lock treadle_lock = LOCK_INIT("treadle");

/* Keeps the list sorted, the next to expire first. */
static void insert(struct treadle *t)
{
	struct list *pos;

	assert_held(&treadle_lock);
	list_for_each(pos, &pending) {
		struct treadle *other = container_of(pos, struct treadle, node);

		if (other->expires > t->expires)
			break;
	}
	list_add_tail(&t->node, pos);
}

void treadle_start(struct treadle *t, u32 delay, u32 period, treadle_fn fn, void *arg)
{
	u32 flags = lock_irq(&treadle_lock);

	t->expires = warp_ticks() + delay;
	t->period = period;
	t->fn = fn;
	t->arg = arg;
	insert(t);
	unlock_irq(&treadle_lock, flags);
}

/* Returns whether the treadle was still pending. */
bool treadle_cancel(struct treadle *t)
{
	u32 flags = lock_irq(&treadle_lock);
	bool was = !list_empty(&t->node);

	list_del(&t->node);
	unlock_irq(&treadle_lock, flags);
	return was;
}

/* Called from the tick interrupt. */
void treadle_run(u32 now)
{
	struct treadle *t;
	u32 flags;

	flags = lock_irq(&treadle_lock);
	while (!list_empty(&pending)) {
		t = list_first(&pending, struct treadle, node);
		if (t->expires > now)
			break;
		list_del(&t->node);
		unlock_irq(&treadle_lock, flags);
		t->fn(t, t->arg);
		flags = lock_irq(&treadle_lock);
		if (t->period) {
			t->expires += t->period;
			insert(t);
		}
	}
	unlock_irq(&treadle_lock, flags);
}
