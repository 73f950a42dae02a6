"""Measures what the window costs while cameras are counted at full load; run by hand, alone on a machine.

Cameras are drawn clips served by a process of their own; a bare Qt loop, the window, the window with the curve and the
window minimised count the same ones after another, each in a process of its own. Prints a table: what was counted, the
GUI thread's share of a core, how late a timer of 20 ms is, how old pictures are when they are painted, memory, the time
of each kind of thread, and that of other programs, which has to be little (the cameras take some percent).
`--freeze` holds the GUI thread up for five seconds in the middle.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVE = Path(__file__).parents[1] / "engine" / "serve.py"
GAUGE = Path(__file__).with_name("wall_gauge.py")
VARIANTS = ("bare", "window", "with curve", "minimised")


@contextmanager
def served(folder: Path, options: argparse.Namespace) -> Iterator[Path]:
    """Serves the cameras; yields their tables."""
    config = folder / "served.toml"
    command = [sys.executable, str(SERVE), str(config), "--cameras", str(options.cameras), "--fps", str(options.fps)]
    command += ["--size", options.size, "--density-interval", "1.0", "--grid", options.grid]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield config
    finally:
        process.terminate()
        process.wait()


def figures_of(variant: str, served_by: Path, options: argparse.Namespace) -> dict[str, object]:
    """Returns the figures of one way of showing the cameras, with a log of its own."""
    config = served_by.parent / variant / "cameras.toml"
    config.parent.mkdir(exist_ok=True)
    model = "" if options.model is None else f'model = "{options.model}"\n'
    config.write_text(f'{model}database = "log.db"\n{served_by.read_text()}')
    command = [sys.executable, str(GAUGE), str(config), "--variant", variant, "--overlay", options.overlay]
    command += ["--seconds", str(options.seconds)] + ["--freeze"] * options.freeze
    return dict(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout))


def print_table(columns: dict[str, dict[str, object]]) -> None:
    """Prints a row for each figure, and a column for each way of showing."""
    rows = dict.fromkeys(name for figures in columns.values() for name in figures)
    width = max(map(len, rows))
    print(" " * width, *(f"{name:>12}" for name in columns))
    for row in rows:
        values = (figures.get(row) for figures in columns.values())
        print(f"{row:{width}}", *(f"{'–' if value is None else value:>12}" for value in values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--size", default="720x1280", help="height x width (default: %(default)s)")
    parser.add_argument("--grid", default="auto", help="of tiles, such as 1x1")
    parser.add_argument("--model", default="light", help="as in the configuration (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each (default: %(default)s)")
    parser.add_argument("--minutes", type=float, help="in place of seconds")
    parser.add_argument("--overlay", choices=["none", "heat", "heads"], default="heat")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS)
    parser.add_argument("--freeze", action="store_true")
    options = parser.parse_args()
    options.seconds = options.seconds if options.minutes is None else 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), options) as config:
        columns = {variant: figures_of(variant, config, options) for variant in options.variants}
    print(f"{options.cameras} cameras of {options.size} at {options.fps} a second, {options.seconds:.0f} s each")
    print_table(columns)


if __name__ == "__main__":
    main()
