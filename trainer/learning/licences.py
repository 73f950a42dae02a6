"""Under what weights may be used, as far as their data and what they started from say.

Nobody can grant more than was granted to him: the terms of all data and of the start add up.
"""

from collections.abc import Iterable, Mapping

from trainer.errors import TrainerError

DATA, ORIGIN, LICENCE, START_LICENCE = "data", "weights", "licence", "start_licence"
"""Facts of a checkpoint: what it learnt from, what it started from, the licence of its weights where one was stated,
and that of what it started from and of its teacher."""
TEACHER, TEACHER_LICENCE = "teacher", "teacher_licence"
"""Facts of a checkpoint that learnt from a teacher: its file with the hash of that, and under what it may be used."""
STARTED = ", trained on "
"""In the fact `ORIGIN`, between the files that a training went on from and what those had learnt from."""
TOGETHER = " + "
"""Between the names of several."""
BETWEEN = "; "
"""Between the terms of a licence."""
UNSTATED = "unstated for "
"""Before data of which nobody has said anything: own pictures, as a rule."""
STATES_NONE = "research use only: {} states no licence"
UNLICENSED = ("ShanghaiTech", "UCF_CC_50", "UCF-QNRF", "Mall", "Beijing-BRT")
"""How the names of data sets begin that were published for research and state no licence."""


def learnt_from(facts: Mapping[str, str]) -> str:
    """Returns the names of all data that weights learnt from, what they started from included."""
    names = [*facts.get(DATA, "").split(TOGETHER), *facts.get(ORIGIN, "").partition(STARTED)[2].split(TOGETHER)]
    return TOGETHER.join(dict.fromkeys(filter(None, names)))


def licence_of(facts: Mapping[str, str]) -> str:
    """Returns the licence of a checkpoint's weights: the one that was stated, else the terms of start and data."""
    if stated := facts.get(LICENCE):
        return stated
    start = facts.get(START_LICENCE, "")
    data = facts.get(DATA, "") if start else learnt_from(facts)
    return together([start, *(_terms(name) for name in data.split(TOGETHER) if name)]) or f"{UNSTATED}unknown data"


def together(licences: Iterable[str]) -> str:
    """Returns the terms of all licences, each once."""
    return BETWEEN.join(dict.fromkeys(term for licence in licences for term in licence.split(BETWEEN) if term))


def check_not_freer(stated: str, derived: str) -> None:
    """Raises TrainerError if a licence that is to be stated leaves out terms that data and start bring."""
    missing = [term for term in derived.split(BETWEEN) if not term.startswith(UNSTATED) and term not in stated]
    if missing:
        raise TrainerError(
            f"--licence {stated!r} leaves out what the data and the start of this checkpoint bring, expected in it "
            f"{BETWEEN.join(missing)!r}; if you were granted more, say so with --licence-confirmed"
        )


def _terms(name: str) -> str:
    return next((STATES_NONE.format(known) for known in UNLICENSED if name.startswith(known)), UNSTATED + name)
