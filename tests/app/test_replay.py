"""An analyst's way through a recording in the real window, from the file to what is handed on."""

from pathlib import Path

import av
import numpy as np
import pytest

from engine.paths import DEMO_CLIP
from engine.sources import FileSource

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QFileDialog

from app.pages.recording import State
from app.panels.banner import Banner
from clipping import clipped
from names import nameless
from test_time_line import LEFT, SHIFT, at, drag

WAIT_MS = 30_000
RATE, FRAMES = 10, 60
CROWDED = range(25, 40)
SHOWN_S = 14.0  # when the demonstration clip shows a crowd


@pytest.fixture
def crowded(tmp_path) -> Path:
    """A recording of six seconds: grey, but for a second and a half with some thirty people."""
    path, height, width = tmp_path / "crowded.mp4", 240, 320
    with FileSource(DEMO_CLIP) as demo:
        crowd = next(frame for frame in demo.frames() if frame.time_s > SHOWN_S).picture
    crowd = crowd[:: crowd.shape[0] // height, :: crowd.shape[1] // width][:height, :width]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"g": "5", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(FRAMES):
            picture = np.roll(crowd, number, axis=1) if number in CROWDED else np.full_like(crowd, 128)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        container.mux(stream.encode())
    return path


def test_from_the_peak_to_what_is_handed_on(recording, crowded, tmp_path, qtbot, monkeypatch):
    line, view = recording.panels.plot, recording.panels.plot.plot.viewport()
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        recording.open(crowded)
    qtbot.waitUntil(lambda: recording.doing is State.ENDED, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: line.points == FRAMES, timeout=WAIT_MS)

    qtbot.mouseClick(view, LEFT, pos=at(line, 0.5))  # look near the beginning, then at the peak
    qtbot.keyClick(recording, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: recording.around.looked.is_exact, timeout=WAIT_MS)
    peak_s = line.head_s
    assert round(peak_s * RATE) in CROWDED
    assert line.counted.at(peak_s) == line.counted.most[1]
    qtbot.waitUntil(lambda: recording.panels.video.has_heatmap, timeout=WAIT_MS)
    assert recording.panels.facts.count.text() == f"{line.counted.most[1]:.0f}"

    for key in (Qt.Key.Key_Period, Qt.Key.Key_Period, Qt.Key.Key_Comma):
        qtbot.keyClick(recording, key)
    qtbot.waitUntil(lambda: line.head_s == pytest.approx(peak_s + 0.1), timeout=WAIT_MS)

    drag(qtbot, line, at(line, 2.0), at(line, 4.5), SHIFT)
    assert line.span == pytest.approx((2.0, 4.5), abs=0.05)
    for name, act in (("part.mp4", "save_clip"), ("part.csv", "save_counts")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), ""))
        recording.acts[act].trigger()
    told = recording.window().findChild(Banner)
    qtbot.waitUntil(lambda: told.text.count("saved as") == 2, timeout=WAIT_MS)
    with FileSource(tmp_path / "part.mp4") as part:
        assert len(list(part.frames())) >= 25
    assert len((tmp_path / "part.csv").read_text().splitlines()) in range(25, 29)

    qtbot.keyClick(recording, Qt.Key.Key_T)
    trial = recording.desk.trial
    trial.for_s.setValue(0.0)
    qtbot.waitUntil(lambda: len(line.alerts.spans) == 1, timeout=WAIT_MS)
    assert "1 alert;" in trial.words.words
    drag(qtbot, line, at(line, 5.0, line.level), at(line, 5.0, 2 * line.counted.most[1]))
    qtbot.waitUntil(lambda: line.alerts.spans == (), timeout=WAIT_MS)
    drag(qtbot, line, at(line, 5.0, line.level), at(line, 5.0, 0.6 * line.counted.most[1]))
    qtbot.waitUntil(lambda: len(line.alerts.spans) == 1, timeout=WAIT_MS)
    recording.window().setFocus()
    qtbot.mouseClick(view, LEFT, pos=at(line, 0.2) + QPoint(0, 5))
    qtbot.keyClick(recording, Qt.Key.Key_A)
    assert line.head_s == line.alerts.spans[0][0]

    qtbot.keyClick(recording, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: told.text.count("saved as") == 3, timeout=WAIT_MS)
    pictures = list(tmp_path.glob("crowded *.png"))
    assert len(pictures) == 1
    assert not QImage(str(pictures[0])).isNull()
    assert clipped(recording.window()) == []
    assert nameless(recording.window()) == []
