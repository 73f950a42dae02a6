"""The command line's part about what watches for long: what may be given in place of a configuration, and `serve`."""

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.arguments import database_argument, file_argument
from engine.errors import EngineError
from engine.inference.runtime import PROVIDER_CHOICES
from engine.paths import MODEL_CHOICES
from engine.redaction import readable
from engine.stopping import end_on_signals, free, reserve

if TYPE_CHECKING:
    from engine.commands.given import Given

HOST, PORT = "127.0.0.1", 8080
SCOPES = "read", "acknowledge", "admin"
TOKENS = ".tokens"
MOST_DAYS = 3650


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
    add(
        "--host",
        default=HOST,
        metavar="ADDRESS",
        help="an address of this computer; one that others can reach needs tokens and TLS (default: %(default)s)",
    )
    add("--port", type=_port, default=PORT, metavar="N", help="0 takes one that is free (default: %(default)s)")
    add(
        "--tokens",
        type=file_argument,
        metavar="FILE",
        help="who may ask from elsewhere (default: beside the configuration)",
    )
    add("--certificate", type=file_argument, metavar="FILE", help="speak TLS with this certificate and its chain (PEM)")
    add("--key", type=file_argument, metavar="FILE", help="its key (default: in the certificate's file)")
    add("--behind-proxy", action="store_true", help="a proxy speaks TLS with clients: ask for tokens on any address")
    add_given(parser)
    parser.set_defaults(run_command=_serve)


def add_health(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command `health`."""
    parser = commands.add_parser("health", help="ask a running service whether it does its work; status 1 if not")
    parser.description = "Ask a running service whether it does its work, for whatever starts it anew."
    where = "of the service (default: %(default)s)"
    parser.add_argument("--url", default=f"http://{HOST}:{PORT}", metavar="URL", help=where)
    parser.set_defaults(run_command=_health)


def add_token(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds the command `token`."""
    parser = commands.add_parser("token", help="make, list and revoke what lets others ask a service")
    parser.description = (
        "Make, list and revoke tokens, which a service asks for where other computers can reach it. Of each "
        "only a hash is kept; a revoked one opens nothing from the next request on."
    )
    deeds = parser.add_subparsers(required=True, metavar="COMMAND")
    make = deeds.add_parser("make", help="make one, and print it this once")
    make.add_argument("name", type=_token_name, metavar="NAME", help="whom or what it is for")
    make.add_argument(
        "--scope", choices=SCOPES, default=SCOPES[0], help="each can what those before it can (default: %(default)s)"
    )
    make.add_argument("--days", type=_days, metavar="N", help="that it is good for (default: until it is revoked)")
    listing = deeds.add_parser("list", help="what there is, without the tokens themselves")
    listing.add_argument("--json", action="store_true", help="print one JSON list")
    revoke = deeds.add_parser("revoke", help="take one back for good")
    revoke.add_argument("name", metavar="NAME", help="as 'token list' has it")
    for command, run in ((make, _make_token), (listing, _list_tokens), (revoke, _revoke_token)):
        place = command.add_mutually_exclusive_group(required=True)
        place.add_argument("--config", type=file_argument, metavar="FILE", help="beside which they are kept")
        place.add_argument("--tokens", type=file_argument, metavar="FILE", help="in which they are kept")
        command.set_defaults(run_command=run)


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
    with _hang_up_reserved():
        from engine.commands.serve import ServeOrder, serve
        from engine.service.reach import Reach

        reach = Reach(
            options.host,
            options.port,
            options.tokens or _tokens_beside(options.config),
            options.certificate,
            options.key,
            options.behind_proxy,
        )
        return serve(ServeOrder(options.config, reach, given_of(options)))


@contextmanager
def _hang_up_reserved() -> Iterator[None]:
    """Has SIGHUP mean that the configuration is to be read again; as before once nothing could be served."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is anything to be read again
    reserve(signal.SIGHUP)
    try:
        yield
    except EngineError:
        free(signal.SIGHUP)
        signal.signal(signal.SIGHUP, before)
        raise


def _health(options: argparse.Namespace) -> int:
    from engine.commands.health import ask

    return ask(options.url)


def _make_token(options: argparse.Namespace) -> int:
    from engine.commands.token import make

    return make(_place(options), options.name, options.scope, options.days)


def _list_tokens(options: argparse.Namespace) -> int:
    from engine.commands.token import print_tokens

    return print_tokens(_place(options), as_json=options.json)


def _revoke_token(options: argparse.Namespace) -> int:
    from engine.commands.token import revoke

    return revoke(_place(options), options.name)


def _place(options: argparse.Namespace) -> Path:
    place: Path = options.tokens or _tokens_beside(options.config)
    return place


def _tokens_beside(config: Path) -> Path:
    return config.with_suffix(TOKENS)


def _token_name(text: str) -> str:
    from engine.settings.fields import LONGEST_NAME

    name = readable(text).strip()
    if not name or name != text or len(name) > LONGEST_NAME:
        raise argparse.ArgumentTypeError(f"{name[:LONGEST_NAME]!r} is no name, expected 1 to {LONGEST_NAME} characters")
    return name


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days, expected 1 to {MOST_DAYS}")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port, expected a number from 0 to 65535")
    return int(text)
