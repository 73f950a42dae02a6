"""A frame: one picture with its time."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source; time is stamped here, once, and carried from then on."""

    index: int
    """Number of the frame in its source, from 0; frames that were not wanted are counted too."""
    time_s: float
    """Seconds since the source began: by its own time stamps for a recording."""
    picture: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGB, (height, width, 3)."""
