"""Controls of Qt and of ours as they are drawn: borders, the ring of the focus, icons, Qt's own dialogs."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QImage, QPixmap
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.focus_ring import OUTSIDE
from app.panels.elided import ElidedLabel
from app.panels.legend import Legend, ticks
from app.panels.message import MOST_LINES, Message
from app.panels.splitter import splitter
from contrast import contrast
from names import name_of

SEEN = 2.9  # times as light: what is 3 by its colours, drawn by Qt with soft edges
BORDERED = (QCheckBox, QRadioButton, QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QPushButton)
FOCUSED = (*BORDERED, QSlider, QListWidget, Legend, Message)
CHOICES = pytest.mark.parametrize("choice", ["dark", "light"])


@pytest.fixture
def dialog(qapp, qtbot, choice):
    theme.apply(qapp, choice)
    shown = QDialog()
    qtbot.addWidget(shown)
    QVBoxLayout(shown).setContentsMargins(20, 20, 20, 20)
    yield shown
    theme.apply(qapp)


def put(dialog: QDialog, qtbot, *widgets: QWidget) -> None:
    for widget in widgets:
        dialog.layout().addWidget(widget)
    dialog.resize(300, 120)
    with qtbot.waitActive(dialog):
        dialog.show()


def colours_in(picture: QImage, place: QRect) -> set[str]:
    inside = place & picture.rect()
    xs, ys = range(inside.left(), inside.right() + 1), range(inside.top(), inside.bottom() + 1)
    return {picture.pixelColor(x, y).name() for x in xs for y in ys}


@CHOICES
@pytest.mark.parametrize("kind", BORDERED, ids=lambda kind: kind.__name__)
def test_the_border_of_a_control_is_seen(dialog, qtbot, kind):
    control, other = kind(), QPushButton("other")
    put(dialog, qtbot, other, control)
    other.setFocus()
    picture = dialog.grab().toImage()
    middle = QRect(control.mapTo(dialog, QPoint(0, control.height() // 2)), QSize(4, 1))
    assert max(contrast(colour, theme.colours().window) for colour in colours_in(picture, middle)) > SEEN


@CHOICES
@pytest.mark.parametrize("kind", FOCUSED, ids=lambda kind: kind.__name__)
def test_what_has_the_keyboard_has_a_ring(dialog, qtbot, kind):
    control, other = kind(), QPushButton("other")
    put(dialog, qtbot, other, control)
    around = QRect(control.mapTo(dialog, QPoint(0, 0)), control.size())
    sides = around.adjusted(-OUTSIDE, -OUTSIDE, 0, 0)
    left = QRect(sides.left(), around.center().y(), OUTSIDE, 1)
    above = QRect(around.center().x(), sides.top(), 1, OUTSIDE)
    seen = []
    for widget in (other, control):
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        picture = dialog.grab().toImage()
        seen.append([theme.colours().focus in colours_in(picture, side) for side in (left, above)])
    assert seen == [[False, False], [True, True]]


@pytest.mark.parametrize("choice", ["dark"])
def test_the_ring_goes_with_what_it_is_around(dialog, qtbot):
    first, second = QPushButton("first"), QPushButton("second")
    put(dialog, qtbot, first, second)
    second.setFocus()
    first.hide()
    qtbot.waitUntil(lambda: theme.colours().focus in colours_in(dialog.grab().toImage(), ring_above(second, dialog)))
    second.deleteLater()
    qtbot.waitUntil(lambda: theme.colours().focus not in colours_in(dialog.grab().toImage(), dialog.rect()))


def ring_above(widget: QWidget, dialog: QDialog) -> QRect:
    corner = widget.mapTo(dialog, QPoint(widget.width() // 2, -OUTSIDE))
    return QRect(corner, QSize(1, OUTSIDE))


@CHOICES
def test_the_tool_buttons_of_qts_file_dialog_are_whole(dialog, qtbot):
    files = QFileDialog(dialog)
    files.setOption(QFileDialog.Option.DontUseNativeDialog)
    with qtbot.waitExposed(files):
        files.show()
    buttons = [button for button in files.findChildren(QToolButton) if button.isVisible()]
    assert len(buttons) >= 5
    assert all(min(button.width(), button.height()) >= button.iconSize().width() + 4 for button in buttons)


@CHOICES
def test_a_menu_tells_what_is_checked(dialog, qtbot):
    menu = QMenu(dialog)
    action = menu.addAction("Heat-map")
    action.setCheckable(True)
    pictures: list[QPixmap] = []
    for checked in (False, True):
        action.setChecked(checked)
        with qtbot.waitExposed(menu):
            menu.popup(QPoint(0, 0))
        pictures.append(menu.grab())
        menu.close()
    assert pictures[0].toImage() != pictures[1].toImage()


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_a_tool_bar_without_room_shows_where_the_rest_is(dialog, qtbot):
    from app.toolbar import shell_toolbar

    bar = shell_toolbar("bar")
    for number in range(20):
        bar.addAction(f"action {number}")
    put(dialog, qtbot, bar)
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    qtbot.waitUntil(more.isVisible)
    place = QRect(more.mapTo(dialog, QPoint(0, 0)), more.size())
    drawn = colours_in(dialog.grab().toImage(), place)
    assert max(contrast(colour, theme.colours().accent_ground) for colour in drawn) > 4
    assert name_of(more) == "More buttons"


@CHOICES
def test_a_handle_between_two_widgets_is_seen(dialog, qtbot):
    put(dialog, qtbot, splitter(Qt.Orientation.Horizontal, (QWidget(), 50), (QWidget(), 50)))
    assert theme.colours().edge in colours_in(dialog.grab().toImage(), dialog.rect())


@pytest.mark.parametrize("choice", ["dark"])
def test_long_words_are_shortened_and_long_messages_scroll(dialog, qtbot):
    words, message = ElidedLabel("x" * 240 + "<b>"), Message()
    message.set_text("words that nobody has expected " * 100)
    put(dialog, qtbot, words, message)
    assert "…" in words.text()
    assert words.words == words.accessibleName() == "x" * 240 + "<b>"
    assert "&lt;b&gt;" in words.toolTip()
    assert dialog.width() == 300
    assert message.height() <= MOST_LINES * message.fontMetrics().lineSpacing()
    assert message.accessibleName() == message.text


@pytest.mark.parametrize(
    ("most", "room", "numbers"),
    [
        (0.1, 5, [0.0, 0.02, 0.04, 0.06, 0.08, 0.1]),
        (0.347, 4, [0.0, 0.1, 0.2, 0.3]),
        (37.0, 3, [0.0, 20.0]),
        (0.09, 1, [0.0, 0.09]),
        (0.0, 4, [0.0]),
    ],
)
def test_the_numbers_of_a_scale_are_round_and_fit(most, room, numbers):
    assert ticks(most, room) == pytest.approx(numbers)
    assert len(ticks(most, room)) <= room + 1


@pytest.mark.parametrize("choice", ["light"])
def test_the_bands_of_a_legend_end_with_the_limits_of_danger(dialog, qtbot):
    legend = Legend()
    put(dialog, qtbot, legend)
    legend.show_scale(5.55, 10.0, fixed=False)
    legend.show_bands(True)
    assert all(f"{limit} people/m²" in legend.toolTip() for limit in (3.57, 5.55, 7.1))
    for orientation in Qt.Orientation:
        drawn = Legend(orientation)
        put(dialog, qtbot, drawn)
        plain = drawn.grab().toImage()
        drawn.show_bands(True)
        assert drawn.grab().toImage() != plain


@pytest.mark.parametrize("choice", ["light"])
def test_a_legend_tells_its_scale_in_both_units(dialog, qtbot):
    legend = Legend()
    put(dialog, qtbot, legend)
    assert name_of(legend) == "no heat-map yet"
    legend.show_scale(0.5, 10.0, fixed=False)
    assert name_of(legend) == "Heat-map: 0 to 0.5 people per cell, automatic"
    with qtbot.waitSignal(legend.square_wanted) as told:
        qtbot.keyClick(legend, Qt.Key.Key_Space)
    assert told.args == [True]
    assert legend.most == pytest.approx(50.0)
    legend.show_scale(0.5, 20.0, fixed=True)
    assert name_of(legend) == "Heat-map: 0 to 12.5 people in 100×100 pixels, fixed"


@pytest.mark.parametrize("choice", ["dark"])
@pytest.mark.parametrize("orientation", Qt.Orientation)
@pytest.mark.parametrize("most", [None, 0.0, 1e-9, 0.3, 1e6])
def test_any_scale_can_be_drawn(dialog, qtbot, orientation, most):
    legend = Legend(orientation)
    legend.show_scale(most, 8.0, fixed=False)
    put(dialog, qtbot, legend)
    legend.resize(legend.minimumSizeHint())
    bright = theme.colours().plate_text
    assert bright in colours_in(legend.grab().toImage(), legend.rect())
