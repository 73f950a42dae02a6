"""What stands above the wall: the total, the scale of the heat-map while there is one, and the page."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.icons import icon
from app.panels.elided import ElidedLabel
from app.panels.legend import Legend

TOTAL_FACTOR = 1.2  # of the size of other letters


class WallBar(QWidget):
    """Takes no more room than what it has to say."""

    def __init__(self, *, on_turn: Callable[[int], None]) -> None:
        super().__init__()
        self._is_away = False
        self.total, self.legend = ElidedLabel(), Legend()
        self._pager, self._page = QWidget(), QLabel()
        font = self.total.font()
        font.setPointSizeF(TOTAL_FACTOR * font.pointSizeF())
        font.setBold(True)
        self.total.setFont(font)
        self.total.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._back = self._turner("back", self.tr("The page before (Page up)"), lambda: on_turn(-1))
        self._on = self._turner("on", self.tr("The next page (Page down)"), lambda: on_turn(1))
        pager, row = QHBoxLayout(self._pager), QHBoxLayout(self)
        for layout in (pager, row):
            layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._back, self._page, self._on):
            pager.addWidget(widget)
        row.addWidget(self.total, stretch=1)
        row.addWidget(self.legend, alignment=Qt.AlignmentFlag.AlignRight)
        row.addWidget(self._pager)
        self.show_page(0, 1)
        self.show_total("")

    def show_total(self, words: str) -> None:
        """Shows the total; '' takes it away."""
        self.total.set_words(words)
        if bool(words) is self.total.isHidden():
            self.total.setVisible(bool(words))
            self._fit()

    def show_page(self, page: int, pages: int) -> None:
        """Shows which page it is, counted from 0; nothing where there is one alone."""
        self._page.setText(self.tr("Page {page} of {pages}").format(page=page + 1, pages=pages))
        self._back.setEnabled(page > 0)
        self._on.setEnabled(page < pages - 1)
        self._pager.setVisible(pages > 1)
        self._fit()

    def show_legend(self, shown: bool) -> None:
        """Shows the scale of the heat-map, or takes it away."""
        self.legend.setVisible(shown)
        self._fit()

    def set_away(self, away: bool) -> None:
        """Takes all of it away, or brings it back."""
        self._is_away = away
        self._fit()

    def _fit(self) -> None:
        self.setHidden(self._is_away or (self.total.isHidden() and self._pager.isHidden() and self.legend.isHidden()))

    def _turner(self, name: str, tip: str, turn: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(turn)
        return button
