"""The audit log: what is noted in it, and five ways of tampering with it, each found."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from engine.alerts.deeds import changed, started
from engine.cli import main
from engine.log.audit import FIRST, Deed, Row, add, faults, kept_tip, note, rows_of
from engine.log.database import open_database
from engine.settings.config import Config
from engine.settings.problems import checked


def deeds(*names):
    return [Deed("Ada", "acknowledge", name, {"note": f"all well at {name}"}) for name in names]


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    """Where a log may lie."""
    return tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()


@pytest.fixture
def noted(tmp_path):
    """A log with five rows."""
    engine = open_database(tmp_path / "log.db", durable=True)
    note(engine, deeds("a", "b", "c"))
    note(engine, deeds("d", "e"))
    engine.dispose()
    return tmp_path / "log.db"


def verify(capsys, path, *more):
    status = main(["audit", "verify", "--database", str(path), *map(str, more)])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def tampered(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement, *values in statements:
            connection.execute(statement, values)


def test_rows_follow_each_other_in_any_database(log):
    engine = open_database(log, durable=True)
    for name in "abc":
        note(engine, deeds(name))
    rows = rows_of(engine)
    engine.dispose()
    assert [(row.number, row.who, row.subject) for row in rows] == [(1, "Ada", "a"), (2, "Ada", "b"), (3, "Ada", "c")]
    assert [row.before for row in rows] == [FIRST, rows[0].hash, rows[1].hash]
    assert faults(rows, None) == []


def test_a_chain_that_is_whole_is_said_to_be(noted, capsys):
    status, said = verify(capsys, noted)
    assert status == 0
    assert "whole, 5 rows" in said


CHANGES = {
    column: f"UPDATE audit SET {column} = ? WHERE number = 3"
    for column in ("at", "who", "action", "subject", "detail", "before", "hash")
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_row_that_was_changed_is_found_in_whatever_column(noted, capsys, column):
    tampered(noted, (CHANGES[column], "0" * 64))
    status, said = verify(capsys, noted)
    assert status == 1
    assert "row 3 was changed after it was written" in said


def test_a_row_that_is_missing_is_found(noted, capsys):
    tampered(noted, ("DELETE FROM audit WHERE number = 3",))
    assert verify(capsys, noted)[0] == 1
    assert "row 3 is missing" in verify(capsys, noted)[1]


def test_rows_that_were_put_in_another_order_are_found(noted, capsys):
    tampered(
        noted,
        ("UPDATE audit SET number = 99 WHERE number = 2",),
        ("UPDATE audit SET number = 2 WHERE number = 3",),
        ("UPDATE audit SET number = 3 WHERE number = 99",),
    )
    status, said = verify(capsys, noted)
    assert status == 1
    assert "row 2 does not follow row 1" in said


@pytest.mark.parametrize(("kept", "lacking"), [(4, "row 5 was"), (3, "rows 4 to 5 were"), (0, "rows 1 to 5 were")])
def test_a_tail_that_was_cut_off_is_found(noted, capsys, kept, lacking):
    tampered(noted, ("DELETE FROM audit WHERE number > ?", kept))
    status, said = verify(capsys, noted)
    assert status == 1
    assert f"{lacking} cut off the end" in said


@pytest.mark.parametrize("proof", ["5 " + "0" * 64, "", "-1 " + "0" * 64, "0 " + "1" * 64, None])
def test_a_program_that_goes_on_does_not_cover_up_what_was_done(noted, capsys, tmp_path, proof):
    if proof is None:
        (tmp_path / "log.db.audit").unlink()
    else:
        (tmp_path / "log.db.audit").write_text(proof)
    going_on(noted)
    assert verify(capsys, noted)[0] == 1


def test_a_program_that_goes_on_after_a_tail_was_cut_off_does_not_cover_it_up(noted, capsys):
    tampered(noted, ("DELETE FROM audit WHERE number > 3",))
    going_on(noted)
    assert verify(capsys, noted)[0] == 1
    assert "row 5 had another hash when it was kept outside" in verify(capsys, noted)[1]


def going_on(path):
    """Notes more rows than there were before."""
    engine = open_database(path, durable=True)
    for name in "uvwxyz":
        note(engine, deeds(name))
    engine.dispose()


def test_the_proof_is_there_before_the_first_row_is(tmp_path, capsys):
    engine = open_database(tmp_path / "log.db", durable=True)
    with engine.begin() as connection:
        add(connection, deeds("a"))
    engine.dispose()  # as if it had been killed before it kept the new end
    assert verify(capsys, tmp_path / "log.db")[0] == 0
    going_on(tmp_path / "log.db")
    assert verify(capsys, tmp_path / "log.db")[0] == 0
    assert (tmp_path / "log.db.audit").read_text().startswith("7 ")


LOOSE = "CREATE TABLE loose AS SELECT * FROM audit", "DROP TABLE audit", "ALTER TABLE loose RENAME TO audit"


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        pytest.param(["UPDATE audit SET detail = x'00ff' WHERE number = 3"], "row 3 was changed", id="bytes"),
        pytest.param(["UPDATE audit SET who = CAST(x'ff' AS TEXT)"], "rows cannot be read", id="no text"),
        pytest.param([*LOOSE, "UPDATE audit SET who = NULL WHERE number = 3"], "row 3 was changed", id="nothing"),
        pytest.param([*LOOSE, "UPDATE audit SET number = NULL WHERE number = 3"], "row 3 is missing", id="no number"),
        pytest.param([*LOOSE, "UPDATE audit SET number = 'x' WHERE number = 3"], "row 3 is missing", id="words"),
        pytest.param([*LOOSE, "INSERT INTO audit SELECT * FROM audit WHERE number = 3"], "a row 3 stands", id="twice"),
        pytest.param(["UPDATE audit SET number = -1 WHERE number = 1"], "a row -1 stands", id="below the first"),
        pytest.param(["DROP TABLE audit"], "rows cannot be read", id="no table"),
    ],
)
def test_whatever_is_put_into_the_table_is_found(noted, capsys, statements, found):
    tampered(noted, *((statement,) for statement in statements))
    status, said = verify(capsys, noted)
    assert status == 1
    assert found in said


def test_a_chain_that_was_made_anew_is_found(noted, capsys, tmp_path):
    other = tmp_path / "other.db"
    engine = open_database(other, durable=True)
    note(engine, deeds("a", "b", "forged", "d", "e", "f"))
    rows = rows_of(engine)
    engine.dispose()
    tampered(noted, ("DELETE FROM audit",), *(forged(row) for row in rows))
    status, said = verify(capsys, noted)
    assert status == 1
    assert "the chain was made anew: row 5 had another hash" in said


def forged(row: Row):
    values = row.number, row.at, row.who, row.action, row.subject, row.detail, row.before, row.hash
    return ("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)


def test_a_proof_that_is_gone_is_found_and_an_export_still_proves_the_end(noted, capsys, tmp_path):
    export = tmp_path / "audit.json"
    assert main(["audit", "export", "--database", str(noted), "--out", str(export)]) == 0
    written = json.loads(export.read_text())
    assert (len(written["rows"]), written["last"]["number"], written["faults"]) == (5, 5, [])
    assert verify(capsys, noted, "--against", export)[0] == 0
    (tmp_path / "log.db.audit").unlink()
    tampered(noted, ("DELETE FROM audit WHERE number = 5",))
    status, said = verify(capsys, noted, "--against", export)
    assert status == 1
    assert "log.db.audit is gone" in said
    assert "audit.json: row 5 was cut off the end" in said


def test_an_older_proof_is_still_true_of_a_longer_chain(noted, capsys, tmp_path):
    shutil.copy(tmp_path / "log.db.audit", tmp_path / "old")
    engine = open_database(noted, durable=True)
    note(engine, deeds("f"))
    assert kept_tip(engine.url).number == 6
    engine.dispose()
    shutil.copy(tmp_path / "old", tmp_path / "log.db.audit")  # as if the power had failed between the two
    assert verify(capsys, noted)[0] == 0


def test_an_empty_chain_is_whole_and_a_log_that_is_not_there_is_said(tmp_path, capsys):
    open_database(tmp_path / "log.db").dispose()
    assert verify(capsys, tmp_path / "log.db")[0] == 0
    status, said = verify(capsys, tmp_path / "none.db")
    assert status == 2
    assert "is not there yet" in said
    assert not (tmp_path / "none.db").exists()


def configured(*rules, **camera):
    table = {"name": "yard", "address": "rtsp://guard:hunter2@10.0.0.1/x", "rules": list(rules)} | camera
    return checked(Config, {"database": "log.db", "cameras": [table]}, "a test")


def test_what_was_changed_of_cameras_and_rules_is_noted_without_secrets():
    before = configured({"name": "busy", "above": 25}, {"name": "old", "above": 1})
    after = configured({"name": "busy", "above": 30}, {"name": "new", "above": 1}, max_fps=5.0)
    found = changed(before, after, "Ada")
    assert [(deed.action, deed.subject) for deed in found] == [
        ("change camera", "yard"),
        ("change rule", "yard: busy"),
        ("remove rule", "yard: old"),
        ("add rule", "yard: new"),
    ]
    assert found[0].detail == {"max_fps": [None, 5.0]}
    assert found[1].detail == {"above": [25.0, 30.0]}
    assert changed(before, before, "Ada") == []
    assert "hunter2" not in json.dumps([dict(deed.detail) for deed in [*found, *started(before, "Ada")]])
