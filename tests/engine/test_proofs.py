"""Short runs of the scripts that prove rules and log: a synthetic day, and a writer that is killed."""

import sys

import pytest
from sqlalchemy import func, select

from day import day
from engine.log.tables import RollUp
from killed import kill
from logged import found


def test_the_alerts_of_a_synthetic_day_are_exact_and_its_roll_ups_complete(tmp_path):
    result = day(1, tmp_path / "log.db")
    assert (result.alerts, result.wrong) == (40, 0)
    rolled = select(RollUp.span_s, func.count(), func.sum(RollUp.seconds)).group_by(RollUp.span_s)
    minutes, hours = sorted(found(tmp_path / "log.db", rolled))
    assert (minutes[:2], hours[:2]) == ((60, 60 * 40), (3600, 40))
    assert minutes[2] == hours[2]


@pytest.mark.skipif(sys.platform == "win32", reason="the writers are forked")
def test_what_a_writer_said_was_written_outlasts_its_being_killed(tmp_path):
    assert kill(6, tmp_path) == []
