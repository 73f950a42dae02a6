"""The main stream of a camera whose small stream is counted: connected to only while somebody wants something of it.

Its packets are copied into recordings and clips; nothing but key frames is decoded, to see that it is well, until
somebody looks. Zones, masks and calibration belong to a view, so a main stream of another shape than the small one is
refused: what privacy masks hide could be seen in it.
"""

from math import inf
from time import monotonic

from engine.capture.health import State
from engine.capture.live import LiveCapture
from engine.picture.frame import Frame
from engine.sources.arrival import Connection
from engine.sources.opening import LiveOrder, RefusedError
from engine.sources.thrift import Thrift

SAME_SHAPE = 0.03  # by what share the two may differ: small pictures are rounded to whole blocks of 16 pixels
LOOK_S = 1.0  # between two pictures of a stream of key frames alone that are decoded to see that it is well
LINGER_S = 5.0  # that it stays connected when nobody wants it any more
LOST = (State.RECONNECTING, State.FAILED)


class MainCapture(LiveCapture):
    """Reads it while its taps or onlookers want something, from when the small stream has shown its shape on."""

    def __init__(self, order: LiveOrder, *, beside: LiveCapture) -> None:
        """Takes what is to be watched, and what reads the small stream, which is counted."""
        super().__init__(order)
        self.is_counted = False
        self._beside, self._needed_s, self._seen_s, self._is_alike = beside, -inf, -inf, False
        self._thrift = Thrift(self._is_wanted, lambda: bool(self.onlookers), keys_suffice=True)

    @property
    def remark(self) -> str:
        """Why there is nothing of it, in a sentence; empty where it is well or nobody wants it."""
        health = self.health
        if health.state not in LOST or not self._is_needed():
            return ""
        return f"its main stream, for recordings, clips and large pictures, is not there: {health.problem}"

    def _is_needed(self) -> bool:
        now_s = monotonic()
        if self.taps.is_wanted or self.onlookers:
            self._needed_s = now_s
        return now_s - self._needed_s <= LINGER_S and self._beside.health.size is not None

    def _is_wanted(self, now_s: float) -> bool:
        return now_s - self._seen_s >= LOOK_S

    def _connected(self) -> Connection:
        self.taps.is_open = self._is_alike and not self.view.private  # else only once its shape is seen
        return super()._connected()

    def _accept(self, frame: Frame) -> None:
        small = self._beside.health.size
        unlike = unlike_words(frame.size, small) if small else ""
        self._is_alike = not unlike
        if unlike:
            raise RefusedError(f"{self._order.who} {unlike}")
        self.taps.is_open, self._seen_s = True, frame.arrived_s


def unlike_words(main: tuple[int, int], small: tuple[int, int]) -> str:
    """Says of a main stream that its shape is not that of the small one; empty where it is.

    Args:
        main: height and width of its pictures, as shown.
        small: those of the other.
    """
    if abs(main[1] / main[0] * small[0] / small[1] - 1) <= SAME_SHAPE:
        return ""
    return (
        f"sends {main[1]}x{main[0]}, another shape than the {small[1]}x{small[0]} of its small stream, expected the "
        "same; set them alike in the camera, or say in 'aspect' how people see both"
    )
