"""shuttle top: how much each warp runs."""

from . import trace


def busy(records):
    """Sums up the microseconds each warp ran."""
    total = {}
    current, since = None, 0
    for r in records:
        if r.kind != trace.SWITCH:
            continue
        if current is not None:
            total[current] = total.get(current, 0) + r.stamp - since
        current, since = r.args[0], r.stamp
    return total


def run(stream, interval):
    total = busy(trace.records(stream))
    everything = sum(total.values()) or 1
    for warp, micros in sorted(total.items(), key=lambda item: -item[1]):
        print("%5.1f%%  warp %d" % (100 * micros / everything, warp))
