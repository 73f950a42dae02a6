"""`count` and `watch` as processes of their own, with a log that is held, full, or left in the middle."""

import json
import signal
import sqlite3
import sys

import pytest

from engine.log.database import database_state, open_database
from logged import held, samples_of, started, waited_for

HASTY = "import engine.log.database as d, engine.log.store as s; d.LOCK_TIMEOUT_S = 0.1; s.RETRY_S = 0.1"


@pytest.fixture
def count_held_up(clip, tmp_path):
    """Counts a clip while its log is held, up to where the count waits for it: yields the process and the log."""
    path, seconds = tmp_path / "log.db", 8
    open_database(path).dispose()
    arguments = ("--out", tmp_path / "out", "--database", path, "--no-video", "--no-density")
    process = started("count", clip(frames=seconds, rate=1), *arguments, before=HASTY)
    with sqlite3.connect(path, isolation_level=None) as reader:
        assert waited_for(lambda: reader.execute("SELECT COUNT(*) FROM run").fetchone()[0], 60)
    reader.close()
    yield process, path
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("is_freed", [True, False], ids=["until it is free", "until it is interrupted"])
def test_a_count_waits_while_another_program_holds_its_log(count_held_up, tmp_path, is_freed):
    process, path = count_held_up
    with held(path):
        for text in process.stderr:
            if "samples wait" in text:
                break
        assert waited_for((tmp_path / "out" / "counts.png").exists, 60)
        assert process.poll() is None
        if not is_freed:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
    if is_freed:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert [second for _, second, *_ in samples_of(path)] == list(range(8))
    else:
        assert process.returncode == 130
        assert "samples that could not be written" in err, samples_of(path)
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_a_watch_that_is_killed_keeps_what_is_in_its_log(watching, tmp_path):
    path = tmp_path / "log.db"
    open_database(path).dispose()
    process = watching()
    assert waited_for(lambda: "holds 0" not in database_state(path), 60)
    process.kill()
    process.wait(30)
    assert [mean >= 0 for _, _, mean, _ in samples_of(path)]
    with sqlite3.connect(path) as log:
        assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    log.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_stops_no_watch_and_its_loss_is_said(watching, tmp_path):
    """The log's files may not grow beyond what the tables need."""
    limit = (
        "import engine.log.store as s; s.RETRY_S = 0.1; opened = s.open_database; "
        "limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1)); "
        "s.open_database = lambda target: (opened(target), limit())[0]"
    )
    process = watching(before=limit)
    said = next(text for text in process.stderr if "samples wait" in text)
    assert "the disk is full" in said or "its disk fails, or is full" in said
    assert next(text for text in process.stdout if json.loads(text)["count"] is not None)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "samples were lost" in err
    assert "people on average" in err
    assert "Traceback" not in err
