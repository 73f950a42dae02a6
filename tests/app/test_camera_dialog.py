"""The dialog over real files, a real keyring file and scripted cameras that ask for a password."""

import threading

import pytest
from PyQt6.QtCore import QMimeData, Qt
from PyQt6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QWidget

from app.dialogs.camera import CameraDialog
from app.running.document import Document
from app.running.task import finish_tasks
from cameras import Clip, ScriptedCamera
from engine.settings.address import Address
from engine.settings.config_file import load_config
from engine.settings.passwords import store_password, stored_password
from engine.worker import Worker

WAIT_MS = 20_000
SECRET = "p@ss/word"
TEXT = """\
[[cameras]]
name = "gate"  # the big one
address = "rtsp://10.0.0.1/x"
user = "guard"
password = "keyring"
max_fps = 2.5
privacy = [[[0, 0], [1, 0], [1, 1]]]

[[cameras]]
name = "hand"
address = "rtsp://me:s3cret@10.0.0.2/x"

[[cameras]]
name = "clip"
address = "a.mp4"
loop = true
"""


@pytest.fixture(autouse=True)
def keyring_file(tmp_path, monkeypatch, no_engine_thread_is_left):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    yield
    for thread in threading.enumerate():
        if isinstance(thread, Worker):
            assert thread.wait(10.0), thread.name


@pytest.fixture
def document(qapp, tmp_path) -> Document:
    path = tmp_path / "cameras.toml"
    path.write_text(TEXT)
    return Document(path)


@pytest.fixture
def opened(qtbot, document):
    def open_dialog(name=None) -> CameraDialog:
        dialog = CameraDialog(document, name)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    return open_dialog


def paste(line, text):
    clipboard = QApplication.clipboard()
    data = QMimeData()
    data.setText(text)
    clipboard.setMimeData(data)
    line.paste()


def faults(dialog):
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible() and label.text().startswith("⚠")]


def everything_shown(dialog):
    texts = [widget.text() for kind in (QLabel, QLineEdit) for widget in dialog.findChildren(kind)]
    return " ".join(text for text in texts if text)


def accepted(dialog):
    return dialog.result() == QDialog.DialogCode.Accepted


def test_an_address_that_is_pasted_whole_is_tried_and_kept_without_a_mouse(opened, document, qtbot):
    with ScriptedCamera(rate=20.0) as camera:
        camera.require("guard", SECRET)
        dialog = opened()
        assert dialog.focusWidget() is dialog.source.address
        paste(dialog.source.address, camera.address_with("guard", SECRET))
        assert dialog.source.address.text() == camera.address
        assert (dialog.login.user.text(), dialog.login.password.text()) == ("guard", SECRET)
        assert dialog.login.password.echoMode() is QLineEdit.EchoMode.Password
        qtbot.keyClick(dialog.test.button, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: "h264" in dialog.test.words.text(), timeout=WAIT_MS)
        height, width = camera.clip.size
        assert f"{width}×{height}" in dialog.test.words.text()
        assert "pictures per second · first picture after" in dialog.test.words.text()
        qtbot.keyClick(dialog.source.address, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: accepted(dialog), timeout=WAIT_MS)
    found = load_config(document.path).cameras[-1]
    assert (found.name, found.user, found.password) == ("127.0.0.1", "guard", "keyring")
    assert stored_password("guard", "127.0.0.1") == SECRET
    assert found.full_address == camera.address_with("guard", SECRET)
    assert not any(word in document.path.read_text() for word in (SECRET, "p%40ss"))


def test_a_test_says_in_a_sentence_why_there_is_no_picture(opened, qtbot):
    with ScriptedCamera(rate=20.0) as camera:
        camera.require("guard", SECRET)
        dialog = opened()
        paste(dialog.source.address, camera.address_with("guard", "wrong-one"))
        dialog.test.button.click()
        qtbot.waitUntil(lambda: "⚠" in dialog.test.words.text(), timeout=WAIT_MS)
    assert "refuses its user or password" in dialog.test.words.text()
    assert "wrong-one" not in dialog.test.words.text()


def test_a_makers_template_is_filled_and_proposes_a_name(opened, document, qtbot):
    dialog = opened()
    dialog.source.maker.setCurrentIndex(dialog.source.maker.findData("hikvision"))
    qtbot.keyClicks(dialog.source.host, "door.local:8554")
    dialog.source.channel.setValue(2)
    dialog.source.stream.setCurrentIndex(dialog.source.stream.findData("sub"))
    assert dialog.name.placeholderText() == "door"
    dialog.accept()
    assert accepted(dialog)
    found = document.camera("door")
    assert found.address.full == "rtsp://door.local:8554/Streaming/Channels/202"
    assert (found.user, found.password) == (None, None)


def test_a_makers_template_gives_both_streams(opened, document, qtbot):
    dialog = opened()
    dialog.source.maker.setCurrentIndex(dialog.source.maker.findData("dahua"))
    qtbot.keyClicks(dialog.source.host, "door.local")
    dialog.source.stream.setCurrentIndex(dialog.source.stream.findData("both"))
    dialog.accept()
    found = document.camera("door")
    assert found.address.full == "rtsp://door.local/cam/realmonitor?channel=1&subtype=0"
    assert found.address_small.full == "rtsp://door.local/cam/realmonitor?channel=1&subtype=1"


def test_a_small_stream_is_suggested_tried_and_kept_without_its_login_in_the_file(opened, document, qtbot):
    with ScriptedCamera(rate=20.0) as main, ScriptedCamera(Clip.drawn(size=(120, 160)), rate=20.0) as small:
        for camera in (main, small):
            camera.require("guard", SECRET)
        dialog = opened()
        paste(dialog.source.address, "rtsp://door.local/Streaming/Channels/101")
        assert dialog.source.suggest.isEnabled()
        dialog.source.suggest.click()
        assert dialog.source.small.text() == "rtsp://door.local/Streaming/Channels/102"
        dialog.source.address.clear()
        dialog.source.small.clear()
        assert not dialog.source.suggest.isEnabled()
        paste(dialog.source.address, main.address)
        paste(dialog.source.small, small.address_with("guard", SECRET))
        assert dialog.source.small.text() == small.address
        assert dialog.login.password.text() == SECRET
        dialog.test.button.click()
        qtbot.waitUntil(lambda: "160×120" in dialog.test.words.text(), timeout=WAIT_MS)
        assert "main stream: 320×240 · h264" in dialog.test.words.text()
        dialog.accept()
        qtbot.waitUntil(lambda: accepted(dialog), timeout=WAIT_MS)
    found = load_config(document.path).cameras[-1]
    assert found.full_address_small == small.address_with("guard", SECRET)
    assert not any(word in document.path.read_text() for word in (SECRET, "p%40ss"))


def test_a_small_stream_that_cannot_be_is_said_beside_its_field_and_can_be_taken_out(opened, document):
    both = document.camera("gate").model_copy(update={"address_small": Address.of("rtsp://10.0.0.1/y")})
    assert not document.put_camera(both, replacing="gate")
    dialog = opened("gate")
    assert dialog.source.small.text() == "rtsp://10.0.0.1/y"
    dialog.source.small.setText("rtsp://10.0.0.9/y")
    dialog.accept()
    assert not accepted(dialog)
    assert "on another host than its address" in faults(dialog)[0]
    dialog.source.small.clear()
    dialog.accept()
    assert accepted(dialog)
    assert document.camera("gate").address_small is None


def test_a_login_in_the_file_stays_in_both_addresses_until_something_is_touched(opened, document):
    small = Address.of("rtsp://me:s3cret@10.0.0.2/small")
    document.path.write_text(TEXT.replace('10.0.0.2/x"', f'10.0.0.2/x"\naddress_small = "{small.full}"'))
    document = Document(document.path)
    dialog = CameraDialog(document, "hand")
    assert "s3cret" not in everything_shown(dialog)
    assert dialog.source.small.text() == "rtsp://10.0.0.2/small"
    assert dialog.settings().address_small == small
    dialog.name.setText("new name")
    dialog.accept()
    assert document.camera("new name").address_small.full == small.full


def test_a_whole_address_in_the_field_for_the_host_goes_where_it_belongs(opened):
    dialog = opened()
    dialog.source.maker.setCurrentIndex(dialog.source.maker.findData("axis"))
    paste(dialog.source.host, "rtsp://root:pw@cam/axis-media/media.amp")
    assert dialog.source.address.text() == "rtsp://cam/axis-media/media.amp"
    assert dialog.source.address.isVisible()
    assert dialog.login.user.text() == "root"


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(opened, document):
    dialog = opened()
    dialog.source.address.setText("ftp://x")
    dialog.name.setText("GATE")
    dialog.more.forms["Counting"].entry("grid").value = "0x9"
    dialog.accept()
    said = faults(dialog)
    assert len(said) == 3
    assert "begins with 'ftp://'" in said[0]
    assert "is the name of another camera" in said[1]
    assert "expected auto, or rows x columns" in said[2]
    assert dialog.focusWidget() is dialog.source.address
    assert dialog.isVisible()
    assert document.path.read_text() == TEXT


def test_editing_shows_no_secret_and_changes_only_what_was_changed(opened, document):
    store_password("guard", "10.0.0.1", SECRET)
    dialog = opened("gate")
    assert dialog.login.password.text() == ""
    assert "kept" in dialog.login.password.placeholderText()
    dialog.more.forms["Watching"].entry("capacity").value = 40
    dialog.name.setText("north gate")
    dialog.accept()
    assert accepted(dialog)
    assert document.undo_words == "Rename gate to north gate"
    found = document.camera("north gate")
    assert (found.capacity, found.max_fps, found.password, len(found.privacy)) == (40, 2.5, "keyring", 1)
    assert "# the big one" in document.path.read_text()


def test_how_a_camera_is_recorded_is_set_in_the_same_dialog(opened, document):
    dialog = opened("gate")
    entries = {key: dialog.more.recording.entry(key) for key in ("keep", "days", "gigabytes", "before_s")}
    assert [entry.value for entry in entries.values()] == ["never", 7, None, 10.0]
    for key, value in {"keep": "on alert", "days": None, "gigabytes": 2.5}.items():
        entries[key].value = value
    assert entries["days"].widget.text() == "never"
    dialog.accept()
    assert accepted(dialog)
    found = load_config(document.path).cameras[0].recording
    assert (found.keep, found.days, found.gigabytes, found.masked) == ("on alert", None, 2.5, "encode")
    assert "[cameras.recording]" in document.path.read_text()


def test_a_password_that_is_kept_for_another_user_is_asked_for(opened, qtbot):
    store_password("guard", "10.0.0.1", SECRET)
    dialog = opened("gate")
    dialog.login.user.setText("other")
    dialog.accept()
    assert "is kept for another user or host" in " ".join(faults(dialog))
    dialog.login.password.setText("new")
    dialog.accept()
    qtbot.waitUntil(lambda: accepted(dialog), timeout=WAIT_MS)
    assert stored_password("other", "10.0.0.1") == "new"


def test_another_password_alone_is_told_to_what_runs(opened, document, qtbot):
    store_password("guard", "10.0.0.1", SECRET)
    dialog = opened("gate")
    dialog.login.password.setText("new")
    with qtbot.waitSignal(document.changed, timeout=WAIT_MS):
        dialog.accept()
    assert accepted(dialog)
    assert stored_password("guard", "10.0.0.1") == "new"
    assert document.path.read_text() == TEXT
    assert document.undo_words == ""


def test_nothing_comes_of_a_dialog_that_is_refused_while_its_password_is_being_kept(opened, document):
    dialog = opened("hand")
    dialog.login.password.setText("new")
    dialog.accept()
    finish_tasks(WAIT_MS / 1000)
    dialog.reject()
    QApplication.processEvents()
    assert stored_password("me", "10.0.0.2") == "new"
    assert document.path.read_text() == TEXT


def test_a_login_in_the_files_address_stays_until_it_is_touched_and_then_goes_into_the_keyring(opened, document, qtbot):
    dialog = opened("hand")
    assert dialog.source.address.text() == "rtsp://10.0.0.2/x"
    assert dialog.login.user.text() == "me"
    assert "s3cret" not in everything_shown(dialog)
    dialog.accept()
    assert accepted(dialog)
    assert document.path.read_text() == TEXT
    dialog = opened("hand")
    dialog.source.address.setText("rtsp://10.0.0.2/y")
    dialog.accept()
    qtbot.waitUntil(lambda: accepted(dialog), timeout=WAIT_MS)
    assert document.camera("hand").full_address == "rtsp://me:s3cret@10.0.0.2/y"
    assert "s3cret" not in document.path.read_text()


def test_without_a_keyring_it_says_so_and_offers_the_variable(opened, document, monkeypatch, qtbot):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    dialog = opened()
    qtbot.waitUntil(lambda: not dialog.login.keep.isEnabled(), timeout=WAIT_MS)
    assert faults(dialog) == []  # nobody has said yet that there is something to keep
    dialog.login.user.setText("guard")
    assert "this system has no keyring" in " ".join(faults(dialog))
    dialog.login.user.clear()
    assert dialog.login.variable.isVisible()
    assert not dialog.login.password.isVisible()
    dialog.source.address.setText("rtsp://guard:s3cret@door/x")
    dialog.source.address.editingFinished.emit()
    dialog.accept()
    assert "the password in the address is not kept; name a variable" in " ".join(faults(dialog))
    dialog.login.variable.setText("no good")
    dialog.accept()
    assert "the name of an environment variable" in " ".join(faults(dialog))
    dialog.login.variable.setText("DOOR_PASSWORD")
    dialog.accept()
    assert accepted(dialog)
    assert document.camera("door").password_env == "DOOR_PASSWORD"


def test_a_file_keeps_what_only_files_have(opened, document):
    dialog = opened("clip")
    assert not dialog.login.isVisible()
    assert dialog.source.path.text() == "a.mp4"
    dialog.accept()
    assert accepted(dialog)
    assert document.path.read_text() == TEXT
    dialog = opened("clip")
    dialog.source.kind.setCurrentIndex(0)
    dialog.source.address.setText("rtsp://h/x")
    dialog.accept()
    assert accepted(dialog)
    assert document.camera("clip").loop is False


def test_a_refusal_of_the_file_is_shown_and_nothing_is_lost(opened, document):
    dialog = opened()
    dialog.source.address.setText("rtsp://door/x")
    document.path.chmod(0o400)
    dialog.accept()
    assert "write-protected" in " ".join(faults(dialog))
    assert dialog.isVisible()
    assert dialog.source.address.text() == "rtsp://door/x"


def test_everything_that_can_be_reached_has_a_name_and_nothing_is_wider_than_the_dialog(opened):
    dialog = opened("gate")
    dialog.more.button.setChecked(True)
    dialog.resize(640, 400)
    QApplication.processEvents()
    for widget in dialog.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and type(widget) is not QWidget:
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget
        if widget.isVisible():
            assert widget.mapTo(dialog, widget.rect().topRight()).x() <= dialog.width()
