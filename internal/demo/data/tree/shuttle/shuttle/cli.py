"""The command line."""

import argparse

from . import top, trace

VERSION = "1.4"


def main(argv=None):
    parser = argparse.ArgumentParser(prog="shuttle")
    parser.add_argument("--version", action="version", version=VERSION)
    verbs = parser.add_subparsers(dest="verb", required=True)

    p = verbs.add_parser("trace", help="show the trace")
    p.add_argument("source")
    p.add_argument("-v", "--verbose", action="store_true",
                   help="also show records of unknown kinds")

    p = verbs.add_parser("top", help="show which warps are busy")
    p.add_argument("source")
    p.add_argument("-i", "--interval", type=int, default=5)

    args = parser.parse_args(argv)
    with open(args.source, "rb") as stream:
        if args.verb == "trace":
            for record in trace.records(stream):
                if args.verbose or record.kind in trace.NAMES:
                    print(trace.show(record))
        else:
            top.run(stream, args.interval)
