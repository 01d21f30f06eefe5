"""Trace records, see Documentation/trace-abi.rst of the kernel."""

import struct

from . import frame

RECORD = struct.Struct("<IHHII")

SWITCH, WAKE, SEND, RECV, IRQ, LOST = range(1, 7)

NAMES = {
    SWITCH: "switch",
    WAKE: "wake",
    SEND: "send",
    RECV: "recv",
    IRQ: "irq",
    LOST: "lost",
}


class Record:
    def __init__(self, stamp, kind, warp, arg0, arg1):
        self.stamp = stamp
        self.kind = kind
        self.warp = warp
        self.args = (arg0, arg1)


def parse(payload):
    if len(payload) != RECORD.size:
        raise frame.BadFrame("short frame")
    return Record(*RECORD.unpack(payload))


def records(stream):
    bad = 0
    for body in frame.frames(stream):
        try:
            yield parse(frame.unpack(body))
        except frame.BadFrame as e:
            bad += 1
            print("shuttle:", e)
            if bad == 10:
                raise SystemExit("shuttle: too many bad frames")


def show(record):
    seconds, micros = divmod(record.stamp, 1000000)
    name = NAMES.get(record.kind, "kind %d" % record.kind)
    return "%6d.%06d  %-8s warp %-3d 0x%08x 0x%08x" % (
        seconds, micros, name, record.warp, *record.args)
