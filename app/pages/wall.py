"""The page "Live": the wall, the total of its counts, overlays, full screen and the lock.

The wall may leave the page for a screen of its own; then it goes on being told of pictures, whatever the window shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, TypeVar, get_args

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtBoundSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QSplitter, QStackedWidget, QVBoxLayout

from app.pages.page import Page
from app.panels.camera_tile import CameraTile, Moment
from app.panels.gaze import Gaze
from app.panels.invitation import Invitation
from app.panels.picture_view import Overlay
from app.panels.tile_words import total_words
from app.panels.wall import Wall
from app.panels.wall_actions import OF_CAMERA, check_choice, choice_menu, layout_words, make_wall_actions, overlay_words
from app.panels.wall_bar import WallBar
from app.panels.wall_layout import Layout
from app.panels.wall_lock import WallLock
from app.panels.wall_screen import WallScreen
from app.running.live import Live
from engine.settings.config import Config

T = TypeVar("T")
OVERLAYS: tuple[Overlay, ...] = get_args(Overlay)


class Configured(Protocol):
    """What is to be watched, such as a document."""

    @property
    def changed(self) -> pyqtBoundSignal:
        """It is another `Config`, which comes along."""
        ...

    @property
    def config(self) -> Config:
        """What it is now."""
        ...


@dataclass(frozen=True, slots=True)
class WallCallbacks:
    """What the page asks of the window."""

    add_camera: Callable[[], object]
    edit_zones: Callable[[str], object]
    """Of the camera of this name."""
    set_up: Callable[[str], object]
    """The camera of this name."""
    lock: Callable[[bool], object]
    """Hide set-up, or show it again."""


class WallPage(Page):
    """Live pictures and counts of the cameras that are configured."""

    name, icon = "live", "live"

    def __init__(self, live: Live, configured: Configured, callbacks: WallCallbacks) -> None:
        super().__init__()
        self._live, self._callbacks = live, callbacks
        self.title = self.tr("Live")
        self.overlay: Overlay = "none"
        self._left_out: set[str] = set()  # of the total
        self.wall = Wall()
        self._gaze = Gaze(self.wall, live.want)
        self.bar = WallBar(on_turn=self.wall.turn, on_opacity=self._set_opacity, on_scale=self._scale)
        self.invitation = Invitation(self.tr("Add a camera"), callbacks.add_camera)
        self.doings = make_wall_actions(self, self.wall, self._callbacks_of_actions())
        self.wall.tile_actions = [self.doings[command.name] for command in OF_CAMERA]
        self.lock = WallLock(self, self.doings["lock"], self._follow_lock)
        self._menus = {
            "next_layout": choice_menu(self, layout_words(), lambda value: self._arrange(Layout(value))),
            "next_overlay": choice_menu(self, overlay_words(), self._choose_overlay),
        }
        self._build()
        configured.changed.connect(self._take)
        self._take(configured.config)

    def enter(self) -> None:
        """Asks for pictures from now on."""
        self._gaze.look(anew=True)

    def leave(self) -> None:
        """Asks for none, unless the wall is on a screen of its own."""
        self._gaze.look(anew=True)

    def fill(self, full: bool) -> None:
        """Leaves the wall alone on the page."""
        self._is_filling = full
        self._show_bar()

    def pull_pictures(self) -> None:
        """Hands each visible tile its newest picture."""
        for tile in self.wall.visible_tiles:
            picture = self._live.newest(tile.name)
            if picture is not None:
                tile.show_picture(picture)

    def pull_numbers(self) -> None:
        """Tells all tiles how their cameras are doing."""
        self.wall.show_facts(Moment(monotonic(), self._live.facts(), self._live.is_overloaded))
        counted = self._counted_tiles()
        counts = [(tile.settings, tile.count) for tile in counted if tile.name not in self._left_out]
        self.bar.show_total(total_words(counts) if len(counted) > 1 else "")
        self._show_bar()
        self._gaze.look()

    def commands(self) -> Sequence[QAction]:
        """Layout, overlay, the wall alone, the lock."""
        return [self.doings[name] for name in ("next_layout", "next_overlay", "full_screen", "lock")]

    def state(self) -> dict[str, object]:
        """Returns how the wall is arranged and what lies over it."""
        scale = self._gaze.fixed_scale
        return {
            "layout": str(self.wall.layout_chosen),
            "large": self.wall.large,
            "overlay": self.overlay,
            "opacity": self._opacity,
            "not_in_total": sorted(self._left_out),
            "locked": self.lock.is_locked,
        } | ({"scale": scale} if scale else {})

    def restore(self, state: dict[str, object]) -> None:
        """Takes what `state` returned; what makes no sense is left as it is."""
        overlay, layout, opacity = state.get("overlay"), state.get("layout"), state.get("opacity")
        if isinstance(opacity, float | int) and 0 <= opacity <= 1:
            self.bar.opacity.set_opacity(float(opacity))
        names = state.get("not_in_total")
        self._left_out = {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
        self.bar.set_fixed_scale(state.get("scale"))
        self.wall.large = str(state.get("large", ""))
        if overlay in OVERLAYS:
            self._choose_overlay(str(overlay))
        if layout in list(Layout):
            self._arrange(Layout(str(layout)))
        self.lock.set_locked(state.get("locked") is True)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Asks anew when the window gets the keyboard back: a dialog may have asked for other pictures meanwhile."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._gaze.look(anew=True)

    def switch_full_screen(self) -> None:
        """Fills a screen with the wall alone, or brings it back."""
        self.screen_of_its_own.switch()

    def switch_lock(self) -> None:
        """Locks, or asks whether to unlock."""
        self.lock.switch()

    def menu_of(self, name: str) -> QMenu:
        """Returns the menu of a camera, which becomes the selected one."""
        self.wall.select(name)
        menu = QMenu(self)
        tile, is_large = self.wall.tiles[name], self.wall.layout_chosen is Layout.LARGE
        self.doings["enlarge"].setText(self.tr("Show all") if self.wall.enlarged else self.tr("Enlarge"))
        self.doings["in_total"].setChecked(name not in self._left_out and tile.settings.counted)
        self.doings["in_total"].setEnabled(tile.settings.counted)
        shown = ["enlarge", *(["large"] if is_large else []), "in_total", "", "edit_zones", "set_up"]
        for entry in [*shown, "", "next_layout", "next_overlay", "", "full_screen", "lock"]:
            menu.addAction(self.doings[entry]) if entry else menu.addSeparator()
        screens = self.screen_of_its_own.screens_menu(menu, self.doings["full_screen"])
        if screens is not None:
            menu.addMenu(screens)
        return menu

    def _build(self) -> None:
        self._stack, self.splitter = QStackedWidget(), QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.wall)
        self.splitter.setChildrenCollapsible(False)
        self.screen_of_its_own = WallScreen(self.wall, self.splitter, on_change=self._follow_screen)
        self.screen_of_its_own.pull(self._pull_alone(self.pull_pictures), self._pull_alone(self.pull_numbers))
        self._is_filling = False
        for widget in (self.splitter, self.invitation):
            self._stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.addWidget(self.bar)
        column.addWidget(self._stack, stretch=1)
        for name, menu in self._menus.items():
            self.doings[name].setMenu(menu)
        self.setFocusProxy(self.wall)
        self.wall.rearranged.connect(self._follow_wall)
        self.wall.menu_wanted.connect(self._open_menu)

    def _callbacks_of_actions(self) -> dict[str, Callable[[], object]]:
        ask = self._callbacks
        return {
            "enlarge": self.wall.switch_enlarged,
            "in_total": self._switch_in_total,
            "large": lambda: self.wall.make_large(self.wall.selected),
            "edit_zones": lambda: self._set_up(ask.edit_zones),
            "set_up": lambda: self._set_up(ask.set_up),
            "next_layout": lambda: self._arrange(_after(self.wall.layout_chosen, list(Layout))),
            "next_overlay": lambda: self._choose_overlay(_after(self.overlay, OVERLAYS)),
            "stronger": lambda: self.bar.opacity.step(1),
            "weaker": lambda: self.bar.opacity.step(-1),
            "full_screen": self.switch_full_screen,
            "lock": self.switch_lock,
        }

    def _take(self, config: Config) -> None:
        """Shows the cameras of another configuration."""
        shown = [camera for camera in config.cameras if camera.enabled and camera.on_wall]
        self.wall.set_cameras(shown)
        self._lay()
        if config.cameras:
            heading = self.tr("No camera is on the wall")
            sentence = self.tr("Every camera is switched off or kept off the wall; change that in its settings.")
        else:
            heading = self.tr("No camera yet")
            sentence = self.tr("Add a camera to see it here, live, and to have its people counted.")
        self.invitation.say(heading, sentence, can_press=not self.lock.is_locked)
        if not shown:
            self.screen_of_its_own.leave()
        self._stack.setCurrentWidget(self.splitter if shown else self.invitation)
        self._follow_wall()

    def _set_up(self, ask: Callable[[str], object]) -> None:
        if not self.lock.is_locked and self.wall.selected:
            self.screen_of_its_own.leave()
            ask(self.wall.selected)

    def _counted_tiles(self) -> list[CameraTile]:
        return [tile for tile in self.wall.tiles.values() if tile.settings.counted]

    def _switch_in_total(self) -> None:
        self._left_out ^= {self.wall.selected}
        self._follow_wall()

    def _arrange(self, layout: Layout) -> None:
        self.wall.set_layout(layout)

    def _choose_overlay(self, overlay: str) -> None:
        self.overlay = next(known for known in OVERLAYS if known == overlay)
        self._lay()

    def _scale(self, scale: float | None) -> None:
        self._gaze.fixed_scale = scale
        self._gaze.look()

    def _set_opacity(self, opacity: float) -> None:
        self._opacity = opacity
        self.wall.set_overlay(self.overlay, opacity)

    def _lay(self) -> None:
        self.wall.set_overlay(self.overlay, self._opacity)
        self._show_bar()
        self._gaze.look()

    def _show_bar(self) -> None:
        check_choice(self._menus["next_layout"], self.wall.layout_chosen)
        check_choice(self._menus["next_overlay"], self.overlay)
        self.bar.show_heat(self.overlay == "heat")
        self.bar.show_page(self.wall.page, self.wall.pages)
        self.bar.setHidden(self._is_filling or self.bar.is_empty)

    def _follow_wall(self) -> None:
        """Other tiles are visible, or another one is selected."""
        left_out = self._left_out & {tile.name for tile in self._counted_tiles()}
        self.wall.mark(lambda name: bool(left_out) and name not in left_out)
        self._show_bar()
        self._gaze.look()

    def _follow_lock(self, locked: bool) -> None:
        for name in ("edit_zones", "set_up"):
            self.doings[name].setVisible(not locked)
        self.invitation.button.setVisible(not locked)
        self._callbacks.lock(locked)

    def _follow_screen(self) -> None:
        self.doings["full_screen"].setChecked(self.screen_of_its_own.is_filled)
        self._gaze.look(anew=True)

    def _pull_alone(self, pull: Callable[[], None]) -> Callable[[], None]:
        """Returns a pull for the time in which the window pulls nothing, since it shows another page."""
        return lambda: None if self.isVisible() and not self._is_minimized() else pull()

    def _is_minimized(self) -> bool:
        window = self.window()
        return window is not None and window.isMinimized()

    def _open_menu(self, name: str, place: QPoint) -> None:
        menu = self.menu_of(name)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)


def _after(value: T, values: Sequence[T]) -> T:
    return values[(values.index(value) + 1) % len(values)]
