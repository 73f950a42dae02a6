"""The tiles of all cameras: which are visible and where, which one is selected, which one is enlarged.

One tile takes part in the Tab order, the selected one; arrow keys move the selection and with it the keyboard, so that
a screen reader reads each tile that is reached.
"""

from collections.abc import Callable, Sequence
from statistics import median

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PyQt6.QtWidgets import QWidget

from app.panels.camera_tile import CameraTile, Moment
from app.panels.picture_view import Overlay
from app.panels.wall_layout import USUAL_ASPECT, Layout, Place, Room, neighbour, pages, places
from app.theme import colours, em
from engine.settings.config import CameraSettings

GAP_EM = 0.25
ARROWS = {
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Up: (0, -1),
}


class Wall(QWidget):
    """Live pictures of several cameras side by side."""

    rearranged = pyqtSignal()
    """Other tiles are visible, or in other sizes, or another one is selected."""
    menu_wanted = pyqtSignal(str, QPoint)
    """Of a camera, at a place on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.tiles: dict[str, CameraTile] = {}
        """All, in the order of the configuration."""
        self.layout_chosen = Layout.AUTOMATIC
        self.page = 0
        self.selected = self.enlarged = self.large = ""
        """Names of cameras; empty where there is none."""
        self.tile_actions: Sequence[QAction] = ()
        """Whose keys act while a tile has the keyboard; to be set before there are tiles."""
        self._aspect = USUAL_ASPECT
        self._places: list[Place] = []

    def set_cameras(self, cameras: Sequence[CameraSettings]) -> None:
        """Takes the cameras that are shown; the tile of a camera that stays keeps its picture."""
        before, self.tiles = self.tiles, {}
        for settings in cameras:
            tile = before.pop(settings.name, None) or self._new_tile(settings)
            tile.set_settings(settings)
            self.tiles[settings.name] = tile
        for tile in before.values():
            tile.hide()
            tile.deleteLater()
        names = list(self.tiles)
        self.enlarged = self.enlarged if self.enlarged in names else ""
        self.selected = self.selected if self.selected in names else (names[0] if names else "")
        self._follow_selection()
        self.arrange()

    def set_layout(self, layout: Layout, large: str = "") -> None:
        """Arranges the tiles in another way; `large` is the camera that is large among small ones."""
        if (layout, large) != (self.layout_chosen, self.large):
            self.layout_chosen, self.large, self.enlarged = layout, large, ""
            self._follow_selection()
            self.arrange()

    def set_overlay(self, overlay: Overlay, opacity: float) -> None:
        """Says what is laid over all pictures."""
        for tile in self.tiles.values():
            tile.set_overlay(overlay, opacity)

    def enlarge(self, name: str) -> None:
        """Gives one camera all of the room; '' gives it back to all."""
        self.enlarged = name if name in self.tiles else ""
        if self.enlarged:
            self.select(self.enlarged)
        self._follow_selection()
        self.arrange()

    def switch_enlarged(self) -> None:
        """Enlarges the selected camera, or gives the room back to all."""
        self.enlarge("" if self.enlarged else self.selected)

    def select(self, name: str) -> None:
        """Selects a camera, turns to its page, and takes the keyboard along if a tile had it."""
        if name not in self.tiles:
            return
        had_keyboard = any(tile.hasFocus() for tile in self.tiles.values())
        self.selected = name
        if self.enlarged and self.enlarged != name:
            self.enlarged = name
        self._follow_selection()
        self.arrange()
        if had_keyboard:
            self.tiles[name].setFocus(Qt.FocusReason.OtherFocusReason)

    def turn(self, step: int) -> None:
        """Turns to another page."""
        names, last = list(self.tiles), self.pages - 1
        page = min(max(0, self.page + step), last)
        if page != self.page and not self.enlarged:
            self.select(names[page * self.layout_chosen.capacity])

    @property
    def pages(self) -> int:
        """How many there are, at least 1."""
        return pages(len(self.tiles), self.layout_chosen)

    @property
    def visible_tiles(self) -> list[CameraTile]:
        """Those that have a place now, in their order."""
        if self.enlarged:
            return [self.tiles[self.enlarged]]
        first = self.page * self.layout_chosen.capacity
        shown = list(self.tiles.values())[first : first + self.layout_chosen.capacity]
        if self.layout_chosen is Layout.LARGE:
            shown.sort(key=lambda tile: tile.name != self.large)
        return shown

    def show_facts(self, moment: Moment) -> None:
        """Takes how all cameras are doing, also those that are not visible now."""
        for tile in self.tiles.values():
            tile.show_facts(moment)
        aspect = self._seen_aspect()
        if abs(aspect - self._aspect) > 0.01:
            self._aspect = aspect
            self.arrange()

    def mark(self, in_total: Callable[[str], bool]) -> None:
        """Shows which one is selected, and whose counts are marked as part of a total."""
        for name, tile in self.tiles.items():
            tile.mark(selected=name == self.selected, in_total=in_total(name))

    def arrange(self) -> None:
        """Gives each visible tile its place."""
        shown = self.visible_tiles
        layout = Layout.ONE if self.enlarged else self.layout_chosen
        room = Room(self.width(), self.height(), em(self, GAP_EM))
        self._places = places(layout, len(shown), room, self._aspect)
        for tile in self.tiles.values():
            policy = Qt.FocusPolicy.StrongFocus if tile.name == self.selected else Qt.FocusPolicy.ClickFocus
            tile.setFocusPolicy(policy)
        for tile in [tile for tile in self.tiles.values() if tile not in shown]:
            tile.hide()
        for tile, place in zip(shown, self._places, strict=True):
            tile.setGeometry(*place)
            tile.show()
        self.update()
        self.rearranged.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Moves the selection, turns pages, gives the room back to all."""
        if event is None or not self.tiles or not self._obey(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Enlarges the camera that is pointed at, or gives the room back to all."""
        tile = self.childAt(event.position().toPoint()) if event is not None else None
        if isinstance(tile, CameraTile):
            self.select(tile.name)
            self.switch_enlarged()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        """Asks for the menu of the camera that is pointed at, or of the selected one."""
        if event is None or not self.tiles:
            return
        tile = self.childAt(event.pos())
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        if by_keyboard or not isinstance(tile, CameraTile):
            tile = self.tiles[self.selected]
        self.menu_wanted.emit(tile.name, tile.mapToGlobal(tile.rect().center()) if by_keyboard else event.globalPos())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Arranges the tiles in the new room."""
        super().resizeEvent(event)
        self.arrange()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Says that tiles are visible."""
        super().showEvent(event)
        self.rearranged.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: N802
        """Says that none is visible."""
        super().hideEvent(event)
        self.rearranged.emit()

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Hands the keyboard to the selected camera."""
        super().focusInEvent(event)
        if self.selected:
            self.tiles[self.selected].setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Fills the gaps."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours().ground))
        painter.end()

    def _obey(self, key: Qt.Key) -> bool:
        names = list(self.tiles)
        if key in ARROWS:
            self._step(ARROWS[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.select(names[0 if key == Qt.Key.Key_Home else -1])
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turn(1 if key == Qt.Key.Key_PageDown else -1)
        elif key == Qt.Key.Key_Escape and self.enlarged:
            self.enlarge("")
        else:
            return False
        return True

    def _step(self, step: tuple[int, int]) -> None:
        """Selects the camera in a direction; from an enlarged one, or over the edge of a page, the next in order."""
        names, shown = list(self.tiles), [tile.name for tile in self.visible_tiles]
        place = shown.index(self.selected) if self.selected in shown else 0
        reached = neighbour(self._places, place, step)
        if reached != place:
            self.select(shown[reached])
        elif self.enlarged or (step[0] and self.pages > 1):
            there = names.index(self.selected) + (step[0] or step[1])
            self.select(names[min(max(0, there), len(names) - 1)])

    def _new_tile(self, settings: CameraSettings) -> CameraTile:
        tile = CameraTile(settings)
        tile.setParent(self)
        tile.addActions(self.tile_actions)
        tile.focused.connect(self._select_focused)
        return tile

    def _select_focused(self, name: str) -> None:
        if name != self.selected:
            self.selected = name
            self.arrange()

    def _follow_selection(self) -> None:
        names = list(self.tiles)
        if self.selected in names:
            self.page = names.index(self.selected) // self.layout_chosen.capacity
        self.page = min(self.page, self.pages - 1)

    def _seen_aspect(self) -> float:
        """Returns the usual width over height of the pictures that are there."""
        sizes = [tile.picture.size for tile in self.tiles.values() if tile.picture is not None]
        return median(width / height for height, width in sizes) if sizes else USUAL_ASPECT
