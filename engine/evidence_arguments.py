"""The command line's part about evidence: reports, and bundles that are made and verified."""

import argparse
import re
from typing import Any

from engine.arguments import database_argument, file_argument
from engine.evidence.span import HOUR_S, MINUTE_S, Span, day_span
from engine.log_arguments import moment

CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)")
MOMENTS = "such as 2026-03-01T08:00 (this computer's time) or 2026-03-01T08:00+01:00"


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the commands that make evidence and look at it."""
    add_report(commands.add_parser("report", help="write what cameras counted as a PDF"))


def add_report(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `report` to a parser."""
    parser.description = (
        "Write what cameras or groups counted in a span as a PDF: curve, alerts, hours, peaks, zones, gaps, and how "
        "far off the count may be."
    )
    add = parser.add_argument
    add("--camera", action="append", required=True, metavar="NAME", help="camera or group; may be given several times")
    add("--day", type=_day, metavar="DATE", help="a whole day such as 2026-11-20")
    add("--from", dest="from_s", type=moment, metavar="TIME", help=f"from this moment on, {MOMENTS}")
    add("--to", dest="to_s", type=moment, metavar="TIME", help="up to this moment (default: now)")
    add("--out", type=file_argument, required=True, metavar="FILE", help="the PDF")
    add_log(parser)
    parser.set_defaults(run_command=lambda options: _report(parser, options))


def add_log(parser: argparse.ArgumentParser) -> None:
    """Adds what says where the log lies, and what is configured."""
    parser.add_argument("--config", type=file_argument, metavar="FILE", help="configuration (default: your own)")
    parser.add_argument(
        "--database", type=database_argument, metavar="FILE|URL", help="the log (default: as configured, else your own)"
    )


def _report(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if (options.day is None) == (options.from_s is None):
        parser.error("give either --day DATE or --from TIME, and with the latter --to TIME")
    if options.day is not None and options.to_s is not None:
        parser.error("give --day DATE without --to, or --from and --to")
    from time import time

    from engine.commands.evidence import log_of, print_report

    span = options.day or Span(options.from_s, time() if options.to_s is None else options.to_s)
    place = log_of(options.config, options.database)
    return print_report(place, list(dict.fromkeys(options.camera)), span, options.out)


def recording_moment(text: str) -> float:
    """A type for a time of a recording, in seconds: 90, 1:30 or 0:01:30."""
    found = CLOCK.fullmatch(text)
    if found:
        hours, minutes, seconds = int(found[1] or 0), int(found[2]), float(found[3])
        if seconds < MINUTE_S and (found[1] is None or minutes < HOUR_S // MINUTE_S):
            return hours * HOUR_S + minutes * MINUTE_S + seconds
    elif re.fullmatch(r"\d{1,7}(?:\.\d+)?", text):
        return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no time of a recording such as 90, 1:30 or 0:01:30")


def _day(text: str) -> Span:
    try:
        return day_span(text)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-20") from None
