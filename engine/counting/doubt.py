"""Why a count is not to be relied on, if there is a reason; pure."""

from enum import StrEnum

from engine.picture.condition import Condition


class Doubt(StrEnum):
    """The reason, the same in files, in the log and in rules."""

    NONE = ""
    """There is none: the count is reliable as far as can be seen."""
    GREY = "grey"
    FROZEN = "frozen"
    TORN = "torn"
    DARK = "dark"
    INCONSISTENT = "inconsistent"
    """Count and density map say different things."""
    UNLIKE = "unlike"
    """The picture is unlike those that the model learnt from."""
    COVERED = "covered"
    BLURRED = "blurred"
    MOVED = "moved"
    """The camera looks elsewhere than when it was calibrated."""

    @property
    def words(self) -> str:
        """The reason, for people, behind 'do not rely on this count:'; empty where there is none."""
        return WORDS[self]


WORDS = {
    Doubt.NONE: "",
    Doubt.GREY: "the picture is one flat colour",
    Doubt.FROZEN: "the picture has stood still for long",
    Doubt.TORN: "the picture is torn",
    Doubt.DARK: "the picture is too dark",
    Doubt.INCONSISTENT: "count and density map disagree",
    Doubt.UNLIKE: "the picture is unlike all that the model learnt from",
    Doubt.COVERED: "most of the picture is covered",
    Doubt.BLURRED: "the picture is blurred",
    Doubt.MOVED: "the camera looks elsewhere than when it was calibrated",
}
LEAST_CONSISTENCY = 0.6
LEAST_PEOPLE = 10.0
"""With fewer a person more or less is a large share."""


def doubt_of(
    condition: Condition,
    count: float,
    consistency: float | None,
    distance: float | None = None,
    *,
    has_moved: bool = False,
) -> Doubt:
    """Returns why a count is not to be relied on, the plainest reason first.

    Args:
        condition: of the picture.
        count: people.
        consistency: how well count and map agree, 0 to 1; None without a map.
        distance: of the picture from those that the model learnt from, above 1 where it is unlike; None if unknown.
        has_moved: whether the camera looks elsewhere than when it was calibrated.
    """
    if condition is not Condition.CLEAR:
        return Doubt(condition.value)
    if has_moved:
        return Doubt.MOVED
    if consistency is not None and count >= LEAST_PEOPLE and consistency < LEAST_CONSISTENCY:
        return Doubt.INCONSISTENT
    if distance is not None and distance > 1:
        return Doubt.UNLIKE
    return Doubt.NONE
