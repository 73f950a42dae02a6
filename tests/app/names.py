"""What of a window a screen reader or a keyboard does not find."""

from collections.abc import Iterator

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)
OF_ONE_PIECE = (QAbstractSpinBox, QComboBox, QAbstractItemView, QLineEdit)
"""Their parts are Qt's own affair."""


def nameless(widget: QWidget) -> list[str]:
    """Returns a line for every visible part without a name, or that Tab does not reach; an empty list is good."""
    parts = list(_parts(widget))
    buddies = {label.buddy() for label in parts if isinstance(label, QLabel)} - {None}
    found = [
        f"{_where(part)} takes the keyboard and has no name"
        for part in parts
        if _focusable(part) and not name_of(part, buddies)
    ]
    found += [
        f"{_where(part)} {part.text()!r} is a value, and no label is tied to it"
        for part in parts
        if isinstance(part, QLabel) and part.objectName() == "value" and part not in buddies
    ]
    reached = tab_order(widget)
    found += [
        f"{_where(part)} {name_of(part, buddies)!r} is not reached by Tab"
        for part in parts
        if isinstance(part, CONTROLS) and part.isEnabled() and not _goes_with_another(part) and part not in reached
    ]
    return found


def name_of(part: QWidget, labelled: set[QWidget] | frozenset[QWidget] = frozenset()) -> str:
    """Returns what a screen reader calls a widget; a widget in `labelled` is called by its label."""
    if part.accessibleName():
        return part.accessibleName()
    if isinstance(part, QAbstractButton | QLabel) and part.text():
        return part.text()
    if isinstance(part, QGroupBox) and part.title():
        return part.title()
    return "(by its label)" if part in labelled else ""


def tab_order(widget: QWidget) -> list[QWidget]:
    """Returns what Tab goes to in a window, one after the other."""
    window, order = widget.window(), []
    part = window.nextInFocusChain()
    while part is not None and part is not window:
        if _focusable(part) and part.isEnabled() and (part is widget or widget.isAncestorOf(part)):
            order.append(part)
        part = part.nextInFocusChain()
    return order


def _parts(widget: QWidget) -> Iterator[QWidget]:
    yield widget
    if isinstance(widget, OF_ONE_PIECE):
        return
    for child in widget.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield from _parts(child)


def _focusable(part: QWidget) -> bool:
    return part.isVisible() and bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus) and part.focusProxy() is None


def _goes_with_another(part: QWidget) -> bool:
    """What another control moves, or Qt shows only where there is no room."""
    hidden_part = part.objectName().startswith("qt_") and isinstance(part, QAbstractButton | QLineEdit)
    return isinstance(part, QScrollBar) or hidden_part or isinstance(part.parentWidget(), QTabBar)


def _where(part: QWidget) -> str:
    parent = part.parentWidget()
    return f"{type(part).__name__} {part.objectName()}".strip() + (f" in {type(parent).__name__}" if parent else "")
