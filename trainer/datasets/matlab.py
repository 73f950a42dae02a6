"""MATLAB files, read in a process beside this one: SciPy's reader dies of some damaged ones, and takes all with it.

That process is this file as a program. It begins with the first file and reads all that follow; where it dies or takes
too long the file is to blame, and the next file gets a new one.
"""

import atexit
import os
import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Lock, Timer
from typing import IO, Any

PATIENCE_S = 60.0  # for one file; the largest of the known data sets takes a second


class _Reader:
    """The process, which answers each question with variables or with an error."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", __file__]  # -P: the modules beside this file are not for it
        self._process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True)
        self.owner = os.getpid()

    def read(self, path: Path, names: Sequence[str] | None) -> Any:
        """Returns the answer; raises EOFError or OSError where none comes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        patience = Timer(PATIENCE_S, self._give_up)
        patience.start()
        try:
            pickle.dump((str(path.absolute()), names), self._process.stdin)  # it may have begun in another folder
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)  # of our own process
        finally:
            patience.cancel()
            patience.join()  # or it might be killed with the next question

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self.owner == os.getpid() and self._process.poll() is None

    def end(self) -> None:
        """Ends it, whatever it does."""
        self._give_up()
        self._process.communicate()

    def _give_up(self) -> None:
        self._process.kill()
        self._process.wait()


_reader: _Reader | None = None
_reading = Lock()


def matlab_variables(path: Path, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Returns variables of a MATLAB file by their names, all unless some are asked for.

    Raises:
        ValueError: no reader survives it.
        Exception: whatever else SciPy raises, for `reading` to turn.
    """
    global _reader  # noqa: PLW0603  # one for all data sets
    with _reading:
        if _reader is None or not _reader.is_alive:
            _reader = _Reader()
        try:
            answer = _reader.read(path, names)
        except (EOFError, OSError, pickle.UnpicklingError):
            _end()
            raise ValueError("it is damaged, so that reading it comes to no end; save it again") from None
        except BaseException:  # its answer would be taken for that to the next question
            _end()
            raise
    if isinstance(answer, Exception):
        raise answer
    found: dict[str, Any] = answer
    return found


@atexit.register
def _end() -> None:
    global _reader  # noqa: PLW0603
    if _reader is not None and _reader.owner == os.getpid():
        _reader.end()
    _reader = None


def _serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    from scipy.io import loadmat

    with suppress(EOFError):
        while True:
            path, names = pickle.load(questions)  # of the process that began this one
            try:
                answer = pickle.dumps(loadmat(path, appendmat=False, variable_names=names))
            except Exception as error:
                answer = pickle.dumps(error)
            answers.write(answer)
            answers.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
