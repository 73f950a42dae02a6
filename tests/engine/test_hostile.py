"""A little of what `hostile.py` does for as long as is asked: nothing that comes in breaks a command or leaks."""

from hypothesis import HealthCheck, Phase, given, settings

from hostile import outcome, trials


@given(trials())
@settings(
    derandomize=True,
    deadline=None,
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_commands_end_soundly_whatever_comes_in(trial):
    end = outcome(trial)
    assert not end.fault, (trial.words, end.said)
