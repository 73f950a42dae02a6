"""The ring around what has the keyboard, the same for every widget of every window, Qt's own dialogs included."""

from collections.abc import Callable

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QApplication, QMenuBar, QWidget

from app.colour_table import Colours

OUTSIDE, WIDTH, ROUND = 2, 2.0, 4.0  # pixels around the widget, of the pen, of the corners
OWN_RING = "draws its own ring"
"""A property of widgets that show by themselves that they have the keyboard."""
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ZOrderChange)


class _Ring(QWidget):
    """Lies over a window and lets the mouse through."""

    def __init__(self, window: QWidget, look: Callable[[], Colours]) -> None:
        super().__init__(window)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws it in two colours, one of which is seen on any picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self._look()
        for inset, colour in ((1.0, look.focus), (1.0 + WIDTH, look.ground)):
            painter.setPen(QPen(QColor(colour), WIDTH if colour == look.focus else 1.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), ROUND, ROUND)
        painter.end()


class FocusRing(QObject):
    """Follows the focus of an application."""

    def __init__(self, application: QApplication, look: Callable[[], Colours]) -> None:
        super().__init__(application)
        self._look = look
        self._ring: _Ring | None = None
        self._watched: list[QWidget] = []
        application.focusChanged.connect(self._move)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Moves along with the widget and all that it lies in."""
        if event is not None and event.type() in MOVES:
            self._place()
        return False

    def _move(self, before: QWidget | None, now: QWidget | None) -> None:
        self._let_go()
        window = None if now is None else now.window()  # an empty list of Qt is false
        if now is None or window is None or now is window or window.windowType() is Qt.WindowType.Popup:
            return
        by_key = bool(now.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if (
            isinstance(now, QMenuBar) or not by_key or now.property(OWN_RING)
        ):  # a menu bar marks its own items, a page is not a control
            return
        self._ring = _Ring(window, self._look)
        widget: QWidget | None = now
        while widget is not None:
            self._watched.append(widget)
            widget.installEventFilter(self)
            widget = None if widget is window else widget.parentWidget()
        self._place()

    def _let_go(self) -> None:
        for widget in self._watched:
            if not sip.isdeleted(widget):
                widget.removeEventFilter(self)
        self._watched = []
        if self._ring is not None and not sip.isdeleted(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None

    def _place(self) -> None:
        if self._ring is None or sip.isdeleted(self._ring) or any(map(sip.isdeleted, self._watched)):
            return
        place = _seen(self._watched)
        self._ring.setVisible(place.isValid())
        self._ring.setGeometry(place)
        self._ring.raise_()


def _seen(chain: list[QWidget]) -> QRect:
    """Returns where a widget is seen in its window, with room around it; not valid where it is not."""
    widget, window = chain[0], chain[-1]
    if not widget.isVisible():
        return QRect()
    around = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-OUTSIDE, -OUTSIDE, OUTSIDE, OUTSIDE)
    for outer in chain[1:]:
        around &= QRect(outer.mapTo(window, QPoint(0, 0)), outer.size())
    return around
