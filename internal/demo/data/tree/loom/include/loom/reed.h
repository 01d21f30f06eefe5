/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_REED_H
#define LOOM_REED_H

#include <loom/types.h>
#include <loom/trace.h>

/* The trace ring: one writer per CPU, one reader, the oldest record loses. */
struct reed {
	struct loom_trace_rec *ring;
	u32 depth;		/* a power of two */
	u32 head;		/* written by the writer only */
	u32 tail;		/* written by the reader only */
};

void reed_init(struct reed *r, struct loom_trace_rec *ring, u32 depth);
void reed_write(struct reed *r, u16 kind, u16 warp, u32 arg0, u32 arg1);
int reed_read(struct reed *r, struct loom_trace_rec *out);

u32 clock_us(void);

#endif
