"""Every count says between which numbers of people the truth lies, where something is known of errors."""

import csv
import json
import sqlite3

import numpy as np
import onnx
import pytest

from engine.cli import main
from engine.counting.doubt import Doubt, doubt_of
from engine.counting.reading import Reading, Sampler
from engine.counting.trust import Checked, Trust
from engine.inference.contract import read_model_file
from engine.inference.error_table import CERTAINTY, ErrorTable, Interval
from engine.log.database import StoredSample, open_database
from engine.log.run import RunRecord
from engine.log.writing import write
from engine.paths import LIGHT_MODEL
from engine.picture.condition import Condition
from engine.picture.frame import Frame

FACTS = {"certainty": 0.9, "counted": [0, 100], "low": [0, 80], "high": [5, 130], "pictures": 74}
TABLE = ErrorTable((0.0, 100.0), (0.0, 80.0), (5.0, 130.0), 74)


def test_a_table_is_read_as_it_was_written():
    assert ErrorTable.read(json.dumps(FACTS)) == TABLE


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"certainty": 0.5}, id="another certainty"),
        pytest.param({"low": [0]}, id="columns of two lengths"),
        pytest.param({"counted": [100, 0]}, id="falling"),
        pytest.param({"low": [0, 200]}, id="low above high"),
        pytest.param({"high": [5, 1e400]}, id="endless"),
        pytest.param({"high": ["many", 5]}, id="words"),
        pytest.param({"counted": [], "low": [], "high": []}, id="empty"),
        pytest.param({"counted": None}, id="nothing"),
    ],
)
def test_what_is_no_table_is_taken_for_none(change):
    assert ErrorTable.read(json.dumps(FACTS | change)) is None


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "{", "7"])
def test_what_is_no_json_is_taken_for_none(text):
    assert ErrorTable.read(text) is None


@pytest.mark.parametrize(
    ("counted", "interval"),
    [
        pytest.param(0.0, (0.0, 5.0), id="nobody"),
        pytest.param(50.0, (40.0, 67.5), id="between two rows"),
        pytest.param(200.0, (160.0, 260.0), id="beyond the last, as a share"),
    ],
)
def test_an_interval_lies_between_the_rows(counted, interval):
    assert TABLE.interval(counted) == Interval(*interval)


def test_few_checks_leave_the_table_and_many_replace_it():
    exact = Trust(tuple(Checked(50.0, 50.0) for _ in range(30)))
    assert Trust(exact.checks[:8]).interval(50.0, TABLE) == TABLE.interval(50.0)
    assert exact.interval(50.0, TABLE) == exact.interval(50.0, None) == Interval(50.0, 50.0)
    assert Trust().interval(50.0, None) is None


@pytest.mark.parametrize("number", [9, 19, 40])
def test_intervals_of_checks_hold_as_often_as_they_say(number):
    generator, inside, rounds = np.random.default_rng(3), 0, 1500
    for _ in range(rounds):
        counted = generator.uniform(10, 200, number + 1)
        people = np.maximum(0, counted * generator.lognormal(0.1, 0.2, number + 1) + generator.normal(0, 4))
        checks = tuple(Checked(*pair) for pair in zip(counted[1:], people[1:], strict=True))
        low, high = Trust(checks).interval(counted[0], None)
        inside += low <= people[0] <= high
    assert inside / rounds >= CERTAINTY - 0.02


@pytest.mark.parametrize(
    ("facts", "doubt"),
    [
        pytest.param((Condition.CLEAR, 50.0, 0.95), Doubt.NONE, id="clear"),
        pytest.param((Condition.CLEAR, 50.0, None), Doubt.NONE, id="without a map"),
        pytest.param((Condition.DARK, 50.0, 0.95), Doubt.DARK, id="dark"),
        pytest.param((Condition.CLEAR, 50.0, 0.3), Doubt.INCONSISTENT, id="the map says otherwise"),
        pytest.param((Condition.CLEAR, 2.0, 0.3), Doubt.NONE, id="otherwise, of two people"),
    ],
)
def test_a_count_is_doubted_for_a_reason(facts, doubt):
    assert doubt_of(*facts) is doubt
    assert bool(doubt) is bool(doubt.words)


def test_a_second_has_the_mean_of_its_intervals_and_its_last_doubt():
    frame, sampler = Frame.of(0, 0.0, np.zeros((8, 8, 3), np.uint8)), Sampler()
    for low, doubt in ((2.0, Doubt.NONE), (4.0, Doubt.DARK), (6.0, Doubt.NONE)):
        sampler.add(0.0, Reading(frame, 9.0, interval=Interval(low, 20.0), doubt=doubt))
    sampler.add(0.0, Reading(frame, 9.0))
    sample = sampler.finish()
    assert (sample.interval, sample.doubt) == (Interval(4.0, 20.0), Doubt.DARK)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The light model with a table."""
    model = onnx.load(LIGHT_MODEL.with_suffix(".int8.onnx"))
    facts = {p.key: p.value for p in model.metadata_props}
    onnx.helper.set_model_props(model, facts | {"deepcount.errors": json.dumps(FACTS)})
    path = tmp_path_factory.mktemp("told") / "told.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_model_file_carries_its_table_and_people_do_not_see_it(told):
    file = read_model_file(told)
    assert file.errors == TABLE
    assert "errors" not in file.facts


def test_a_count_leaves_its_interval_in_the_table_the_log_and_the_json(told, clip, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["count", str(clip(frames=3, rate=3)), "--model", str(told), "--no-video", "--json", "--out", str(out)]
    assert main(words) == 0
    facts = json.loads(capsys.readouterr().out)
    with (out / "counts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        low, high = TABLE.interval(float(row["count"]))
        assert (float(row["low"]), float(row["high"])) == pytest.approx((low, high), abs=0.02)
    assert {row["reliable"] for row in rows} <= {"yes", "no"}
    assert facts["low"] == pytest.approx(np.mean([float(row["low"]) for row in rows]), abs=0.02)
    assert facts["doubtful_frames"] == sum(row["reliable"] == "no" for row in rows)
    with sqlite3.connect(out / "deepcount.db") as log:
        stored = log.execute("SELECT low, high FROM sample").fetchone()
    log.close()
    assert stored == pytest.approx((facts["low"], facts["high"]), abs=0.02)


def test_an_older_log_is_given_the_columns_and_knows_nothing_of_them(tmp_path, model_file):
    path = tmp_path / "deepcount.db"
    sampler = Sampler()
    sampler.add(0.0, Reading(Frame.of(0, 0.0, np.zeros((8, 8, 3), np.uint8)), 9.0, doubt=Doubt.TORN))
    engine = open_database(path)
    write(engine, [(RunRecord("gate", model_file, 0.0), sampler.finish())])
    with engine.begin() as connection:
        row = connection.execute(StoredSample.__table__.select()).one()
        assert (row.low, row.high, row.doubt) == (None, None, "torn")
    engine.dispose()
