"""Reading picture files, in one place: whatever the file holds comes out as RGB, uint8 and upright.

Cameras store a turned picture with a mark (EXIF orientation) that says how to show it. Head points are in the pixels as
they are stored unless a format says otherwise, so a picture comes with its orientation, and `Orientation.turned` takes
points the same way.
"""

import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from trainer.errors import TrainerError
from trainer.files import reason

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, EOFError, Image.DecompressionBombError)
"""What Pillow raises on a damaged or foreign file."""
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I")
"""Grey pictures of 16 bits; the upper eight are kept."""
FLOAT_MODES = ("F", "F;16")
SEE_THROUGH = ("RGBA", "RGBa", "LA", "La", "PA")


@dataclass(frozen=True, slots=True)
class Orientation:
    """How stored pixels become an upright picture: transposed or not, then mirrored along x, along y."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False

    def applied(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turns a stored picture (H, W, 3) upright."""
        if self.transposed:
            pixels = pixels.swapaxes(0, 1)
        pixels = pixels[:: -1 if self.mirrored_y else 1, :: -1 if self.mirrored_x else 1]
        return np.ascontiguousarray(pixels)

    def turned(self, points: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
        """Takes points (n, 2) from the stored pixels into the upright picture of the given size."""
        points = points[:, ::-1] if self.transposed else points
        limits = np.nextafter(np.array([width, height], np.float32), np.float32(0))
        mirrored = np.array([self.mirrored_x, self.mirrored_y])
        there = np.where(mirrored, np.array([width, height], np.float32) - points, points)
        return np.minimum(there, limits).astype(np.float32)


ORIENTATIONS = {
    1: Orientation(),
    2: Orientation(mirrored_x=True),
    3: Orientation(mirrored_x=True, mirrored_y=True),
    4: Orientation(mirrored_y=True),
    5: Orientation(transposed=True),
    6: Orientation(transposed=True, mirrored_x=True),
    7: Orientation(transposed=True, mirrored_x=True, mirrored_y=True),
    8: Orientation(transposed=True, mirrored_y=True),
}
"""The eight values that EXIF knows."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file's content."""

    pixels: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGB, (H, W, 3), upright."""
    orientation: Orientation = Orientation()
    """What was done to the stored pixels."""

    @property
    def stored_size(self) -> tuple[int, int]:
        """Height and width of the pixels as they are in the file."""
        height, width = self.pixels.shape[:2]
        return (width, height) if self.orientation.transposed else (height, width)


def read_picture(path: Path) -> Picture:
    """Reads a picture of any depth and colour model; of several frames the first.

    Grey, CMYK and palettes become RGB; of 16 bits the upper eight are kept; see-through pixels lie on white, as
    viewers show them.

    Raises:
        TrainerError: the file is missing, cut off, damaged, no picture, or one of floating-point numbers.
    """
    with _opened(path) as image:
        if image.mode in FLOAT_MODES:
            raise TrainerError(
                f"picture {path} holds floating-point numbers, of which nobody says what is white; save it with 8 bits"
            )
        pixels, orientation = np.array(_rgb(image)), _orientation(image)
    return Picture(orientation.applied(pixels), orientation)


def stored_size(path: Path) -> tuple[int, int, Orientation]:
    """Returns height and width of the stored pixels and how they are turned, from a file's head alone.

    Raises:
        TrainerError: as `read_picture` does, as far as the head tells.
    """
    with _opened(path) as image:
        return image.height, image.width, _orientation(image)


def picture_files(folder: Path) -> list[Path]:
    """Returns the pictures that lie in a folder itself, sorted by name, the numbers in it as numbers."""
    if not folder.is_dir():
        return []
    files = [p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith(".") and p.is_file()]
    return sorted(files, key=by_number)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Opens a picture; whatever reading it raises becomes a TrainerError."""
    try:
        # A bad EXIF block or a very large picture is no fault by itself, and a warning would tear a progress bar.
        with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
            yield image
    except FileNotFoundError:
        raise TrainerError(f"picture {path} does not exist") from None
    except UNREADABLE as error:
        raise TrainerError(f"picture {path} cannot be read, is it whole? {reason(error)}") from error


def _orientation(image: Image.Image) -> Orientation:
    return ORIENTATIONS.get(image.getexif().get(ExifTags.Base.Orientation, 1), Orientation())


def by_number(path: Path) -> tuple[list[str | int], str]:
    """Orders `a_2` before `a_10`, and `2_b` before `10_b`."""
    words = re.split(r"([0-9]+)", path.stem)  # text and digits by turns, text first
    return [int(word) if place % 2 else word for place, word in enumerate(words)], path.name


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in DEEP_MODES:
        deep = np.asarray(image).astype(np.int64)
        return Image.fromarray((deep >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in SEE_THROUGH or "transparency" in image.info:
        above = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", above.size, "white"), above).convert("RGB")
    return image.convert("RGB")
