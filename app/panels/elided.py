"""Words that give way: shortened in the middle where there is no room, whole in the tool-tip and for screen readers."""

from html import escape
from math import ceil

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QResizeEvent
from PyQt6.QtWidgets import QLabel, QWidget

from app.theme import em

LEAST_EM = 4.0


class ElidedLabel(QLabel):
    """One line of plain text of any length, which never makes its window wider."""

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._tip = "", ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setIndent(0)  # Qt would leave half a letter free beside a frame of a style sheet
        self.set_words(words)

    @property
    def words(self) -> str:
        """All of it."""
        return self._words

    def set_words(self, words: str, tip: str = "") -> bool:
        """Shows other words, if they are others; `tip` is said under the mouse in place of what was cut."""
        if (words, tip) == (self._words, self._tip):
            return False
        self._words, self._tip = words, tip
        self.setAccessibleName(words)
        self.updateGeometry()
        self._fit()
        return True

    def whole_width(self) -> int:
        """How wide it is with nothing cut."""
        self.ensurePolished()
        return ceil(QFontMetricsF(self.font()).horizontalAdvance(self._words)) + self._around()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for all of it."""
        return QSize(self.whole_width(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for a few letters."""
        least = em(self, LEAST_EM) + self._around()
        return QSize(min(least, self.whole_width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Shortens the words."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Measures anew in another font or style."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self._fit()

    def _fit(self) -> None:
        room = self.width() - self._around()
        shown = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, max(0, room))
        self.setToolTip(plain_tip(self._tip or (self._words if shown != self._words else "")))
        self.setText(shown)

    def _around(self) -> int:
        return self.width() - self.contentsRect().width() + 2 * self.margin() + 1


def plain_tip(words: str) -> str:
    """Returns a tool-tip that is taken for plain text whatever it looks like."""
    return f"<p style='white-space: pre-wrap'>{escape(words)}</p>" if words else ""
