"""The command `deepcount`: opens the window, or says in one line why it cannot.

What takes a second to import is imported once signals are heeded, so that `--help` does not wait for it either; Qt
last, since without a display it would end the process.
"""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from engine import __version__
from engine.arguments import USAGE_ERROR, Arguments, database_argument, file_argument, shape_argument
from engine.desktop import display_problem, unseen_platform
from engine.errors import EngineError
from engine.inference.runtime import PROVIDER_CHOICES, check_provider
from engine.paths import DEMO_CLIP, DEMO_TRUTH, MODEL_CHOICES, default_config, default_database
from engine.redacted_log import FORMAT, RedactedHandler
from engine.settings.address import Address, camera_address
from engine.stopping import end_on_signals, run_program

if TYPE_CHECKING:
    from app.assembly import Assembly
    from app.order import Order, Source

TOKEN = "DEEPCOUNT_TOKEN"
EXAMPLES = """examples:
  deepcount                        watch the cameras of your configuration, which is made at the first start
  deepcount --config hall.toml     watch those of another one
  deepcount street.mp4             count a video at once
  deepcount rtsp://10.0.0.7/live   show a camera for a try
  deepcount --demo                 count the demonstration clip; without a display, in the terminal
  deepcount --server https://host:8443      show what a service there counts, instead of counting here
  deepcount street.mp4 --database postgresql://user@host/counts

keys:
  Ctrl+1 … pages   Ctrl+O open   Space play or pause   Home restart   H heat-map   F11 full screen   F1 or ? all keys

without a window:
  deepcount-engine count street.mp4    count a recording in the terminal
  deepcount-engine watch rtsp://…      watch cameras in the terminal
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
    if options.server:
        return _refusal(idle) if (idle := _idle_beside_server(options)) else _look(options)
    return _open(options, str(DEMO_CLIP) if options.demo else options.source)


def _open(options: argparse.Namespace, source: str | None) -> int:
    """Opens the window, unless something that was given is a wrong one; returns the exit status."""
    try:
        from app.desktop import run
        from app.door import Door
        from app.order import source_of
    except ImportError as error:
        return _refusal(str(_not_loaded(error)))
    from engine.sources import FileSource

    door = Door(options.config or default_config())
    try:
        opened = None if source is None else source_of(source)
        if isinstance(opened, Path):
            FileSource(opened).close()
            source = str(opened.absolute())
        if not door.enter(source or ""):
            return 0
        order = _order(options, opened)
        return run(lambda: _whole(order), door)
    except EngineError as error:
        return _refusal(str(error))
    finally:
        door.close()


def _whole(order: "Order") -> "Assembly":
    """Returns all of the window, whose pages are imported and built while the engine loads the model.

    Raises:
        EngineError: a library of the window cannot be loaded.
    """
    from app.backstage import Backstage

    with ExitStack() as undone:
        backstage = Backstage(order)
        undone.callback(backstage.close)
        backstage.engine.begin()
        try:
            from app.assembly import Assembly
        except ImportError as error:
            raise _not_loaded(error) from error
        whole = Assembly(order, backstage)
        undone.pop_all()
    return whole


def _idle_beside_server(options: argparse.Namespace) -> str:
    """Returns what says that an option means nothing where a service counts; empty where none was given."""
    own = ("config", "model", "aspect", "database", "provider")
    given = [f"--{name}" for name in own if getattr(options, name) is not None]
    return f"{' and '.join(given)} is for cameras that are counted here; leave it out beside --server" if given else ""


def _look(options: argparse.Namespace) -> int:
    """Opens the window on a service that counts elsewhere; returns the exit status."""
    try:
        from app.client import Client
        from app.desktop import run
        from app.door import Door
    except ImportError as error:
        return _refusal(str(_not_loaded(error)))
    from engine.client.door import service_of

    try:
        service = service_of(options.server, os.environ.get(TOKEN, ""), options.server_ca)
        kept = default_config().with_name(f"{service.name.replace(':', '-').strip('[]')}.toml")
        door = Door(kept)
        try:
            return run(lambda: Client(service, kept), door) if door.enter("") else 0
        finally:
            door.close()
    except EngineError as error:
        return _refusal(str(error))


def _order(options: argparse.Namespace, source: "Source | None") -> "Order":
    """Returns what the window is to be opened on, after a look whether it can be.

    Raises:
        EngineError: it cannot be.
    """
    from app.order import Order
    from engine.inference.contract import read_model_file
    from engine.inference.variants import main_file
    from engine.settings.config import Config
    from engine.settings.config_file import load_config
    from engine.settings.first_config import made_config

    is_first = options.config is None and made_config(default_config(), default_database())
    path = options.config or default_config()
    given = {
        "model": Address.of(str(options.model)) if options.model else None,
        "provider": options.provider,
        "database": options.database,
    }
    given = {name: value for name, value in given.items() if value is not None}
    config = load_config(path) if options.config else Config()  # the user's own one is mended in the window
    config = config.model_copy(update=given)
    check_provider(config.provider)
    read_model_file(main_file(config.model.path if config.model else None))
    return Order(path, given, options.aspect, source, is_first)


def program() -> NoReturn:
    """Is the process `deepcount`."""
    gc.disable()  # what is imported stays, and would be looked through again and again; see `app.garbage`
    run_program(main)


def _without_display(problem: str, *, demo: bool) -> int:
    if not demo:
        return _refusal(f"no display here ({problem}); count in the terminal with 'deepcount-engine count VIDEO'")
    from engine.cli import main as count

    gc.enable()
    print(f"No display here ({problem}): counting the demonstration clip in the terminal instead.", flush=True)
    return count(["count", str(DEMO_CLIP), "--out", "demo-output", "--truth", str(DEMO_TRUTH)])


def _not_loaded(error: ImportError) -> EngineError:
    return EngineError(
        f"the window's libraries cannot be loaded ({error}); 'deepcount-engine doctor' says what to install"
    )


def _refusal(sentence: str) -> int:
    print(f"deepcount: {sentence}", file=sys.stderr)
    return USAGE_ERROR


def _source(text: str) -> str:
    """A type for a recording, or for the address of a camera."""
    try:
        camera_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _parser() -> argparse.ArgumentParser:
    parser = Arguments(
        prog="deepcount",
        description="Count people in video: a window with the video, a heat-map over it, the count and its curve.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("source", nargs="?", type=_source, metavar="SOURCE", help="a video file, or a camera's address")
    what.add_argument(
        "--server", metavar="URL", help=f"show a service that runs elsewhere; its token is taken from {TOKEN}"
    )
    what.add_argument("--demo", action="store_true", help="count the clip that comes with DeepCount")
    parser.add_argument(
        "--config",
        type=file_argument,
        metavar="FILE",
        help=f"cameras to watch (default: {default_config()}, made at the first start)",
    )
    parser.add_argument(
        "--server-ca",
        type=file_argument,
        metavar="FILE",
        help="who signed its certificate (default: as the system has it)",
    )
    parser.add_argument("--model", type=file_argument, metavar="MODEL", help=MODEL_CHOICES)
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
        help="log to write to, one sample a second (default: that of the configuration)",
    )
    parser.add_argument(
        "--provider", choices=PROVIDER_CHOICES, help="what to compute on (default: that of the configuration)"
    )
    return parser


if __name__ == "__main__":
    program()
