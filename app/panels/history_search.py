"""A field to search a log, and what was found, in place of what is beneath it while somebody searches."""

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QLabel, QLineEdit, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from app.panels.alert_words import duration_words
from app.panels.history_words import moment_words
from app.running.finding import MOST, Entry, Kind, found
from app.theme import em

SPACING_EM = 0.15
ENTRY = Qt.ItemDataRole.UserRole


class HistorySearch(QWidget):
    """Tells what was chosen."""

    chosen = pyqtSignal(object)
    """An `Entry`."""

    def __init__(self, beneath: QWidget) -> None:
        """`beneath` is seen while nothing is searched for."""
        super().__init__()
        self._entries: Sequence[Entry] = ()
        self.field, self.list, self.number = QLineEdit(), QListWidget(), QLabel()
        self._stack, results = QStackedWidget(), QWidget()
        self.field.setPlaceholderText(self.tr("Search"))
        self.field.setAccessibleName(self.tr("Search cameras, zones, recordings and alerts"))
        self.field.setToolTip(self.tr("Search cameras, groups, zones, recordings, alerts with their notes (Ctrl+F)"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.setAccessibleName(self.tr("What was found"))
        self.list.setSpacing(em(self.list, SPACING_EM))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.number.setObjectName("fact")
        inner = QVBoxLayout(results)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.number)
        inner.addWidget(self.list, stretch=1)
        self._stack.addWidget(beneath)
        self._stack.addWidget(results)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.field)
        column.addWidget(self._stack, stretch=1)

    def offer(self, entries: Sequence[Entry]) -> None:
        """Takes what can be found; what is listed stays so where it is the same as before."""
        is_other, self._entries = entries != self._entries, entries
        if is_other and self.field.text():
            self._search(self.field.text())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Leads from the field into the list, takes the first at Enter, and forgets the search at Escape."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Down if self.list.count():
                self.list.setFocus()
                self.list.setCurrentRow(max(0, self.list.currentRow()))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(self.list.item(0) if self.field.text() else None)
            case Qt.Key.Key_Escape if self.field.text():
                self.field.clear()
            case _:
                return False
        return True

    def _search(self, words: str) -> None:
        hits = found(self._entries, words)
        self.list.clear()
        for entry in hits:
            item = QListWidgetItem(f"{entry.title}\n{detail_words(entry)}")
            item.setData(ENTRY, entry)
            item.setToolTip(item.text())
            self.list.addItem(item)
        more = self.tr("the first {number}").format(number=MOST)
        said = self.tr("Nothing was found") if not hits else self.tr("{number} found").format(number=len(hits))
        self.number.setText(f"{said} ({more})" if len(hits) == MOST else said)
        self._stack.setCurrentIndex(1 if words.strip() else 0)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(ENTRY))


def detail_words(entry: Entry) -> str:
    """Returns what it is, and when it was."""
    if entry.at_s is None:
        return f"{kind_word(entry.kind)}, {_tr('never counted')}"
    when = moment_words(entry.at_s)
    length = "" if entry.length_s is None else f", {duration_words(entry.length_s)}"
    said = {
        Kind.RECORDING: _tr("counted {when}"),
        Kind.ALERT: _tr("raised {when}"),
    }.get(entry.kind, _tr("last counted {when}"))
    return f"{kind_word(entry.kind)}, {said.format(when=when)}{length}"


def kind_word(kind: Kind) -> str:
    """Returns what it is."""
    return {
        Kind.CAMERA: _tr("Camera"),
        Kind.GROUP: _tr("Group"),
        Kind.ZONE: _tr("Zone"),
        Kind.RECORDING: _tr("Recording"),
        Kind.ALERT: _tr("Alert"),
    }[kind]


def _tr(words: str) -> str:
    return QCoreApplication.translate("History", words)
