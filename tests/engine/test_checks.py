"""Spot checks: kept with their pictures, listed, taken back, written for the trainer, and what they say of a camera."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from sqlalchemy import text

from engine.checks.kept import checks_of, keep, new_uid, picture_folder, take_back
from engine.checks.spot_check import Errors, SpotCheck, errors_of
from engine.cli import main
from engine.errors import DatabaseError, EngineError, OutputError
from engine.log.audit import faults, kept_tip, rows_of
from engine.log.database import open_database
from engine.monitor.checking import CheckWatch
from trainer.datasets.base import load_all
from trainer.datasets.registry import open_dataset

POINTS = ((0.25, 0.5), (0.5, 0.75))


def a_check(camera="north", time_s=12.5, points=POINTS, counted=3.5, **more):
    more = {"source_sha256": "a" * 64, **more}
    return SpotCheck(new_uid(), camera, time_s, (90, 120), points, counted, "light", "b" * 64, "Ada", **more)


@pytest.fixture
def picture():
    return np.random.default_rng(3).integers(0, 255, (90, 120, 3), np.uint8)


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    """A log, open."""
    place = tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()
    engine = open_database(place, durable=True)
    yield engine
    engine.dispose()


@pytest.fixture
def filled(tmp_path, picture):
    """The path of a log with checks of two cameras."""
    engine = open_database(tmp_path / "log.db", durable=True)
    keep(engine, a_check(), picture)
    keep(engine, a_check(time_s=20.0, points=(), counted=0.5, note="an empty yard"), picture)
    keep(engine, a_check("south", points=POINTS * 3, counted=4.0), None)
    engine.dispose()
    return tmp_path / "log.db"


def run(capsys, *arguments):
    status = main(["checks", *map(str, arguments)])
    return status, *capsys.readouterr()


def test_what_others_keep_or_take_back_is_noticed_once(log):
    read = []
    watch = CheckWatch(lambda: log, lambda: read.append(len(checks_of(log))))
    kept = keep(log, a_check(), None)
    for change in (lambda: None, lambda: None, lambda: keep(log, a_check(), None), lambda: None):
        change()
        watch.look()
    take_back(log, kept.uid, "Ada")
    watch.look()
    assert read == [1, 2, 1]
    CheckWatch(lambda: None, lambda: read.append(0)).look()
    assert len(read) == 3


def test_a_check_is_kept_with_its_picture_and_found_again(log, picture):
    kept = keep(log, a_check(note="from the balcony"), picture)
    [found] = checks_of(log)
    assert found == kept
    assert (found.people, found.error) == (2, 1.5)
    assert found.noted_at is not None
    stored = cv2.imread(str(picture_folder(log.url) / found.picture))
    assert (cv2.cvtColor(stored, cv2.COLOR_BGR2RGB) == picture).all()
    [row] = rows_of(log)
    assert (row.action, row.who, row.subject) == ("spot check", "Ada", "north")


def test_checks_are_found_by_camera_and_by_recording(log):
    of_north, of_south = a_check(), a_check("south", source_sha256=None)
    for check in (of_north, of_south):
        keep(log, check, None)
    assert [check.uid for check in checks_of(log, "south")] == [of_south.uid]
    assert [check.uid for check in checks_of(log, source_sha256="a" * 64)] == [of_north.uid]


@pytest.mark.parametrize("point", [(1.2, 0.5), (0.5, -0.1), (float("nan"), 0.5)])
def test_a_head_outside_of_the_picture_is_refused(log, picture, point):
    check = a_check(points=(point,))
    with pytest.raises(EngineError, match="from 0 to 1"):
        keep(log, check, picture)
    assert checks_of(log) == []
    assert not (picture_folder(log.url) / f"{check.uid}.png").exists()


def test_no_picture_is_left_where_the_log_cannot_be_written(tmp_path, picture):
    engine = open_database(tmp_path / "log.db", durable=True)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE spot_check"))
    with pytest.raises(DatabaseError):
        keep(engine, a_check(), picture)
    assert not list(picture_folder(engine.url).iterdir())
    assert rows_of(engine) == []
    engine.dispose()


def test_nothing_is_noted_where_the_picture_cannot_be_written(tmp_path, picture):
    engine = open_database(tmp_path / "log.db", durable=True)
    picture_folder(engine.url).write_text("in the way")
    with pytest.raises(OutputError, match=r"log\.db\.checks"):
        keep(engine, a_check(), picture)
    assert checks_of(engine) == []
    engine.dispose()


def test_errors_are_those_of_the_frames_that_were_counted():
    checks = [a_check(counted=2.0 + error) for error in (1, -1, 3, 1, 1)] + [a_check(counted=None)]
    errors = errors_of(checks)
    assert (errors.number, errors.mae, errors.bias) == (5, pytest.approx(1.4), pytest.approx(1.0))
    low, high = errors.interval
    assert 1.0 <= low < 1.4 < high <= 3.0
    assert "off by 1.4 people on 5 checked frames" in errors.sentence
    assert "1.0 too many" in errors.sentence
    assert Errors.of([]) is None
    assert Errors.of([1.0] * 4).interval is None


def test_the_command_lists_checks_and_says_how_far_off_the_count_is(capsys, filled):
    status, printed, _ = run(capsys, "--database", filled)
    assert status == 0
    assert "an empty yard" in printed
    assert "north: off by 1.0 people on 2 checked frames; on average 1.0 too many" in printed
    assert "south: off by 2.0 people on 1 checked frame; on average 2.0 too few" in printed
    status, printed, _ = run(capsys, "--database", filled, "--json", "--camera", "south")
    [south] = json.loads(printed)
    assert (south["camera"], south["people"], south["counted"]) == ("south", 6, 4.0)


def test_a_check_that_is_taken_back_counts_no_more(capsys, filled):
    _, printed, _ = run(capsys, "--database", filled, "--json")
    [first, *_] = json.loads(printed)
    status, printed, _ = run(capsys, "take-back", first["id"][:10], "--database", filled, "--who", "Bo")
    assert (status, "counts no more, as Bo asked" in printed) == (0, True)
    engine = open_database(filled)
    assert first["id"] not in [check.uid for check in checks_of(engine)]
    assert not (picture_folder(engine.url) / f"{first['id']}.png").exists()
    assert faults(rows_of(engine), kept_tip(engine.url)) == []
    engine.dispose()
    status, _, problem = run(capsys, "take-back", first["id"], "--database", filled)
    assert (status, "no spot check has an id that begins with" in problem) == (2, True)


def test_an_id_that_several_have_is_refused(capsys, filled):
    status, _, problem = run(capsys, "take-back", "", "--database", filled)
    assert (status, "3 spot checks have an id" in problem) == (2, True)


def test_checks_become_pictures_that_the_trainer_reads(capsys, filled, tmp_path, picture):
    status, printed, _ = run(capsys, "export", "--database", filled, "--out", tmp_path / "mine")
    assert status == 0
    assert "2 pictures with 2 people" in printed
    assert "1 checks have no picture" in printed
    pictures = load_all(open_dataset(tmp_path / "mine"))
    assert [item.points.tolist() for item in pictures] == [[[30.0, 45.0], [60.0, 67.5]], []]
    assert all((item.picture == picture).all() for item in pictures)
    status, _, problem = run(capsys, "export", "--database", filled, "--out", tmp_path / "mine")
    assert (status, "holds something already" in problem) == (2, True)


def test_a_picture_is_never_taken_from_another_folder(capsys, filled, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    engine = open_database(filled)
    with engine.begin() as connection:
        connection.execute(text("UPDATE spot_check SET picture = '../secret.png'"))
    engine.dispose()
    _, printed, _ = run(capsys, "export", "--database", filled, "--out", tmp_path / "mine")
    assert "0 pictures" in printed


def test_a_check_names_no_secret(log):
    kept = keep(log, replace(a_check(), note="see rtsp://anna:hunter2@10.0.0.7/"), None)
    [found] = checks_of(log)
    assert "hunter2" not in found.note
    assert found.uid == kept.uid
