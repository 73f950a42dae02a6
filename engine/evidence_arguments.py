"""The command line's part about evidence: reports, and bundles that are made and verified."""

import argparse
import re
from pathlib import Path
from typing import Any

from engine.arguments import database_argument, file_argument
from engine.evidence.span import Span, day_span, seconds_of
from engine.inference.runtime import PROVIDER_CHOICES
from engine.log_arguments import moment
from engine.paths import MODEL_CHOICES
from engine.stopping import INTERRUPTED, end_on_signals, interrupt_on_signals

MOMENTS = "such as 2026-03-01T08:00 (this computer's time) or 2026-03-01T08:00+01:00"


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the commands that make evidence and look at it."""
    add_report(commands.add_parser("report", help="write what cameras counted as a PDF"))
    add_bundle(commands.add_parser("bundle", help="make bundles of evidence, and verify them"))


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


def add_bundle(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `bundle` to a parser."""
    parser.description = "Put all that was counted and seen in a span into one ZIP, or prove one that was made."
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    make = commands.add_parser("make", help="report, clip, counts, alerts, audit and hashes as one ZIP")
    add = make.add_argument
    add("subject", metavar="RECORDING|CAMERA", help="a video, a folder of pictures, or a camera or group of the log")
    moments = f"of a recording seconds or h:mm:ss, of a camera a moment {MOMENTS}"
    add("--from", dest="from_text", metavar="TIME", help=f"{moments} (default: its beginning)")
    add("--to", dest="to_text", metavar="TIME", help="up to then (default: the end, or now)")
    add("--out", type=file_argument, required=True, metavar="FILE", help="the ZIP")
    add("--without-pictures", action="store_true", help="leave out clips, snapshots and pictures")
    add("--camera", metavar="NAME", help="see a recording as this camera of the configuration: masks, grid, shape")
    add("--model", type=file_argument, metavar="MODEL", help=MODEL_CHOICES)
    add("--provider", choices=PROVIDER_CHOICES, default="auto", help="what to compute on (default: auto)")
    add_log(make)
    make.set_defaults(run_command=lambda options: _make(make, options))
    verify = commands.add_parser("verify", help="find what was changed, added or taken out: status 1")
    verify.add_argument("bundle", type=file_argument, metavar="FILE", help="the ZIP")
    verify.add_argument("--sha256", type=_sha256, metavar="HASH", help="of its manifest, as 'make' printed it")
    verify.add_argument(
        "--database", type=database_argument, metavar="FILE|URL", help="the log whose audit log has to know it"
    )
    verify.set_defaults(run_command=_verify)


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


def _make(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    is_recording = Path(options.subject).exists()
    read = recording_moment if is_recording else moment
    try:
        from_s, to_s = (None if text is None else read(text) for text in (options.from_text, options.to_text))
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    if not is_recording and from_s is None:
        parser.error(f"{options.subject!r} is no file, so it is taken for a camera: give --from TIME and --to TIME")
    if options.camera and not is_recording:
        parser.error("--camera says how a recording is seen; give it with a recording")
    end_on_signals(INTERRUPTED)
    from engine.commands.evidence import MakeOrder, make_bundle

    interrupt_on_signals()  # nothing is left behind, whoever ends it
    return make_bundle(
        MakeOrder(
            subject=Path(options.subject) if is_recording else options.subject,
            out=options.out,
            from_s=from_s,
            to_s=to_s,
            config=options.config,
            database=options.database,
            pictures=not options.without_pictures,
            seen_as=options.camera,
            model=options.model,
            provider=options.provider,
        )
    )


def _verify(options: argparse.Namespace) -> int:
    from engine.commands.evidence import verify_bundle

    return verify_bundle(options.bundle, options.sha256, options.database)


def _sha256(text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no SHA-256 such as {'ab' * 32}")
    return text.lower()


def recording_moment(text: str) -> float:
    """A type for a time of a recording, in seconds: 90, 1:30 or 0:01:30."""
    try:
        return seconds_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time of a recording such as 90, 1:30 or 0:01:30") from None


def _day(text: str) -> Span:
    try:
        return day_span(text)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-20") from None
