"""What panels are made of: a plate with round corners, a title, a thin line."""

from PyQt6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget


def plate(content: QWidget) -> QFrame:
    """Puts a widget on a plate of the panel's colour."""
    frame = QFrame()
    frame.setObjectName("panel")
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    return frame


def title(words: str) -> QLabel:
    """Returns the heading of a panel."""
    heading = QLabel(words)
    heading.setObjectName("title")
    return heading


def rule() -> QFrame:
    """Returns a thin line between two groups."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line
