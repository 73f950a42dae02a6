"""The command line's part about recordings of live cameras."""

import argparse
from typing import Any

from engine.arguments import file_argument
from engine.log_arguments import moment

MOMENTS = "such as 2026-03-01T08:00 (this computer's time) or 2026-03-01T08:00+01:00"


def add_recordings(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command that lists recordings, and copies some of them."""
    parser = commands.add_parser("recordings", help="list what was recorded of live cameras, and copy some of it")
    parser.description = "List what was recorded of live cameras, with its gaps; or copy some of it into one file."
    where = "the configuration whose recordings are meant (default: your own)"
    parser.add_argument("--config", type=file_argument, metavar="FILE", help=where)
    parser.add_argument("--json", action="store_true", help="print them as one JSON list")
    parser.set_defaults(run_command=_list)
    export = parser.add_subparsers(metavar="export").add_parser("export", help="copy a span into one file")
    add = export.add_argument
    add("camera", metavar="CAMERA", help="as it is called")
    add("--from", dest="from_s", type=moment, required=True, metavar="TIME", help=MOMENTS)
    add("--to", dest="to_s", type=moment, required=True, metavar="TIME", help="up to then")
    add("--out", type=file_argument, required=True, metavar="FILE", help="a file .mp4, .mov or .mkv")
    add("--config", type=file_argument, default=argparse.SUPPRESS, metavar="FILE", help=where)
    export.set_defaults(run_command=_export)


def _list(options: argparse.Namespace) -> int:
    from engine.commands.recordings import print_recordings

    return print_recordings(options.config, as_json=options.json)


def _export(options: argparse.Namespace) -> int:
    from engine.commands.recordings import ExportOrder, export_recording

    return export_recording(ExportOrder(options.config, options.camera, options.from_s, options.to_s, options.out))
