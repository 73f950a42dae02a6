"""What is found again at the next start, and what nonsense does not break."""

import tomllib

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QRect, QSize

from app.geometry import placed_within
from app.order import source_of
from app.panels.banner import Banner
from app.preferences import MOST_RECENT, load_preferences, preferences_path, with_recent
from engine.errors import ConfigError

SCREEN, BESIDE = QRect(0, 0, 1600, 1000), QRect(1600, 0, 800, 600)
TITLE = 30
PLACE = (5, 60, 790, 600)


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        (None, (159, 114, 1280, 800)),
        (QRect(100, 100, 640, 400), (100, 100, 640, 400)),
        (QRect(0, 0, 5000, 5000), (0, 30, 1600, 970)),
        (QRect(1700, 100, 640, 400), (1700, 100, 640, 400)),
        (QRect(2300, 500, 640, 400), (1760, 200, 640, 400)),
        (QRect(-9000, -9000, 640, 400), (0, 30, 640, 400)),
    ],
    ids=["for the first time", "as it was", "larger than the screen", "beside", "half beside", "screen is gone"],
)
def test_a_window_stands_within_the_screens(wanted, place):
    placed = placed_within(wanted, [SCREEN, BESIDE], size=QSize(1280, 800), title=TITLE)
    assert placed.getRect() == place


def test_the_newest_is_first_and_nothing_is_listed_twice():
    known: tuple[str, ...] = ()
    for number in [*range(MOST_RECENT + 5), 7]:
        known = with_recent(known, str(number))
    assert known[:2] == ("7", "14")
    assert len(known) == len(set(known)) == MOST_RECENT


def test_a_window_is_found_again_as_it_was_left(make_assembly, clip, qtbot):
    first = make_assembly()
    first.window.setGeometry(*PLACE)
    first.open(clip)
    first.recording.opacity.set_opacity(0.3)
    first.recording.acts["heatmap"].trigger()
    first.window.close()
    second = make_assembly()
    assert second.window.geometry().getRect() == PLACE
    assert second.window.page.name == "recording"
    assert second.recording.opacity.opacity == pytest.approx(0.3)
    assert second.bridge.density_interval_s is None
    (recent,) = second.recent.actions()
    start, _, end = recent.text().partition("…")  # a long path is elided in its middle
    assert str(clip).startswith(start)
    assert str(clip).endswith(end)
    assert start


def test_no_password_of_a_recent_camera_is_kept(make_assembly):
    assembly = make_assembly(None, source=source_of("rtsp://viewer:hunter2@127.0.0.1:1/live?token=hunter3"))
    assembly.window.close()
    text = preferences_path(assembly.order.config).read_text()
    assert tomllib.loads(text)["recent_cameras"] == ["rtsp://viewer@127.0.0.1:1/live?token="]
    assert "hunter" not in text


NONSENSE = """
geometry = ["left", 3]
maximised = "perhaps"
page = "cellar"
colour = "blue"
recent_files = ["/clips/yard.mp4"]
[pages.recording]
opacity = "strong"
folder = 7
heatmap = []
[pages.cellar]
door = true
"""


def test_nonsense_in_the_file_is_told_and_the_rest_is_taken(make_assembly, tmp_path):
    preferences_path(tmp_path / "cameras.toml").write_text(NONSENSE)
    assembly = make_assembly()
    assert assembly.window.page.name == "live"
    assert assembly.preferences.recent_files == ("/clips/yard.mp4",)
    assert assembly.recording.opacity.opacity == pytest.approx(0.7)
    told = assembly.window.findChild(Banner).text
    assert "geometry, maximised, colour cannot be taken" in told


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"[[[", b"a = " + b"[" * 5000, b""], ids=["bytes", "half", "deep", "empty"]
)
def test_a_file_that_is_no_toml_is_as_none(tmp_path, content):
    path = tmp_path / "cameras.window.toml"
    path.write_bytes(content)
    preferences, problem = load_preferences(path)
    assert preferences.page == ""
    assert ("cannot be read" in problem) == (content != b"")


def test_what_can_be_no_source_is_refused_without_its_secret():
    with pytest.raises(ConfigError, match="what is to be opened") as error:
        source_of("rtsp://u:hunter2/9@host/x")
    assert "hunter2" not in str(error.value)


def test_a_window_whose_file_cannot_be_written_closes_all_the_same(make_assembly, tmp_path):
    assembly = make_assembly()
    preferences_path(tmp_path / "cameras.toml").mkdir()
    assembly.window.close()
    assert "cannot be written" in assembly.notices.all[-1].words
