/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_TREADLE_H
#define LOOM_TREADLE_H

#include <loom/list.h>

struct treadle;

typedef void (*treadle_fn)(struct treadle *t, void *arg);

/* A timer.  The callback runs in the tick interrupt. */
struct treadle {
	struct list node;
	u32 expires;		/* tick */
	u32 period;		/* ticks, 0 is one-shot */
	treadle_fn fn;
	void *arg;
};

void treadle_start(struct treadle *t, u32 delay, u32 period, treadle_fn fn, void *arg);
bool treadle_cancel(struct treadle *t);
void treadle_run(u32 now);

#endif
