"""The page "Live": the wall, the total of its counts, overlays, full screen and the lock.

The wall may leave the page for a screen of its own; then it goes on being told of pictures, whatever the window shows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, TypeVar

from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QAction, QFocusEvent
from PyQt6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout

from app.actions import placed
from app.pages.page import Page
from app.panels.camera_tile import CameraTile, Moment
from app.panels.curve_dock import Configured, CurveDock
from app.panels.curve_lines import Ask
from app.panels.gaze import Gaze
from app.panels.group_strip import GroupStrip
from app.panels.group_words import group_words
from app.panels.invitation import Invitation
from app.panels.opacity_slider import OpacitySlider
from app.panels.splitter import splitter
from app.panels.tile_words import total_words
from app.panels.trends import Trends
from app.panels.wall import Wall
from app.panels.wall_actions import OF_CAMERA, WallMenus, make_wall_actions
from app.panels.wall_bar import WallBar
from app.panels.wall_choices import OVERLAYS, SCALES, WallChoices
from app.panels.wall_layout import Layout
from app.panels.wall_lock import WallLock
from app.panels.wall_screen import WallScreen
from app.running.looked import LookedAt
from engine.monitor.facts import CameraFacts
from engine.settings.config import Config

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WallCallbacks:
    """What the page asks of the window."""

    add_camera: Callable[[], object]
    count_heads: Callable[[str], object]
    edit_zones: Callable[[str], object]
    """Of the camera of this name."""
    calibrate: Callable[[str], object]
    trust: Callable[[str], object]
    """The camera of this name."""
    set_up: Callable[[str], object]
    """The camera of this name."""
    edit_rules: Callable[[str], object]
    """Of the camera of this name."""
    lock: Callable[[bool], object]
    """Hide set-up, or show it again."""
    past: Ask | None = None
    """Gives what was counted before; None reads the log."""


class WallPage(Page):
    """Live pictures and counts of the cameras that are configured."""

    name, icon = "live", "live"

    def __init__(self, live: LookedAt, configured: Configured, callbacks: WallCallbacks) -> None:
        super().__init__()
        self.title = self.tr("Live")
        self._live, self._configured, self._callbacks = live, configured, callbacks
        self.choices = WallChoices()
        self._is_filling = False
        self.wall = Wall()
        self.bar, self.groups = WallBar(on_turn=self.wall.turn), GroupStrip()
        self.opacity = OpacitySlider(lambda opacity: self._choose(opacity=opacity))
        self.curve = CurveDock(live, configured, ask=callbacks.past)
        self.invitation = Invitation(self.tr("Add a camera"), callbacks.add_camera)
        self.doings = make_wall_actions(self, self.wall, self._callbacks_of_actions())
        self._menus = WallMenus(self, self.doings, self._choose)
        self._slider = placed(self, self.opacity)
        self.wall.tile_actions = [self.doings[command.name] for command in OF_CAMERA]
        self.lock = WallLock(self, self.doings["lock"], lambda locked: self._choose(locked=locked))
        self._gaze, self._trends = Gaze(self.wall, live.want), Trends(live.recent)
        self._build()
        configured.changed.connect(self._take)
        self._take(configured.config)
        self._show_choices()

    def enter(self) -> None:
        """Asks for pictures from now on."""
        self._gaze.look(anew=True)

    def leave(self) -> None:
        """Asks for none, unless the wall is on a screen of its own."""
        self._gaze.look(anew=True)

    def fill(self, full: bool) -> None:
        """Leaves the wall alone on the page."""
        self._is_filling = full
        self.bar.set_away(full)
        self.groups.set_away(full)
        self._show_choices()

    def pull_pictures(self) -> None:
        """Hands each visible tile its newest picture."""
        for tile in self.wall.visible_tiles:
            picture = self._live.newest(tile.name)
            if picture is not None:
                tile.show_picture(picture)

    def pull_numbers(self) -> None:
        """Tells all tiles how their cameras are doing."""
        trends = self._trends.now(self.wall.tiles)
        facts = self._live.facts()
        self.wall.show_facts(Moment(monotonic(), facts, self._live.is_overloaded, trends))
        counted = self._counted_tiles()
        counts = [(tile.settings, tile.count) for tile in counted if tile.name not in self.choices.left_out]
        self.bar.show_total(total_words(counts) if len(counted) > 1 else "")
        self._show_groups(facts)
        self._show_scale()
        self._gaze.look()

    def commands(self) -> Sequence[QAction]:
        """Layout, overlay and how strong it is, the wall alone, the lock."""
        first, last = ("next_layout", "next_overlay", "next_scale"), ("curve", "full_screen", "lock")
        return [*(self.doings[name] for name in first), self._slider, *(self.doings[name] for name in last)]

    def state(self) -> dict[str, object]:
        """Returns how the wall is arranged and what lies over it."""
        return self.choices.state | {"curves": self.curve.state()}

    def restore(self, state: dict[str, object]) -> None:
        """Takes what `state` returned; what makes no sense is left as it is."""
        self._choose(**_fields(self.choices.with_state(state)))
        curves = state.get("curves")
        self.curve.restore(curves if isinstance(curves, dict) else {})

    def finish(self) -> None:
        """Ends what it reads and writes; called once at the end of the window."""
        self.screen_of_its_own.leave()
        self.curve.finish()

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Hands the keyboard on to the wall; a focus proxy would keep Tab from the invitation in its place."""
        super().focusInEvent(event)
        (self.wall if self.wall.tiles else self.invitation.button).setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Asks anew when the window gets the keyboard back: a dialog may have asked for other pictures meanwhile."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._gaze.look(anew=True)

    def menu_of(self, name: str) -> QMenu:
        """Returns the menu of a camera, which becomes the selected one."""
        self.wall.select(name)
        return self._menus.of_camera(self.wall, self.screen_of_its_own.screens_menu)

    def _build(self) -> None:
        self._stack = QStackedWidget()
        self.splitter = splitter(Qt.Orientation.Vertical, (self.wall, 72), (self.curve, 28))
        self.screen_of_its_own = WallScreen(self.wall, self.splitter, on_change=self._follow_screen)
        self.screen_of_its_own.pull(self._pull_alone(self.pull_pictures), self._pull_alone(self.pull_numbers))
        for widget in (self.splitter, self.invitation):
            self._stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.addWidget(self.bar)
        column.addWidget(self.groups)
        column.addWidget(self._stack, stretch=1)
        self.bar.legend.square_wanted.connect(lambda square: self._choose(square=square))
        self.wall.rearranged.connect(self._follow_wall)
        self.wall.menu_wanted.connect(self._open_menu)

    def _callbacks_of_actions(self) -> dict[str, Callable[[], object]]:
        ask = self._callbacks
        return {
            "enlarge": self.wall.switch_enlarged,
            "in_total": lambda: self._choose(left_out=self.choices.left_out ^ {self.wall.selected}),
            "large": lambda: self._choose(large=self.wall.selected),
            "heads": self._count_heads,
            "edit_zones": lambda: self._set_up(ask.edit_zones),
            "calibrate": lambda: self._set_up(ask.calibrate),
            "trust": lambda: self._set_up(ask.trust),
            "set_up": lambda: self._set_up(ask.set_up),
            "rules": lambda: self._set_up(ask.edit_rules),
            "next_layout": lambda: self._choose(layout=_after(self.choices.layout, list(Layout))),
            "next_overlay": lambda: self._choose(overlay=_after(self.choices.overlay, OVERLAYS)),
            "next_scale": lambda: self._choose(scale=_after(self.choices.scale, SCALES)),
            "stronger": lambda: self.opacity.step(1),
            "weaker": lambda: self.opacity.step(-1),
            "curve": lambda: self._choose(curve=not self.choices.curve),
            "full_screen": self._switch_full_screen,
            "lock": self._switch_lock,
        }

    def _switch_full_screen(self) -> None:
        self.screen_of_its_own.switch()

    def _switch_lock(self) -> None:
        self.lock.switch()

    def _set_up(self, ask: Callable[[str], object]) -> None:
        if not self.choices.locked and self.wall.selected:
            self.screen_of_its_own.leave()
            ask(self.wall.selected)

    def _count_heads(self) -> None:
        if self.wall.selected:
            self.screen_of_its_own.leave()
            self._callbacks.count_heads(self.wall.selected)

    def _choose(self, **changes: Any) -> None:
        """Takes other choices, by the names of their fields."""
        before, self.choices = self.choices, replace(self.choices, **changes)
        if self.choices != before:
            self._show_choices()
            if self.choices.locked != before.locked:
                self._callbacks.lock(self.choices.locked)

    def _show_choices(self) -> None:
        chosen = self.choices
        self.wall.set_layout(chosen.layout, chosen.large)
        self.wall.set_overlay(chosen.overlay, chosen.opacity)
        self.opacity.set_opacity(chosen.opacity)
        self.bar.legend.set_square(chosen.square)
        self.bar.show_legend(chosen.overlay in ("heat", "bands"))
        self._slider.setVisible(chosen.overlay in ("heat", "bands"))
        self.curve.setVisible(chosen.curve and not self._is_filling)
        self._menus.show(chosen)
        self.lock.set_locked(chosen.locked)
        self.invitation.button.setHidden(chosen.locked)
        self._gaze.fixed_scale = chosen.scale
        self._follow_wall()

    def _take(self, config: Config) -> None:
        """Shows the cameras of another configuration."""
        shown = [camera for camera in config.cameras if camera.enabled and camera.on_wall]
        self.wall.set_cameras(shown)
        self.wall.set_overlay(self.choices.overlay, self.choices.opacity)
        if self.choices.locked:
            heading = self.tr("No camera is shown")
            sentence = self.tr("Cameras appear here once they are watched. The wall is locked.")
        elif config.cameras:
            heading = self.tr("No camera is on the wall")
            sentence = self.tr("Every camera is switched off or kept off the wall; change that in its settings.")
        else:
            heading = self.tr("No camera yet")
            sentence = self.tr("Add a camera to see it here, live, and to have its people counted.")
        self.invitation.say(heading, sentence)
        if not shown:
            self.screen_of_its_own.leave()
        self._stack.setCurrentWidget(self.splitter if shown else self.invitation)
        self._follow_wall()

    def _counted_tiles(self) -> list[CameraTile]:
        return [tile for tile in self.wall.tiles.values() if tile.settings.counted]

    def _show_groups(self, facts: Mapping[str, CameraFacts]) -> None:
        """Says how the groups are doing."""
        config = self._configured.config
        now = {each.name: each for each in self._live.groups()} if config.groups else {}
        said = [group_words(each, config.cameras, facts, now.get(each.name)) for each in config.groups]
        self.groups.show_groups(said)

    def _show_scale(self) -> None:
        """Shows the scale of the selected camera, which may be another than that of its neighbours."""
        tile = self.wall.tiles.get(self.wall.selected)
        heat = tile.picture.heat if tile and tile.picture else None
        fixed = self.choices.scale is not None
        self.bar.legend.show_bands(self.choices.overlay == "bands")
        self.bar.legend.show_scale(heat.most if heat else None, heat.cell if heat else 8.0, fixed=fixed)

    def _follow_wall(self) -> None:
        """Other tiles are visible, or another one is selected."""
        left_out = self.choices.left_out & {tile.name for tile in self._counted_tiles()}
        self.wall.mark(lambda name: bool(left_out) and name not in left_out)
        self.bar.show_page(self.wall.page, self.wall.pages)
        self._gaze.look()

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


def _fields(choices: WallChoices) -> dict[str, object]:
    return {name: getattr(choices, name) for name in WallChoices.__slots__}
