/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UAPI_LOOM_TRACE_H
#define UAPI_LOOM_TRACE_H

#include <stdint.h>

/*
 * One record of the trace ring as the board sends it to the host.  All fields
 * are little-endian.  The host must skip records whose kind it does not know.
 */
struct loom_trace_rec {
	uint32_t stamp;		/* microseconds since boot, wraps after 71 minutes */
	uint16_t kind;
	uint16_t warp;
	uint32_t arg[2];
};

#define LOOM_TRACE_SWITCH	1	/* arg0: warp switched to */
#define LOOM_TRACE_WAKE		2	/* arg0: warp woken, arg1: by whom */
#define LOOM_TRACE_SEND		3	/* arg0: channel, arg1: kind of weft */
#define LOOM_TRACE_RECV		4	/* arg0: channel, arg1: kind of weft */
#define LOOM_TRACE_IRQ		5	/* arg0: line */
#define LOOM_TRACE_LOST		6	/* arg0: number of records overwritten */

#endif
