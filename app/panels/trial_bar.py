"""A strip that says which cameras are shown for a try, and lets each be kept or taken away."""

from collections.abc import Callable

from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.panels.elided import ElidedLabel


class TrialBar(QWidget):
    """Hidden while no camera is tried; shows one at a time."""

    def __init__(self, *, on_keep: Callable[[str], object], on_drop: Callable[[str], object]) -> None:
        super().__init__()
        self._name = ""
        self._words = ElidedLabel()
        self.keep, self.drop = QPushButton(self.tr("Keep this camera")), QPushButton(self.tr("Remove"))
        self.keep.setToolTip(self.tr("Write it into the configuration, so that it is there at the next start"))
        self.drop.setToolTip(self.tr("Watch it no longer"))
        self.keep.clicked.connect(lambda: on_keep(self._name))
        self.drop.clicked.connect(lambda: on_drop(self._name))
        row = QHBoxLayout(self)
        row.addWidget(self._words, stretch=1)
        row.addWidget(self.keep)
        row.addWidget(self.drop)
        self.show_try("")

    def show_try(self, name: str) -> None:
        """Shows one camera; '' hides the strip."""
        self._name = name
        words = self.tr("“{camera}” is shown for a try").format(camera=name)
        self._words.set_words(words)
        self.setVisible(bool(name))
