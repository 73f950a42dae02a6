"""Plain words of any length in a little room: some lines of them, and what is more by scrolling."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy

from app.theme import em

MOST_LINES, MOST_SHARE = 6, 0.25  # of the window's height
LEAST_EM = 8.0


class Message(QScrollArea):
    """Words that can be selected, as high as they need and no higher than `MOST_LINES`."""

    def __init__(self) -> None:
        super().__init__()
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWidget(self.label)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)  # a fixed height would be that of the usual width
        self.setObjectName("message")

    def set_text(self, words: str) -> None:
        """Shows other words."""
        self.label.setText(words)
        self.setAccessibleName(words)
        self.updateGeometry()

    @property
    def text(self) -> str:
        """All of them."""
        return self.label.text()

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Of some lines at most."""
        return min(self.label.heightForWidth(width), self._most())

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as it likes."""
        width = em(self, 5 * LEAST_EM)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Two lines, if there are so many: one alone with a bar to scroll it cannot be read."""
        lines = min(self.label.heightForWidth(self.width()), 2 * self.label.fontMetrics().lineSpacing())
        return QSize(em(self, LEAST_EM), max(self.label.fontMetrics().lineSpacing(), lines))

    def _most(self) -> int:
        line = self.label.fontMetrics().lineSpacing()
        window = self.window()
        assert window is not None
        return max(2 * line, min(MOST_LINES * line, round(MOST_SHARE * window.height())))
