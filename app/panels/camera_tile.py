"""One camera on the wall: its picture, its name and state, its count, its zones, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PyQt6.QtCore import QEvent, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QEnterEvent, QFocusEvent, QFont, QPainter, QPen, QPixmap

from app.focus_ring import OWN_RING
from app.panels.elided import plain_tip
from app.panels.outline import label_place, outline
from app.panels.picture_view import PictureView
from app.panels.steady import Trend, steady
from app.panels.text_plate import Run, Setting, TextPlate, tone_colour
from app.panels.tile_words import Seen, TileWords, Tone, words_of
from app.theme import colours, em
from engine.capture.health import State
from engine.monitor.facts import CameraFacts
from engine.settings.config import CameraSettings

MARGIN_EM = 0.4
COUNT_FACTORS, COUNT_TILE_EM = (1.2, 2.6), 14.0  # of the letters of a count, and the height of a tile for each 1.0
RING_EM, ZONE_EM = 0.22, 0.13
NARROW_EM, LOW_EM = 16.0, 9.0  # width and height of a tile below which words have to share their places
LINE_EM = 4.4  # height of a tile in which there is one line


@dataclass(frozen=True, slots=True)
class Moment:
    """What is told to all tiles at once."""

    now_s: float
    """On the monotonic clock."""
    facts: Mapping[str, CameraFacts]
    is_overloaded: bool = False
    trends: Mapping[str, Trend | None] = field(default_factory=dict)


class CameraTile(PictureView):
    """Told of pictures at the screen's pace and of facts some times a second; draws its words anew when they change."""

    focused = pyqtSignal(str)
    """It has got the keyboard: its name."""

    def __init__(self, settings: CameraSettings) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMouseTracking(True)
        self.setProperty(OWN_RING, True)
        self.settings = settings
        self.count: int | None = None
        """As it is shown; None is unknown."""
        self.is_selected = self.is_in_total = False
        self._zones: dict[str, int | None] = {}
        self._plates = {name: TextPlate() for name in ("name", "count", "lost", "trouble", "middle")}
        self._zone_plates: list[TextPlate] = []
        self._hovered = False
        self.words = words_of(Seen(settings, None))
        self._say(self.words)

    @property
    def name(self) -> str:
        """Of the camera."""
        return self.settings.name

    def set_settings(self, settings: CameraSettings) -> None:
        """Takes other settings of the same camera."""
        if settings != self.settings:
            self.settings = settings
            self._say(words_of(Seen(settings, None)))
            self.refresh_layer()

    def mark(self, *, selected: bool, in_total: bool) -> None:
        """Shows whether it is the selected one, and whether its count is part of a total that leaves others out."""
        if (selected, in_total) != (self.is_selected, self.is_in_total):
            self.is_selected, self.is_in_total = selected, in_total
            self.update()

    def show_facts(self, moment: Moment) -> None:
        """Takes how the camera is doing."""
        facts = moment.facts.get(self.name)
        newest = facts.newest if facts else None
        people = newest.people if newest and self.settings.counted else None
        self.count = steady(people, self.count)
        zones = (newest.zones if newest else None) or {}
        self._zones = {
            zone.name: steady(zones.get(zone.name), self._zones.get(zone.name)) for zone in self.settings.zones
        }
        arrived_s, picture_age_s = newest.arrived_s if newest else None, facts.health.age_s if facts else None
        if self.picture is not None:
            picture_age_s = moment.now_s - self.picture.arrived_s
        seen = Seen(
            settings=self.settings,
            facts=facts,
            count=self.count,
            trend=moment.trends.get(self.name),
            zones=self._zones,
            picture_age_s=picture_age_s,
            count_age_s=None if arrived_s is None else moment.now_s - arrived_s,
            is_overloaded=moment.is_overloaded,
        )
        self.set_greyed(facts is None or facts.health.state is not State.LIVE)
        self._say(words_of(seen))

    def _say(self, words: TileWords) -> None:
        before, self.words = self.words, words
        if words.spoken != self.accessibleName():
            self.setAccessibleName(words.spoken)
        if words.tip != before.tip or not self.toolTip():
            self.setToolTip(plain_tip(words.tip))
        if words.zones != before.zones or len(self._zone_plates) != len(words.zones):
            self._zone_plates = (self._zone_plates + [TextPlate() for _ in words.zones])[: len(words.zones)]
            self.refresh_layer()
        elif words != before:
            self.update()

    def enterEvent(self, event: QEnterEvent | None) -> None:  # noqa: N802
        """Shows its figures."""
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Hides its figures, where nothing is wrong."""
        self._hovered = False
        self.update()

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Becomes the selected one; its description is not kept up, or a screen reader would read ages all day."""
        super().focusInEvent(event)
        self.setAccessibleDescription(self.words.tip)
        self.focused.emit(self.name)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Loses its ring."""
        super().focusOutEvent(event)
        self.update()

    def has_layer(self) -> bool:
        """Whether there is an overlay, a zone or a mask to draw."""
        has_polygon = bool(self.settings.zones or self.settings.privacy)
        return super().has_layer() or (self.picture is not None and has_polygon)

    def paint_layer(self, painter: QPainter, size: QSize) -> None:
        """Draws overlay, masks and zones."""
        super().paint_layer(painter, size)
        unit = self._pixels(ZONE_EM)
        painter.setPen(QPen(Qt.GlobalColor.black, unit))
        painter.setBrush(Qt.GlobalColor.black)  # what is private is grey for the model
        for polygon in self.settings.privacy:
            painter.drawPolygon(outline(polygon, size))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for zone, words in zip(self.settings.zones, self.words.zones, strict=True):
            edge = outline(zone.polygon, size)
            colour = tone_colour(Tone.BAD if words.is_over else Tone.WORDS)
            for pen in (QPen(QColor(colours().plate), 2.2 * unit), QPen(QColor(colour), unit)):
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(pen)
                painter.drawPolygon(edge)
        self._paint_zone_plates(painter, size)

    def paint_over(self, painter: QPainter, place: QRect) -> None:
        """Draws plates and ring."""
        margin, (height, width) = self._pixels(MARGIN_EM), self.room
        setting = self._setting(width - 2 * margin)
        words, plates = self.words, self._plates
        if self.picture is None and height > self._pixels(LOW_EM):
            self._paint_middle(painter, setting)
        top = plates["name"].pixmap(self._name_runs(), setting)
        count = plates["count"].pixmap(self._count_runs(), setting)
        bottom = height - margin
        for pixmap, y in ((top, margin), (count, bottom - (count.height() if count else 0))):
            if pixmap is not None:
                painter.drawPixmap(margin, y, pixmap)
        self._paint_details(painter, count, words)
        if words.alert:
            self._paint_ring(painter, colours().plate_problem, 2.0)
        if self.is_selected:
            self._paint_ring(painter, colours().accent if self.hasFocus() else colours().quiet, 1.0)

    def _paint_details(self, painter: QPainter, count: QPixmap | None, words: TileWords) -> None:
        """Draws what is wrong, and figures for whoever points at it: right of the count, or above it."""
        margin, (height, width) = self._pixels(MARGIN_EM), self.room
        room = width - 2 * margin
        beside = room - (count.width() + margin if count else 0)
        y = height - margin
        is_beside = beside > self._pixels(NARROW_EM)
        if count and not is_beside:
            y -= count.height() + margin // 2
        for name, runs in (("trouble", self._detail_runs(words)), ("lost", self._lost_runs(words))):
            pixmap = self._plates[name].pixmap(runs, self._setting(beside if is_beside else room))
            if pixmap is not None and y - pixmap.height() > height // 3:
                y -= pixmap.height()
                painter.drawPixmap(width - margin - pixmap.width() if is_beside else margin, y, pixmap)
                y -= margin // 2

    def _paint_middle(self, painter: QPainter, setting: Setting) -> None:
        standing = self.words.standing
        waiting = standing.word if not standing.is_live else self.tr("waiting for a picture")
        pixmap = self._plates["middle"].pixmap([Run(f"{standing.symbol} {waiting}", standing.tone, 1.2)], setting)
        if pixmap is not None:
            height, width = self.room
            painter.drawPixmap((width - pixmap.width()) // 2, (height - pixmap.height()) // 2, pixmap)

    def _paint_ring(self, painter: QPainter, colour: str, wider: float) -> None:
        """Marks the selected one, whether it has the keyboard or not, and within that one with an alert."""
        wide, (height, width) = self._pixels(wider * RING_EM), self.room
        pen = QPen(QColor(colour), wide)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        inset = wide // 2
        painter.drawRect(inset, inset, width - 2 * inset - 1, height - 2 * inset - 1)

    def _paint_zone_plates(self, painter: QPainter, size: QSize) -> None:
        """Draws name and people at each zone; where that would lie over another one, beneath it."""
        taken: list[QRect] = []
        for zone, words, plate in zip(self.settings.zones, self.words.zones, self._zone_plates, strict=True):
            tone = Tone.BAD if words.is_over else Tone.WORDS
            people = f"▲ {words.people}" if words.is_over else words.people
            runs = [Run(words.name, Tone.QUIET, 0.9, elastic=True), Run(people, tone, 1.0, bold=True)]
            pixmap = plate.pixmap(runs, self._setting(size.width() / 2))
            if pixmap is not None:
                place = QRect(label_place(zone.polygon, size, pixmap.size()), pixmap.size())
                for other in taken:
                    if place.intersects(other):
                        place.moveTop(other.bottom() + 1)
                taken.append(place)
                painter.drawPixmap(place, pixmap)

    def _name_runs(self) -> list[Run]:
        standing = self.words.standing
        shared = self._number_runs(1.0) if self._has_one_line else []
        return [
            Run(standing.symbol, standing.tone),
            *shared,
            Run(self.words.name, bold=not shared, elastic=True),
            Run(
                "" if self._is_narrow and not standing.is_live else standing.word,
                standing.tone,
                optional=standing.is_live,
            ),
        ]

    def _count_runs(self) -> list[Run]:
        """The number is as large as the tile allows, so that it is read from across the room."""
        if self._has_one_line or not self.words.count:
            return []
        least, most = COUNT_FACTORS
        return self._number_runs(min(max(self.height() / em(self, COUNT_TILE_EM), least), most))

    def _number_runs(self, factor: float) -> list[Run]:
        words = self.words
        number, _, unit = words.count.rpartition(" ") if " " in words.count else (words.count, "", "")
        return [
            Run("Σ" if self.is_in_total else "", Tone.QUIET),
            Run("▲" if words.is_over else "", Tone.BAD),
            Run(number, Tone.BAD if words.is_over else Tone.WORDS, factor, bold=True),
            Run(unit, Tone.QUIET, optional=True),
            Run(words.trend.arrow if words.trend else "", Tone.WORDS, min(factor, 1.4)),
        ]

    def _detail_runs(self, words: TileWords) -> list[Run]:
        if not words.standing.is_live:
            said = [words.standing.word if self._is_narrow else "", words.reason]
            return [Run(": ".join(filter(None, said)), words.standing.tone, 0.9, elastic=True)]
        figures = words.figures if (self._hovered or words.trouble) and not self._has_one_line else ""
        heads = self.picture.heads if self.picture is not None and self.overlay == "heads" else None
        return [
            Run("" if heads is None else self.tr("{heads} heads shown").format(heads=len(heads)), Tone.QUIET, 0.9),
            Run("⚠" if self._has_one_line and words.trouble else words.trouble, Tone.WAITING, 0.9, elastic=True),
            Run(figures, Tone.QUIET, 0.9, elastic=not words.trouble, optional=bool(words.trouble)),
        ]

    def _lost_runs(self, words: TileWords) -> list[Run]:
        runs = [
            Run(words.alert, Tone.BAD, 1.0, bold=True, elastic=True),
            Run(words.suspended, Tone.QUIET, 0.9, elastic=True, optional=bool(words.alert)),
            Run(words.lost, Tone.WORDS, 0.9, elastic=True),
        ]
        return [run for run in runs if run.text]

    @property
    def _has_one_line(self) -> bool:
        return self.height() < em(self, LINE_EM)

    @property
    def _is_narrow(self) -> bool:
        return self.width() < em(self, NARROW_EM)

    def _setting(self, width: float) -> Setting:
        """`width` is in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        return Setting(QFont(self.font()), ratio, width / ratio)

    def _pixels(self, lengths: float) -> int:
        """Returns a length in heights of the letters, in pixels of the screen."""
        return max(1, round(em(self, 100) * lengths / 100 * self.devicePixelRatioF()))
