"""A window of its own for something to read, never larger than the one that it belongs to."""

from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

WIDE_EM, HIGH_EM = 30, 30


class Reader(QDialog):
    """Text that scrolls, with a button that closes it."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.text = QTextBrowser()
        self.text.setAccessibleName(title)
        self.text.setOpenExternalLinks(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)
        em, window = self.fontMetrics().height(), parent.window()
        room = window.size() if window else parent.size()
        self.resize(QSize(WIDE_EM * em, HIGH_EM * em).boundedTo(room))

    def show_html(self, words: str) -> None:
        """Opens with rich text; does not wait."""
        self.text.setHtml(words)
        self.open()

    def show_plain(self, words: str) -> None:
        """Opens with plain text, whatever it looks like; does not wait."""
        self.text.setPlainText(words)
        self.open()

    def show_markdown(self, file: Path) -> None:
        """Opens with a file and the pictures beside it; does not wait."""
        self.text.setSearchPaths([str(file.parent)])
        self.text.setMarkdown(file.read_text("utf-8"))
        self.open()
