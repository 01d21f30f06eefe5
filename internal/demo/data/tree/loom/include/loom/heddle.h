/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_HEDDLE_H
#define LOOM_HEDDLE_H

#include <loom/types.h>

/*
 * A heddle is what a user holds instead of a pointer: the number of a slot in
 * the low bits, the slot's generation above them.
 */
typedef u32 heddle_t;

#define HEDDLE_SLOT_BITS 8
#define HEDDLE_SLOTS (1u << HEDDLE_SLOT_BITS)
#define HEDDLE_NONE 0u

struct heddle_table {
	void *object[HEDDLE_SLOTS];
	u16 generation[HEDDLE_SLOTS];
	u16 next;
};

void heddle_init(struct heddle_table *t);
heddle_t heddle_tie(struct heddle_table *t, void *object);
void *heddle_find(const struct heddle_table *t, heddle_t h);
int heddle_cut(struct heddle_table *t, heddle_t h);

#endif
