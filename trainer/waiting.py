"""How the threads of PyTorch wait for each other: asleep, or spinning for a moment first.

By default they spin for milliseconds. On a machine that does anything else they then take the processor from the one
they wait for: with two threads on two busy cores a step of `light` took 7.6 s so, and 2.6 s with these numbers, which
cost nothing on quiet ones. It is settled when the library of threads is loaded, so before PyTorch is.
"""

import os

SPINS = "GOMP_SPINCOUNT", "10000"
"""For GNU's library, on Linux: rounds of waiting before a thread sleeps, a fraction of a millisecond."""
BLOCK_TIME = "KMP_BLOCKTIME", "0"
"""For LLVM's and Intel's, on macOS and Windows: milliseconds."""
POLICY = "OMP_WAIT_POLICY"
"""What a person may have settled already, for any of them."""


def wait_asleep() -> None:
    """Lets threads sleep soon while they wait, unless the environment says how they shall."""
    if POLICY not in os.environ:
        for name, value in (SPINS, BLOCK_TIME):
            os.environ.setdefault(name, value)
