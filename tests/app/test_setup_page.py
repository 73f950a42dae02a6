"""The page and the settings over real files; the states over a camera that really answers."""

import threading

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QTreeWidget, QWidget

from app import theme
from app.dialogs.camera import CameraDialog
from app.dialogs.settings import SettingsDialog
from app.pages.setup import SetupCallbacks, SetupPage
from app.running.document import Document
from app.running.live import Live
from cameras import ScriptedCamera
from engine.paths import LIGHT_MODEL, SHIPPED
from engine.settings.config_file import load_config
from engine.worker import Worker

WAIT_MS = 30_000
TEXT = """\
[[cameras]]
name = "gate"
address = "rtsp://me:s3cret@10.0.0.1/x"

[[cameras]]
name = "yard"
address = "a.mp4"
counted = false

[[cameras]]
name = "<b>door"
address = "b.mp4"
enabled = false
"""


@pytest.fixture(autouse=True)
def work_ends(no_engine_thread_is_left):
    yield
    for thread in threading.enumerate():
        if isinstance(thread, Worker):
            assert thread.wait(30.0), thread.name


@pytest.fixture
def document(qapp, tmp_path) -> Document:
    path = tmp_path / "cameras.toml"
    path.write_text(TEXT)
    return Document(path)


@pytest.fixture
def asked() -> list:
    return []


@pytest.fixture
def page(qtbot, document, asked):
    theme.apply(QApplication.instance())
    live = Live()
    callbacks = SetupCallbacks(asked.append, asked.append, asked.append, lambda: "dark")
    page = SetupPage(document, live, callbacks)
    qtbot.addWidget(page)
    page.resize(640, 400)
    page.show()
    qtbot.waitExposed(page)
    qtbot.waitUntil(lambda: rows(page) != [])
    yield page
    live.close()


def rows(page) -> list[str]:
    return [page.cameras.topLevelItem(place).text(0) for place in range(page.cameras.topLevelItemCount())]


def run(page, name):
    action = page.actions_by_name[name]
    assert action.isEnabled()
    action.trigger()


def dialog_of(page, kind):
    return next(dialog for dialog in page.findChildren(kind) if dialog.isVisible())


def test_cameras_stand_in_their_order_without_secrets(page):
    assert rows(page) == ["gate", "yard", "<b>door"]
    item = page.cameras.topLevelItem(0)
    assert item.text(1) == "rtsp://***@10.0.0.1/x"
    page.pull_numbers()
    assert [page.cameras.topLevelItem(place).text(2) for place in range(3)] == ["–", "–", "off"]


def test_a_camera_that_was_removed_comes_back_whole(page, document, qtbot):
    page.cameras.choose("gate")
    page.cameras.setFocus()
    run(page, "remove")
    qtbot.waitUntil(lambda: rows(page) == ["yard", "<b>door"])
    assert page.bar.isVisible()
    assert page.bar.words.text() == "“gate” was removed."
    assert page.actions_by_name["undo"].text() == "Undo: Remove gate"
    qtbot.mouseClick(page.bar.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows(page) == ["gate", "yard", "<b>door"])
    assert document.path.read_text() == TEXT
    run(page, "redo")
    qtbot.waitUntil(lambda: rows(page) == ["yard", "<b>door"])
    assert not page.bar.isVisible()


def test_the_bar_offers_nothing_when_something_else_was_done_meanwhile(page, document, qtbot):
    page.cameras.choose("gate")
    run(page, "remove")
    qtbot.waitUntil(lambda: rows(page) == ["yard", "<b>door"])
    document.move_camera("yard", 1)
    qtbot.waitUntil(lambda: rows(page) == ["<b>door", "yard"])
    assert not page.bar.isVisible()


def test_order_changes_by_keys_and_the_choice_goes_along(page, document, qtbot):
    page.cameras.choose("yard")
    run(page, "up")
    qtbot.waitUntil(lambda: rows(page) == ["yard", "gate", "<b>door"])
    assert page.cameras.current == "yard"
    run(page, "down")
    run(page, "down")
    qtbot.waitUntil(lambda: rows(page) == ["gate", "<b>door", "yard"])
    assert [camera.name for camera in load_config(document.path).cameras] == ["gate", "<b>door", "yard"]


def test_order_changes_by_dragging(page, document, qtbot, monkeypatch):
    cameras = page.cameras
    cameras.choose("gate")
    last = cameras.visualItemRect(cameras.topLevelItem(2)).center()
    monkeypatch.setattr(QTreeWidget, "dropIndicatorPosition", lambda _: cameras.DropIndicatorPosition.BelowItem)
    monkeypatch.setattr(QDropEvent, "source", lambda _: cameras)  # a drag of the desktop's cannot be made here
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    cameras.dropEvent(QDropEvent(QPointF(last), Qt.DropAction.MoveAction, QMimeData(), buttons, keys))
    qtbot.waitUntil(lambda: rows(page) == ["yard", "<b>door", "gate"])
    assert cameras.current == "gate"


def test_a_switch_is_turned_with_a_click_and_goes_back_if_it_may_not(page, document, qtbot):
    cameras = page.cameras

    def click(column):
        rect = cameras.visualRect(cameras.indexFromItem(cameras.topLevelItem(1), column))
        QTest.mouseClick(
            cameras.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            rect.topLeft() + QPoint(rect.height() // 2, rect.height() // 2),
        )

    click(5)
    qtbot.waitUntil(lambda: document.camera("yard").counted)
    document.path.chmod(0o400)
    with qtbot.waitSignal(document.refused):
        click(5)
    qtbot.waitUntil(lambda: cameras.topLevelItem(1).checkState(5) is Qt.CheckState.Checked)
    assert document.camera("yard").counted


def test_a_duplicate_is_off_and_chosen(page, document, qtbot):
    page.cameras.choose("yard")
    run(page, "duplicate")
    qtbot.waitUntil(lambda: rows(page)[-1] == "yard 2")
    assert page.cameras.current == "yard 2"
    copy = document.camera("yard 2")
    assert (copy.enabled, copy.counted, copy.address) == (False, False, document.camera("yard").address)


def test_zones_and_dialogs_are_of_the_chosen_camera(page, asked, qtbot):
    page.cameras.choose("yard")
    run(page, "zones")
    assert asked == ["yard"]
    qtbot.keyClick(page.cameras, Qt.Key.Key_Return)
    dialog = dialog_of(page, CameraDialog)
    assert dialog.name.text() == "yard"
    dialog.name.setText("court")
    dialog.accept()
    qtbot.waitUntil(lambda: rows(page)[1] == "court")
    run(page, "add")
    dialog_of(page, CameraDialog).reject()


def test_without_cameras_it_says_what_belongs_there(page, document, qtbot):
    for name in ("gate", "yard", "<b>door"):
        document.remove_camera(name)
    qtbot.waitUntil(page.empty.isVisible)
    assert "No cameras yet" in [label.text() for label in page.empty.findChildren(QLabel)]
    assert not page.actions_by_name["edit"].isEnabled()
    page.empty.button.click()
    dialog_of(page, CameraDialog).reject()
    document.undo()
    qtbot.waitUntil(page.cameras.isVisible)


def test_the_state_of_a_camera_is_said_in_words(page, document, qtbot):
    live = page.cameras_tab._live
    live.start()
    with ScriptedCamera(rate=5.0) as camera:
        text = f'model = "{LIGHT_MODEL}"\n[[cameras]]\nname = "gate"\naddress = "{camera.address}"\n'
        document.path.write_text(text)
        document.look()
        qtbot.waitUntil(lambda: rows(page) == ["gate"], timeout=WAIT_MS)
        live.apply(document.config)

        def state():
            page.pull_numbers()
            return page.cameras.topLevelItem(0).text(2)

        qtbot.waitUntil(lambda: state() == "● live", timeout=WAIT_MS)
        camera.go_away()
        qtbot.waitUntil(lambda: state() == "⚠ reconnecting", timeout=WAIT_MS)
        assert "gate" in page.cameras.topLevelItem(0).toolTip(2)
    live.close()


def test_everything_that_can_be_reached_on_the_page_has_a_name(page):
    for widget in page.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget


@pytest.fixture
def settings(qtbot, document, asked):
    dialog = SettingsDialog(document, choice="dark", choose=asked.append)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_settings_are_written_and_the_look_is_chosen(settings, document, asked):
    settings.model.setCurrentIndex(settings.model.findData("light"))
    settings.provider.setCurrentIndex(settings.provider.findData("cpu"))
    settings.database.setText("counts.db")
    settings.running.entry("strict_provider").value = True
    settings.look.setCurrentIndex(settings.look.findData("light"))
    settings.recordings.entry("folder").value = "kept"
    settings.recordings.entry("free_gigabytes").value = 20.0
    settings.accept()
    config = load_config(document.path)
    assert config.recordings.folder.path == document.path.parent / "kept"
    assert config.recordings.free_gigabytes == 20.0
    assert (config.model.shown, config.provider, config.strict_provider) == ("light", "cpu", True)
    assert config.database.path == document.path.parent / "counts.db"
    assert asked == ["light"]
    assert document.undo_words == "Change settings"


def test_what_cannot_be_set_is_said_beside_its_field(settings, document):
    settings.database.setText("rtsp://me:s3cret@h/x")
    settings.accept()
    said = [label.text() for label in settings.findChildren(QLabel) if label.isVisible() and "⚠" in label.text()]
    assert len(said) == 1
    assert "as a camera's address" in said[0]
    assert "s3cret" not in said[0]
    settings.database.setText("postgresql://me:s3cret@h/x")
    settings.accept()
    said = [label.text() for label in settings.findChildren(QLabel) if label.isVisible() and "⚠" in label.text()]
    assert "database: the address holds a password" in said[0]
    settings.database.setText("")
    settings.recordings.entry("folder").value = "rtsp://me:s3cret@h/x"
    settings.accept()
    said = [label.text() for label in settings.findChildren(QLabel) if label.isVisible() and "⚠" in label.text()]
    assert len(said) == 1
    assert "s3cret" not in said[0]
    assert document.path.read_text() == TEXT


def test_a_log_is_looked_at_before_it_is_chosen(settings, document, qtbot):
    settings.database.setText("new.db")
    settings.check.click()
    qtbot.waitUntil(lambda: "will be made" in settings.state.text(), timeout=WAIT_MS)
    (document.path.parent / "other.db").write_text("this is no database, and it is long enough to see that it is not")
    settings.database.setText("other.db")
    settings.check.click()
    qtbot.waitUntil(lambda: "is no SQLite database" in settings.state.text(), timeout=WAIT_MS)
    assert not (document.path.parent / "new.db").exists()


def test_speeds_are_measured_on_this_machine(settings, qtbot):
    settings.measure.click()
    qtbot.waitUntil(settings.measure.isEnabled, timeout=4 * WAIT_MS)
    lines = settings.speeds.text().split("\n")
    assert {line.partition(",")[0] for line in lines} == set(SHIPPED)
    assert all(line.endswith(" tiles/s") and float(line.split()[-2]) > 0 for line in lines)
