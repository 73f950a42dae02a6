"""The picture of an alert: the frame of the moment with its heat-map, without what privacy masks hide, as JPEG."""

from dataclasses import replace
from pathlib import Path

import cv2

from engine.counting.reading import Reading
from engine.errors import OutputError
from engine.files import written_whole
from engine.picture.heatmap import blended, coloured, softened, usual_most
from engine.picture.masks import BLACK, Mask, blank_private
from engine.picture.view import View

WITHIN = 1080, 1920  # height and width in pixels
QUALITY = 90


def write_snapshot(path: Path, reading: Reading, view: View) -> None:
    """Writes a snapshot whole or not at all.

    Args:
        path: of the file.
        reading: of the frame; without a density map it has no heat-map.
        view: how the camera is seen now: its masks hide as well as those under which the frame came.

    Raises:
        OutputError: it cannot be written.
    """
    frame, hidden = reading.frame, Mask(tuple({*reading.frame.view.private.polygons, *view.private.polygons}))
    picture = replace(frame.view, private=hidden).picture(frame.shot, WITHIN)
    if reading.density is not None:
        most = usual_most(reading.density, frame.grid)
        picture = blended(picture, coloured(softened(reading.density), most))
        blank_private(picture, hidden, BLACK)  # whatever a map says of what nobody saw
    done, content = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise OutputError(f"snapshot {path.name} cannot be encoded, expected a picture; see what the camera sends")
    with written_whole(path) as partial:
        partial.write_bytes(content.tobytes())
