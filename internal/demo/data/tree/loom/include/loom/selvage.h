/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_SELVAGE_H
#define LOOM_SELVAGE_H

#include <loom/lock.h>

/* A pool of objects of one size, carved out of memory the caller provides. */
struct selvage {
	struct lock lock;
	void *free;		/* first free object, chained through their heads */
	u32 size;
	u32 total, used, peak;
	const char *name;
};

int selvage_init(struct selvage *p, const char *name, void *mem, size_t bytes, u32 size);
void *selvage_get(struct selvage *p);
void selvage_put(struct selvage *p, void *object);

#endif
