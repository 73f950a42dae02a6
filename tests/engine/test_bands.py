"""How crowded the ground is, drawn on it in Fruin's bands."""

import numpy as np
import pytest

from engine.calibration.crowding import BANDS, HEAD, around
from engine.calibration.ground import Ground
from engine.monitor.bands import COLOURS, PALETTE, banded

GROUND = Ground(1.2, 0.6, 0.0, 8.0, 4 / 3)
SHAPE = (96, 128)


def crowd(per_m2):
    """A map of a crowd that stands everywhere with one density."""
    return (per_m2 * np.nan_to_num(GROUND.cell_areas(SHAPE, HEAD))).astype(np.float32)


@pytest.mark.parametrize("place", range(len(BANDS)), ids=[band.name for band in BANDS])
def test_a_crowd_has_the_colour_of_its_band(place):
    per_m2 = BANDS[place].above + 0.15
    found = around(crowd(per_m2), GROUND)
    middle = found[60:80, 40:90]
    assert np.median(middle) == pytest.approx(per_m2, rel=0.1)
    colours = banded(crowd(per_m2), GROUND)
    wanted = (colours[60:80, 40:90] == PALETTE[place]).all(axis=-1).mean()
    assert wanted > 0.5
    assert len(COLOURS) == len(BANDS)


def test_people_are_coloured_at_their_feet_and_nothing_in_the_sky():
    density = np.zeros(SHAPE, np.float32)
    foot = GROUND.on_ground(np.array([0.5, 0.8]))
    head = GROUND.in_picture(foot, HEAD)
    density[int(head[1] * SHAPE[0]), int(head[0] * SHAPE[1])] = 20.0
    colours = banded(density, GROUND)
    assert colours[int(0.8 * SHAPE[0]), SHAPE[1] // 2, 3] > 0
    assert not banded(np.zeros(SHAPE, np.float32), GROUND).any()
    flat = Ground(1.2, 0.1, 0.0, 8.0, 4 / 3)  # looks to the horizon
    assert not banded(np.full(SHAPE, 1.0, np.float32), flat)[:5].any()
