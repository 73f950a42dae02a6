"""The walk of docs/own-data.md: the same pictures in every format are prepared, measured on, and exported for."""

import csv
import json
import re
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.io import savemat

from trainer.cli import main
from trainer.datasets import DATASETS, open_dataset

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
LIGHT = ROOT / "assets" / "models" / "light.onnx"
PAGE = ROOT / "docs" / "own-data.md"
HEAD_PX = 12.0


@dataclass(frozen=True)
class Sample:
    """A picture file and its head points."""

    path: Path
    points: NDArray[np.float64]

    @property
    def size(self) -> tuple[int, int]:
        with Image.open(self.path) as image:
            return image.size

    def boxes(self) -> list[list[float]]:
        """Returns x and y of the upper left corner, width and height of a box around every head."""
        return [[x - HEAD_PX / 2, y - HEAD_PX / 2, HEAD_PX, HEAD_PX] for x, y in self.points.tolist()]


def copied(samples: Sequence[Sample], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for sample in samples:
        shutil.copy(sample.path, folder)


def write_csv(samples: Sequence[Sample], folder: Path) -> None:
    copied(samples, folder)
    for sample in samples:
        lines = [f"{x};{y}".replace(".", ",") for x, y in sample.points.tolist()]
        (folder / f"{sample.path.stem}.csv").write_text("\n".join(["x;y", *lines, ""]))


def write_table(samples: Sequence[Sample], folder: Path) -> None:
    copied(samples, folder / "photos")
    with (folder / "heads.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("filename", "xmin", "ymin", "xmax", "ymax", "class"))
        for sample in samples:
            table.writerows((sample.path.name, x, y, x + w, y + h, "head") for x, y, w, h in sample.boxes())
            if not len(sample.points):
                table.writerow((sample.path.name, "", "", "", "", ""))


def write_labelme(samples: Sequence[Sample], folder: Path) -> None:
    copied(samples, folder)
    for sample in samples:
        shapes = [{"label": "head", "shape_type": "point", "points": [xy]} for xy in sample.points.tolist()]
        (folder / f"{sample.path.stem}.json").write_text(json.dumps({"version": "5.5.0", "shapes": shapes}))


def write_coco(samples: Sequence[Sample], folder: Path) -> None:
    """Writes Roboflow's tree: each half with a file of its own."""
    for half, some in (("train", samples[: -len(samples) // 5]), ("valid", samples[-len(samples) // 5 :])):
        copied(some, folder / half)
        images = [
            {"id": n, "file_name": s.path.name, "width": s.size[0], "height": s.size[1]} for n, s in enumerate(some)
        ]
        annotations = [
            {"id": n, "image_id": number, "category_id": 1, "bbox": box}
            for number, sample in enumerate(some)
            for n, box in enumerate(sample.boxes())
        ]
        categories = [{"id": 0, "name": "crowd"}, {"id": 1, "name": "head", "supercategory": "crowd"}]
        content = {"images": images, "annotations": annotations, "categories": categories}
        (folder / half / "_annotations.coco.json").write_text(json.dumps(content))


def write_yolo(samples: Sequence[Sample], folder: Path) -> None:
    copied(samples, folder / "images")
    (folder / "labels").mkdir()
    (folder / "data.yaml").write_text("nc: 1\nnames: ['head']\n")
    for sample in samples:
        width, height = sample.size
        lines = [
            f"0 {x / width} {y / height} {HEAD_PX / width} {HEAD_PX / height}\n" for x, y in sample.points.tolist()
        ]
        (folder / "labels" / f"{sample.path.stem}.txt").write_text("".join(lines))


def write_voc(samples: Sequence[Sample], folder: Path) -> None:
    copied(samples, folder / "JPEGImages")
    (folder / "Annotations").mkdir()
    for sample in samples:
        boxes = "".join(
            f"<object><name>head</name><bndbox><xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax>"
            "</bndbox></object>"
            for x, y, w, h in sample.boxes()
        )
        (folder / "Annotations" / f"{sample.path.stem}.xml").write_text(f"<annotation>{boxes}</annotation>")


def write_matlab(samples: Sequence[Sample], folder: Path) -> None:
    copied(samples, folder)
    for sample in samples:
        savemat(folder / f"{sample.path.stem}_ann.mat", {"annPoints": sample.points.reshape(-1, 2)})


def write_numpy(samples: Sequence[Sample], folder: Path) -> None:
    copied(samples, folder / "images")
    (folder / "points").mkdir()
    for sample in samples:
        np.save(folder / "points" / f"{sample.path.stem}.npy", sample.points.reshape(-1, 2))


def write_density(samples: Sequence[Sample], folder: Path) -> None:
    """Writes maps as those who train CSRNet do, an eighth of the picture wide and high, people in single cells."""
    copied(samples, folder / "images")
    (folder / "ground_truth").mkdir()
    for sample in samples:
        width, height = sample.size
        found = np.zeros((-(-height // 8), -(-width // 8)))
        cells = (sample.points.reshape(-1, 2) / 8).astype(int)
        np.add.at(found, (cells[:, 1], cells[:, 0]), 1.0)
        with h5py.File(folder / "ground_truth" / f"{sample.path.stem}.h5", "w") as file:
            file["density"] = cv2.GaussianBlur(found, (0, 0), 1.0, borderType=cv2.BORDER_REFLECT)


Write = Callable[[Sequence[Sample], Path], None]
FORMATS: dict[str, tuple[Write, float]] = {
    "tables": (write_csv, 0.01),
    "one table": (write_table, 0.01),
    "labelme": (write_labelme, 0.01),
    "COCO as Roboflow": (write_coco, 0.01),
    "YOLO": (write_yolo, 0.01),
    "Pascal VOC": (write_voc, 0.01),
    "MATLAB": (write_matlab, 0.01),
    "NumPy": (write_numpy, 0.01),
    "density maps": (write_density, 12.0),
}
"""How a format is written, and by how many pixels half of the head points may be off after reading."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Six small pictures with up to 15 people, the first with nobody."""
    folder = tmp_path_factory.mktemp("drawn")
    samples = []
    for number in range(6):
        random = np.random.default_rng(number)
        noise = random.integers(0, 255, (12, 16, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / f"scene{number}.jpg"), cv2.resize(noise, (160, 120), interpolation=cv2.INTER_CUBIC))
        samples.append(Sample(folder / f"scene{number}.jpg", random.uniform((8, 8), (152, 112), (3 * number, 2))))
    return samples


@pytest.fixture(scope="module")
def sixty() -> list[Sample]:
    """Sixty of the shared photographs, from all of them."""
    files = sorted((SHARED / "rf_crowd").glob("*.csv"))[::18][:60]
    return [Sample(file.with_suffix(".jpg"), np.loadtxt(file, delimiter=",", skiprows=1, ndmin=2)) for file in files]


def walk(write: tuple[Write, float], samples: Sequence[Sample], folder: Path) -> str:
    """Writes pictures in a format, reads them, and prepares them; returns what `prepare` printed."""
    as_format, tolerance = write
    as_format(samples, folder)
    dataset = open_dataset(folder)
    found = {path.stem: dataset.points_of(path) for path, _ in dataset.members}
    assert set(found) == {sample.path.stem for sample in samples}
    for sample in samples:
        points = found[sample.path.stem]
        assert len(points) == len(sample.points)
        if len(points):
            distances = np.linalg.norm(points[:, None] - sample.points[None], axis=2)
            assert np.median(distances.min(axis=1)) <= tolerance
    assert main(["prepare", str(folder), "--out", str(folder.parent / "prepared")]) == 0
    return str(sum(len(sample.points) for sample in samples))


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
def test_drawn_pictures_go_the_whole_way(
    write: tuple[Write, float],
    drawn: list[Sample],
    exported: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = walk(write, drawn, tmp_path / "mine")
    printed = capsys.readouterr().out
    assert re.search(rf"all +│ +│ +6 │ +{people} ", printed)
    assert "not used" not in printed
    assert (tmp_path / "prepared" / "mine.png").is_file()
    data = ["--data", str(tmp_path / "mine"), "--hold-out", "*4", "--hold-out", "*5.jpg"]
    assert main(["evaluate", str(exported), *data]) == 0
    assert "mine, held-out: 2 pictures, 27 people" in capsys.readouterr().out


def test_a_model_is_exported_for_labelled_pictures_and_what_was_held_out(
    drawn: list[Sample], best: Path, tmp_path: Path
) -> None:
    write_table(drawn, tmp_path / "mine")
    data = ["--data", str(tmp_path / "mine"), "--hold-out", "photos/scene4", "--hold-out", "*5", "--label", "head"]
    assert main(["export", str(best), *data, "--tiles", "2", "--no-behaviour", "--out", str(tmp_path / "m.onnx")]) == 0
    card = " ".join((tmp_path / "m.md").read_text("utf-8").replace("\\\n", " ").split())
    assert "/mine --label head --hold-out photos/scene4 --hold-out '*5'" in card
    assert "(held out as below)" in card


EXAMPLES = {
    "csv": ("heads.csv", "Tables"),
    "labelme": ("gate_01.json", "labelme"),
    "coco": ("coco.json", "COCO"),
    "yolo": ("gate_01.txt", "YOLO"),
    "voc": ("gate_01.xml", "Pascal VOC"),
}


@pytest.mark.parametrize(("layout", "example"), EXAMPLES.items(), ids=EXAMPLES.keys())
def test_the_pages_example_of_a_format_is_read(layout: str, example: tuple[str, str], tmp_path: Path) -> None:
    name, title = example
    found = re.search(rf"^\*\*{title}\*\*.*?```\n(.*?)```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    (tmp_path / name).write_text(found.group(1), "utf-8")
    Image.new("RGB", (1280, 720)).save(tmp_path / "gate_01.jpg")
    dataset = open_dataset(tmp_path)
    assert type(dataset) is DATASETS[layout]
    np.testing.assert_allclose(dataset[0].points[0], [412.5, 230], atol=0.01)


def test_the_pages_commands_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^deepcount-trainer (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(commands) > 8
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main([*shlex.split(command, comments=True), "--help"])
        assert ended.value.code == 0, command
        words = shlex.split(command, comments=True)
        options = {word for word in words if word.startswith("--")}
        assert options <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out)), command


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the repository")
@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
def test_sixty_photographs_go_the_whole_way(
    write: tuple[Write, float], sixty: list[Sample], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = walk(write, sixty, tmp_path / "mine")
    printed = capsys.readouterr().out
    assert re.search(rf"all +│ +│ +60 │ +{int(people):,} ", printed)
    assert "warning" not in printed
    assert "not used" not in printed
    assert main(["evaluate", str(LIGHT), "--data", str(tmp_path / "mine"), "--hold-out", "*rf_0023"]) == 0
    assert "mine, held-out: 1 pictures" in capsys.readouterr().out
