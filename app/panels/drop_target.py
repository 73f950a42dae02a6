"""Lets a file be dropped anywhere on a widget."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PyQt6.QtCore import QEvent, QMimeData, QObject, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QWidget


class DropTarget(QObject):
    """Watches a widget for files."""

    def __init__(self, widget: QWidget, *, on_drag: Callable[[bool], None], on_drop: Callable[[Path], None]) -> None:
        """`on_drag` hears whether a file is held over the widget, `on_drop` gets its path."""
        super().__init__(widget)
        self._on_drag, self._on_drop = on_drag, on_drop
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Takes drags that hold a file; everything else goes its way."""
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            path = dropped_file(event.mimeData())
            self._on_drag(False)
            if path:
                event.acceptProposedAction()
                self._on_drop(path)
            return True
        if isinstance(event, QDragEnterEvent) and dropped_file(event.mimeData()):
            event.acceptProposedAction()
            self._on_drag(True)
            return True
        if event is not None and event.type() == QEvent.Type.DragLeave:
            self._on_drag(False)
            return True
        return False


def dropped_file(data: QMimeData | None) -> Path | None:
    """Returns the first file of this machine among what is dragged, or None."""
    urls = data.urls() if data else []
    return next((_path(url) for url in urls if url.isLocalFile()), None)


def _path(url: QUrl) -> Path:
    """Returns the path of a file, also where its name is no UTF-8: Qt puts a sign in place of such bytes."""
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    return Path(os.fsdecode(unquote_to_bytes(encoded)) if "\ufffd" in url.toLocalFile() else url.toLocalFile())
