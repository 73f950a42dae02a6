"""What finds the pictures of a recording by their time, whatever it is made of: one file, or many."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.picture.frame import Frame


class Found(NamedTuple):
    """A picture that was sought."""

    frame: Frame
    is_exact: bool
    """Or near it, until the exact one is there."""


class Finder(Protocol):
    """Finds pictures; of one thread."""

    @property
    def times(self) -> NDArray[np.float64]:
        """Of all pictures, in seconds, rising."""
        ...

    def place(self, time_s: float) -> int:
        """Returns the number of the last picture whose time is not after a time, the first for times before it."""
        ...

    def frames(self, time_s: float, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[Found]:
        """Yields a frame near a time as soon as there is one, then the exact one; stops once it is not wanted.

        Raises:
            SourceError: there is none that can be decoded.
        """
        ...

    def close(self) -> None:
        """Lets go of what it reads."""
        ...
