"""The messages of the program, the newest at the end: by level, searched, copied."""

import logging
from datetime import datetime

from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QHeaderView, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.icons import icon
from app.panels.rows import Cell, Column, Row, Rows, RowsView, text_cell
from engine.redacted_log import MOST_MESSAGES, KeptLog, Message

LEVELS = ((logging.ERROR, "Errors"), (logging.WARNING, "Warnings and errors"), (logging.DEBUG, "All"))
SIGNS = (
    (logging.ERROR, "✕ error", "problem"),
    (logging.WARNING, "⚠ warning", "warning"),
    (0, "ℹ information", "quiet"),
)


class MessageLog(QWidget):
    """Shows what a log keeps."""

    def __init__(self, log: KeptLog) -> None:
        super().__init__()
        self._log, self._messages = log, list[Message]()
        self._rows = Rows([Column(self.tr(title), self.tr(title)) for title in ("Time", "Level", "Source", "Message")])
        self.table = RowsView(self._rows, self.tr("Messages"))
        header = self.table.horizontalHeader()
        assert header is not None
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.levels, self.search = QComboBox(), QLineEdit()
        self.copy = QPushButton(icon("copy"), self.tr("Copy"))
        self.nothing = QLabel()
        self._arrange()

    def pull(self) -> None:
        """Takes what is new in the log."""
        new = self._log.since(self._messages[-1].number if self._messages else 0)
        if not new:
            return
        self._messages = [*self._messages, *new][-MOST_MESSAGES:]
        self._add([message_row(message) for message in new if self._is_wanted(message)])

    def _filter(self) -> None:
        self._rows.put([])
        self._add([message_row(message) for message in self._messages if self._is_wanted(message)])

    def _add(self, rows: list[Row]) -> None:
        """Puts rows at the end, and goes on showing the end if it was shown."""
        bar = self.table.verticalScrollBar()
        assert bar is not None
        was_at_end = bar.value() == bar.maximum()
        was_empty = not self._rows.rowCount()
        self._rows.add(rows, MOST_MESSAGES)
        if was_empty and rows:
            for column in range(3):
                self.table.resizeColumnToContents(column)
        if was_at_end:
            self.table.scrollToBottom()
        self._tell()

    def _is_wanted(self, message: Message) -> bool:
        sought = self.search.text().casefold()
        words = f"{message.source} {message.words}".casefold()
        return message.level >= self.levels.currentData() and sought in words

    def _tell(self) -> None:
        empty = not self._rows.rowCount()
        words = "No message is like this." if self._messages else "Nothing went wrong since the start."
        self.nothing.setText(self.tr(words))
        self.nothing.setVisible(empty)
        self.table.setVisible(not empty)

    def _arrange(self) -> None:
        for level, words in LEVELS:
            self.levels.addItem(self.tr(words), level)
        self.levels.setCurrentIndex(len(LEVELS) - 1)
        self.levels.setAccessibleName(self.tr("Level of the messages"))
        self.search.setAccessibleName(self.tr("Search in the messages"))
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.copy.setToolTip(self.tr("Copy the chosen messages, or all where none is chosen (Ctrl+C)"))
        self.levels.currentIndexChanged.connect(self._filter)
        self.search.textChanged.connect(self._filter)
        self.copy.clicked.connect(self.table.copy)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.levels)
        row.addWidget(self.search, stretch=1)
        row.addWidget(self.copy)
        column.addLayout(row)
        column.addWidget(self.nothing)
        column.addWidget(self.table, stretch=1)
        column.addStretch(0)
        self._tell()


def message_row(message: Message) -> Row:
    """Returns what a row says of a message; the time is that of this place."""
    _, sign, tone = next(entry for entry in SIGNS if message.level >= entry[0])
    time = datetime.fromtimestamp(message.time_s)
    words = message.words.replace("\n", "  ")
    return Cell(f"{time:%H:%M:%S}", "time"), text_cell(sign, tone), text_cell(message.source), text_cell(words)
