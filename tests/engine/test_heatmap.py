"""The colours of the heat-map."""

import numpy as np
import pytest

from colour_blind import SIGHTS, lab
from engine.picture.heatmap import PALETTE

EVEN = PALETTE[::8, :3]
SPAN = 55.0  # of L*, of 100
STEP = 1.9  # of L*a*b*, between neighbours of 32


@pytest.mark.parametrize("sight", SIGHTS)
def test_more_people_are_lighter_for_everybody(sight):
    lightness = lab(EVEN, sight)[:, 0]
    assert (np.diff(lightness) > 0).all()
    assert lightness[-1] - lightness[0] > SPAN


@pytest.mark.parametrize("sight", SIGHTS)
def test_steps_are_seen_and_about_equal(sight):
    steps = np.linalg.norm(np.diff(lab(EVEN, sight), axis=0), axis=1)
    assert steps.min() > STEP
    assert steps.max() / steps.min() < 4


def test_nobody_is_transparent_and_a_crowd_is_not():
    alpha = PALETTE[:, 3].astype(int)
    assert alpha[0] == 0
    assert (np.diff(alpha) >= 0).all()
    assert alpha[-1] > 200
