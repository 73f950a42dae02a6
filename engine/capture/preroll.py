"""The last seconds of a camera as packets, ready for a clip of what comes; nothing of them is ever decoded here.

They are kept in groups from one key frame to the next, since a clip has to begin with one. What privacy masks hide is
in them: so they stay in memory, and other masks than those under which they came begin anew.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic

from engine.picture.masks import Mask
from engine.picture.view import View
from engine.sources.packets import Kept, Piece

KEPT_S = 30.0
"""Clips are taken out of so many seconds; those since the key frame before are kept as well."""
MOST_GROUP_S = 90.0
"""A camera whose key frames are rarer gives no clip."""
MOST_BYTES = 48 << 20
"""12 s at 32 Mbit/s; the oldest group goes first."""


class PreRoll:
    """Takes packets in the capture's thread; asked for them by others."""

    def __init__(self, view: Callable[[], View], clock: Callable[[], float] = monotonic) -> None:
        """Keeps nothing until it is wanted; `view` returns how the camera's pictures are seen now."""
        self._view, self._clock, self._lock = view, clock, Lock()
        self._groups: deque[list[Kept]] = deque()
        self._bytes = 0
        self._private = Mask()
        self._is_wanted = False

    @property
    def is_wanted(self) -> bool:
        """Whether packets are kept; any thread may set it."""
        return self._is_wanted

    @is_wanted.setter
    def is_wanted(self, wanted: bool) -> None:
        with self._lock:
            self._is_wanted = wanted
            if not wanted:
                self._clear()

    @property
    def bytes(self) -> int:
        """How much it holds."""
        return self._bytes

    def put(self, piece: Piece) -> None:
        """Takes a packet, in the order in which they are decoded."""
        kept, private = Kept(piece, self._clock()), self._view().private
        with self._lock:
            if not self._is_wanted:
                return
            if private != self._private:
                self._clear()
                self._private = private
            if piece.is_key:
                self._groups.append([])
            if not self._groups:
                return
            self._groups[-1].append(kept)
            self._bytes += len(piece.data)
            self._let_go(kept.arrived_s)

    def since(self, from_s: float) -> tuple[list[Kept], View]:
        """Returns the packets that came from a moment on, those before them back to a key frame, and how they are seen.

        Nothing where the masks are others than those under which they came: nobody may see what is private now.
        """
        with self._lock:
            view = self._view()
            if view.private != self._private:
                return [], view
            groups = list(self._groups)
            while len(groups) > 1 and groups[1][0].arrived_s <= from_s:
                del groups[0]
            return [kept for group in groups for kept in group], view

    def _let_go(self, now_s: float) -> None:
        groups = self._groups
        while len(groups) > 1 and (groups[1][0].arrived_s < now_s - KEPT_S or self._bytes > MOST_BYTES):
            self._drop()
        if self._bytes > MOST_BYTES or now_s - groups[-1][0].arrived_s > MOST_GROUP_S:
            self._clear()

    def _drop(self) -> None:
        self._bytes -= sum(len(kept.piece.data) for kept in self._groups.popleft())

    def _clear(self) -> None:
        self._groups.clear()
        self._bytes = 0
