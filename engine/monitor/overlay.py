"""How a picture with its density map is drawn for a screen; each map is coloured once, whatever it covers."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.calibration.crowding import BANDS
from engine.calibration.ground import Ground
from engine.monitor.bands import banded
from engine.monitor.maps import DensityMap
from engine.picture.frame import Frame
from engine.picture.heads import heads
from engine.picture.heatmap import Scale, coloured, softened, usual_most

LEAST_SHARE = 0.25  # of the usual scale, below which an automatic one does not fall

Size = tuple[int, int]
"""Height and width in pixels."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a camera is shown."""

    within: Size
    """The room for its picture."""
    overlay: Literal["none", "heat", "heads", "bands"] = "none"
    """What is drawn over it; a map is made only where one is wanted, at the camera's density interval."""
    most: float | None = None
    """People per cell in the strongest colour; None takes what suits the picture."""
    is_large: bool = False
    """Whether its main stream is opened and shown, where the small one is counted."""


@dataclass(frozen=True, slots=True)
class Heat:
    """A density map as colours, to be laid over the whole picture."""

    colours: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGBA (h, w, 4), not premultiplied."""
    most: float
    """People per cell in the strongest colour."""
    cell: float
    """Width of a cell in pixels of the camera's picture, so that a legend can tell people per 100 pixels square."""
    made_s: float
    """When its frame came from the camera, on the monotonic clock."""
    is_banded: bool = False
    """Whether it shows the bands of people per square metre of the ground, and not people per cell."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A camera's picture as a screen draws it."""

    pixels: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGB (height, width, 3), without what privacy masks hide."""
    size: Size
    """Of the whole picture, of which `pixels` may show fewer."""
    arrived_s: float
    """When it came from the camera, on the monotonic clock."""
    heat: Heat | None = None
    """The newest map where one is wanted and there is one that is not too old."""
    heads: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """Where heads are, (n, 2): x and y from 0 to 1 in the whole picture; None where not wanted or not known."""
    density: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """People per cell of the newest map (h, w), which add up to the count of its frame; None as `consistency` is."""
    consistency: float | None = None
    """How well the map agrees with the count, 0 to 1; None where no map is wanted or known."""
    tiles: str = ""
    """Those that the picture is counted in, and why, in words."""
    remark: str = ""
    """How it is seen, where people should know, in a sentence that begins with 'its'; mostly empty."""


class Drawing:
    """Makes the pictures of one camera, each once."""

    def __init__(self) -> None:
        self._scale = Scale()
        self._drawn: tuple[Frame, Wish, DensityMap | None] | None = None
        self._heat: tuple[DensityMap, float | None, Heat] | None = None
        self._banded: tuple[DensityMap, Ground, Heat] | None = None
        self._heads: tuple[DensityMap, NDArray[np.float32]] | None = None

    def another(
        self, frame: Frame, wish: Wish, density: DensityMap | None, ground: Ground | None = None
    ) -> Picture | None:
        """Returns the picture of a frame with its newest map; None if it is the same as before.

        Args:
            frame: with the picture.
            wish: how it is to be shown.
            density: its newest map, if there is one.
            ground: where it is, for bands; None where nobody knows.
        """
        before = self._drawn
        if before and before[0] is frame and before[1] == wish and before[2] is density:
            return None
        self._drawn = frame, wish, density  # first, so that what cannot be drawn is not tried for ever
        return Picture(
            frame.picture_within(*wish.within),
            frame.size,
            frame.arrived_s,
            heat=self._laid_over(density, wish, ground) if density else None,
            heads=self._heads_of(density) if density and wish.overlay == "heads" else None,
            density=density.scaled if density else None,
            consistency=density.consistency if density else None,
            tiles=frame.layout.tiles,
            remark=frame.layout.remark,
        )

    def _laid_over(self, density: DensityMap, wish: Wish, ground: Ground | None) -> Heat | None:
        if wish.overlay == "heat":
            return self._heat_of(density, wish.most)
        if wish.overlay != "bands" or ground is None:
            return None
        if self._banded is None or self._banded[0] is not density or self._banded[1] != ground:
            colours = banded(density.scaled, ground)
            heat = Heat(colours, BANDS[-1].above, density.cell, density.made_s, is_banded=True)
            self._banded = density, ground, heat
        return self._banded[2]

    def _heat_of(self, density: DensityMap, most: float | None) -> Heat:
        if self._heat is None or self._heat[0] is not density or self._heat[1] != most:
            soft = softened(density.density)
            least = LEAST_SHARE * usual_most(density.density, density.grid)
            top = self._scale.most(float(soft.max()), density.made_s, least=least) if most is None else most
            self._heat = density, most, Heat(coloured(soft, top), top, density.cell, density.made_s)
        return self._heat[2]

    def _heads_of(self, density: DensityMap) -> NDArray[np.float32]:
        if self._heads is None or self._heads[0] is not density:
            self._heads = density, heads(density.density)
        return self._heads[1]
