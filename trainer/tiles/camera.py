"""What a camera and its cable make of a tile: fewer pixels, little light, interlaced lines, JPEG and H.264.

Nothing is random here: the plan says what is done, and has the seeds of the noise and of what moves.
"""

from fractions import Fraction

import cv2
import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from trainer.tiles.plan import Comb, Dark, Plan

MOVING = (4, 5)
"""Rows and columns of the grid over a picture between whose nodes what moves blends."""

Pixels = NDArray[np.uint8]
"""RGB, (H, W, 3)."""


def sent(pixels: Pixels, plan: Plan) -> Pixels:
    """Returns a tile, RGB (H, W, 3), as the camera of a plan sends it: coarse, dark, interlaced, compressed."""
    high, wide = pixels.shape[:2]
    if plan.coarseness > 1:
        fewer = max(2, round(wide / plan.coarseness)), max(2, round(high / plan.coarseness))
        pixels = np.asarray(cv2.resize(pixels, fewer, interpolation=cv2.INTER_AREA), np.uint8)
    if plan.dark is not None:
        pixels = darkened(pixels, plan.dark)
    if plan.comb is not None:
        pixels = combed(pixels, plan.comb)
    if plan.quality > 0:
        pixels = compressed(pixels, plan.quality)
    if plan.crf > 0:
        pixels = filmed(pixels, plan.crf)
    if plan.coarseness > 1:
        pixels = np.asarray(cv2.resize(pixels, (wide, high), interpolation=cv2.INTER_LINEAR), np.uint8)
    return pixels


def is_changed(plan: Plan) -> bool:
    """Whether the camera of a plan changes anything."""
    return plan.coarseness > 1 or bool(plan.dark or plan.comb or plan.quality or plan.crf)


def darkened(pixels: Pixels, dark: Dark) -> Pixels:
    """Returns a picture, RGB (H, W, 3), as it is seen in little light."""
    curve = 255 * dark.light * (np.arange(256, dtype=np.float32) / 255) ** np.float32(dark.gamma)
    noise = default_rng(dark.seed).standard_normal(pixels.shape, dtype=np.float32)
    return np.clip(curve[pixels] + np.float32(dark.noise) * noise + 0.5, 0, 255).astype(np.uint8)


def combed(pixels: Pixels, comb: Comb) -> Pixels:
    """Returns a picture, RGB (H, W, 3), whose odd lines were seen a field later: what moves has moved aside there.

    Parts of it move apart from each other, to either side and by as much as a normal distribution says.
    """
    high, wide = pixels.shape[:2]
    nodes = default_rng(comb.seed).normal(0, comb.px, MOVING).astype(np.float32)
    aside = cv2.resize(nodes, (wide, high), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    later = cv2.remap(pixels, x + aside, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    found = pixels.copy()
    found[1::2] = later[1::2]
    return found


def compressed(pixels: Pixels, quality: int) -> Pixels:
    """Returns a picture, RGB (H, W, 3), as a JPEG of a quality from 1 to 100 shows it."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, file = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    seen = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(seen, cv2.COLOR_BGR2RGB), np.uint8)


def filmed(pixels: Pixels, crf: int) -> Pixels:
    """Returns a picture, RGB (H, W, 3), as a frame of H.264 shows it.

    Args:
        pixels: two high and wide at least; H.264 takes even sides, so the last line and column of others stay.
        crf: of x264, 1 (nearly as it is) to 51 (hardly to be made out).
    """
    import av  # imported by those who need it: it loads FFmpeg

    high, wide = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    coder = av.CodecContext.create("libx264", "w")
    coder.height, coder.width, coder.pix_fmt, coder.time_base = high, wide, "yuv420p", Fraction(1, 25)
    coder.thread_count = 1
    coder.options = {"crf": str(crf), "preset": "superfast", "tune": "zerolatency", "x264-params": "log-level=none"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:high, :wide]), "rgb24")
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    packets = [*coder.encode(frame), *coder.encode(None)]
    (seen,) = [shown for packet in (*packets, None) for shown in decoder.decode(packet)]
    found = pixels.copy()
    found[:high, :wide] = seen.to_ndarray(format="rgb24", threads=1)
    return found
