"""A training on the CPU does not have its memory taken away and given back at every step."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTS = """
import resource, sys, torch
from trainer.learning.memory import keep_freed_memory
torch.set_num_threads(1)
if sys.argv[1] == "kept":
    assert keep_freed_memory()
for _ in range(20):  # until it holds as much as it needs
    torch.ones(8, 1024, 1024)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    torch.ones(8, 1024, 1024)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, how], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the C library is not GNU's")
def test_freed_memory_is_used_again_without_asking_the_system() -> None:
    assert faults("given back") > 1000  # or there is nothing to keep
    assert faults("kept") < 100
