// SPDX-License-Identifier: Apache-2.0
/*
 * Warps: threads and their scheduler.
 *
 * One run queue per priority, a bitmap of those that are not empty, and the
 * first warp of the most urgent queue runs.  Within a queue warps take turns
 * at every tick.
 */
#include <loom/warp.h>

static struct list queue[WARP_PRIOS];
static u32 ready_mask;
static struct lock rq_lock = LOCK_INIT("rq");
static struct warp *current;
static u32 ticks;

struct warp *warp_current(void)
{
	return current;
}

u32 warp_ticks(void)
{
	return READ_ONCE(ticks);
}

static void enqueue(struct warp *w)
{
	assert_held(&rq_lock);
	if (!queue[w->prio].next)
		list_init(&queue[w->prio]);
	list_add_tail(&w->run, &queue[w->prio]);
	ready_mask |= 1u << w->prio;
}

static void dequeue(struct warp *w)
{
	assert_held(&rq_lock);
	list_del(&w->run);
	if (list_empty(&queue[w->prio]))
		ready_mask &= ~(1u << w->prio);
}

void warp_ready(struct warp *w)
{
	u32 flags = lock_irq(&rq_lock);

	if (w->state == WARP_SLEEPING) {
		w->state = WARP_READY;
		w->deadline = 0;
		enqueue(w);
	}
	unlock_irq(&rq_lock, flags);
}

void warp_sleep(u32 deadline)
{
	u32 flags = lock_irq(&rq_lock);

	current->state = WARP_SLEEPING;
	current->deadline = deadline;
	unlock_irq(&rq_lock, flags);
	warp_pick();
}

int warp_set_prio(struct warp *w, u8 prio)
{
	u32 flags;

	if (prio > WARP_PRIOS)
		return -LOOM_EINVAL;

	flags = lock_irq(&rq_lock);
	w->prio = prio;
	unlock_irq(&rq_lock, flags);
	return 0;
}

/* Chooses the warp to run next.  The caller switches stacks. */
struct warp *warp_pick(void)
{
	struct warp *w = NULL;
	u32 flags = lock_irq(&rq_lock);

	if (ready_mask) {
		u32 prio = __builtin_ctz(ready_mask);

		w = list_first(&queue[prio], struct warp, run);
		dequeue(w);
		w->state = WARP_RUNNING;
		current = w;
	}
	unlock_irq(&rq_lock, flags);
	return w;
}

/* Called from the tick interrupt. */
void warp_tick(void)
{
	WRITE_ONCE(ticks, ticks + 1);
}
