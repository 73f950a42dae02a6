"""Who looks at a camera's pictures besides the model: screens, of which there may be any number."""

from threading import Lock

from engine.handoff import Outlet
from engine.picture.frame import Frame


class Onlookers:
    """Outlets that get every frame that comes; they must not wait. Any thread may use it."""

    def __init__(self) -> None:
        """Nobody looks at first."""
        self._outlets: tuple[Outlet[Frame], ...] = ()
        self._changing = Lock()

    def __bool__(self) -> bool:
        return bool(self._outlets)

    def add(self, outlet: Outlet[Frame]) -> None:
        """Has an outlet get frames from now on; once, however often it is added."""
        with self._changing:
            if outlet not in self._outlets:
                self._outlets = (*self._outlets, outlet)

    def remove(self, outlet: Outlet[Frame]) -> None:
        """Has an outlet get no more, if it got any."""
        with self._changing:
            self._outlets = tuple(other for other in self._outlets if other is not outlet)

    def put(self, frame: Frame) -> None:
        """Hands a frame to all of them."""
        for outlet in self._outlets:
            outlet.put(frame)
