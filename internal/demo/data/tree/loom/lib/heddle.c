// SPDX-License-Identifier: Apache-2.0
/* Heddles: handles for objects that may go away. */
#include <loom/heddle.h>
#include <string.h>

static inline u32 slot_of(heddle_t h)
{
	return h & (HEDDLE_SLOTS - 1);
}

static inline u16 generation_of(heddle_t h)
{
	return h >> HEDDLE_SLOT_BITS;
}

void heddle_init(struct heddle_table *t)
{
	memset(t, 0, sizeof(*t));
}

/* Enters @object.  HEDDLE_NONE means that the table is full. */
heddle_t heddle_tie(struct heddle_table *t, void *object)
{
	u32 i, slot;

	for (i = 0; i < HEDDLE_SLOTS; i++) {
		slot = (t->next + i) & (HEDDLE_SLOTS - 1);
		if (t->object[slot])
			continue;
		t->object[slot] = object;
		t->generation[slot]++;
		t->next = slot + 1;
		return (heddle_t)t->generation[slot] << HEDDLE_SLOT_BITS | slot;
	}
	return HEDDLE_NONE;
}

void *heddle_find(const struct heddle_table *t, heddle_t h)
{
	u32 slot = slot_of(h);

	if (t->generation[slot] != generation_of(h))
		return NULL;
	return t->object[slot];
}

int heddle_cut(struct heddle_table *t, heddle_t h)
{
	if (!heddle_find(t, h))
		return -LOOM_EINVAL;
	t->object[slot_of(h)] = NULL;
	return 0;
}
