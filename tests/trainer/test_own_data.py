"""A user's own pictures are read with their points from tables, labelme and COCO."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from trainer.datasets import DATASETS, open_dataset
from trainer.errors import TrainerError

HEIGHT, WIDTH = 60, 80
TURNED = 6
"""EXIF: the stored picture is to be turned clockwise."""


def draw(path: Path, orientation: int = 1) -> None:
    """Writes a black picture with one white spot at (10, 20) of the stored pixels."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[18:23, 8:13] = 255
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=exif)


def labelme(points: list[list[float]], kind: str = "point") -> str:
    return json.dumps({"shapes": [{"label": "head", "shape_type": kind, "points": [xy]} for xy in points]})


def coco(annotations: list[dict[str, Any]], **changes: Any) -> str:
    """Returns a COCO file with the pictures a.png (id 1) and b.png (id 2)."""
    image = {"height": HEIGHT, "width": WIDTH}
    content = {
        "images": [{"id": 1, "file_name": "a.png"} | image, {"id": 2, "file_name": "b.png"} | image],
        "annotations": [{"category_id": 1, "image_id": 1} | annotation for annotation in annotations],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "left_ear", "head"]}],
    }
    return json.dumps(content | changes)


GOOD = {
    "table beside": ({"a.csv": "x,y\n10,20\n30.5,40\n", "b.csv": "x,y\n"}, "csv"),
    "table beside, semicolons": ({"a.csv": "\ufeffX;Y\r\n10;20\r\n30.5;40\r\n", "b.csv": "x;y"}, "csv"),
    "more columns": ({"a.csv": "who,y,x\nme,20,10\nyou,40,30.5\n\n", "b.csv": "y,x\n"}, "csv"),
    "one table": ({"points.csv": "name,x,y\na.png,10,20\na.png,30.5,40\nb.png,,\n"}, "csv"),
    "one table without endings": ({"heads.csv": '"name","x","y"\na,10,20\na,30.5,40\nb,,\n'}, "csv"),
    "labelme": ({"a.json": labelme([[10, 20], [30.5, 40]]), "b.json": labelme([])}, "labelme"),
    "COCO boxes": ({"_annotations.json": coco([{"bbox": [5, 15, 10, 10]}, {"bbox": [30, 38, 1, 4]}])}, "coco"),
    "COCO keypoints": (
        {
            "annotations/heads.json": coco(
                [
                    {"bbox": [0, 0, 80, 60], "keypoints": [1, 1, 2, 2, 2, 2, 10, 20, 1]},
                    {"bbox": [0, 0, 80, 60], "keypoints": [0, 0, 0, 30.5, 40, 2, 0, 0, 0]},
                ]
            )
        },
        "coco",
    ),
    "COCO box where no keypoint was set": (
        {
            "coco.json": coco(
                [{"bbox": [5, 15, 10, 10], "keypoints": [0] * 9}, {"bbox": [30, 38, 1, 4], "keypoints": []}]
            )
        },
        "coco",
    ),
    "COCO with other things": (
        {
            "coco.json": coco(
                [{"bbox": [5, 15, 10, 10]}, {"bbox": [30, 38, 1, 4]}, {"bbox": [0, 0, 9, 9], "category_id": 2}],
                categories=[{"id": 2, "name": "dog"}, {"id": 1, "name": "Person"}, {"id": 3, "name": "head"}],
            )
        },
        "coco",
    ),
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())


@pytest.mark.parametrize(("files", "layout"), GOOD.values(), ids=GOOD.keys())
def test_points_are_read(tmp_path: Path, files: dict[str, str], layout: str) -> None:
    for name in ("a.png", "b.png"):
        draw(tmp_path / name)
    write(tmp_path, files)
    dataset = open_dataset(tmp_path)
    assert type(dataset) is DATASETS[layout]
    assert [annotated.name for annotated in (dataset[0], dataset[1])] == ["a", "b"]
    np.testing.assert_allclose(dataset[0].points, [[10, 20], [30.5, 40]])
    assert dataset[1].points.shape == (0, 2)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.csv": "x,y\n10,20\n"}, "stored"),
        ({"a.json": labelme([[39.5, 10.5]])}, "upright"),
        ({"coco.json": coco([{"bbox": [9.5, 19.5, 1, 1]}], images=[{"id": 1, "file_name": "a.jpg"}])}, "stored"),
        (
            {
                "coco.json": coco(
                    [{"bbox": [39, 10, 1, 1]}],
                    images=[{"id": 1, "file_name": "a.jpg", "width": HEIGHT, "height": WIDTH}],
                )
            },
            "upright",
        ),
    ],
    ids=["table", "labelme", "COCO as stored", "COCO as shown"],
)
def test_points_lie_on_their_heads_in_a_turned_picture(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    draw(tmp_path / "a.jpg", TURNED)
    write(tmp_path, files)
    annotated = open_dataset(tmp_path)[0]
    assert annotated.picture.shape == (WIDTH, HEIGHT, 3)  # upright, however its points were given
    assert annotated.moved == 0
    ((x, y),) = annotated.points
    assert annotated.picture[int(y), int(x)].min() > 200


BAD: dict[str, tuple[dict[str, str], str]] = {
    "no table": ({"b.csv": "x,y\n"}, r"annotation .*a.csv is missing, but its picture is there"),
    "no line": ({"all.csv": "name,x,y\nb.png,1,2\n"}, r"all.csv has no line for a.png; write 'a.png,,' if nobody"),
    "wrong columns": ({"a.csv": "left,top\n1,2\n"}, r"a.csv has the columns left,top, expected x,y"),
    "empty table": ({"a.csv": ""}, r"a.csv has the columns , expected x,y"),
    "no number": ({"a.csv": "x,y\n1,2\n3,many\n"}, r"a.csv, line 3: could not convert .*'many'; expected x and y"),
    "half a line": ({"a.csv": "x,y\n1\n"}, r"a.csv, line 2: could not convert .*; expected x and y in pixels"),
    "no such number": ({"a.csv": "x,y\n1,nan\n"}, r"a.csv holds points that are not numbers; remove them"),
    "no text": ({"a.csv": "x,y\n\udcff"}, r"a.csv holds no readable table"),
    "no labelme": ({"b.json": labelme([])}, r"annotation .*a.json is missing, but its picture is there"),
    "another shape": (
        {"a.json": labelme([[1, 2]], "circle")},
        r"a.json has a shape of type 'circle', expected 'point'",
    ),
    "a point of one number": ({"a.json": labelme([[1]])}, r"a.json holds no shapes as labelme's: not enough values"),
    "half a labelme": ({"a.json": labelme([[1, 2]])[:-3]}, r"a.json is no JSON, or not a whole one"),
    "crowd region": (
        {"c.json": coco([{"bbox": [1, 2, 3, 4], "iscrowd": 1}])},
        r"c.json has a crowd region without a number \(iscrowd\) in a.png",
    ),
    "box of three": (
        {"c.json": coco([{"bbox": [1, 2, 3]}])},
        r"c.json holds no usable annotations of a.png: not enough",
    ),
    "no box": ({"c.json": coco([{"area": 3}])}, r"c.json holds no usable annotations of a.png: 'bbox'"),
    "half a keypoint": (
        {"c.json": coco([{"keypoints": [1, 2]}])},
        r"c.json holds no usable annotations of a.png: 2 numbers for keypoints",
    ),
    "box of text": ({"c.json": coco([{"bbox": ["a", 1, 2, 3]}])}, r"c.json holds no usable annotations of a.png"),
    "no people": (
        {
            "c.json": coco(
                [{"bbox": [1, 2, 3, 4]}, {"bbox": [1, 2, 3, 4], "category_id": 2}],
                categories=[{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}],
            )
        },
        r"c.json has the categories cat, dog, expected one called head or ",
    ),
    "images without names": ({"c.json": coco([], images=[{"id": 1}])}, r"c.json holds no images and annotations as"),
    "half a COCO": ({"c.json": coco([])[:-3]}, r"c.json is no JSON, or not a whole one"),
    "picture that is not there": (
        {"c.json": coco([], images=[{"id": 1, "file_name": "../../z.png"}])},
        r"picture .*z.png does not exist",
    ),
}


@pytest.mark.parametrize(("files", "message"), BAD.values(), ids=BAD.keys())
def test_a_wrong_annotation_is_answered_with_one_sentence(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name in ("a.png", "b.png"):
        draw(tmp_path / name)
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TrainerError, match=message) as caught:
        open_dataset(tmp_path)[0]
    assert "\n" not in str(caught.value)


def test_a_layout_can_be_named_where_two_fit(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    write(tmp_path, {"a.csv": "x,y\n10,20\n", "a.json": labelme([[1, 2], [3, 4]])})
    counts: Callable[[str | None], int] = lambda layout: len(open_dataset(tmp_path, layout=layout)[0].points)  # noqa: E731
    assert [counts(layout) for layout in (None, "csv", "labelme")] == [2, 1, 2]
