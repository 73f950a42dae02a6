import numpy as np
import pytest

from engine.picture.motion import MotionGate, thumbnail

RNG = np.random.default_rng(0)
SCENE = RNG.integers(40, 200, (180, 320, 3), dtype=np.uint8)


def noisy(scene=SCENE, *, light=0):
    return np.clip(scene + RNG.normal(light, 3, scene.shape), 0, 255).astype(np.uint8)


def with_person(column):
    scene = SCENE.copy()
    scene[60:120, column : column + 20] = 20
    return scene


def test_a_still_scene_with_noise_is_idle_but_counted_now_and_then():
    gate = MotionGate(longest_idle_s=2.0)
    idle = [gate.is_idle(thumbnail(noisy()), t / 10) for t in range(61)]
    assert [t for t, found in enumerate(idle) if not found] == [0, 20, 40, 60]


def test_whoever_comes_or_goes_is_counted_at_once():
    gate = MotionGate()
    assert not gate.is_idle(thumbnail(noisy()), 0.0)
    assert gate.is_idle(thumbnail(noisy()), 0.1)
    assert not any(gate.is_idle(thumbnail(noisy(with_person(5 * t))), 0.2 + t / 10) for t in range(20))
    assert not gate.is_idle(thumbnail(noisy(with_person(95))), 2.3)


def test_a_crowd_that_fills_the_picture_is_motion():
    gate = MotionGate()
    gate.is_idle(thumbnail(SCENE), 0.0)
    blocks = [np.kron(RNG.integers(40, 200, (12, 20, 3)), np.ones((15, 16, 1))).astype(np.uint8) for _ in range(10)]
    assert not any(gate.is_idle(thumbnail(blocks[t]), 0.1 + t / 10) for t in range(10))


def test_a_change_of_light_is_no_motion():
    gate = MotionGate()
    gate.is_idle(thumbnail(noisy()), 0.0)
    assert all(gate.is_idle(thumbnail(noisy(light=t)), t / 10) for t in range(1, 19))


def test_a_clock_that_jumps_back_is_counted():
    gate = MotionGate()
    gate.is_idle(thumbnail(SCENE), 100.0)
    assert gate.is_idle(thumbnail(SCENE), 100.1)
    assert not gate.is_idle(thumbnail(SCENE), 3.0)
    assert gate.is_idle(thumbnail(SCENE), 3.1)


@pytest.mark.parametrize("shape", [(720, 1280, 3), (720, 1280), (20, 30, 3), (1080, 608, 3)])
def test_thumbnails_have_one_size_and_keep_the_brightness(shape):
    small = thumbnail(np.full(shape, 77, np.uint8))
    assert small.shape == (36, 64)
    assert (abs(small.astype(int) - 77) <= 1).all()
