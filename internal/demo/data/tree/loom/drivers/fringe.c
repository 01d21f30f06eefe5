// SPDX-License-Identifier: Apache-2.0
/* The Fringe UART, found on every Loom reference board. */
#include <loom/shed.h>
#include <loom/types.h>

#define FRINGE_DATA	0x00
#define FRINGE_STATUS	0x04
#define FRINGE_ENABLE	0x08
#define FRINGE_DIVISOR	0x0c

#define STATUS_RX_READY	(1u << 0)
#define STATUS_TX_ROOM	(1u << 1)
#define STATUS_OVERRUN	(1u << 2)

#define ENABLE_RX	(1u << 0)
#define ENABLE_TX	(1u << 1)

#define TX_BUFFER 64

struct fringe {
	volatile u32 *base;
	u32 clock;		/* Hz */
	struct lock lock;
	struct shed shed;
	u8 tx[TX_BUFFER];
	u32 tx_head, tx_tail;
	u32 overruns;
};

static inline u32 fringe_get(struct fringe *f, u32 reg)
{
	return f->base[reg / 4];
}

static inline void fringe_set(struct fringe *f, u32 reg, u32 value)
{
	f->base[reg / 4] = value;
}

int fringe_set_baud(struct fringe *f, u32 baud)
{
	u32 divisor;

	if (!baud)
		return -LOOM_EINVAL;
	divisor = f->clock / (16 * baud);
	if (!divisor || divisor > 0xffff)
		return -LOOM_EINVAL;
	fringe_set(f, FRINGE_DIVISOR, divisor);
	return 0;
}

/* Queues as much of @data as fits and returns how much that was. */
size_t fringe_write(struct fringe *f, const u8 *data, size_t len)
{
	size_t n = 0;
	u32 flags;

	flags = lock_irq(&f->lock);
	while (n < len && f->tx_head - f->tx_tail < TX_BUFFER)
		f->tx[f->tx_head++ % TX_BUFFER] = data[n++];
	unlock_irq(&f->lock, flags);

	if (n)
		fringe_set(f, FRINGE_ENABLE, ENABLE_RX | ENABLE_TX);
	return n;
}

void fringe_irq(struct fringe *f)
{
	u32 status = fringe_get(f, FRINGE_STATUS);

	if (status & STATUS_OVERRUN)
		f->overruns++;

	while ((status & STATUS_TX_ROOM) && f->tx_head != f->tx_tail) {
		fringe_set(f, FRINGE_DATA, f->tx[f->tx_tail++ % TX_BUFFER]);
		status = fringe_get(f, FRINGE_STATUS);
	}
	if (f->tx_head == f->tx_tail) {
		fringe_set(f, FRINGE_ENABLE, ENABLE_RX);
		shed_wake_all(&f->shed);
	}
}
