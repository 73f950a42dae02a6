"""A window of its own for something to read, never larger than the screen."""

from pathlib import Path

from PyQt6.QtCore import QByteArray, QSize, Qt, QUrl
from PyQt6.QtGui import QImage, QTextCursor, QTextDocument
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from app.theme import em

MARKDOWN = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
SIZE_EM, SHARE_OF_SCREEN = (40.0, 32.0), 0.9
PICTURE_LESS_EM = 4.0  # than the width of the dialog


class Reader(QDialog):
    """Text that scrolls, with a button that closes it."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.text = _Text()
        self.text.setAccessibleName(title)
        self.text.setOpenExternalLinks(True)
        self.text.setTabChangesFocus(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)
        screen = parent.screen()
        assert screen is not None
        room = screen.availableSize() * SHARE_OF_SCREEN
        self.resize(QSize(*(em(self, length) for length in SIZE_EM)).boundedTo(room))

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
        document = self.text.document()
        assert document is not None
        document.setMarkdown(file.read_text("utf-8"), MARKDOWN)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)  # the document leaves it at its end
        self.open()


class _Text(QTextBrowser):
    """Shows pictures no wider than there is room."""

    def loadResource(self, kind: int, name: QUrl) -> object:  # noqa: N802
        """Loads a picture, or whatever else."""
        loaded = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value or not isinstance(loaded, QByteArray):
            return loaded
        image, room = QImage.fromData(loaded), em(self, SIZE_EM[0] - PICTURE_LESS_EM)
        wide = Qt.TransformationMode.SmoothTransformation
        return image if image.width() <= room else image.scaledToWidth(room, wide)
