"""The window as a client of a service: a real one, in a process of its own."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)
pytest.importorskip("fastapi", reason="the extra 'serve' is needed: pip install 'deepcount[serve]'")


import shutil
from datetime import UTC, datetime, timedelta
from time import time

import numpy as np

from app.client import SERVICE, SET_UP, Client
from clipping import clipped
from engine.alerts.listing import State
from engine.client.door import service_of
from engine.client.said import series_of
from engine.errors import ConfigError
from engine.history.series import Grid
from engine.paths import DEMO_CLIP
from engine.rules.series import Subject
from engine.service.tokens import Scope, make_token, revoke_token
from logged import started
from names import nameless

WAIT_MS = 60_000
YARD = Subject("north gate")
ADA = "Ada (token admin)"
CONFIG = """
database = "log.db"
[recordings]
folder = "recordings"
[[cameras]]
name = "north gate"
address = "{clip}"
loop = true
max_fps = 5
[[cameras.zones]]
name = "left"
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
[[cameras.rules]]
name = "busy"
above = 0.5
for_s = 1
[[groups]]
name = "all"
members = ["north gate"]
"""


@pytest.fixture
def tokens(tmp_path):
    """A token of each scope."""
    return {scope: make_token(tmp_path / "cameras.tokens", scope.word, scope, None) for scope in Scope}


@pytest.fixture
def service(tokens, tmp_path, monkeypatch):
    """A service that wants tokens, and its address."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "cameras.toml").write_text(CONFIG.format(clip=DEMO_CLIP))
    process = started("serve", "--config", tmp_path / "cameras.toml", "--port", "0", "--behind-proxy")
    try:
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def client(tokens, service, tmp_path, qtbot):
    client = Client(service_of(service[1], tokens[Scope.ADMIN]), tmp_path / "kept.toml")
    client.window.resize(1100, 800)
    client.window.show()
    client.start()
    yield client
    client.close()
    client.dispose()


def test_the_window_shows_a_service_acknowledges_there_and_says_that_it_is_gone(service, client, qtbot):
    wall, alerts = client.wall, client.alerts

    def seen():
        tile = wall.wall.tiles.get("north gate")
        return tile is not None and tile.picture is not None and bool(tile.count)

    qtbot.waitUntil(seen, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: all(client.cameras.people().values()) and bool(client.cameras.people()), timeout=WAIT_MS)
    assert set(client.cameras.facts()["north gate"].newest.zones) <= {"left"}
    assert client.cameras.recent("north gate").oldest_s() is not None
    qtbot.waitUntil(lambda: len(alerts.all) == len(alerts.firing) == 1, timeout=WAIT_MS)  # told of one after the other
    assert (alerts.all[0].rule_name, alerts.firing[0].uid) == ("busy", alerts.all[0].uid)
    qtbot.waitUntil(lambda: alerts.all[0].snapshot is not None, timeout=WAIT_MS)
    client.window.show_page("alerts")
    client.alerts_page.show_alert(alerts.all[0].uid)
    qtbot.waitUntil(lambda: not client.alerts_page.details.picture.pixmap().isNull(), timeout=WAIT_MS)
    client.window.show_page("live")
    assert clipped(client.window) == []
    assert nameless(client.window) == []
    alerts.acknowledge([alerts.all[0].uid], note="seen", who="Ada")
    qtbot.waitUntil(lambda: alerts.all[0].acknowledged_by == ADA, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: alerts.firing[0].acknowledged_by == ADA, timeout=WAIT_MS)
    assert [name for name in SET_UP if wall.doings[name].isVisible() or wall.doings[name].isEnabled()] == []
    assert not client.alerts_page.doings["rules"].isVisible()
    alerts.suspend("north gate", "busy", round(time()) + 600, note="a fair", who="Ada")
    qtbot.waitUntil(lambda: alerts.suspension("north gate", "busy") is not None, timeout=WAIT_MS)
    assert alerts.suspension("north gate", "busy").note == "a fair"
    alerts.settle([alerts.all[0].uid], note="over", who="Bo")
    qtbot.waitUntil(lambda: alerts.all[0].state is State.CLOSED, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not alerts.firing, timeout=WAIT_MS)
    alerts.suspend("north gate", "busy", None)
    qtbot.waitUntil(lambda: not alerts.suspended, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(client.alarm.banner.waiting) == 1, timeout=WAIT_MS)  # it is raised anew
    service[0].kill()
    qtbot.waitUntil(lambda: any(notice.source == SERVICE for notice in client.notices.unseen), timeout=WAIT_MS)
    assert client.cameras.facts() == {}
    qtbot.waitUntil(lambda: wall.wall.tiles["north gate"].count is None, timeout=WAIT_MS)
    assert wall.wall.tiles["north gate"].is_greyed


def test_what_the_service_recorded_is_fetched_whole_and_looked_at_with_its_counts(client, tmp_path, qtbot):
    page, cameras = client.recording, client.cameras
    qtbot.waitUntil(lambda: cameras.recent("north gate") is not None and len(client.alerts.all) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: any(client.remote.series(YARD, last_s(10)).readings[-3:]), timeout=WAIT_MS)
    begin = datetime.now(UTC) - timedelta(seconds=5)
    place = tmp_path / "recordings" / "north gate" / f"{begin:%Y-%m-%d}" / f"{begin:%H-%M-%S}.000Z_4.000s.mp4"
    place.parent.mkdir(parents=True)
    shutil.copy(DEMO_CLIP, place)
    client.footage.choose("north gate")
    dialog = client.footage.dialog
    qtbot.waitUntil(lambda: dialog.said.text().startswith("Recorded:"), timeout=WAIT_MS)
    dialog.accept()
    qtbot.waitUntil(lambda: page.around.looked is not None and page.around.looked.is_exact, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not client.bridge.is_counting and page.panels.plot.points > 0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.panels.video.has_picture, timeout=WAIT_MS)
    assert client.window.page is page
    assert client.bridge.samples() == []
    qtbot.waitUntil(lambda: len(page.panels.plot.marks.raised) == 1, timeout=WAIT_MS)
    page.desk.marks.show_zones(["left"])
    qtbot.waitUntil(lambda: len(page.panels.plot.marks.zones) == 1, timeout=WAIT_MS)
    assert not page.acts["heads"].isEnabled()
    assert clipped(client.window) == []
    assert nameless(client.window) == []
    kept = client.remote.recordings._cache
    (copy,) = kept._folder.rglob("*.mp4")
    assert copy.read_bytes() == DEMO_CLIP.read_bytes()
    client.close()
    assert not copy.exists()


def last_s(seconds):
    return Grid(int(time()) - seconds, 1, seconds)


def test_what_a_token_is_not_good_for_is_said_beforehand(tokens, service, tmp_path, qtbot):
    client = Client(service_of(service[1], tokens[Scope.ACKNOWLEDGE]), tmp_path / "kept.toml")
    client.window.show()
    client.start()
    page = client.alerts_page
    try:
        qtbot.waitUntil(lambda: bool(client.alerts.all), timeout=WAIT_MS)
        client.window.show_page("alerts")
        page.show_alert(client.alerts.all[0].uid)
        qtbot.waitUntil(page.button.isEnabled, timeout=WAIT_MS)
        assert "⚠" not in page.button.toolTip()
        for part in (page.suspend_button, page.doings["suspend"], page.doings["close"]):
            assert not part.isEnabled()
            assert "'acknowledge' has the scope acknowledge, this needs one with the scope admin" in part.toolTip()
        with (tmp_path / "cameras.toml").open("a") as config:
            config.write('[[cameras]]\nname = "late"\naddress = "rtsp://127.0.0.1:1/x"\n')
        qtbot.waitUntil(lambda: [each.name for each in client.cameras.config.cameras][1:] == ["late"], timeout=WAIT_MS)
        qtbot.waitUntil(lambda: "late" in client.cameras.facts(), timeout=WAIT_MS)
        revoke_token(tmp_path / "cameras.tokens", "acknowledge")
        qtbot.waitUntil(lambda: any("token" in each.text for each in client.notices.unseen), timeout=WAIT_MS)
        assert client.cameras.facts() == {}
    finally:
        client.close()
        client.dispose()


@pytest.mark.parametrize("url", ["host:8443", "ftp://host", "https://", "https://a:b@host", "https://host/api"])
def test_what_is_no_address_of_a_service_is_refused(url):
    with pytest.raises(ConfigError, match="is no address of a service"):
        service_of(url)


def test_a_token_is_shown_nowhere():
    assert "dc_secret" not in repr(service_of("https://host:8443", "dc_secret"))


def test_a_history_is_laid_on_the_grid_that_was_asked_for_and_on_no_other():
    said = {"begin": "1970-01-01T00:16:40+00:00", "step_s": 2, "readings": [1, 0, 3]}
    said |= {name: [1.0, None, 3.0] for name in ("mean", "least", "most")}
    found = series_of(said, Grid(998, 2, 4))
    assert np.array_equal(found.mean, [np.nan, 1.0, np.nan, 3.0], equal_nan=True)
    assert found.readings.tolist() == [0, 1, 0, 3]
    for other in (Grid(998, 3, 4), Grid(999, 2, 4)):
        assert not series_of(said, other).readings.any()
