"""The command line's part about alerts: those in a log, the audit log, rules to be tried, and who is told."""

import argparse
import re
from datetime import datetime, timedelta
from time import time
from typing import Any

from engine.arguments import database_argument, file_argument

CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
SPAN = re.compile(r"(\d{1,6})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the commands that look at a log, or at what is done with it."""
    add_alerts(commands.add_parser("alerts", help="list the alerts that rules raised, acknowledge them, suspend rules"))
    add_audit(commands.add_parser("audit", help="prove the audit log, and write it out"))
    add_rules(commands.add_parser("rules", help="try rules over what is stored"))
    add_notify(commands.add_parser("notify", help="try who is told of alerts, and list what waits"))
    add_log(commands.add_parser("log", help="back a log up, and write it to a table"))


def add_alerts(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `alerts` to a parser."""
    parser.description = (
        "List all alerts of a log, open and past, the newest first; or acknowledge one, or let a rule raise none for a "
        "while. What is asked for here is heeded within seconds by whatever watches over that log."
    )
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print them as one JSON list")
    parser.set_defaults(run_command=_alerts)
    commands = parser.add_subparsers(metavar="COMMAND")
    acknowledge = commands.add_parser("acknowledge", help="say that you have taken care of an alert")
    closing = commands.add_parser("close", help="close one that nothing will clear, since its camera was renamed")
    for command, run in ((acknowledge, _acknowledge), (closing, _close)):
        command.add_argument("alert", type=_id, metavar="ID", help="as 'alerts' lists it")
        command.set_defaults(run_command=run)
    closing.add_argument("--anyway", action="store_true", help="also one that still stands; it may be raised again")
    suspend = commands.add_parser("suspend", help="let a rule raise no alert for a while; an open one goes on")
    resume = commands.add_parser("resume", help="let a suspended rule raise alerts again")
    for command in (suspend, resume):
        command.add_argument("owner", metavar="OWNER", help="camera or group")
        command.add_argument("rule", metavar="RULE", help="its name")
    end = suspend.add_mutually_exclusive_group(required=True)
    end.add_argument("--for", dest="until", type=_from_now, metavar="SPAN", help="such as 30m, 12h or 7d")
    end.add_argument("--until", dest="until", type=until, metavar="TIME", help="18:00, or such as '2026-11-26 18:00'")
    suspend.set_defaults(run_command=_suspend)
    resume.set_defaults(run_command=_suspend, until=None)
    for command in (acknowledge, closing, suspend, resume):
        command.add_argument("--note", default="", metavar="TEXT", help="what was done, or why")
        command.add_argument("--who", metavar="NAME", help="by whom (default: the system account)")
    suspended = commands.add_parser("suspended", help="list the rules that are suspended now")
    suspended.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON list")
    suspended.set_defaults(run_command=_suspended)
    for command in (acknowledge, closing, suspend, resume, suspended):
        add_place(command, default=argparse.SUPPRESS)


def add_audit(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `audit` to a parser."""
    parser.description = "Prove that the audit log of a database is whole, or write it out with its proof."
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser("verify", help="find rows that were changed, taken out, moved or cut off: status 1")
    verify.add_argument("--against", type=file_argument, metavar="EXPORT", help="compare with an export made before")
    export = commands.add_parser("export", help="write all rows as JSON, with number and hash of the last one")
    export.add_argument("--out", type=file_argument, metavar="FILE", help="file to write (default: print)")
    for command, run in ((verify, _verify), (export, _export)):
        command.add_argument("--database", type=database_argument, required=True, metavar="FILE|URL", help="the log")
        command.set_defaults(run_command=run)


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `rules` to a parser."""
    parser.description = "Try rules before they are in force."
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    trial = commands.add_parser("try", help="run a rule over what is stored, and say when it would have fired")
    add = trial.add_argument
    add("--config", type=file_argument, required=True, metavar="FILE", help="the configuration that holds the rule")
    add("--rule", required=True, metavar="NAME", help="its name, or OWNER/NAME where several have it")
    add("--since", type=span, default=span("7d"), metavar="SPAN", help="how far back: 90s, 30m, 12h, 7d (default: 7d)")
    add("--database", type=database_argument, metavar="FILE|URL", help="the log (default: as configured)")
    add("--json", action="store_true", help="print the alerts as one JSON list")
    trial.set_defaults(run_command=_try)


def add_notify(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `notify` to a parser."""
    parser.description = "Try the sinks that are told of alerts, and list what they have not been told yet."
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    trial = commands.add_parser("test", help="send a test to every sink, and say what happened; status 1 if one failed")
    trial.add_argument("--config", type=file_argument, required=True, metavar="FILE", help="that holds the sinks")
    trial.add_argument("--sink", metavar="NAME", help="this one alone, also where it is not enabled")
    trial.set_defaults(run_command=_test_sinks)
    listing = commands.add_parser("list", help="what waits to be told, and what was given up")
    add_place(listing)
    listing.add_argument("--json", action="store_true", help="print it as one JSON list")
    listing.set_defaults(run_command=_list_outbox)


def add_log(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `log` to a parser."""
    parser.description = "Back a log up while it is written, or write what was counted to a table."
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    backup = commands.add_parser("backup", help="copy a log in a file as it is at this moment")
    export = commands.add_parser("export", help="write the seconds of cameras, zones and groups to a file")
    for command, out, run in ((backup, "the copy", _back_up), (export, "a file .csv or .parquet", _export_log)):
        command.add_argument("--database", type=database_argument, required=True, metavar="FILE|URL", help="the log")
        command.add_argument("--out", type=file_argument, required=True, metavar="FILE", help=out)
        command.set_defaults(run_command=run)
    export.add_argument("--camera", metavar="NAME", help="of this camera or group (default: all)")
    moments = "such as 2026-03-01 or 2026-03-01T08:00 (this computer's time) or 2026-03-01T08:00+01:00"
    export.add_argument("--from", dest="from_s", type=moment, default=float("-inf"), metavar="TIME", help=moments)
    export.add_argument("--to", dest="to_s", type=moment, default=float("inf"), metavar="TIME", help="up to then")


def moment(text: str) -> float:
    """A type for a moment, as seconds since 1970; without a time zone it is one of this computer's."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is no moment such as 2026-03-01T08:00") from None


def span(text: str) -> int:
    """A type for a time such as 7d, as seconds."""
    found = SPAN.fullmatch(text)
    if found is None or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90s, 30m, 12h or 7d")
    return int(found[1]) * SECONDS[found[2]]


def until(text: str) -> int:
    """A type for a moment to come, in seconds since 1970; a time alone is the next one of this computer's clock."""
    now_s = time()
    if not CLOCK.fullmatch(text):
        return round(moment(text))
    hours, minutes = map(int, text.split(":"))
    at = datetime.fromtimestamp(now_s).replace(hour=hours, minute=minutes, second=0, microsecond=0)
    return round((at if at.timestamp() > now_s else at + timedelta(days=1)).timestamp())


def _from_now(text: str) -> int:
    return round(time()) + span(text)


def add_place(parser: argparse.ArgumentParser, **options: Any) -> None:
    """Adds what says where the log lies."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--database", type=database_argument, metavar="FILE|URL", help="the log (default: your own)", **options
    )
    place.add_argument("--config", type=file_argument, metavar="FILE", help="take the log that this names", **options)


def _id(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of an alert")
    return int(text)


def _alerts(options: argparse.Namespace) -> int:
    from engine.commands.alerts import place_of, print_alerts

    return print_alerts(place_of(options.database, options.config), as_json=options.json)


def _acknowledge(options: argparse.Namespace) -> int:
    from engine.commands.alerts import acknowledge_alert, place_of
    from engine.log.audit import system_account

    place = place_of(options.database, options.config)
    return acknowledge_alert(place, options.alert, who=options.who or system_account(), note=options.note)


def _close(options: argparse.Namespace) -> int:
    from engine.commands.alerts import close_alert, place_of
    from engine.log.audit import system_account

    place = place_of(options.database, options.config)
    who = options.who or system_account()
    return close_alert(place, options.alert, who=who, note=options.note, anyway=options.anyway)


def _suspend(options: argparse.Namespace) -> int:
    from engine.alerts.suspension import LIFTED, Suspension
    from engine.commands.suspend import suspend_rule
    from engine.log.audit import system_account

    asked_until = LIFTED if options.until is None else options.until
    who = options.who or system_account()
    asked = Suspension(options.owner, options.rule, asked_until, who, options.note)
    return suspend_rule(asked, options.database, options.config)


def _suspended(options: argparse.Namespace) -> int:
    from engine.commands.alerts import place_of
    from engine.commands.suspend import print_suspended

    return print_suspended(place_of(options.database, options.config), as_json=options.json)


def _verify(options: argparse.Namespace) -> int:
    from engine.commands.audit import verify

    return verify(options.database, options.against)


def _export(options: argparse.Namespace) -> int:
    from engine.commands.audit import export

    return export(options.database, options.out)


def _test_sinks(options: argparse.Namespace) -> int:
    from engine.commands.notify import try_sinks

    return try_sinks(options.config, options.sink)


def _list_outbox(options: argparse.Namespace) -> int:
    from engine.commands.alerts import place_of
    from engine.commands.notify import print_outbox

    return print_outbox(place_of(options.database, options.config), as_json=options.json)


def _try(options: argparse.Namespace) -> int:
    from engine.commands.trial import TrialOrder, try_rule

    database = options.database.full if options.database else None
    return try_rule(TrialOrder(options.config, options.rule, options.since, database, options.json))


def _back_up(options: argparse.Namespace) -> int:
    from engine.commands.log import back_up

    return back_up(options.database, options.out)


def _export_log(options: argparse.Namespace) -> int:
    from engine.commands.log import ExportOrder, export_log

    return export_log(ExportOrder(options.database, options.out, options.camera, options.from_s, options.to_s))
