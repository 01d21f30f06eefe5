/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_SHED_H
#define LOOM_SHED_H

#include <loom/warp.h>

/* A shed is where warps wait for something to happen. */
struct shed {
	struct lock lock;
	struct list waiters;
};

struct shed_waiter {
	struct list node;
	struct warp *warp;
	bool woken;
};

void shed_init(struct shed *s, const char *name);
void shed_prepare(struct shed *s, struct shed_waiter *w);
int shed_wait(struct shed *s, struct shed_waiter *w, u32 timeout);
bool shed_wake_one(struct shed *s);
unsigned int shed_wake_all(struct shed *s);

#endif
