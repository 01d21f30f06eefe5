/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_WARP_H
#define LOOM_WARP_H

#include <loom/list.h>
#include <loom/lock.h>

#define WARP_PRIOS 8

enum warp_state { WARP_READY, WARP_RUNNING, WARP_SLEEPING, WARP_DEAD };

/* A warp is a thread of execution with a stack of its own. */
struct warp {
	struct list run;	/* on a run queue while WARP_READY */
	enum warp_state state;
	u8 prio;		/* 0 is the most urgent */
	u32 deadline;		/* tick at which a sleep ends, 0 is never */
	void *stack;
	const char *name;
};

struct warp *warp_current(void);
void warp_ready(struct warp *w);
void warp_sleep(u32 deadline);
int warp_set_prio(struct warp *w, u8 prio);
struct warp *warp_pick(void);
u32 warp_ticks(void);

#endif
