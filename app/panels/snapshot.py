"""A picture of what is shown, to be kept: the frame with what lies over it, and a line of words beneath."""

import re
from pathlib import Path

from PyQt6.QtCore import QRectF, QSize, QStandardPaths, Qt
from PyQt6.QtGui import QColor, QFont, QImage, QPainter

from app.panels.timeline_span import moment_text
from app.theme import colours

WORDS_SHARE, LEAST_WORDS = 0.03, 12  # height of letters, of the picture's and in pixels
LINE = 2.2  # heights of letters that the line of words is high
MOST_LETTERS = 80  # of a recording's name that are in a file's
UNSAFE = re.compile(r"[^\w .-]+")


def snapshot(frame: QImage, overlay: QImage | None, opacity: float, words: str) -> QImage:
    """Returns a frame with what lies over it, `opacity` strong, and words beneath; it shares nothing with them."""
    size = max(LEAST_WORDS, round(WORDS_SHARE * frame.height()))
    line = round(LINE * size)
    drawn = QImage(QSize(frame.width(), frame.height() + line), QImage.Format.Format_RGB32)
    drawn.fill(QColor(colours().plate))
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(0, 0, frame)
    if overlay is not None:
        painter.setOpacity(opacity)
        painter.drawImage(QRectF(frame.rect()), overlay)
        painter.setOpacity(1.0)
    font = QFont(painter.font())
    font.setPixelSize(size)
    painter.setFont(font)
    painter.setPen(QColor(colours().plate_text))
    room = QRectF(size, frame.height(), frame.width() - 2 * size, line)
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, round(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
    painter.end()
    return drawn


def pictures_folder() -> Path:
    """Returns the user's folder of pictures, or the home folder where there is none."""
    named = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(named) if named and Path(named).is_dir() else Path.home()


def file_stem(name: str, *times_s: float) -> str:
    """Returns what a file is called that is made of a recording at some times, as every system allows it."""
    words = UNSAFE.sub("_", Path(name).stem)[:MOST_LETTERS].strip(" .") or "recording"
    return " ".join([words, " to ".join(moment_text(time_s).replace(":", "-") for time_s in times_s)])


def free_path(path: Path) -> Path:
    """Returns a path, or one with a number behind its name, that nothing has yet."""
    numbered = (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in range(2, 1000))
    return path if not path.exists() else next((each for each in numbered if not each.exists()), path)
