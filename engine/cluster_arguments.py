"""The command line's part about what many processes and machines count together."""

import argparse
import re
from typing import Any

from engine.arguments import (
    file_argument,
    grid_argument,
    positive_argument,
    say_if_ignored,
    seconds_argument,
    shape_argument,
)
from engine.inference.runtime import PROVIDER_CHOICES
from engine.paths import MODEL_CHOICES
from engine.serve_arguments import add_given, given_of
from engine.stopping import INTERRUPTED, end_on_signals, interrupt_on_signals

EXAMPLES = """examples:
  deepcount-engine archive recordings/ --out counts                all videos of a folder and of the folders in it
  deepcount-engine archive 'cam*/2024-*.mp4' --out counts --fps 2  those of a pattern, two frames a second
  deepcount-engine archive s3://bucket/2024 --out counts           by fsspec, with its package s3fs
  deepcount-engine archive recordings/ --out counts --ray auto     by the Ray cluster of which this machine is one

The same command goes on where it was stopped, and counts what is new. Tables lie in DIR as the recordings lie in their
folder, such as DIR/2024/gate.mp4.csv, with the columns of counts.csv; DIR/summary.json names what was skipped. With
--ray all machines run the same DeepCount, and see local recordings under the same path; the model is sent to them.
"""
FLEET_EXAMPLES = """examples:
  deepcount-engine fleet --config cameras.toml                 on each machine: this one is a node of the fleet
  deepcount-engine fleet --config cameras.toml --ray auto      once: every machine of the Ray cluster is a node

Cameras of one group stay together. A machine that joins takes a share; a change of the configuration moves only what
changed. Secrets that the configuration takes from the environment or the keyring have to be there on every machine.
"""
MOST_WORKERS = 1024
_CLUSTER = re.compile(r"auto|local|(ray://)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):\d{1,5}")


def add_archive(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command `archive`."""
    parser = commands.add_parser(
        "archive",
        help="count many recordings, by all cores or a Ray cluster",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.description = (
        "Count the people in every frame of many recordings. They are cut at key frames into pieces of about a\n"
        "minute, which are counted wherever there is room and put together in order: one table for each recording,\n"
        "the same as 'count' writes. A piece that fails three times is named and skipped (status 2)."
    )
    add = parser.add_argument
    add("sources", nargs="+", type=_source, metavar="SOURCE", help="a video, a folder, a pattern, or a URL for fsspec")
    add("--out", type=file_argument, required=True, metavar="DIR", help="folder for tables, summary and what is kept")
    add("--format", choices=("csv", "parquet"), default="csv", help="of the tables (default: %(default)s)")
    add("--workers", type=_workers, metavar="N", help="processes (default: as many as cores, if memory allows)")
    add("--ray", type=_cluster, metavar="ADDRESS", help="a cluster such as 10.0.0.7:6379, 'auto' (its own), or 'local'")
    add("--model", type=file_argument, metavar="MODEL", help=MODEL_CHOICES)
    add("--provider", choices=PROVIDER_CHOICES, default="auto", help="what to compute on (default: auto)")
    add("--fps", type=positive_argument, metavar="N", help="count at most N frames a second (default: all)")
    add("--no-density", action="store_true", help="count only: faster, and blind to where count and map disagree")
    add("--grid", type=grid_argument, metavar="RxC", help="tiles to divide frames into (default: by what is seen)")
    add("--aspect", type=shape_argument, metavar="W:H", help="of the picture as shown (default: as it says)")
    add("--smooth", type=seconds_argument, default=0.0, metavar="SECONDS", help="steady the count over this time")
    add("--again", action="store_true", help="count anew what was counted before")
    add("--json", action="store_true", help="print the summary as JSON")
    parser.set_defaults(run_command=_archive)


def add_fleet(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command `fleet`."""
    parser = commands.add_parser(
        "fleet",
        help="watch live cameras by many machines",
        epilog=FLEET_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.description = (
        "Watch live cameras by many machines, each with a part of them by what they cost and how many cores it has.\n"
        "All write to one PostgreSQL database, in which leases say who watches what: cameras of a machine that dies\n"
        "are watched by others within 20 seconds, and no alert is raised twice. Ends on SIGTERM or Ctrl-C."
    )
    add = parser.add_argument
    add("--config", type=file_argument, required=True, metavar="FILE", help="what to watch (TOML)")
    add("--ray", type=_cluster, metavar="ADDRESS", help="have the machines of this Ray cluster watch, not this process")
    add_given(parser)
    add("--json", action="store_true", help="print how the fleet stands as JSON, whenever that changes")
    parser.set_defaults(run_command=_fleet)


def _fleet(options: argparse.Namespace) -> int:
    end_on_signals()
    say_if_ignored()
    from engine.commands.fleet import FleetOrder, fleet

    return fleet(FleetOrder(options.config, options.ray, given_of(options), options.json))


def _archive(options: argparse.Namespace) -> int:
    end_on_signals(INTERRUPTED)
    say_if_ignored()
    from engine.archive.pieces import Manner
    from engine.commands.archive import ArchiveOrder, count_archive

    interrupt_on_signals()  # workers are ended, whoever ends the count
    return count_archive(
        ArchiveOrder(
            sources=tuple(options.sources),
            out=options.out,
            manner=Manner(options.fps, options.grid, options.aspect, not options.no_density),
            model=options.model,
            provider=options.provider,
            format=options.format,
            smoothing_s=options.smooth,
            workers=options.workers,
            ray=options.ray,
            again=options.again,
            as_json=options.json,
        )
    )


def _source(text: str) -> str:
    if "://" not in text:
        return str(file_argument(text))
    if not text.isprintable():
        raise argparse.ArgumentTypeError("holds control characters, expected a path or a URL such as s3://bucket/2024")
    return text


def _cluster(text: str) -> str:
    if not _CLUSTER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a cluster such as 10.0.0.7:6379, auto or local")
    return text


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes, expected 1 to {MOST_WORKERS}")
    return int(text)
