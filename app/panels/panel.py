"""What panels are made of: a plate with round corners, a title, a thin line."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget


def plate(content: QWidget) -> QFrame:
    """Puts a widget on a plate of the panel's colour."""
    frame = QFrame()
    frame.setObjectName("panel")
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    return frame


def scrolling(content: QWidget, name: str) -> QScrollArea:
    """Returns a widget that is shown whole where there is room for the least that it needs, and else by scrolling."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what has the focus in it is always scrolled to
    area.setAccessibleName(name)
    return area


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
