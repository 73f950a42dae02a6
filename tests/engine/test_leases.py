"""Leases in the log, by which no two nodes of a fleet write of the same camera."""

from threading import Thread
from time import time

import pytest

from engine.fleet.leases import Node, all_of, beat, give_back, leave, nodes, now, own_of, renew, take
from engine.log.database import open_database

FOR_S = 12.0


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    """A log in either kind of database."""
    target = tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()
    engine = open_database(target)
    yield engine
    engine.dispose()


def test_a_lease_is_taken_by_one_and_by_another_when_it_is_over(log):
    with log.begin() as connection:
        assert take(connection, ["north", "south"], "a", 100.0, FOR_S) == {"north": 1, "south": 1}
        assert take(connection, ["north", "east"], "b", 111.9, FOR_S) == {"east": 1}
        assert take(connection, ["north"], "b", 112.0, FOR_S) == {"north": 2}
        found = all_of(connection)
    assert {name: (lease.holder, lease.number) for name, lease in found.items()} == {
        "east": ("b", 1),
        "north": ("b", 2),
        "south": ("a", 1),
    }
    assert found["north"].is_held(123.9)
    assert not found["north"].is_held(124.0)


def test_a_lease_that_is_renewed_stays_and_one_that_another_took_does_not_come_back(log):
    with log.begin() as connection:
        take(connection, ["north", "south"], "a", 100.0, FOR_S)
        assert renew(connection, "a", 110.0, FOR_S) == {"north": 1, "south": 1}
        assert take(connection, ["north"], "b", 115.0, FOR_S) == {}
        assert take(connection, ["north"], "b", 122.0, FOR_S) == {"north": 2}
        assert renew(connection, "a", 130.0, FOR_S) == {"south": 1}


def test_what_is_given_back_is_taken_at_once(log):
    with log.begin() as connection:
        take(connection, ["north", "south"], "a", 100.0, FOR_S)
        give_back(connection, ["north"], "a")
        give_back(connection, ["south"], "b")
        give_back(connection, [], "b")
        assert take(connection, ["north", "south"], "b", 100.0, FOR_S) == {"north": 2}


def test_only_the_holder_may_write(log):
    with log.begin() as connection:
        take(connection, ["north"], "a", 100.0, FOR_S)
        assert own_of(connection, ["north", "south"], "a") == {"north"}
        assert own_of(connection, ["north"], "b") == frozenset()


def test_nobody_takes_a_lease_while_its_holder_writes(log):
    order = []

    def take_it():
        with log.begin() as connection:
            assert take(connection, ["north"], "b", 200.0, FOR_S) == {"north": 2}
        order.append("taken")

    with log.begin() as connection:
        take(connection, ["north"], "a", 100.0, FOR_S)
    other = Thread(target=take_it)
    with log.begin() as connection:
        assert own_of(connection, ["north"], "a") == {"north"}
        other.start()
        other.join(0.3)
        order.append("written")
    other.join()
    assert order == ["written", "taken"]
    with log.begin() as connection:
        assert own_of(connection, ["north"], "a") == frozenset()


def test_of_many_that_want_a_lease_one_gets_it(log):
    got = []

    def want(holder):
        with log.begin() as connection:
            got.extend(take(connection, ["north", "south", "east"], holder, 100.0, FOR_S).items())

    wanting = [Thread(target=want, args=(str(number),)) for number in range(6)]
    for each in wanting:
        each.start()
    for each in wanting:
        each.join()
    assert sorted(got) == [("east", 1), ("north", 1), ("south", 1)]


def test_nodes_are_there_while_they_say_so(log):
    first, second = Node("a-1", "one", 4.0, {"north": 0.3}), Node("b-1", "two", 8.0, clock_s=-3.0)
    with log.begin() as connection:
        beat(connection, first, 100.0)
        beat(connection, second, 104.0)
        assert nodes(connection, 105.0, 8.0) == {"a-1": first, "b-1": second}
        assert nodes(connection, 110.0, 8.0) == {"b-1": second}
        leave(connection, "b-1")
        assert nodes(connection, 110.0, 8.0) == {}


def test_the_time_is_the_databases(log):
    with log.begin() as connection:
        assert abs(now(connection) - time()) < 60
