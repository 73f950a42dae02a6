"""What a count leaves behind for people: `counts.csv`, the curve `counts.png` and the video `annotated.mp4`."""

import io
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from engine.counting.reading import Reading
from engine.errors import OutputError
from engine.files import ffmpeg_file, unwritable, written_whole
from engine.paths import cache_folder
from engine.picture.heatmap import blended, coloured, softened, usual_most
from engine.picture.shot import resized
from engine.recording.table import CountsTable, Row
from engine.sources.flaws import Hole

CSV, CURVE, VIDEO = "counts.csv", "counts.png", "annotated.mp4"
MISSING = "\N{WHITE SQUARE}"
TIME_BASE = Fraction(1, 10_000)  # coarse enough for days between two frames, which MP4 keeps in 31 bits
LEAST_RATE, MOST_RATE = 1, 1000  # frames a second that the encoder is told; each frame has its own time anyhow
LONGEST_SIDE = 4096  # pixels of the annotated video: what hardware decodes everywhere
BT709 = 1  # of FFmpeg's numbers for colour space, primaries and transfer
LIMITED = 1  # its colour range of video
FASTSTART = {"movflags": "+faststart"}  # the index comes first, so that a browser can play while it loads


class Report:
    """Collects the readings of one recording; `open_report` makes it and finishes its files."""

    def __init__(self, folder: Path, table: CountsTable) -> None:
        self.rows: list[Row] = []
        self.remarks: list[str] = []
        self.files: list[str] = []
        """Names of the files that are in place."""
        self.holes: Sequence[Hole] = ()
        """Parts of the recording of which nothing is known, once they are."""
        self.video: AnnotatedVideo | None = None
        self._folder, self._table = folder, table

    def add(self, reading: Reading) -> None:
        """Writes one reading down; raises OutputError if that cannot be done."""
        frame = reading.frame
        remark = frame.layout.remark
        if remark and remark not in self.remarks:
            self.remarks.append(remark)
        row = Row(frame.index, frame.time_s, reading.count, frame.own_s, reading.interval, reading.doubt)
        try:
            self._table.add(row)
            self.rows.append(row)
            if self.video is not None:
                self.video.add(reading)
        except (OSError, av.FFmpegError) as error:
            raise unwritable(self._folder, error) from error


@contextmanager
def open_report(folder: Path, *, rate: float, video: bool, truth: Mapping[int, float], title: str) -> Iterator[Report]:
    """Yields a report; its files are finished and put in place at the end, also when a fault ended the count early.

    Without a single reading no file is made. A file that cannot be finished does not cost the others.

    Args:
        folder: exists and can be written.
        rate: frames per second of the annotated video.
        video: whether to make the annotated video.
        truth: the true count of each frame, where known, drawn beside the curve.
        title: of the curve.

    Raises:
        OutputError: a file cannot be written.
    """
    faults: list[BaseException] = []  # kept back until the files are whole, then the first is passed on
    with written_whole(folder / CSV) as path, io.FileIO(path, "w") as file:
        report = Report(folder, CountsTable(file))
        try:
            with AnnotatedVideo.open(folder / VIDEO, rate) if video else nullcontext() as report.video:
                try:
                    yield report
                except BaseException as error:
                    faults.append(error)
                    if not report.rows:
                        raise
            report.files += [VIDEO] if video else []
        except OutputError as error:
            faults.append(error)
        if not report.rows:
            raise faults[0] if faults else OutputError(f"nothing was counted, so {folder} got no results")
    report.files.append(CSV)
    try:
        with written_whole(folder / CURVE) as path:
            draw_curve(path, report.rows, truth, title, holes=report.holes)
        report.files.append(CURVE)
    except OutputError as error:
        faults.append(error)
    if faults:
        raise faults[0]


class AnnotatedVideo:
    """An H.264 video of the frames with heat-map and count."""

    def __init__(self, container: av.container.OutputContainer, rate: float) -> None:
        self._container, self._rate = container, rate
        self._stream: av.VideoStream | None = None

    @classmethod
    @contextmanager
    def open(cls, path: Path, rate: float) -> Iterator["AnnotatedVideo"]:
        """Yields a video that is finished and put in place at the end; one that failed is not left behind."""
        with written_whole(path) as partial, av.open(ffmpeg_file(partial), "w", options=FASTSTART) as container:
            video = cls(container, rate)
            yield video
            if video._stream is not None:
                container.mux(video._stream.encode(None))

    def add(self, reading: Reading) -> None:
        """Draws and encodes one frame, at its own time."""
        picture = annotated(reading)
        height, width = picture.shape[:2]
        if self._stream is None:
            rate = Fraction(min(max(self._rate, LEAST_RATE), MOST_RATE)).limit_denominator(1001)
            self._stream = self._container.add_stream("libx264", rate=rate)
            self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
            context = self._stream.codec_context
            context.time_base = TIME_BASE
            context.colorspace = context.color_primaries = context.color_trc = BT709
            context.color_range = LIMITED
            self._stream.options = {"preset": "veryfast", "crf": "23"}
        drawn = av.VideoFrame.from_ndarray(picture, format="rgb24")
        place = {"width": self._stream.width, "height": self._stream.height}
        frame = drawn.reformat(**place, format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED)
        frame.pts, frame.time_base = round(reading.frame.time_s / TIME_BASE), TIME_BASE
        self._container.mux(self._stream.encode(frame))


def annotated(reading: Reading) -> NDArray[np.uint8]:
    """Returns the frame RGB with its heat-map, if it has one, and its count; of a size that video can have."""
    picture = reading.frame.picture
    scale = min(1.0, LONGEST_SIDE / max(picture.shape))
    height, width = (max(2, int(scale * side) // 2 * 2) for side in picture.shape[:2])  # even, as 4:2:0 asks for
    picture = resized(picture, height, width).copy()
    if reading.density is not None:
        most = usual_most(reading.density, reading.frame.grid)
        picture = blended(picture, coloured(softened(reading.density), most))
    _label(picture, f"{reading.count:.0f} people", f"{reading.frame.time_s:.1f} s")
    return picture


def draw_curve(
    path: Path, rows: Sequence[Row], truth: Mapping[int, float], title: str, *, holes: Sequence[Hole] = ()
) -> None:
    """Draws the count over time as a PNG, with a gap in each hole, and the true count where it is known."""
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))  # read when it is imported
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    points = sorted([(row.time_s, row.count) for row in rows] + [(hole.from_s, math.nan) for hole in holes])
    ends = [(row.time_s, *row.interval) for row in rows if row.interval is not None]
    if ends:
        spans = np.array(sorted([*ends, *((hole.from_s, math.nan, math.nan) for hole in holes)]))
        axes.fill_between(*spans.T[:3], color="#1f77b4", alpha=0.15, linewidth=0, label="90 % certain")
    lone = "." if len(rows) < 3 else ""  # a line of one point would not be seen
    axes.plot(*zip(*points, strict=True), color="#1f77b4", linewidth=1.8, label="counted", marker=lone)
    known = [(row.time_s, truth[row.frame]) for row in rows if row.frame in truth]
    if known:
        axes.plot(*zip(*known, strict=True), color="#555555", linewidth=1.2, linestyle="--", label="true count")
    if known or ends:
        axes.legend(loc="upper right")
    axes.set(xlabel="time (s)", ylabel="people")
    axes.set_title(drawable(title), parse_math=False)
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    axes.grid(alpha=0.3)
    figure.savefig(path, format="png")


def drawable(text: str) -> str:
    """Returns a text with a box in place of each character that the font of the curve does not have."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known = get_font(findfont(FontProperties())).get_charmap()
    return "".join(character if ord(character) in known else MISSING for character in text)


def _label(picture: NDArray[np.uint8], text: str, right: str) -> None:
    scale = max(0.3, min(picture.shape[0] / 720, picture.shape[1] / 480))
    thick, band = max(1, round(2 * scale)), round(44 * scale)
    picture[:band] = picture[:band] // 3
    place = (round(14 * scale), round(31 * scale))
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thick, cv2.LINE_AA)
    (wide, _), _ = cv2.getTextSize(right, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    place = (picture.shape[1] - wide - round(14 * scale), place[1])
    cv2.putText(picture, right, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (200, 200, 200), thick, cv2.LINE_AA)
