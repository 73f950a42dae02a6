# ruff: noqa: T201
"""Seeks random times in recordings of several containers and codecs, and compares every picture with a full decode.

`python tests/engine/seeking.py --times 200`; the test does fewer of the same.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from test_seeking import CODECS, tried, written


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="in each recording")
    parser.add_argument("--frames", type=int, default=300, help="of each recording")
    order = parser.parse_args()
    with TemporaryDirectory() as folder:
        for one in CODECS:
            name, codec, options, varies = one.values
            path = written(Path(folder) / name, codec, options, varies=varies, frames=order.frames)
            begun_s = perf_counter()
            tried(path, order.times)
            rate = "a rate that varies" if varies else "one rate"
            print(f"{one.id}, {rate}: {order.times} of {order.times} right, {perf_counter() - begun_s:.1f} s")


if __name__ == "__main__":
    main()
