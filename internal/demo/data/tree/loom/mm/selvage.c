// SPDX-License-Identifier: Apache-2.0
/* Selvage: pools of fixed-size objects.  Nothing here takes longer than O(1). */
#include <loom/selvage.h>

int selvage_init(struct selvage *p, const char *name, void *mem, size_t bytes, u32 size)
{
	char *at = mem;
	u32 i;

	if (size < sizeof(void *))
		size = sizeof(void *);

	p->lock = (struct lock)LOCK_INIT("selvage");
	p->name = name;
	p->size = size;
	p->total = bytes / size;
	p->used = p->peak = 0;
	p->free = NULL;
	if (!p->total)
		return -LOOM_EINVAL;

	for (i = p->total; i > 0; i--) {
		void **object = (void **)(at + (size_t)(i - 1) * size);

		*object = p->free;
		p->free = object;
	}
	return 0;
}

void *selvage_get(struct selvage *p)
{
	void **object;
	u32 flags;

	flags = lock_irq(&p->lock);
	object = p->free;
	if (object) {
		p->free = *object;
		p->used++;
		if (p->used > p->peak)
			p->peak = p->used;
	}
	unlock_irq(&p->lock, flags);
	return object;
}

void selvage_put(struct selvage *p, void *object)
{
	u32 flags;

	if (!object)
		return;

	flags = lock_irq(&p->lock);
	*(void **)object = p->free;
	p->free = object;
	p->used--;
	unlock_irq(&p->lock, flags);
}
