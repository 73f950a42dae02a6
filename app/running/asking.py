"""Which questions a log was asked last: one that was asked is not asked again, and an old answer is known as such."""

from app.running.errands import Outcome
from app.running.lookback import Lookback, Question


class Asking:
    """Asks one log; of each kind of question the newest counts."""

    def __init__(self) -> None:
        self._lookback = Lookback()
        self._asked: dict[str, object] = {}
        self.database: str | None = None
        """The log that is asked."""

    def ask(self, question: Question, *, known_as: object = None) -> None:
        """Has it answered, unless it was asked last; `known_as` stands for one that is never the same twice."""
        kind, known = type(question).__name__, question if known_as is None else known_as
        if self.database is not None and self._asked.get(kind) != known:
            self._asked[kind] = known
            self._lookback.ask(self.database, question)

    def last(self, kind: type) -> object:
        """Returns what the newest question of a kind is known as; None where none was asked."""
        return self._asked.get(kind.__name__)

    def forget(self) -> None:
        """Lets every question be asked again."""
        self._asked.clear()

    @property
    def is_busy(self) -> bool:
        """Whether the log is being read."""
        return self._lookback.is_busy

    def outcomes(self) -> list[Outcome]:
        """Takes out what was answered since the last call."""
        return self._lookback.outcomes()

    def close(self) -> None:
        """Asks no more, and waits for the answer to what is being asked."""
        self._lookback.close()
