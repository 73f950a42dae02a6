"""Where a count has its peaks."""

import numpy as np
import pytest

from engine.counting.prominence import peaks

NAN = float("nan")


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([], []),
        ([NAN, NAN], []),
        ([5, 5, 5], []),
        ([0, 9, 0], [1]),
        ([0, 9, 9, 9, 0], [1]),
        ([0, 9, 3, 8, 0], [1, 3]),
        ([0, 9, 7.5, 8, 0], [1]),
        ([0, 8, 7.5, 9, 0], [3]),
        ([9, 0, 5], [0, 2]),
        ([1, 2, 3, 8], [3]),
        ([0, 9, NAN, 3, NAN, 9, 0], [1, 5]),
        ([0, 6, 4, 20, 3, 7, 2, 5, 0], [3, 5, 7]),
        ([0, 100, 90, 99, 0], [1]),
        ([0, 100, 80, 99, 0], [1, 3]),
    ],
    ids=[
        "nothing", "unknown", "level", "one", "a level top", "two", "a dent behind it", "a dent before it",
        "at both ends", "rising to the end", "over a gap", "of different heights", "a shallow saddle", "a deep saddle",
    ],
)  # fmt: skip
def test_a_peak_stands_out_from_what_lies_around_it(people, expected):
    assert peaks(np.array(people, np.float64)) == expected


@pytest.mark.parametrize("seed", range(5))
def test_a_peak_rises_by_as_much_as_is_asked_for(seed):
    people = np.random.default_rng(seed).integers(0, 30, 200).astype(np.float32)
    assert peaks(people, least_rise=12) == [place for place in range(200) if risen(people, place) >= 12]


def risen(people, place):
    """The definition, word for word."""
    left = [other for other in range(place) if people[other] >= people[place]]
    right = [other for other in range(place + 1, len(people)) if people[other] > people[place]]
    ways = [people[left[-1] : place + 1]] if left else []
    ways += [people[place : right[0] + 1]] if right else []
    return people[place] - (max(way.min() for way in ways) if ways else people.min())
