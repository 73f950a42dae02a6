"""Keys that press a button, wherever it stands on a page."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget

from app.pressing import Pressing


@pytest.mark.parametrize("kind", [QPushButton, QToolButton])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_key_presses_the_button_that_has_the_keyboard_and_no_shortcut_of_its_page(qtbot, kind, key):
    window, action, pressed = QWidget(), QAction(), []
    qtbot.addWidget(window)
    Pressing(window)
    first, second = kind(window), kind(window)
    column = QVBoxLayout(window)
    for button in (first, second):
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda _, button=button: pressed.append(button))
        column.addWidget(button)
    action.setShortcut(QKeySequence(key))
    action.triggered.connect(lambda: pressed.append(action))
    window.addAction(action)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for button in (first, second):
        button.setFocus()
        QTest.keyClick(button, key)
        qtbot.waitUntil(lambda button=button: pressed[-1:] == [button])
    window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.setFocus()
    QTest.keyClick(window, key)
    assert pressed == [first, second, action]
