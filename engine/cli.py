"""The command line `deepcount-engine`: count a recording, watch cameras, and look at this machine.

Commands import what they need when they run, so that `doctor` works where other parts cannot even be loaded.
"""

import argparse
import logging
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine import __version__
from engine.arguments import (
    USAGE_ERROR,
    Arguments,
    database_argument,
    file_argument,
    grid_argument,
    positive_argument,
    say_if_ignored,
    seconds_argument,
    shape_argument,
)
from engine.checks_arguments import add_commands as add_checks
from engine.cluster_arguments import add_archive, add_fleet
from engine.errors import EngineError
from engine.evidence_arguments import add_commands as add_evidence
from engine.inference.runtime import PROVIDER_CHOICES
from engine.log_arguments import add_commands
from engine.paths import MODEL_CHOICES
from engine.recordings_arguments import add_recordings
from engine.redacted_log import FORMAT, RedactedHandler
from engine.serve_arguments import add_given, add_health, add_serve, add_token, given_of
from engine.stopping import INTERRUPTED, end_on_signals, interrupt_on_signals, run_program

_WHOLE = re.compile(r"[1-9][0-9]{0,3}")
CAMERA_ADDRESSES = (
    "rtsp://, rtsps://, http://, https:// (MJPEG, MPEG-TS, HLS, or a JPEG picture that is asked for again and again), "
    "rtmp://, rtmps://, udp://, rtp://, srt://, webcam:0, webcam:NAME, /dev/video0, a video file, a folder of pictures"
)
EXAMPLES = """examples:
  deepcount-engine count street.mp4                     count every frame, into street-counts/
  deepcount-engine count street.mp4 --fps 2 --no-density --json
  deepcount-engine archive recordings/ --out counts     count all recordings of a folder, by all cores
  deepcount-engine watch --example > cameras.toml       a configuration to start from
  deepcount-engine watch --config cameras.toml          watch live cameras until Ctrl-C
  deepcount-engine serve --config cameras.toml          the same as a service, on http://127.0.0.1:8080
  deepcount-engine alerts --config cameras.toml         what rules raised, open and past
  deepcount-engine report --camera north --day 2026-11-20 --out report.pdf
  deepcount-engine doctor                               what is installed here, what is missing, how to get it
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 2 for usage and input errors, 130 after an interrupt."""
    logging.basicConfig(level=logging.CRITICAL, format=FORMAT, handlers=[RedactedHandler()])
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run_command(options)
    except EngineError as error:
        print(f"deepcount-engine: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        print("deepcount-engine: stopped; what was counted so far is kept", file=sys.stderr)
        return INTERRUPTED
    return status


def program() -> NoReturn:
    """Is the process `deepcount-engine`."""
    run_program(main)


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(
        prog="deepcount-engine",
        description="Count people in video, without a window.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_count(commands.add_parser("count", help="count the people in a recording"))
    _add_watch(commands.add_parser("watch", help="watch live cameras"))
    add_serve(commands)
    add_token(commands)
    add_health(commands)
    doctor = commands.add_parser("doctor", help="look at this machine: versions, providers, display, model, log")
    doctor.add_argument(
        "--config", type=file_argument, metavar="FILE", help="also try every camera that it has, each of their streams"
    )
    doctor.add_argument("--model", type=file_argument, metavar="MODEL", help=f"model to look at: {MODEL_CHOICES}")
    doctor.add_argument(
        "--remove-traces", action="store_true", help="remove what runtimes kept for their makers in earlier versions"
    )
    doctor.set_defaults(run_command=_doctor)
    add_commands(commands)
    add_evidence(commands)
    add_recordings(commands)
    add_archive(commands)
    add_fleet(commands)
    add_checks(commands)
    _add_bench(commands.add_parser("bench", help="measure how fast this machine counts"))
    return parser


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Measure the model alone and the whole pipeline in turn over the same recording, what counting alone and "
        "density maps cost, and what several cameras get at once: rates, latency, memory."
    )
    parser.add_argument(
        "source", nargs="?", type=file_argument, metavar="SOURCE", help="a video file (default: demonstration clip)"
    )
    add = parser.add_argument
    add(
        "--model",
        type=file_argument,
        action="append",
        default=[],
        metavar="MODEL",
        help=f"may be given again; {MODEL_CHOICES}",
    )
    add("--provider", choices=PROVIDER_CHOICES, action="append", default=[], help="may be given several times")
    add("--cameras", type=_numbers, default=(1, 4, 16), metavar="N,N", help="default: 1,4,16; none leaves them out")
    add(
        "--fps", type=positive_argument, default=5.0, metavar="N", help="that each camera offers (default: %(default)s)"
    )
    add(
        "--seconds",
        type=positive_argument,
        default=12.0,
        metavar="N",
        help="that cameras are watched (default: %(default)s)",
    )
    add(
        "--rounds",
        type=int,
        choices=range(1, 100),
        default=7,
        metavar="N",
        help="of session and pipeline (default: %(default)s)",
    )
    add("--profile", action="store_true", help="say where the time goes, and what share of the machine's peak is used")
    add("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run_command=_bench)


def add_count(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `count` to a parser."""
    parser.description = (
        "Count the people in every frame of recordings. Writes counts.csv, the curve counts.png, the video "
        "annotated.mp4 with heat-map and count, and a log of each second in an SQLite database. Without the video, "
        "what was counted before is not counted again, and a count that was stopped goes on where it was."
    )
    add = parser.add_argument
    sources = "a video, a folder of them, or one of pictures"
    add("sources", nargs="+", type=file_argument, metavar="SOURCE", help=sources)
    add("--model", type=file_argument, metavar="MODEL", help=MODEL_CHOICES)
    out = "folder for the results, of several recordings in DIR/NAME (default: NAME-counts)"
    add("--out", type=file_argument, metavar="DIR", help=out)
    frames = parser.add_mutually_exclusive_group()
    frames.add_argument("--every-frame", action="store_true", help="count every frame (the default)")
    frames.add_argument("--fps", type=positive_argument, metavar="N", help="count at most N frames a second")
    add("--no-density", action="store_true", help="count only: faster, and no heat-map in the video")
    add("--no-video", action="store_true", help="do not make annotated.mp4")
    add("--again", action="store_true", help="count anew what was counted before")
    add(
        "--grid",
        type=grid_argument,
        metavar="RxC",
        help="tiles to divide frames into (default: by size and by what is seen)",
    )
    add("--aspect", type=shape_argument, metavar="W:H", help="of the picture as shown (default: as it says)")
    add("--smooth", type=seconds_argument, default=0.0, metavar="SECONDS", help="steady the count over this time")
    add("--truth", type=file_argument, metavar="CSV", help="true counts (frame,count) to measure against")
    database = "log (default: deepcount.db in DIR)"
    add("--database", type=database_argument, metavar="FILE|URL", help=database)
    add("--provider", choices=PROVIDER_CHOICES, default="auto", help="what to compute on (default: auto)")
    add("--json", action="store_true", help="print the summary as JSON")
    parser.set_defaults(run_command=_count)


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Watch live cameras and count the people in them: a live table on a terminal, lines elsewhere. Ends on Ctrl-C, "
        "on SIGTERM, after --duration, or when all cameras are recordings that are over (with status 2 where one "
        "cannot be read). A second Ctrl-C or SIGTERM waits for nothing. Where Ctrl-C was ignored at the start "
        "(nohup, a job in the background), it stays ignored."
    )
    parser.add_argument("addresses", nargs="*", metavar="ADDRESS", help=CAMERA_ADDRESSES)
    parser.add_argument(
        "--config", type=file_argument, metavar="FILE", help="cameras with their zones and masks (TOML)"
    )
    parser.add_argument("--example", action="store_true", help="print a configuration to start from")
    parser.add_argument("--duration", type=positive_argument, metavar="SECONDS", help="end after so many seconds")
    add_given(parser)
    parser.add_argument("--json", action="store_true", help="print JSON for each camera, group and sink, every second")
    parser.set_defaults(run_command=lambda options: _watch(parser, options))


def _watch(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.example:
        from engine.settings.example import example_config

        print(example_config(), end="")
        return 0
    if bool(options.config) == bool(options.addresses):
        parser.error("give either --config FILE or addresses, such as rtsp://10.0.0.7/stream")
    end_on_signals()
    say_if_ignored()
    from engine.commands.watch import WatchOrder, watch

    return watch(
        WatchOrder(
            config=options.config,
            addresses=tuple(options.addresses),
            given=given_of(options),
            duration_s=options.duration,
            as_json=options.json,
        )
    )


def _count(options: argparse.Namespace) -> int:
    end_on_signals(INTERRUPTED)
    say_if_ignored()
    from engine.commands.count import CountOrder, count_recordings

    interrupt_on_signals()  # files are finished, whoever ends the count
    return count_recordings(
        CountOrder(
            sources=tuple(options.sources),
            model=options.model,
            out=options.out,
            database=options.database,
            max_fps=options.fps,
            density=not options.no_density,
            video=not options.no_video,
            grid=options.grid,
            aspect=options.aspect,
            smoothing_s=options.smooth,
            truth=options.truth,
            provider=options.provider,
            again=options.again,
            as_json=options.json,
        )
    )


def _bench(options: argparse.Namespace) -> int:
    from engine.commands.bench_report import BenchOrder, print_bench

    return print_bench(
        BenchOrder(
            models=tuple(options.model),
            source=options.source,
            providers=tuple(options.provider) or ("auto",),
            cameras=options.cameras,
            fps=options.fps,
            seconds=options.seconds,
            rounds=options.rounds,
            profile=options.profile,
            as_json=options.json,
        )
    )


def _doctor(options: argparse.Namespace) -> int:
    if options.remove_traces:
        from engine.commands.traces import print_removed

        return print_removed()
    from engine.commands.doctor_report import print_report

    return print_report(options.model, options.config)


def _numbers(text: str) -> tuple[int, ...]:
    parts = [] if text == "none" else [part.strip() for part in text.split(",")]
    if not all(_WHOLE.fullmatch(part) for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers such as 1,4,16")
    return tuple(map(int, parts))
