"""Work that goes on in the background: what it is, how far it is, and a button that ends it; hidden without any."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from app.panels.curve_look import Look
from app.panels.elided import ElidedLabel
from app.theme import em


class WorkStrip(QWidget):
    """One piece of work."""

    cancelled = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._words, self._bar, self.cancel = ElidedLabel(), QProgressBar(), QPushButton(self.tr("Cancel"))
        self._sample = QLabel()
        self._sample.hide()
        self._bar.setRange(0, 100)
        self._bar.setFixedWidth(em(self, 9))
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, em(self, 0.5), 0)
        row.addWidget(self._sample)
        row.addWidget(self._words, stretch=1)
        row.addWidget(self._bar)
        row.addWidget(self.cancel)
        self.hide()

    def show_work(self, words: str, share: float | None = None) -> None:
        """Says what is done, and which share of it (0 to 1) is through; '' is nothing."""
        self._words.set_words(words)
        self._bar.setRange(0, 0 if share is None else 100)
        self._bar.setValue(round(100 * (share or 0.0)))
        self._bar.setAccessibleName(words)
        self._bar.show()
        self._offer(self.tr("Cancel"), words)
        self.setVisible(bool(words))

    def show_result(self, words: str) -> None:
        """Says what came of it, until that is put away."""
        self._words.set_words(words)
        self._bar.hide()
        self._offer(self.tr("Remove"), words)
        self.show()

    def show_sample(self, look: Look) -> None:
        """Shows the line that it is about beside its words."""
        self._sample.setPixmap(look.sample(self))
        self._sample.show()

    def _offer(self, button: str, words: str) -> None:
        self.cancel.setText(button)
        self.cancel.setAccessibleName(f"{button}: {words}")

    @property
    def words(self) -> str:
        """What is said."""
        return self._words.words
