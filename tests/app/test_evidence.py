"""Evidence asked for in the window: by keys, made in a thread, told where it lies, given up without a trace."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

import zipfile

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from app.dialogs.evidence import EvidenceDialog, progress_words
from app.panels.banner import Banner
from app.running.exports import Progress
from constant import write_constant
from engine.evidence.order import Step
from engine.evidence.verify import verify
from engine.settings.address import Address
from told import BEGAN, write_log

WAIT_MS = 30_000


@pytest.fixture
def chosen(make_assembly, database, qtbot):
    """A window over a log of one alert, which is chosen on the page of alerts."""
    database.parent.mkdir()
    assembly = make_assembly(write_log(database))
    assembly.window.show_page("alerts")
    qtbot.waitUntil(lambda: bool(assembly.alerts.all), timeout=WAIT_MS)
    assembly.alerts_page.table.choose(assembly.alerts.all[0].uid)
    return assembly


def asked(assembly):
    """The dialog that the key opens."""
    QTest.keyClick(assembly.alerts_page.table, Qt.Key.Key_E)
    return assembly.evidence.dialog


def test_an_alert_is_exported_by_keys_and_its_place_is_told(chosen, tmp_path, qtbot):
    dialog = asked(chosen)
    assert (dialog.begin.moment_s, dialog.end.moment_s) == (BEGAN + 220, BEGAN + 384)
    assert dialog.file.text().endswith(".zip")
    dialog.file.setText(str(tmp_path / "alert"))
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
    QTest.keyClick(dialog.begin, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not dialog.ok.isEnabled()
    qtbot.waitUntil(lambda: chosen.evidence.dialog is None, timeout=WAIT_MS)
    banner = chosen.window.findChild(Banner)
    qtbot.waitUntil(lambda: banner.place == tmp_path / "alert.zip", timeout=WAIT_MS)
    found = verify(tmp_path / "alert.zip")
    assert found.findings == ()
    assert found.sha256 in banner.text
    assert banner.show_place.isVisible()
    with zipfile.ZipFile(tmp_path / "alert.zip") as archive:
        assert "report.pdf" in archive.namelist()
    banner._dismiss.click()
    assert banner.place is None


def test_what_cannot_be_is_said_and_can_be_tried_again(chosen, tmp_path, qtbot):
    dialog = asked(chosen)
    dialog.end.setDateTime(dialog.begin.dateTime())
    dialog.accept()
    assert not chosen.evidence.exports.is_busy
    assert "lies before the beginning" in dialog.end.accessibleDescription()
    dialog.end.setDateTime(dialog.begin.dateTime().addSecs(60))
    dialog.file.setText(str(tmp_path / "nowhere" / "a.zip"))
    dialog.accept()
    assert not chosen.evidence.exports.is_busy
    assert "a folder that is not there" in dialog.file.accessibleDescription()
    dialog.begin.setDateTime(dialog.begin.dateTime().addDays(-30))
    dialog.end.setDateTime(dialog.begin.dateTime().addSecs(600))
    dialog.file.setText(str(tmp_path / "a.zip"))
    dialog.accept()
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=WAIT_MS)
    assert "nothing was counted of 'north'" in dialog.words.text()
    dialog.reject()
    assert chosen.evidence.dialog is None


def test_a_bundle_is_given_up_without_a_trace(chosen, tmp_path, qtbot):
    folder = tmp_path / "out"
    folder.mkdir()
    dialog = asked(chosen)
    assert asked(chosen) is dialog
    dialog.file.setText(str(folder / "a.zip"))
    dialog.accept()
    dialog.reject()
    qtbot.waitUntil(lambda: chosen.evidence.dialog is None, timeout=WAIT_MS)
    assert list(folder.iterdir()) == []
    assert chosen.window.findChild(Banner).text == ""


def test_a_recording_is_exported_from_its_page(make_assembly, clip, tmp_path, qtbot):
    seven = Address.of(str(write_constant(tmp_path / "seven.onnx", people=7.0)))
    assembly = make_assembly(None, given={"model": seven})
    assembly.window.show_page("recording")
    recording = assembly.recording
    assert not recording.acts["evidence"].isEnabled()
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        recording.open(clip)
    qtbot.waitUntil(recording.acts["evidence"].isEnabled, timeout=WAIT_MS)
    recording.acts["evidence"].trigger()
    dialog = recording.window().findChild(EvidenceDialog)
    assert (dialog.begin.text(), dialog.end.text()) == ("0:00:00", "0:00:02")
    dialog.begin.setText("noon")
    dialog.accept()
    assert "is no time such as" in dialog.begin.accessibleDescription()
    dialog.begin.setText("0.5")
    dialog.file.setText(str(tmp_path / "clip.zip"))
    dialog.accept()
    qtbot.waitUntil((tmp_path / "clip.zip").exists, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: recording.window().findChild(EvidenceDialog) is None, timeout=WAIT_MS)
    assert verify(tmp_path / "clip.zip").findings == ()
    with zipfile.ZipFile(tmp_path / "clip.zip") as archive:
        assert {"report.pdf", "clip.mp4", "peak.jpg"} < set(archive.namelist())
        assert len(archive.read("counts.csv").splitlines()) == 1 + 10


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (
            Progress(Step("counting", 1200, 5000, "frames"), 190.0),
            "Counting: 1,200 of 5,000 frames, about 3 min 10 s left…",
        ),
        (Progress(Step("counting", 1200, None, "frames")), "Counting: 1,200 frames…"),
        (Progress(Step("packing", 0.5)), "Packing…"),
    ],
    ids=["known", "without an end", "a share"],
)
def test_how_far_it_is_is_said(progress, words):
    assert progress_words(progress) == words
