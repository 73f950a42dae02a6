"""The command line's part about spot checks: what people counted on single frames."""

import argparse
from typing import Any

from engine.arguments import file_argument
from engine.log_arguments import add_place


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command that lists spot checks and writes them out."""
    add_checks(commands.add_parser("checks", help="how far off the count was on frames that somebody checked"))


def add_checks(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `checks` to a parser."""
    parser.description = (
        "List the frames whose heads somebody clicked in the window, with what was counted there, and how far off the "
        "count is for each camera and recording; or write them as pictures that deepcount-trainer learns from."
    )
    parser.add_argument("--json", action="store_true", help="print them as one JSON list")
    add_place(parser)
    parser.set_defaults(run_command=_list)
    commands = parser.add_subparsers(metavar="COMMAND")
    export = commands.add_parser("export", help="write pictures and head points for deepcount-trainer")
    export.add_argument("--out", type=file_argument, required=True, metavar="FOLDER", help="a new or empty folder")
    export.set_defaults(run_command=_export)
    back = commands.add_parser("take-back", help="let a check count no more, and delete its picture")
    back.add_argument("check", metavar="ID", help="as 'checks' lists it; its beginning is enough where only one has it")
    back.add_argument("--who", metavar="NAME", help="by whom (default: the system account)")
    back.set_defaults(run_command=_take_back)
    correct = commands.add_parser("correct", help="have a camera's counts put right as its checks propose")
    correct.add_argument("--off", action="store_true", help="leave its counts as the model says again")
    correct.set_defaults(run_command=_correct)
    for command in (parser, export, correct):
        command.add_argument("--camera", default=argparse.SUPPRESS, metavar="NAME", help="of this one alone")
    for command in (export, back, correct):
        add_place(command, default=argparse.SUPPRESS)


def _list(options: argparse.Namespace) -> int:
    from engine.commands.alerts import place_of
    from engine.commands.checks import print_checks

    place = place_of(options.database, options.config)
    return print_checks(place, getattr(options, "camera", None), as_json=options.json)


def _export(options: argparse.Namespace) -> int:
    from engine.commands.alerts import place_of
    from engine.commands.checks import export_checks

    return export_checks(place_of(options.database, options.config), getattr(options, "camera", None), options.out)


def _correct(options: argparse.Namespace) -> int:
    from engine.commands.alerts import place_of
    from engine.commands.correct import correct

    camera, config = getattr(options, "camera", None), options.config
    place = None if options.off else place_of(options.database, config)
    return correct(config, camera, place)


def _take_back(options: argparse.Namespace) -> int:
    from engine.commands.alerts import place_of
    from engine.commands.checks import take_back_check
    from engine.log.audit import system_account

    place = place_of(options.database, options.config)
    return take_back_check(place, options.check, options.who or system_account())
