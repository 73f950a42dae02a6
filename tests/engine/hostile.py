"""Hostile input at `count` and `watch`, made up by chance for as long as is asked; run by hand, see `--help`.

Whatever comes, a command ends with status 0 or 2, in clear sentences, without a traceback, and no secret that was
planted in an address or a configuration is in what it prints or writes. Prints every kind of failure once, keeps the
input that led to it, and ends with status 1 if there was any.
"""

import argparse
import faulthandler
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from traceback import format_exc
from typing import IO

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from answering import Answering
from endless import write_quick
from engine.cli import main as engine
from mangled import FRAMES, SECRET, addresses, answers, configurations, media, names, picture, spoiled, video

TRUTH = "frame,count\n" + "".join(f"{number},{number}.5\n" for number in range(FRAMES))
ENDED = (0, 2)  # statuses of who was not interrupted
LONGEST_S = 60.0  # that a command may take on a machine that is busy
SEPARATE_EVERY = 20  # commands, of which one is a process of its own
ROUND = 100  # commands
INPUT = "in"
FAULTS = re.compile("Traceback|Exception ignored|Segmentation|core dumped|Assertion|terminate called")


@dataclass(frozen=True)
class Trial:
    """A command and the files that it finds; `{served}` stands for the address of a camera with such an answer."""

    words: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    answer: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: object
    said: str
    seconds: float
    secrets: tuple[str, ...]
    """Where the secret was seen."""
    left: tuple[str, ...]
    """Files that are not whole."""

    @property
    def fault(self) -> str:
        """What is wrong with it, or nothing."""
        if self.secrets:
            return f"the secret is in {', '.join(self.secrets)}"
        if self.left:
            return f"leaves {', '.join(self.left)}"
        if found := FAULTS.search(self.said):
            return f"says '{found[0]}': {self.said.strip().splitlines()[-1]}"
        if self.status not in ENDED:
            return f"ends with status {self.status}"
        if self.status and not re.search(r"^[^{\n]*\w: .*\w", self.said, re.MULTILINE):
            return f"says nothing with status {self.status}"
        return f"takes {self.seconds:.0f} s" if self.seconds > LONGEST_S else ""


def trials() -> st.SearchStrategy[Trial]:
    """Commands with something hostile in them."""
    clip, sound = f"{INPUT}/clip.mp4", {"clip.mp4": video("mp4")}
    count = st.sampled_from([[], ["--json"], ["--no-density"], ["--fps", "5"], ["--grid", "3x3"], ["--aspect", "1:2"]])
    watch = st.sampled_from([[], ["--json"], ["--database", "log.db"]]).map(lambda o: [*o, "--duration", "0.5"])
    file = media().map(lambda made: (f"clip.{made[0]}", made[1]))
    named = st.tuples(names(), st.sampled_from(["mp4", "ts", "jpg"])).map(
        lambda n: (f"{n[0]}.{n[1]}", picture("jpg") if n[1] == "jpg" else video(n[1]))
    )
    pictures = st.dictionaries(st.sampled_from(["a/1.jpg", "a/2.png", "a/3.gif"]), spoiled(picture("jpg")), min_size=1)
    # The words are split before an address is put among them, since it may hold spaces.
    places = st.sampled_from(["{}", f"{clip} --model {{}}", f"{clip} --database {{}}"]).map(str.split)
    wrong = st.builds(lambda words, a: [word.replace("{}", a) for word in words], places, addresses())
    return st.one_of(
        st.builds(lambda f, o: Trial(("count", f"{INPUT}/{f[0]}", *o), dict([f])), file | named, count),
        st.builds(lambda f, o: Trial(("watch", f"{INPUT}/{f[0]}", *o), dict([f])), file | named, watch),
        st.builds(lambda p, o: Trial(("count", f"{INPUT}/a", *o), p), pictures, count),
        st.builds(lambda a, o: Trial(("watch", "{served}", *o), {}, a), answers(), watch),
        st.builds(lambda t: Trial(("count", clip, "--truth", f"{INPUT}/t.csv"), sound | {"t.csv": t}),
                  spoiled(TRUTH.encode())),
        st.builds(lambda c, o: Trial(("watch", "--config", f"{INPUT}/c.toml", *o), sound | {"c.toml": c}),
                  configurations(), watch),
        st.builds(lambda w: Trial(("count", *w), sound), wrong),
        st.builds(lambda w, o: Trial(("watch", *w, *o), sound), wrong, watch),
    )  # fmt: skip


def outcome(trial: Trial, *, apart: bool = False) -> Outcome:
    """Runs a command in a new folder, within this process or apart from it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        stack.enter_context(chdir(folder))
        write_input(trial, folder)
        words = list(trial.words)
        if "--model" not in words:
            words += ["--model", str(write_quick(folder / INPUT / "quick.onnx"))]
        if trial.answer is not None:
            kind, content = trial.answer
            address = stack.enter_context(Answering(content, kind)).replace("://", f"://u:{SECRET}@")
            words = [address if word == "{served}" else word for word in words]
        begun = monotonic()
        status, said = _apart(words) if apart else _within(words)
        seconds = monotonic() - begun
        written = [path for path in folder.rglob("*") if path.is_file() and (folder / INPUT) not in path.parents]
        seen = [path.name for path in written if SECRET.encode() in path.read_bytes()]
        seen += ["what it says"] if SECRET in said else []
        left = [path.name for path in written if ".part" in path.name]
        return Outcome(status, said, seconds, tuple(seen), tuple(left))


def write_input(trial: Trial, folder: Path) -> None:
    """Writes the files of a trial; whose name no disk takes is left out."""
    (folder / INPUT).mkdir(parents=True, exist_ok=True)
    for name, content in trial.files.items():
        path = folder / INPUT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(content)
        except (OSError, UnicodeEncodeError):
            continue


def _apart(words: list[str]) -> tuple[object, str]:
    command = [sys.executable, "-m", "engine", *words]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=2 * LONGEST_S)
    except ValueError:  # a zero byte, which no process can be given
        return 2, "deepcount-engine: no such command"
    except subprocess.TimeoutExpired as error:
        return "none", str(error)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def _within(words: list[str]) -> tuple[object, str]:
    status: object
    with tempfile.TemporaryFile() as said:
        with captured(said):
            try:
                status = engine(words)
            except SystemExit as end:
                status = end.code
            except BaseException:
                status = "none"
                print(format_exc(), file=sys.stderr)
        said.seek(0)
        return status, said.read().decode(errors="replace")


@contextmanager
def captured(file: IO[bytes]) -> Iterator[None]:
    """Lets what is printed while the block runs go into a file, also what libraries in C print."""
    with ExitStack() as stack:
        for name, number in (("stdout", 1), ("stderr", 2)):
            stream = getattr(sys, name)
            stream.flush()
            kept = os.dup(number)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, number)
            os.dup2(file.fileno(), number)
            own = os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)
            stack.callback(setattr, sys, name, stream)
            stack.callback(own.flush)
            setattr(sys, name, own)
        yield


@dataclass
class Hunt:
    """What was tried so far, and what was found."""

    keep: Path
    statuses: Counter[object] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)
    """Commands by the fault that they showed first."""

    def try_out(self, trial: Trial) -> None:
        number = self.statuses.total()
        (self.keep / "last").write_text(repr(trial.words), errors="backslashreplace")
        end = outcome(trial, apart=number % SEPARATE_EVERY == 0)
        self.statuses[trial.words[0], end.status] += 1
        kind = re.sub(r"\d+|'[^']*'", "*", end.fault)
        if not kind or kind in self.found:
            return
        folder = self.keep / f"{number}"
        write_input(trial, folder)
        if trial.answer:
            (folder / "answer").write_bytes(trial.answer[1])
        (folder / "said").write_text(f"{trial.words!r}\n{end.said}", errors="backslashreplace")
        self.found[kind] = shlex.join(trial.words)
        print(f"{end.fault}\n  {self.found[kind]!r}, see {folder}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for what led to failures (default: a new one)")
    options = parser.parse_args()
    keep = options.keep or Path(tempfile.mkdtemp(prefix="hostile-"))
    keep.mkdir(parents=True, exist_ok=True)
    faulthandler.enable()
    hunt, begun, number = Hunt(keep.resolve()), monotonic(), options.seed
    while monotonic() - begun < 60 * options.minutes:
        _round(hunt, number)
        number += 1
    print(f"{hunt.statuses.total()} commands in {monotonic() - begun:.0f} s: "
          f"{', '.join(f'{name} {status}: {n}' for (name, status), n in sorted(hunt.statuses.items(), key=str))}; "
          f"{len(hunt.found)} kinds of failure")  # fmt: skip
    return int(bool(hunt.found))


def _round(hunt: Hunt, number: int) -> None:
    @seed(number)
    @settings(max_examples=ROUND, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(trials())
    def tried(trial: Trial) -> None:
        hunt.try_out(trial)

    tried()


if __name__ == "__main__":
    sys.exit(main())
