"""Toolbars whose buttons the keyboard reaches too."""

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QToolBar, QToolButton

from app.icons import icon

ICON_EM = 1.3  # size of an icon over the height of a line


def shell_toolbar(name: str) -> QToolBar:
    """Returns an empty toolbar that stays where it is."""
    bar = QToolBar(name)
    bar.setMovable(False)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    side = round(ICON_EM * bar.fontMetrics().height())
    bar.setIconSize(QSize(side, side))
    overflow = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert overflow is not None
    overflow.setIcon(icon("more"))  # Qt's own is black on any ground
    overflow.setAccessibleName(bar.tr("More buttons"))
    return bar


def fill(bar: QToolBar, actions: Sequence[QAction], least: int = 0) -> int:
    """Puts actions into a toolbar, in place of those that are there; returns how wide the buttons of a column are.

    Args:
        bar: a row of buttons, or a column, in which all are as wide as the widest.
        actions: in their order.
        least: width in pixels of the buttons of a column.
    """
    for action in bar.actions():
        bar.removeAction(action)
    for action in actions:
        bar.addAction(action)
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text())
    return _make_equal(bar, least) if bar.orientation() is Qt.Orientation.Vertical else 0


def _make_equal(bar: QToolBar, least: int) -> int:
    buttons = [bar.widgetForAction(action) for action in bar.actions()]
    widest = max(least, *(button.sizeHint().width() for button in buttons if button))
    for button in buttons:
        if button:
            button.setMinimumWidth(widest)
    return widest
