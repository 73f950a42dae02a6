"""What the page of recordings does, and what it says of that on the picture."""

from enum import Enum

from PyQt6.QtCore import QCoreApplication


class State(Enum):
    """What the recording does, with the words for it on the video."""

    EMPTY = "empty"
    OPENING = "Opening…"
    PLAYING = "playing"
    PAUSED = "Paused"
    ENDED = "Ended – Space plays it again"


NOTED = (State.OPENING, State.PAUSED, State.ENDED)
PLAYABLE = (State.PLAYING, State.PAUSED, State.ENDED)


def note_of(state: State, *, is_near: bool, lacks_map: bool) -> str:
    """Returns the words on the picture, or ''.

    Args:
        state: what is done.
        is_near: whether the picture is not the exact one yet.
        lacks_map: whether its heat-map is still being made.
    """
    if state is State.PAUSED and is_near:
        return QCoreApplication.translate("recording", "Paused – near it; the exact picture is on its way…")
    if state is State.PAUSED and lacks_map:
        return QCoreApplication.translate("recording", "Paused – the heat-map is being made…")
    return state.value if state in NOTED else ""
