// SPDX-License-Identifier: Apache-2.0
/* Reed: the trace ring. */
#include <loom/reed.h>

void reed_init(struct reed *r, struct loom_trace_rec *ring, u32 depth)
{
	r->ring = ring;
	r->depth = depth;
	r->head = r->tail = 0;
}

/* May be called from any context, including the tick interrupt. */
void reed_write(struct reed *r, u16 kind, u16 warp, u32 arg0, u32 arg1)
{
	u32 head = r->head;
	struct loom_trace_rec *rec = &r->ring[head & (r->depth - 1)];

	rec->stamp = clock_us();
	rec->kind = kind;
	rec->warp = warp;
	rec->arg[0] = arg0;
	rec->arg[1] = arg1;
	WRITE_ONCE(r->head, head + 1);
}

/*
 * Takes the oldest record.  When the writer has lapped us, says so with a
 * record of kind LOOM_TRACE_LOST and goes on with what is left.
 */
int reed_read(struct reed *r, struct loom_trace_rec *out)
{
	u32 head = READ_ONCE(r->head);
	u32 behind = head - r->tail;

	if (behind == 0)
		return -LOOM_EAGAIN;

	if (behind > r->depth) {
		out->stamp = clock_us();
		out->kind = LOOM_TRACE_LOST;
		out->warp = 0;
		out->arg[0] = behind - r->depth;
		out->arg[1] = 0;
		r->tail = head - r->depth;
		return 0;
	}

	*out = r->ring[r->tail & (r->depth - 1)];
	r->tail++;
	return 0;
}
