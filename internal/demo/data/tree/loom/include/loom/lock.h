/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_LOCK_H
#define LOOM_LOCK_H

#include <loom/types.h>

/*
 * Locks disable interrupts while they are held.  @name is the lock's class:
 * with CONFIG_LOCK_ORDER the kernel remembers which class was taken inside
 * which and reports a circle the first time it could close.
 */
struct lock {
	u32 held;
	const char *name;
};

#define LOCK_INIT(n) { .held = 0, .name = (n) }

u32 lock_irq(struct lock *l);
void unlock_irq(struct lock *l, u32 flags);
void assert_held(const struct lock *l);

#endif
