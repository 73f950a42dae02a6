"""The camera test: the same pictures counted as other cameras would send them.

What is learnt from are photographs by day, in colour, hardly compressed. Cameras also send grey pictures (by infra-red
light), dark ones, interlaced ones, and ones that a narrow line leaves little of. Streams that say that they are
interlaced are freed of combs by the engine; here they are those that do not say so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import cv2
import numpy as np

from trainer.datasets import Annotated
from trainer.evaluation.counters import TileCounter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.sets import Groups
from trainer.evaluation.variants import variant_table
from trainer.tiles.camera import Pixels, combed, darkened, filmed
from trainer.tiles.plan import Comb, Dark

DUSK = Dark(gamma=1.6, light=0.45, noise=4.0, seed=0)
MOVED_PX = 3.0
CRF = 36
OWN = "own"


def grey(picture: Pixels, seed: int) -> Pixels:
    """As by infra-red light."""
    return np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


CAMERAS: dict[str, Callable[[Pixels, int], Pixels]] = {
    OWN: lambda picture, seed: picture,
    "grey": grey,
    "dusk": lambda picture, seed: darkened(picture, replace(DUSK, seed=seed)),
    "interlaced": lambda picture, seed: combed(picture, Comb(MOVED_PX, seed)),
    f"crf {CRF}": lambda picture, seed: filmed(picture, CRF),
}
"""What becomes of a picture, by how it is sent; a seed decides what is random."""


def by_camera(counter: TileCounter, pictures: Iterable[Annotated]) -> dict[str, list[Measured]]:
    """Counts each picture as every camera sends it, without keeping maps."""
    found: dict[str, list[Measured]] = {name: [] for name in CAMERAS}
    for seed, annotated in enumerate(pictures):
        for name, seen in CAMERAS.items():
            sent = replace(annotated, picture=seen(annotated.picture, seed))
            found[name] += (replace(each, density=None) for each in measure(counter, [sent]))
    return found


def camera_table(found: Mapping[str, Groups]) -> str:
    """Returns the MAE over people of each data set as every camera sends it, their mean, and how counts change."""
    return variant_table("MAE/people, as sent", found, OWN)
