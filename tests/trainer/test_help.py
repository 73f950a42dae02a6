"""Help is there at once: what takes seconds to load is loaded by the command that needs it."""

import subprocess
import sys

import pytest

from trainer.cli import COMMANDS, main

ASKED = """
import sys
from trainer.cli import main
try:
    main(["--help"])
except SystemExit:
    print("torch" in sys.modules)
"""


def test_help_does_not_wait_for_pytorch() -> None:
    told = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "False"
    assert all(f"    {name}" in told.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: deepcount-trainer {name} ")
