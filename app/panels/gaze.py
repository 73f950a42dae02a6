"""What of the wall is looked at, and so asked of the engine: nothing of what nobody sees."""

from collections.abc import Callable, Mapping

from app.panels.camera_tile import CameraTile
from app.panels.wall import Wall
from engine.monitor.screen import Wish

SCALE_SIDE = 100.0  # pixels of the camera's picture, for whose square a fixed scale is given


class Gaze:
    """Asks whenever it is told to look and something has changed."""

    def __init__(self, wall: Wall, want: Callable[[Mapping[str, Wish]], None]) -> None:
        self._wall, self._want = wall, want
        self._asked: dict[str, Wish] | None = None
        self.fixed_scale: float | None = None
        """People per 100 pixels square in the strongest colour; None suits each picture."""

    def look(self, *, anew: bool = False) -> None:
        """Asks for what is visible now; `anew` also if that was asked for last: others may have asked meanwhile."""
        tiles = self._wall.visible_tiles if self._is_seen() else []
        wishes = {tile.name: self._wish(tile) for tile in tiles if not tile.visibleRegion().isEmpty()}
        if anew or wishes != self._asked:
            self._asked = wishes
            self._want(wishes)

    def _is_seen(self) -> bool:
        wall, window = self._wall, self._wall.window()
        if not wall.isVisible() or window is None or window.isMinimized():
            return False
        handle = window.windowHandle()
        return handle is None or handle.isExposed()

    def _wish(self, tile: CameraTile) -> Wish:
        heat = tile.picture.heat if tile.picture else None
        most = None
        if self.fixed_scale is not None and heat is not None:
            most = self.fixed_scale * (heat.cell / SCALE_SIDE) ** 2
        overlay = tile.overlay if tile.settings.counted else "none"
        is_large = tile.name == self._wall.enlarged
        return Wish(tile.room, overlay, most if overlay == "heat" else None, is_large)
