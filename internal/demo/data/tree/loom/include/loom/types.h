/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOM_TYPES_H
#define LOOM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

enum {
	LOOM_EAGAIN = 11,
	LOOM_ENOMEM = 12,
	LOOM_EBUSY = 16,
	LOOM_EINVAL = 22,
	LOOM_ENOSPC = 28,
	LOOM_EPIPE = 32,
	LOOM_ETIMEDOUT = 110,
};

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define is_power_of_2(n) ((n) != 0 && ((n) & ((n) - 1)) == 0)

/* Orders the stores before it against the stores after it. */
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
/* Orders the loads before it against the loads after it. */
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#endif
