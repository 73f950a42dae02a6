import pytest

from engine.capture.backoff import Backoff

MIDDLE = 0.5  # of the jitter


@pytest.mark.parametrize(
    ("healthy", "waits"),
    [
        pytest.param([0] * 7, [1, 2, 5, 10, 30, 30, 30], id="never-live"),
        pytest.param([0, 0, 59.9, 0], [1, 2, 5, 10], id="less-than-a-minute"),
        pytest.param([0, 0, 60.0, 0], [1, 2, 1, 2], id="a-healthy-minute"),
        pytest.param([3600.0] * 3, [1, 1, 1], id="rarely-lost"),
    ],
)
def test_waits_grow_until_a_healthy_minute(healthy, waits):
    backoff = Backoff()
    assert [backoff.after_loss(healthy_s=s, chance=MIDDLE) for s in healthy] == waits


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 0.8), (0.25, 0.9), (0.5, 1.0), (1.0, 1.2)])
def test_waits_are_spread_by_a_fifth(chance, wait):
    assert Backoff().after_loss(healthy_s=0, chance=chance) == pytest.approx(wait)


def test_a_refusal_waits_a_minute_and_losses_begin_again_after_it():
    backoff = Backoff()
    losses = [backoff.after_loss(healthy_s=0, chance=MIDDLE) for _ in range(3)]
    assert losses == [1, 2, 5]
    assert backoff.after_refusal(chance=MIDDLE) == 60
    assert backoff.after_refusal(chance=1.0) == pytest.approx(72)
    assert backoff.after_loss(healthy_s=0, chance=MIDDLE) == 1


def test_the_scale_shortens_every_wait():
    backoff = Backoff(scale=0.01)
    assert backoff.after_loss(healthy_s=0, chance=MIDDLE) == pytest.approx(0.01)
    assert backoff.after_refusal(chance=MIDDLE) == pytest.approx(0.6)
