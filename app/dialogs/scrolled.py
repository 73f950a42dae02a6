"""What dialogs of many fields have in common: the fields scroll, and the whole is no larger than the screen."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QScrollArea, QVBoxLayout, QWidget

from app.theme import em

LEAST_EM = 16, 12
USUAL_ROOM = QSize(1280, 800)


class ScrolledDialog(QDialog):
    """Fields, and two buttons beneath them."""

    def __init__(self, title: str, accept_word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.area, self.buttons = QScrollArea(), QDialogButtonBox()
        ok = self.buttons.addButton(accept_word, QDialogButtonBox.ButtonRole.AcceptRole)
        assert ok is not None
        ok.setDefault(True)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def arrange(self, fields: QWidget, *beneath: QWidget, size_em: tuple[float, float]) -> None:
        """Lays out the fields, and what stands between them and the buttons."""
        scroll_down(self.area, fields)
        outer = QVBoxLayout(self)
        outer.addWidget(self.area, stretch=1)
        for part in (*beneath, self.buttons):
            outer.addWidget(part)
        self.setMinimumSize(em(self, LEAST_EM[0]), em(self, LEAST_EM[1]))
        screen = self.screen()
        room = screen.availableSize() if screen else USUAL_ROOM
        self.resize(QSize(em(self, size_em[0]), em(self, size_em[1])).boundedTo(room * 0.95))


def scroll_down(area: QScrollArea, fields: QWidget) -> None:
    """Has an area show fields, as wide as it is, with a bar at the side where they are higher."""
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields in it are reached, and bring themselves into sight
    area.setWidget(fields)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
