"""Which node of a fleet watches which cameras."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fleet.placement import SLACK, costs_of, placed, units_of

TWO = {"a": 4.0, "b": 4.0}


def loads(costs, homes):
    found = {}
    for unit, node in homes.items():
        found[node] = found.get(node, 0.0) + costs[unit]
    return found


def test_cameras_of_a_group_stay_together():
    units = units_of(["1", "2", "3", "4", "5"], [["2", "3"], ["5", "3"], ["4", "gone"]])
    assert units == {"1": ("1",), "2": ("2", "3", "5"), "4": ("4",)}


def test_what_was_not_measured_costs_what_others_do():
    assert costs_of({"1": ("1", "2"), "3": ("3",)}, {"1": 0.25, "3": 0.75}) == {"1": 0.75, "3": 0.75}
    assert costs_of({"1": ("1", "2")}, {}) == {"1": 2.0}


def test_nodes_are_filled_by_their_capacity():
    costs = {str(number): 1.0 for number in range(30)}
    assert loads(costs, placed(costs, {"large": 8.0, "small": 4.0}, {})) == {"large": 20.0, "small": 10.0}


def test_without_a_node_nothing_is_placed():
    assert placed({"1": 1.0}, {}, {"1": "a"}) == {}


def test_a_node_that_dies_gives_its_own_to_the_others_and_nothing_else_moves():
    costs = {str(number): 1.0 for number in range(12)}
    three = placed(costs, {**TWO, "c": 4.0}, {})
    after = placed(costs, TWO, three)
    assert loads(costs, after) == {"a": 6.0, "b": 6.0}
    assert all(after[unit] == node for unit, node in three.items() if node != "c")


def test_a_node_that_joins_takes_its_share_and_only_that_moves():
    costs = {str(number): 1.0 for number in range(12)}
    two = placed(costs, TWO, {})
    after = placed(costs, {**TWO, "c": 4.0}, two)
    assert loads(costs, after) == {"a": 4.0, "b": 4.0, "c": 4.0}
    assert {after[unit] for unit, node in two.items() if after[unit] != node} == {"c"}


def test_a_camera_that_comes_or_goes_moves_no_other():
    costs = {str(number): 1.0 for number in range(12)}
    before = placed(costs, TWO, {})
    more = placed({**costs, "new": 1.0}, TWO, before)
    assert {unit: more[unit] for unit in costs} == before
    fewer = placed({unit: cost for unit, cost in costs.items() if unit != "3"}, TWO, before)
    assert fewer == {unit: node for unit, node in before.items() if unit != "3"}


SOME = st.floats(0.01, 10)
UNITS = st.dictionaries(st.text("uvw", min_size=1, max_size=4), SOME, max_size=20)
NODES = st.dictionaries(st.sampled_from("abcde"), SOME, min_size=1)


@given(UNITS, NODES, st.dictionaries(st.text("uvw", min_size=1, max_size=4), st.sampled_from("abcdexyz")))
def test_all_is_placed_on_nodes_that_are_there_and_stays(costs, capacities, before):
    homes = placed(costs, capacities, before)
    assert homes.keys() == costs.keys()
    assert set(homes.values()) <= capacities.keys()
    assert placed(costs, capacities, homes) == homes


@pytest.mark.parametrize("nodes", [2, 100])
def test_five_thousand_cameras_are_placed_evenly_and_soon(nodes):
    costs = {f"camera {number}": 0.05 + number % 7 / 50 for number in range(5000)}
    capacities = {f"node {number}": 8.0 + number % 3 for number in range(nodes)}
    began_s = process_time()
    homes = placed(costs, capacities, {})
    fewer = placed(costs, {node: cores for node, cores in capacities.items() if node != "node 1"}, homes)
    again = placed(costs, capacities, fewer)
    assert process_time() - began_s < 5
    mean = sum(costs.values()) / sum(capacities.values())
    filled = {node: load / capacities[node] for node, load in loads(costs, homes).items()}
    assert max(filled.values()) <= (1 + SLACK) * mean
    assert loads(costs, again)["node 1"] >= (1 - SLACK) * mean * capacities["node 1"]
    assert {again[unit] for unit in costs if again[unit] != fewer[unit]} == {"node 1"}
