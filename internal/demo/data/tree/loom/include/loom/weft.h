/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_WEFT_H
#define LOOM_WEFT_H

#include <loom/shed.h>

#define WEFT_PAYLOAD 24

/* A weft is one message.  It is copied, never shared. */
struct weft {
	u16 kind;
	u16 len;
	u8 payload[WEFT_PAYLOAD];
};

struct weft_channel {
	struct lock lock;
	struct shed shed;	/* senders and receivers alike */
	struct weft *ring;
	u32 depth;		/* number of slots, a power of two */
	u32 head, tail;		/* free running */
	bool closed;
};

int weft_open(struct weft_channel *c, struct weft *ring, u32 depth);
int weft_send(struct weft_channel *c, const struct weft *w);
int weft_recv(struct weft_channel *c, struct weft *w);
unsigned int weft_flush(struct weft_channel *c);
void weft_close(struct weft_channel *c);

#endif
