"""What stands above the wall: the total, the page, and how the heat-map is shown while there is one."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.panels.opacity_slider import OpacitySlider

TOTAL_FACTOR = 1.2  # of the size of other letters
FIXED_SCALES = (2.0, 5.0, 10.0, 20.0, 50.0)  # people per 100 pixels square in the strongest colour


class ElidedLabel(QLabel):
    """One line that is cut where there is no room for it; all of it is in its tool-tip."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        """Shows other words."""
        if text != self.text():
            self.setText(text)
            self.setToolTip(text)
            self.setAccessibleName(text)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """May be as narrow as need be."""
        return QSize(1, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws as much as there is room for."""
        painter = QPainter(self)
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()


class WallBar(QWidget):
    """Takes no more room than what it has to say."""

    def __init__(
        self,
        *,
        on_turn: Callable[[int], None],
        on_opacity: Callable[[float], None],
        on_scale: Callable[[float | None], None],
    ) -> None:
        super().__init__()
        self._on_scale = on_scale
        self.total, self._page = ElidedLabel(), QLabel()
        font = self.total.font()
        font.setPointSizeF(TOTAL_FACTOR * font.pointSizeF())
        font.setBold(True)
        self.total.setFont(font)
        self._pager, self._heat = QWidget(), QWidget()
        self.opacity = OpacitySlider(on_opacity)
        self.scale = QComboBox()
        self._build_pager(on_turn)
        self._build_heat()
        first = QHBoxLayout()
        first.addWidget(self.total, stretch=1)
        first.addWidget(self._pager)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(first)
        column.addWidget(self._heat)
        self.show_page(0, 1)
        self.show_total("")
        self.show_heat(False)

    def show_total(self, words: str) -> None:
        """Shows the total; '' takes it away."""
        self.total.show_text(words)
        self.total.setVisible(bool(words))

    def show_page(self, page: int, pages: int) -> None:
        """Shows which page it is, counted from 0; nothing where there is one alone."""
        self._page.setText(self.tr("Page {page} of {pages}").format(page=page + 1, pages=pages))
        self._back.setEnabled(page > 0)
        self._on.setEnabled(page < pages - 1)
        self._pager.setVisible(pages > 1)

    def show_heat(self, shown: bool) -> None:
        """Shows how the heat-map is drawn, or takes that away."""
        self._heat.setVisible(shown)

    @property
    def fixed_scale(self) -> float | None:
        """People per 100 pixels square in the strongest colour; None suits each picture."""
        value = self.scale.currentData()
        return float(value) if value else None

    def set_fixed_scale(self, value: object) -> None:
        """Chooses a scale; what is none of the choices is the automatic one."""
        self.scale.setCurrentIndex(FIXED_SCALES.index(value) + 1 if value in FIXED_SCALES else 0)

    @property
    def is_empty(self) -> bool:
        """Whether it has nothing to say."""
        return self.total.isHidden() and self._pager.isHidden() and self._heat.isHidden()

    def _build_pager(self, on_turn: Callable[[int], None]) -> None:
        self._back, self._on = QToolButton(), QToolButton()
        row = QHBoxLayout(self._pager)
        row.setContentsMargins(0, 0, 0, 0)
        buttons = (
            (self._back, "◀", self.tr("The page before (Page up)"), -1),
            (self._on, "▶", self.tr("The next page (Page down)"), 1),
        )
        for button, sign, tip, step in buttons:
            button.setText(sign)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda checked, step=step: on_turn(step))
        for widget in (self._back, self._page, self._on):
            row.addWidget(widget)

    def _build_heat(self) -> None:
        self.scale.addItem(self.tr("Scale: automatic"), 0.0)
        for value in FIXED_SCALES:
            self.scale.addItem(self.tr("Scale: up to {people:g}").format(people=value), value)
        self.scale.setAccessibleName(self.tr("Scale of the heat-map"))
        self.scale.setToolTip(
            self.tr(
                "People per 100 × 100 pixels of the camera in the strongest colour;\n"
                "automatic suits each picture, a fixed scale compares cameras."
            )
        )
        self.scale.currentIndexChanged.connect(lambda: self._on_scale(self.fixed_scale))
        self.row = QHBoxLayout(self._heat)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.addWidget(self.opacity)
        self.row.addWidget(self.scale)
        self.row.addStretch()
