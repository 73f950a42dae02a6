"""Which frames of a recording are counted, as spans of their numbers; pure, and safe to be read by other threads."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from math import inf


class Spans:
    """Sets of whole numbers that mostly lie side by side; one thread adds to them."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        """Takes some spans: each one's first number, and the one behind its last."""
        self._spans: list[tuple[int, int]] = []
        for start, end in spans:
            self.add_span(start, end)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yields the spans, rising, none touching the next."""
        return iter(tuple(self._spans))

    def __bool__(self) -> bool:
        return bool(self._spans)

    @property
    def total(self) -> int:
        """How many numbers there are; not its length, which would have Python make room for so many."""
        return sum(end - start for start, end in self)

    def __contains__(self, number: int) -> bool:
        return self.next_missing(number) != number

    def add(self, number: int) -> None:
        """Takes one more."""
        self.add_span(number, number + 1)

    def add_span(self, start: int, end: int) -> None:
        """Takes all from one number to before another."""
        spans = self._spans
        first = bisect_right(spans, (start, inf))
        if first and spans[first - 1][1] >= start:
            first -= 1
        last = first
        while last < len(spans) and spans[last][0] <= end:
            start, end = min(start, spans[last][0]), max(end, spans[last][1])
            last += 1
        spans[first:last] = [(start, end)]  # at one stroke, since others read it

    def before(self, number: int) -> "Spans":
        """Returns those before a number."""
        return Spans((start, min(end, number)) for start, end in self if start < number)

    def next_missing(self, number: int) -> int:
        """Returns the first number from one on that is not there."""
        spans = self._spans
        at = bisect_right(spans, (number, inf)) - 1
        return spans[at][1] if at >= 0 and number < spans[at][1] else number

    def start_before(self, number: int) -> int:
        """Returns the first number of the span that ends just before a number; the number itself where none does."""
        spans = self._spans
        at = bisect_right(spans, (number, -inf)) - 1
        return spans[at][0] if at >= 0 and spans[at][1] == number else number

    def next_there(self, number: int) -> int | None:
        """Returns the first number from one on that is there; None where there is none."""
        if number in self:
            return number
        spans = self._spans
        at = bisect_right(spans, (number, inf))
        return spans[at][0] if at < len(spans) else None
