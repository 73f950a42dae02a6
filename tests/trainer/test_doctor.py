"""What `deepcount-trainer doctor` says of a machine, and how its threads wait."""

import os
import re
import subprocess
import sys

import pytest
import torch

from trainer.arithmetic import resolved
from trainer.cli import main
from trainer.waiting import BLOCK_TIME, POLICY, SPINS


def test_it_says_what_this_machine_trains_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert f"auto is {resolved('auto', torch.device('cpu'))} here" in said
    assert re.search(rf"^threads +{torch.get_num_threads()}$", said, re.MULTILINE)
    assert "missing" not in said


def test_the_threads_are_as_many_as_were_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    before = torch.get_num_threads()
    try:
        assert main(["doctor", "--device", "cpu", "--threads", "2"]) == 0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert main(["doctor", "--threads", "0"]) == 2
    assert "--threads is 0, expected at least 1" in capsys.readouterr().err


PRINTED = "import os; from trainer.cli import main; main(['doctor', '--device', 'cpu']); print(os.environ.get('{}'))"


@pytest.mark.parametrize(
    ("settled", "asked", "value"),
    [
        ({}, SPINS[0], SPINS[1]),
        ({}, *BLOCK_TIME),
        ({SPINS[0]: "7"}, SPINS[0], "7"),
        ({POLICY: "active"}, SPINS[0], None),
    ],
    ids=["on Linux", "elsewhere", "settled by number", "settled by policy"],
)
def test_threads_sleep_soon_unless_a_person_settled_it(settled: dict[str, str], asked: str, value: str | None) -> None:
    plain = {name: text for name, text in os.environ.items() if name not in (SPINS[0], BLOCK_TIME[0], POLICY)}
    script = [sys.executable, "-c", PRINTED.format(asked)]
    told = subprocess.run(script, env=plain | settled, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == str(value)
