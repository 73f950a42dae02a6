"""The command `deepcount`: opens the window, or says in one line why it cannot.

What takes a second to import is imported once signals are heeded, so that `--help` does not wait for it either; Qt
last, since without a display it would end the process.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from engine import __version__
from engine.arguments import USAGE_ERROR, Arguments, database_argument, file_argument, shape_argument
from engine.desktop import display_problem, unseen_platform
from engine.errors import EngineError
from engine.inference.runtime import PROVIDER_CHOICES, check_provider
from engine.paths import DEMO_CLIP, DEMO_TRUTH, MODEL_CHOICES, default_database
from engine.redacted_log import FORMAT, RedactedHandler
from engine.stopping import end_on_signals, run_program

EXAMPLES = """examples:
  deepcount                        open the window; drop a video on it, or press Ctrl+O
  deepcount street.mp4             count a video at once
  deepcount --demo                 count the demonstration clip; without a display, in the terminal
  deepcount street.mp4 --database postgresql://user@host/counts

keys:
  Ctrl+O open   Space play or pause   Home restart   H heat-map   + - its opacity   F11 full screen   F1 all keys

without a window:
  deepcount-engine count street.mp4    count a recording in the terminal
  deepcount-engine doctor              what is installed here, what is missing, how to get it
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the window; returns the exit status: 0, or 2 for a wrong input or where no window can be opened."""
    logging.basicConfig(level=logging.WARNING, format=FORMAT, handlers=[RedactedHandler()])
    options = _parser().parse_args(arguments)
    problem = display_problem() or (unseen_platform() if options.demo else None)
    if problem:
        return _without_display(problem, demo=options.demo)
    end_on_signals()
    return _open(options, DEMO_CLIP if options.demo else options.source)


def _open(options: argparse.Namespace, source: Path | None) -> int:
    """Opens the window, unless a file that was given is a wrong one; returns the exit status."""
    from app.running.player import Setup
    from engine.inference.contract import read_model_file
    from engine.inference.variants import main_file
    from engine.sources import FileSource

    try:
        if source:
            FileSource(source).close()
        check_provider(options.provider)
        read_model_file(main_file(options.model))
        database = options.database.full if options.database else default_database()
        setup = Setup(options.model, database, options.provider, options.aspect)
    except EngineError as error:
        return _refusal(str(error))
    try:
        from app.desktop import run
    except ImportError as error:
        return _refusal(
            f"the window's libraries cannot be loaded ({error}); 'deepcount-engine doctor' says what to install"
        )
    return run(setup, source)


def program() -> NoReturn:
    """Is the process `deepcount`."""
    run_program(main)


def _without_display(problem: str, *, demo: bool) -> int:
    if not demo:
        return _refusal(f"no display here ({problem}); count in the terminal with 'deepcount-engine count VIDEO'")
    from engine.cli import main as count

    print(f"No display here ({problem}): counting the demonstration clip in the terminal instead.", flush=True)
    return count(["count", str(DEMO_CLIP), "--out", "demo-output", "--truth", str(DEMO_TRUTH)])


def _refusal(sentence: str) -> int:
    print(f"deepcount: {sentence}", file=sys.stderr)
    return USAGE_ERROR


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(
        prog="deepcount",
        description="Count people in video: a window with the video, a heat-map over it, the count and its curve.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("source", nargs="?", type=file_argument, metavar="SOURCE", help="a video file")
    what.add_argument("--demo", action="store_true", help="count the clip that comes with DeepCount")
    parser.add_argument(
        "--model",
        type=file_argument,
        metavar="MODEL",
        help=MODEL_CHOICES,
    )
    parser.add_argument(
        "--aspect",
        type=shape_argument,
        metavar="W:H",
        help="of the pictures as people see them (default: as recordings say)",
    )
    parser.add_argument(
        "--database",
        type=database_argument,
        metavar="FILE|URL",
        help=f"log to write to, one sample a second (default: {default_database()})",
    )
    parser.add_argument(
        "--provider", choices=PROVIDER_CHOICES, default="auto", help="what to compute on (default: auto)"
    )
    return parser


if __name__ == "__main__":
    program()
