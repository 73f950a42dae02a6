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


def fill(bar: QToolBar, actions: Sequence[QAction]) -> None:
    """Puts actions into a toolbar, in place of those that are there."""
    for action in bar.actions():
        bar.removeAction(action)
    for action in actions:
        bar.addAction(action)
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text())
    if bar.orientation() is Qt.Orientation.Vertical:
        _make_equal(bar)


def _make_equal(bar: QToolBar) -> None:
    """Makes all buttons as wide as the widest."""
    buttons = [bar.widgetForAction(action) for action in bar.actions()]
    widest = max((button.sizeHint().width() for button in buttons if button), default=0)
    for button in buttons:
        if button:
            button.setMinimumWidth(widest)
