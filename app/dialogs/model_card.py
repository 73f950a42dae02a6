"""How good the count is: the card that lies beside a model."""

from pathlib import Path

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

WIDE_EM, HIGH_EM = 46, 34


def show_model_card(parent: QWidget, model: Path) -> None:
    """Shows the card of a model's file; does not wait."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(_tr("How good is the count?"))
    text = QTextBrowser()
    text.setAccessibleName(_tr("Card of the model"))
    text.setOpenExternalLinks(True)
    text.setSearchPaths([str(model.parent)])
    card = model.with_suffix(".md")
    if card.is_file():
        text.setMarkdown(card.read_text("utf-8"))
    else:
        text.setPlainText(_tr("No card lies beside {model}; whoever trained it knows.").format(model=model.name))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.addWidget(text)
    column.addWidget(buttons)
    em = dialog.fontMetrics().height()
    room = parent.window().size() if parent.window() else parent.size()  # type: ignore[union-attr]
    dialog.resize(min(WIDE_EM * em, room.width()), min(HIGH_EM * em, room.height()))
    dialog.open()


def _tr(words: str) -> str:
    return QCoreApplication.translate("ModelCard", words)
