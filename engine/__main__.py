"""`python -m engine` is `deepcount-engine`."""

from engine.cli import program

program()
