"""What of a window is cut, crushed, outside of its place or on top of something else.

Words are measured where Qt draws them (labels, buttons, tabs, headers of tables). What a widget paints itself is
its own affair: it is only held to its `minimumSizeHint`. A widget that is meant to lie over its siblings says so
with the property `overlay`, or lets the mouse through.
"""

from collections.abc import Iterator
from itertools import combinations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QFocusFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenuBar,
    QSizeGrip,
    QSplitterHandle,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QWidget,
)

SLACK = 1  # pixels, for sizes that are rounded
OF_ONE_PIECE = (QAbstractSpinBox, QComboBox, QAbstractItemView, QTabBar, QMenuBar)
"""Their parts are Qt's own affair."""
OVERLAYS = (QFocusFrame, QSizeGrip, QSplitterHandle)


def clipped(widget: QWidget) -> list[str]:
    """Returns a line for everything in a shown widget that cannot be seen whole; an empty list is good."""
    QApplication.processEvents()
    found = []
    for part in _parts(widget):
        found += [
            f"{_called(part)}: {fault}" for fault in (_cut(part), _crushed(part), _outside(part, widget)) if fault
        ]
        found += _overlaps(part)
    return found


def _parts(widget: QWidget) -> Iterator[QWidget]:
    yield widget
    if isinstance(widget, OF_ONE_PIECE):
        return
    for child in widget.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield from _parts(child)


def _cut(part: QWidget) -> str:
    """Words that need more room than there is."""
    if isinstance(part, QLabel) and part.text():
        return _cut_label(part)
    if isinstance(part, QAbstractButton) and part.text() and _exceeds(part.sizeHint(), part.size()):
        return f"needs {_size(part.sizeHint())}, has {_size(part.size())}"
    if isinstance(part, QComboBox):
        return _cut_choice(part)
    if isinstance(part, QAbstractItemView):
        return _cut_header(part)
    if isinstance(part, QLineEdit | QAbstractSpinBox) and part.height() + SLACK < part.minimumSizeHint().height():
        return f"is {part.height()} high, needs {part.minimumSizeHint().height()}"
    return ""


def _cut_label(label: QLabel) -> str:
    if type(label).paintEvent is not QLabel.paintEvent:
        return ""
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        words = max((label.fontMetrics().horizontalAdvance(word) for word in label.text().split()), default=0)
        if label.textFormat() is Qt.TextFormat.PlainText and words > label.contentsRect().width() + SLACK:
            return f"a word needs {words}, has {label.contentsRect().width()}"
        return f"needs a height of {needed}, has {label.height()}" if needed > label.height() + SLACK else ""
    needed_size = QLabel.sizeHint(label)  # of what it shows now, whatever it would like
    return f"needs {_size(needed_size)}, has {_size(label.size())}" if _exceeds(needed_size, label.size()) else ""


def _cut_choice(choice: QComboBox) -> str:
    option = QStyleOptionComboBox()
    choice.initStyleOption(option)
    style = choice.style()
    room = style.subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, choice
    )
    needed = choice.fontMetrics().horizontalAdvance(choice.currentText())
    return f"its words need {needed}, have {room.width()}" if needed > room.width() + SLACK else ""


def _cut_header(view: QAbstractItemView) -> str:
    header = view.horizontalHeader() if hasattr(view, "horizontalHeader") else None
    if not isinstance(header, QHeaderView) or not header.isVisible():
        return ""
    cut = [
        f"column {place} needs {header.sectionSizeHint(place)}, has {header.sectionSize(place)}"
        for place in range(header.count())
        if not header.isSectionHidden(place) and header.sectionSizeHint(place) > header.sectionSize(place) + SLACK
    ]
    return "; ".join(cut)


def _crushed(part: QWidget) -> str:
    """A widget that is smaller than it says it must be."""
    least = part.minimumSizeHint().boundedTo(part.maximumSize())
    if part.hasHeightForWidth():  # the hint is that of the least width
        least.setHeight(min(least.height(), part.heightForWidth(part.width())))
    if type(part) is QLabel or isinstance(part, QAbstractButton | QComboBox | QLineEdit) or not least.isValid():
        return ""
    return f"needs at least {_size(least)}, has {_size(part.size())}" if _exceeds(least, part.size()) else ""


def _outside(part: QWidget, root: QWidget) -> str:
    """A child that sticks out of its parent, which would not show the rest; what scrolls may."""
    parent = part.parentWidget()
    if part is root or parent is None or isinstance(parent.parentWidget(), QAbstractScrollArea):
        return ""
    if isinstance(part, OVERLAYS) or parent.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(part.geometry()):
        return ""
    return f"lies at {_place(part)}, outside of its parent's {_size(parent.size())}"


def _overlaps(parent: QWidget) -> list[str]:
    if isinstance(parent, OF_ONE_PIECE):
        return []
    children = [child for child in parent.children() if isinstance(child, QWidget) and _lies_in_its_place(child)]
    return [
        f"{_called(one)} at {_place(one)} and {_called(other)} at {_place(other)} overlap"
        for one, other in combinations(children, 2)
        if _exceeds(one.geometry().intersected(other.geometry()).size(), QSize(0, 0), both=True)
    ]


def _lies_in_its_place(child: QWidget) -> bool:
    if not child.isVisible() or child.isWindow() or isinstance(child, OVERLAYS) or child.property("overlay"):
        return False
    if isinstance(child, QDockWidget) and child.isFloating():
        return False
    return not child.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def _exceeds(needed: QSize, room: QSize, *, both: bool = False) -> bool:
    wider, higher = needed.width() > room.width() + SLACK, needed.height() > room.height() + SLACK
    return wider and higher if both else wider or higher


def _called(part: QWidget) -> str:
    words = part.text() if isinstance(part, QLabel | QAbstractButton) else part.accessibleName()
    return " ".join(filter(None, [type(part).__name__, part.objectName(), repr(words[:40]) if words else ""]))


def _size(size: QSize) -> str:
    return f"{size.width()}×{size.height()}"


def _place(part: QWidget) -> str:
    return f"({part.x()}, {part.y()}) {_size(part.size())}"
