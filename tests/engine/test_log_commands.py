"""Back-up and export of a log: a copy that is whole while others write, and tables that programs read again."""

import csv
from datetime import UTC, datetime

import pytest

from engine.cli import main
from engine.log.audit import Deed, note
from engine.log.database import open_database
from engine.log.store import Store
from engine.picture.zones import ZoneCount
from logged import reading, samples_of, waited_for

BEGAN_S = 1_790_000_000


@pytest.fixture
def log(tmp_path, model_file):
    """A log of two cameras, of which one has a zone and a second that is unknown."""
    path = tmp_path / "log.db"
    store = Store(path, clocks=lambda: (float(BEGAN_S), 0.0))
    gate, yard = (store.run(camera=name, model=model_file) for name in ("gate", "yard"))
    for second in (0, 1, 3):
        gate.put(reading(float(second), 2.0 + second, zones=(ZoneCount("left", 1.0),), density=None))
        yard.put(reading(float(second), 9.0))
    store.close()
    return path


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_export_holds_cameras_and_zones_and_no_second_that_is_unknown(log, tmp_path, capsys):
    assert main(["log", "export", "--database", str(log), "--out", str(tmp_path / "all.csv")]) == 0
    rows = rows_of(tmp_path / "all.csv")
    assert "holds 9 rows" in capsys.readouterr().out
    times = [datetime.fromisoformat(row["time"]) for row in rows]
    assert all(time.utcoffset() is not None for time in times)
    seconds = [time.timestamp() - BEGAN_S for time in times]
    found = [(row["camera"], row["zone"], at, float(row["mean"])) for row, at in zip(rows, seconds, strict=True)]
    assert found[:4] == [("gate", "", 0, 2.0), ("gate", "left", 0, 1.0), ("gate", "", 1, 3.0), ("gate", "left", 1, 1.0)]
    assert [second for camera, zone, second, _ in found if camera == "yard"] == [0, 1, 3]
    assert {row["condition"] for row in rows if not row["zone"]} == {"clear"}


def test_an_export_is_of_one_camera_and_a_span(log, tmp_path):
    from_, to = (datetime.fromtimestamp(BEGAN_S + second, UTC).isoformat() for second in (1, 3))
    out = tmp_path / "yard.csv"
    assert (
        main(
            [
                "log",
                "export",
                "--database",
                str(log),
                "--camera",
                "yard",
                "--from",
                from_,
                "--to",
                to,
                "--out",
                str(out),
            ]
        )
        == 0
    )
    assert [(row["camera"], row["mean"]) for row in rows_of(out)] == [("yard", "9.0")]


def test_an_export_as_parquet_says_the_same(log, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra 'analysis'")
    for suffix in ("csv", "parquet"):
        assert main(["log", "export", "--database", str(log), "--out", str(tmp_path / f"all.{suffix}")]) == 0
    table = parquet.read_table(tmp_path / "all.parquet")
    assert str(table.schema.field("time").type) == "timestamp[ms, tz=UTC]"
    rows = rows_of(tmp_path / "all.csv")
    assert [row["camera"] for row in rows] == table["camera"].to_pylist()
    assert [row["zone"] or None for row in rows] == table["zone"].to_pylist()
    assert [datetime.fromisoformat(row["time"]) for row in rows] == table["time"].to_pylist()
    assert [float(row["mean"]) for row in rows] == table["mean"].to_pylist()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--camera", "nosuch", "--out", "all.csv"], "holds no camera 'nosuch', expected one of: gate, yard"),
        (["--out", "all.txt"], "expected one of .csv, .parquet"),
        (["--from", "2026-01-02", "--to", "2026-01-01", "--out", "all.csv"], "--to lies before --from"),
        (["--out", "nowhere/all.csv"], "cannot be written"),
    ],
)
def test_an_export_that_cannot_be_is_refused_and_leaves_no_file(log, tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert main(["log", "export", "--database", str(log), *arguments]) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("log.db")] == []


def test_a_back_up_of_a_log_that_is_written_is_whole_and_proved(log, tmp_path, model_file, capsys):
    engine = open_database(log)
    note(engine, [Deed("Ada", "start", "watch", {})])
    engine.dispose()
    store = Store(log)
    store.run(camera="street", model=model_file).put(reading(0.0, 1.0))
    assert main(["log", "backup", "--database", str(log), "--out", str(tmp_path / "copy.db")]) == 0
    store.close()
    assert waited_for(lambda: len(samples_of(log)) == 7)
    assert len(samples_of(tmp_path / "copy.db")) == 6
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db", "copy.db.audit"]
    assert main(["audit", "verify", "--database", str(tmp_path / "copy.db")]) == 0
    assert "whole, 1 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("database", "out", "words"),
    [
        ("log.db", "log.db", "is the log itself"),
        ("nosuch.db", "copy.db", "is not there yet"),
        ("postgresql://server/counts", "copy.db", "pg_dump"),
    ],
)
def test_a_back_up_that_cannot_be_is_refused(log, tmp_path, monkeypatch, capsys, database, out, words):
    monkeypatch.chdir(tmp_path)
    assert main(["log", "backup", "--database", database, "--out", out]) == 2
    assert words in capsys.readouterr().err
    assert len(samples_of(log)) == 6
