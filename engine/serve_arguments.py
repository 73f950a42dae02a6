"""The command line's part about what watches for long: what may be given in place of a configuration, and `serve`."""

import argparse
import signal
from typing import TYPE_CHECKING, Any

from engine.arguments import database_argument, file_argument
from engine.inference.runtime import PROVIDER_CHOICES
from engine.paths import MODEL_CHOICES
from engine.stopping import end_on_signals, reserve

if TYPE_CHECKING:
    from engine.commands.given import Given

HOST, PORT = "127.0.0.1", 8080


def add_serve(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command `serve`."""
    parser = commands.add_parser("serve", help="watch live cameras without a terminal, and answer over HTTP")
    parser.description = (
        "Watch live cameras as a service: counts, rules, notifications and recordings as configured, and over HTTP a "
        "page for people, an API and metrics. The configuration is read again when its file changes and on SIGHUP; "
        "one that cannot be used is refused, and the one before goes on. Ends on SIGTERM or Ctrl-C."
    )
    add = parser.add_argument
    add("--config", type=file_argument, required=True, metavar="FILE", help="what to watch (TOML)")
    add("--host", default=HOST, metavar="ADDRESS", help="this computer's own address (default: %(default)s)")
    add("--port", type=_port, default=PORT, metavar="N", help="0 takes one that is free (default: %(default)s)")
    add_given(parser)
    parser.set_defaults(run_command=_serve)


def add_given(parser: argparse.ArgumentParser) -> None:
    """Adds what may be given in place of what is configured."""
    add = parser.add_argument
    add("--database", type=database_argument, metavar="FILE|URL", help="log (default: as configured, or none)")
    add("--model", type=file_argument, metavar="MODEL", help=f"{MODEL_CHOICES}, or as configured")
    add("--provider", choices=PROVIDER_CHOICES, help="what to compute on (default: as configured)")
    add("--strict-provider", action="store_true", help="refuse to compute on anything else")


def given_of(options: argparse.Namespace) -> "Given":
    """Returns what was given."""
    from engine.commands.given import Given

    return Given(options.database, options.model, options.provider, options.strict_provider)


def _serve(options: argparse.Namespace) -> int:
    end_on_signals()
    if hasattr(signal, "SIGHUP"):
        reserve(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # before there is anything to be read again
    from engine.commands.serve import ServeOrder, serve

    return serve(ServeOrder(options.config, options.host, options.port, given_of(options)))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port, expected a number from 0 to 65535")
    return int(text)
