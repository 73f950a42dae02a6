"""A user's own pictures are read with their people from every format and tree, and nothing is left out in silence."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from trainer.cli import main
from trainer.datasets import (
    DATASETS,
    TEST,
    Choice,
    HoldOut,
    PictureSet,
    load_all,
    open_dataset,
    open_datasets,
    parts_of,
)
from trainer.errors import TrainerError

HEIGHT, WIDTH = 60, 80
TINY = ("--set", "model.width=0.03125", "--set", "batch=1", "--set", "steps=1")
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


def labelme(points: list[list[float]], kind: str = "point", label: str = "head") -> str:
    return shapes([(label, kind, [xy]) for xy in points])


def shapes(items: list[tuple[str, str, list[list[float]]]]) -> str:
    return json.dumps({"shapes": [{"label": label, "shape_type": kind, "points": p} for label, kind, p in items]})


def coco(annotations: list[dict[str, Any]], **changes: Any) -> str:
    """Returns a COCO file with the pictures a.png (id 1) and b.png (id 2)."""
    image = {"height": HEIGHT, "width": WIDTH}
    content = {
        "images": [{"id": 1, "file_name": "a.png"} | image, {"id": 2, "file_name": "b.png"} | image],
        "annotations": [{"category_id": 1, "image_id": 1} | annotation for annotation in annotations],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "left_ear", "head"]}],
    }
    return json.dumps(content | changes)


def voc(*things: tuple[str, tuple[float, float, float, float]]) -> str:
    tags = ("xmin", "ymin", "xmax", "ymax")
    boxes = (
        f"<object><name>{name}</name><bndbox>"
        + "".join(f"<{tag}>{value}</{tag}>" for tag, value in zip(tags, box, strict=True))
        + "</bndbox></object>"
        for name, box in things
    )
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth></size>"
    return f"<annotation><filename>x</filename>{size}{''.join(boxes)}</annotation>"


def mat(**variables: object) -> bytes:
    file = io.BytesIO()
    savemat(file, variables)
    return file.getvalue()


def npy(values: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(values))
    return file.getvalue()


def h5(density: np.ndarray, key: str = "density") -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as content:
        content[key] = density
    return file.getvalue()


def density(*people: tuple[float, float], height: int = HEIGHT, width: int = WIDTH, sigma: float = 2.0) -> np.ndarray:
    """Returns a map with a Gaussian for each head in the middle of a pixel, as float32."""
    y, x = np.mgrid[:height, :width] + 0.5
    found = np.zeros((height, width))
    for px, py in people:
        spot = np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2))
        found += spot / spot.sum()
    return found.astype(np.float32)


Files = dict[str, str | bytes]
TWO = [[10, 20], [30.5, 40]]
YOLO_TWO = "0 0.125 0.33333333 0.1 0.1\n0 0.38125 0.66666667 0.1 0.1 0.93\n"
GOOD: dict[str, tuple[Files, str]] = {
    "table beside": ({"a.csv": "x,y\n10,20\n30.5,40\n", "b.csv": "x,y\n"}, "csv"),
    "table beside, semicolons": ({"a.csv": "\ufeffX;Y\r\n10;20\r\n30.5;40\r\n", "b.csv": "x;y"}, "csv"),
    "decimal commas, empty lines": ({"a.csv": "x;y\n10,0;20,0\n;\n30,5;40\n;\n", "b.csv": "x;y"}, "csv"),
    "quoted decimal commas": ({"a.csv": 'x,y\n"10,0","20,0"\n"30,5",40\n', "b.csv": "x,y"}, "csv"),
    "tabs": ({"a.tsv": "x\ty\n10\t20\n30,5\t40\n", "b.tsv": "x\ty"}, "csv"),
    "UTF-16 of a spreadsheet": ({"a.csv": "x\ty\r\n10\t20\r\n30,5\t40\r\n".encode("utf-16"), "b.csv": "x,y"}, "csv"),
    "more columns": ({"a.csv": "who,y,x\nme,20,10\nyou,40,30.5\n\n", "b.csv": "y,x\n"}, "csv"),
    "one table": ({"points.csv": "name,x,y\na.png,10,20\na.png,30.5,40\nb.png,,\n"}, "csv"),
    "one table without endings": ({"heads.csv": '"name","x","y"\na,10,20\na,30.5,40\nb,,\n'}, "csv"),
    "one table of filenames": (
        {"t.csv": "filename;x;y\nC:\\mine\\a.png;10;20\nC:\\mine\\a.png;30,5;40\nb.png;;\n"},
        "csv",
    ),
    "one table with labels": ({"t.csv": "image,x,y,label\na.png,10,20,head\na.png,30.5,40,head\nb.png,,,\n"}, "csv"),
    "table of boxes": ({"a.csv": "x,y,width,height\n5,15,10,10\n28.5,38,4,4\n", "b.csv": "x,y,width,height"}, "csv"),
    "table of corners": (
        {
            "t.csv": "filename,width,height,class,xmin,ymin,xmax,ymax\na.png,80,60,head,5,15,15,25\n"
            "a.png,80,60,head,28.5,38,32.5,42\nb.png,80,60,,,,,\n"
        },
        "csv",
    ),
    "name of Western Europe": (
        {"t.csv": "name,x,y,who\na.png,10,20,Jürgen\na.png,30.5,40,\nb.png,,,\n".encode("cp1252")},
        "csv",
    ),
    "labelme": ({"a.json": labelme(TWO), "b.json": labelme([])}, "labelme"),
    "labelme named with the ending": ({"a.png.json": labelme(TWO), "b.png.json": labelme([])}, "labelme"),
    "labelme's other shapes": (
        {
            "a.json": shapes(
                [("head", "rectangle", [[15, 25], [5, 15]]), ("head", "circle", [[30.5, 40], [30.5, 44]])]
            ),
            "b.json": shapes([]),
        },
        "labelme",
    ),
    "COCO boxes": ({"_annotations.json": coco([{"bbox": [5, 15, 10, 10]}, {"bbox": [28.5, 38, 4, 4]}])}, "coco"),
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
                [{"bbox": [5, 15, 10, 10], "keypoints": [0] * 9}, {"bbox": [28.5, 38, 4, 4], "keypoints": []}]
            )
        },
        "coco",
    ),
    "COCO with unused categories": (
        {
            "coco.json": coco(
                [{"bbox": [5, 15, 10, 10]}, {"bbox": [28.5, 38, 4, 4]}],
                categories=[{"id": 2, "name": "crowd"}, {"id": 1, "name": "Person"}, {"id": 3, "name": "head"}],
            )
        },
        "coco",
    ),
    "YOLO": ({"a.txt": YOLO_TWO, "b.txt": "", "classes.txt": "head\n"}, "yolo"),
    "YOLO points and outlines": (
        {"a.txt": "0 0.125 0.33333333\n0 0.35 0.625 0.4125 0.625 0.4125 0.70833333 0.35 0.70833333", "b.txt": ""},
        "yolo",
    ),
    "Pascal VOC": ({"a.xml": voc(("head", (5, 15, 15, 25)), ("head", (28.5, 38, 32.5, 42))), "b.xml": voc()}, "voc"),
    "MATLAB": ({"a.mat": mat(annPoints=np.array(TWO)), "b.mat": mat(annPoints=np.zeros((0, 2)))}, "mat"),
    "MATLAB of any name": (
        {"GT_a.mat": mat(heads=np.array(TWO), n=2), "b_ann.mat": mat(heads=np.zeros((0, 2)))},
        "mat",
    ),
    "MATLAB in a structure": (
        {"a.mat": mat(data={"xy": np.array(TWO), "who": "me"}), "b.mat": mat(data={"xy": np.zeros((0, 2))})},
        "mat",
    ),
    "NumPy": ({"a.npy": npy(TWO), "b.npy": npy(np.zeros((0, 2)))}, "npy"),
    "density map": ({"a.h5": h5(density((10.5, 20.5), (30.5, 40.5))), "b.h5": h5(density())}, "h5"),
    "density map of NumPy": ({"a.npy": npy(density((10.5, 20.5), (30.5, 40.5))), "b.npy": npy(density())}, "npy"),
}


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(("files", "layout"), GOOD.values(), ids=GOOD.keys())
def test_points_are_read(tmp_path: Path, files: Files, layout: str) -> None:
    for name in ("a.png", "b.png"):
        draw(tmp_path / name)
    write(tmp_path, files)
    dataset = open_dataset(tmp_path)
    assert type(dataset) is DATASETS[layout]
    assert [annotated.name for annotated in (dataset[0], dataset[1])] == ["a", "b"]
    np.testing.assert_allclose(dataset[0].points, TWO, atol=0.51 if "density" in str(dataset.remarks()) else 1e-3)
    assert dataset[1].points.shape == (0, 2)
    assert dataset.unused() == []


TREES: dict[str, dict[str, tuple[str, str]]] = {
    "images and labels": {"images/a.png": ("labels/a.txt", "a"), "images/b.png": ("labels/b.txt", "b")},
    "images and annotations": {"images/a.png": ("annotations/a.txt", "a"), "images/b.png": ("annotations/b.txt", "b")},
    "halves below images": {
        "images/train/a.png": ("labels/train/a.txt", "train/a"),
        "images/val/b.png": ("labels/val/b.txt", "val/b"),
    },
    "Roboflow": {
        "train/images/a.rf.12.png": ("train/labels/a.rf.12.txt", "train/a.rf.12"),
        "valid/images/b.rf.34.png": ("valid/labels/b.rf.34.txt", "valid/b.rf.34"),
    },
    "nested": {"cam1/day/1.png": ("cam1/day/1.txt", "cam1/day/1"), "cam2/1.png": ("cam2/1.txt", "cam2/1")},
    "VOC2007": {"JPEGImages/a.png": ("Annotations/a.txt", "a"), "JPEGImages/b.png": ("Annotations/b.txt", "b")},
}


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES.keys())
def test_files_are_found_in_every_tree(tmp_path: Path, tree: dict[str, tuple[str, str]]) -> None:
    for number, (picture, (annotation, _)) in enumerate(tree.items(), 1):
        draw(tmp_path / picture)
        write(tmp_path, {annotation: "0 0.5 0.5 0.1 0.1\n" * number})
    write(tmp_path, {"data.yaml": "nc: 1\nnames: ['head']\n", "README.roboflow.txt": "exported"})
    dataset = open_dataset(tmp_path, Choice(hold_out=(HoldOut.of("5"),)))
    assert {found.name: len(found.points) for found in load_all(dataset)} == {
        name: number for number, (_, name) in enumerate(tree.values(), 1)
    }
    assert dataset.unused() == []


def test_a_tree_with_halves_of_its_own_keeps_them(tmp_path: Path) -> None:
    for half, count in (("train", 3), ("valid", 2), ("test", 1)):
        for number in range(count):
            draw(tmp_path / half / "images" / f"{number}.png")
            write(tmp_path, {f"{half}/labels/{number}.txt": ""})
    splits = {split: [p.parts[-3] for p in open_dataset(tmp_path, Choice(split)).pictures] for split in SPLITS}
    assert splits == {"train": ["train"] * 3, "held-out": ["valid"] * 2, "test": ["test"]}
    chosen = open_dataset(tmp_path, Choice("held-out", hold_out=(HoldOut.of("train/*0.png"),)))
    assert chosen.pictures == [tmp_path / "train" / "images" / "0.png"]  # and valid is for training then
    assert len(open_dataset(tmp_path, Choice("train", hold_out=chosen.choice.hold_out))) == 4


SPLITS = ("train", "held-out", TEST)


def test_coco_files_of_a_tree_name_the_pictures_beside_them(tmp_path: Path) -> None:
    for half, people in (("train", 1), ("valid", 2)):
        draw(tmp_path / half / "a.png")
        file = coco([{"bbox": [5, 15, 10, 10]}] * people, images=[{"id": 1, "file_name": "a.png"}])
        write(tmp_path, {f"{half}/_annotations.coco.json": file})
    dataset = open_dataset(tmp_path)
    assert [len(found.points) for found in load_all(dataset)] == [1, 2]
    assert dataset.doubts() == []


NAMES = {
    "a list": "names: ['person', \"head\"]\nnc: 2",
    "lines": "train: x\nnames:\n- person\n- head\nnc: 2\n",
    "numbers": "names:\n  0: person\n  1: head\n",
    "a map": "names: {0: person, 1: head}\n",
}


@pytest.mark.parametrize("yaml", NAMES.values(), ids=NAMES.keys())
def test_yolos_classes_are_called_as_its_yaml_says(tmp_path: Path, yaml: str) -> None:
    draw(tmp_path / "images" / "a.png")
    write(tmp_path, {"labels/a.txt": "1 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.2 0.9\n", "data.yaml": yaml})
    with pytest.raises(TrainerError, match=r"2 kinds of labels, and not all may be people: head \(1\), person \(1\)"):
        open_dataset(tmp_path)


TWO_KINDS: dict[str, Files] = {
    "labelme": {
        "a.json": shapes(
            [("head", "rectangle", [[0, 0], [10, 10]]), ("dog", "point", [[1, 2]]), ("zone", "line", [[1, 2], [3, 4]])]
        )
    },
    "COCO": {
        "c.json": coco(
            [{"bbox": [0, 0, 10, 10]}, {"bbox": [1, 2, 3, 4], "category_id": 2}, {"bbox": [], "category_id": 3}],
            categories=[{"id": 1, "name": "head"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "zone"}],
        )
    },
    "table": {"a.csv": "xmin,ymin,xmax,ymax,label\n0,0,10,10,head\n1,2,3,4,dog\n5,6,7,8,zone\n"},
    "VOC": {"a.xml": voc(("head", (0, 0, 10, 10)), ("dog", (1, 2, 3, 4)), ("zone", (1, 2, 3, 4)))},
}


@pytest.mark.parametrize("files", TWO_KINDS.values(), ids=TWO_KINDS.keys())
def test_labels_are_chosen_and_never_guessed(tmp_path: Path, files: Files) -> None:
    draw(tmp_path / "a.png")
    write(tmp_path, files)
    listed = r"3 kinds of labels, and not all may be people: dog \(1\), head \(1\), zone \(1\); choose with --label"
    with pytest.raises(TrainerError, match=listed):
        open_dataset(tmp_path)
    chosen = open_dataset(tmp_path, Choice(labels=("Head",)))
    assert chosen[0].points.tolist() == [[5, 5]]
    assert "label dog: 1, not taken (--label)" in chosen.remarks()
    assert len(open_dataset(tmp_path, Choice(labels=("head", "dog")))[0].points) == 2
    with pytest.raises(TrainerError, match=r"label 'heda' is in no data set; there are: dog, head, zone"):
        open_dataset(tmp_path, Choice(labels=("head", "heda")))
    with pytest.raises(TrainerError, match=r"has no label heda, it has dog"):
        open_dataset(tmp_path, Choice(labels=("heda",)))


def test_one_kind_of_label_needs_no_choice(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    write(tmp_path, {"a.json": labelme(TWO, label="Kopf")})
    dataset = open_dataset(tmp_path)
    assert len(dataset[0].points) == 2
    assert dataset.remarks() == ["format labelme: 1 of 1 pictures", "label Kopf: 2 points"]


def test_a_choice_of_labels_leaves_sets_without_labels_whole(tmp_path: Path) -> None:
    for name in ("labelled", "plain"):
        draw(tmp_path / name / "a.png")
    write(tmp_path, {"labelled/a.csv": "x,y,label\n1,2,head\n3,4,dog\n", "plain/a.csv": "x,y\n1,2\n3,4\n"})
    both = open_datasets([tmp_path / "labelled", tmp_path / "plain"], Choice(labels=("head",)))
    assert [len(both[index].points) for index in range(2)] == [1, 2]


BOXES = {
    "square boxes are heads": ("person", (10, 20, 20, 30), (15, 25)),
    "tall boxes are whole people": ("person", (10, 10, 30, 50), (20, 14)),
    "tall boxes of heads are heads": ("head", (10, 10, 30, 50), (20, 30)),
    "tall faces too": ("Face", (10, 10, 30, 50), (20, 30)),
}


@pytest.mark.parametrize(("label", "box", "expected"), BOXES.values(), ids=BOXES.keys())
def test_a_box_becomes_a_head_point_by_its_label_and_shape(
    tmp_path: Path, label: str, box: tuple[int, int, int, int], expected: tuple[int, int]
) -> None:
    draw(tmp_path / "a.png")
    write(tmp_path, {"a.xml": voc((label, box))})
    assert open_dataset(tmp_path)[0].points.tolist() == [list(expected)]


def test_all_boxes_of_a_label_are_read_by_one_rule(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    standing, sitting = ("person", (0, 0, 10, 30)), ("person", (20, 20, 30, 30))
    write(tmp_path, {"a.xml": voc(standing, standing, sitting)})
    dataset = open_dataset(tmp_path)
    assert dataset[0].points.tolist() == [[5, 3], [5, 3], [25, 21]]
    rule = "label person: 3 boxes, 3.0 times as high as wide: whole people, the head point a tenth of the height below"
    assert dataset.remarks()[1].startswith(rule)


def test_a_density_map_gives_as_many_points_as_it_sums_to_where_it_is_dense(tmp_path: Path) -> None:
    people = np.random.default_rng(1).uniform((5, 5), (WIDTH - 5, HEIGHT - 5), (12, 2)).astype(int) + 0.5
    draw(tmp_path / "a.png")
    coarse = density(*people).reshape(HEIGHT // 2, 2, WIDTH // 2, 2).sum((1, 3))  # CSRNet's own maps are smaller
    write(tmp_path, {"a.h5": h5(coarse)})
    dataset = open_dataset(tmp_path)
    points = dataset[0].points
    assert len(points) == 12
    distances = np.linalg.norm(points[:, None] - people[None], axis=2)
    assert np.median(distances.min(axis=0)) < 2
    assert dataset.remarks()[-1] == "density maps sum to 12.0 people, which are 12 head points"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.csv": "x,y\n10,20\n"}, "stored"),
        ({"a.json": labelme([[39.5, 10.5]])}, "upright"),
        ({"a.txt": "0 0.66 0.13 0.1 0.1"}, "upright"),
        ({"a.npy": npy([[10, 20]])}, "stored"),
        ({"a.h5": h5(density((10.5, 20.5)))}, "stored"),
        ({"a.xml": voc(("head", (8, 18, 12, 22)))}, "stored"),
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
    ids=["table", "labelme", "YOLO", "NumPy", "density", "VOC", "COCO as stored", "COCO as shown"],
)
def test_points_lie_on_their_heads_in_a_turned_picture(tmp_path: Path, files: Files, expected: str) -> None:
    draw(tmp_path / "a.jpg", TURNED)
    write(tmp_path, files)
    annotated = open_dataset(tmp_path)[0]
    assert annotated.picture.shape == (WIDTH, HEIGHT, 3)  # upright, however its points were given
    assert annotated.moved == 0
    ((x, y),) = annotated.points
    assert annotated.picture[int(y), int(x)].min() > 200


BAD: dict[str, tuple[Files, str]] = {
    "wrong columns": ({"a.csv": "left,top\n1,2\n"}, r"a.csv has the columns left,top, expected x,y of points, or"),
    "empty table": ({"a.csv": ""}, r"a.csv has the columns , expected x,y"),
    "no number": (
        {"a.csv": "x,y\n1,2\n3,many\n5,6\n,7\n"},
        r"a.csv, line 3: could not convert .*'many'; expected x, y in pixels, as line 5$",
    ),
    "half a line": ({"a.csv": "x,y\n1\n"}, r"a.csv, line 2: could not convert .*; expected x, y in pixels"),
    "no such number": ({"a.csv": "x,y\n1,nan\n"}, r"a.csv holds points that are not numbers; remove them"),
    "no text": ({"a.csv": b"x,y\n\x81\xff"}, r"a.csv holds no readable table"),
    "box without a size": (
        {"a.csv": "x,y,w,h\n1,2,3,4\n1,2,0,4\n"},
        r"a.csv, line 3: a box of 0 by 4, expected a width and a height above 0",
    ),
    "wrong line of one table": (
        {"t.csv": "name,x,y\nb.png,1,2\na.png,?,3\n"},
        r"t.csv, line 3: could not convert .*'\?'; expected x, y in pixels",
    ),
    "another shape": (
        {"a.json": shapes([("head", "point", [[1, 2]]), ("head", "line", [[1, 2], [3, 4]])])},
        r"a.json, shape 2: type 'line' with 2 points, expected a point on each head, or a rectangle",
    ),
    "a point of one number": ({"a.json": labelme([[1]])}, r"a.json, shape 1: cannot reshape .*; expected x and y"),
    "half a labelme": ({"a.json": labelme([[1, 2]])[:-3]}, r"a.json is no JSON, or not a whole one: .* line 1"),
    "crowd region": (
        {"c.json": coco([{"bbox": [1, 2, 3, 4], "iscrowd": 1}])},
        r"c.json, annotation 1: a crowd region without a number \(iscrowd\)",
    ),
    "box of three": ({"c.json": coco([{"bbox": [1, 2, 3], "id": 7}])}, r"c.json, annotation 7: not enough values"),
    "no box": ({"c.json": coco([{"area": 3}])}, r"c.json, annotation 1: 'bbox'; expected a bbox of x, y, width"),
    "half a keypoint": ({"c.json": coco([{"keypoints": [1, 2]}])}, r"c.json, annotation 1: 2 numbers for keypoints"),
    "box of text": ({"c.json": coco([{"bbox": ["a", 1, 2, 3]}])}, r"c.json, annotation 1: could not convert .*'a'"),
    "images without names": ({"c.json": coco([], images=[{"id": 1}])}, r"c.json holds no images and annotations as"),
    "half a COCO": ({"c.json": coco([])[:-3]}, r"c.json is no JSON, or not a whole one"),
    "COCO of other pictures": (
        {"c.json": coco([], images=[{"id": 1, "file_name": "../../z.png"}])},
        r"holds 2 pictures and no annotation of them \(a COCO file .*\); c.json, ../../z.png: there is no such",
    ),
    "YOLO in pixels": (
        {"a.txt": "0 0.5 0.5 0.1 0.1\n0 412 300 20 20\n"},
        r"a.txt, line 2: a place of 412, 300, which is no part of the picture; expected class x y width height",
    ),
    "YOLO with a word": ({"a.txt": "head 0.5 0.5 0.1 0.1\n"}, r"a.txt, line 1: invalid literal .*'head'"),
    "YOLO with one number": ({"a.txt": "0 0.5\n"}, r"a.txt, line 1: 1 numbers behind the class; expected class x y"),
    "VOC cut off": ({"a.xml": voc(("head", (1, 2, 3, 4)))[:-9]}, r"a.xml is no XML, or not a whole one: .*line 1"),
    "VOC without a corner": (
        {"a.xml": "<annotation><object><name>head</name><bndbox><xmin>1</xmin></bndbox></object></annotation>"},
        r"a.xml, object 1: no ymin; expected xmin, ymin, xmax, ymax in pixels",
    ),
    "other XML": ({"a.xml": "<svg/>"}, r"a.xml is no annotation of Pascal VOC: its first tag is 'svg'"),
    "MATLAB of two tables": (
        {"a.mat": mat(one=np.ones((3, 2)), two=np.ones((3, 2)))},
        r"a.mat holds 2 arrays of two columns in one, two, expected one of points, best called annPoints",
    ),
    "no MATLAB": ({"a.mat": b"MATLAB 7.3?"}, r"a.mat holds no variables as MATLAB's, up to version 7"),
    "NumPy of objects": ({"a.npy": npy(np.array([{}, {}]))}, r"a.npy holds no array that can be read without pickle"),
    "NumPy without an end": ({"a.npy": npy([[1, 2]])[:40]}, r"a.npy holds no array that can be read without pickle"),
    "empty NumPy": ({"a.npy": b""}, r"a.npy holds no array that can be read without pickle: No data left"),
    "NumPy of text": ({"a.npy": npy([["a", "b"]])}, r"a.npy holds points that are not numbers"),
    "NumPy of many axes": ({"a.npy": npy(np.ones((3, 4, 5)))}, r"a.npy holds points of shape 3x4x5"),
    "NumPy of a line": ({"a.npy": npy([1, 2, 3])}, r"a.npy holds points of shape 3, expected one line of x and y"),
    "density under another key": (
        {"a.h5": h5(density((5, 5)), "map")}, r"a.h5 holds no array 'density' of HDF5: .*density",
    ),
    "density in three dimensions": ({"a.h5": h5(np.ones((2, 3, 4)))}, r"a.h5 holds no array .* shape is \(2, 3, 4\)"),
    "density below zero": ({"a.h5": h5(-density((5, 5)))}, r"a.h5 holds values below 0 or no numbers"),
    "density of grey values": ({"a.h5": h5(np.full((9, 9), 200.0))}, r"a.h5 sums to 16,200 people, more than the 81"),
    "no HDF5": ({"a.h5": b"no"}, r"a.h5 holds no array 'density' of HDF5"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "message"), BAD.values(), ids=BAD.keys())
def test_a_wrong_annotation_is_answered_with_one_sentence(tmp_path: Path, files: Files, message: str) -> None:
    for name in ("a.png", "b.png"):
        draw(tmp_path / name)
    write(tmp_path, files)
    with pytest.raises(TrainerError, match=message) as caught:
        open_dataset(tmp_path)[0]
    assert "\n" not in str(caught.value)


def test_all_bad_files_are_named_at_once(tmp_path: Path) -> None:
    for name in "abc":
        draw(tmp_path / f"{name}.png")
        write(tmp_path, {f"{name}.csv": "x,y\n1,?\n"})
    write(tmp_path, {"c.csv": "x,y\n1,2\n"})
    with pytest.raises(TrainerError, match=r"a.csv, line 2: .*; annotation .*b.csv, line 2") as caught:
        load_all(open_dataset(tmp_path))
    assert "c.csv" not in str(caught.value)
    for name in ("one.json", "two.json"):
        write(tmp_path / "tables", {name: coco([])[:-3]})
    draw(tmp_path / "tables" / "a.png")
    with pytest.raises(TrainerError, match=r"one.json is no JSON.*; annotation .*two.json is no JSON"):
        open_dataset(tmp_path / "tables")


UNUSED: dict[str, tuple[Files, str, str]] = {
    "a picture without annotation": ({"b.csv": "x,y\n"}, "a.png", "no annotation, expected a table NAME.csv"),
    "a picture without a line": ({"all.csv": "name,x,y\nb.png,1,2\n"}, "a.png", "no annotation"),
    "an annotation without picture": ({"b.csv": "x,y\n", "z.csv": "x,y\n"}, "z.csv", "no picture of this name"),
    "a line of another picture": (
        {"all.csv": "name,x,y\nb.png,1,2\nz.png,1,2\nz.png,3,4\n"}, "all.csv, z.png", r"no such picture \(2 people\)"
    ),
    "people of an image that is not listed": (
        {"c.json": coco([{"image_id": 9, "bbox": [1, 2, 3, 4]}])}, "c.json, image 9 that it does not list", "no such"
    ),
    "another format": (
        {"a.json": labelme([[1, 2]]), "b.json": labelme([]), "a.csv": "x,y\n1,2\n"},
        "a.csv",
        "labelme is used here, --dataset csv takes this",
    ),
    "a second table": (
        {"1.csv": "name,x,y\na.png,1,2\n", "2.csv": "name,x,y\na.png,1,2\nb.png,,\n"},
        "2.csv, a.png",
        "a.png is annotated by 1.csv already",
    ),
    "a picture of the same name": ({"b.csv": "x,y\n", "b.jpg": b""}, "b.png", "its annotation would be that of b.jpg"),
    "a picture of another kind": ({"b.csv": "x,y\n", "c.heic": b""}, "c.heic", "a kind of picture that is not read"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "what", "why"), UNUSED.values(), ids=UNUSED.keys())
def test_what_is_not_used_is_named_with_the_reason(tmp_path: Path, files: Files, what: str, why: str) -> None:
    for name in ("a.png", "b.png"):
        draw(tmp_path / name)
    write(tmp_path, files)
    (found,) = (item for item in open_dataset(tmp_path).unused() if item.what == what)
    with pytest.raises(TrainerError, match=why):
        raise TrainerError(found.why)


def test_a_name_that_several_pictures_have_is_not_guessed(tmp_path: Path) -> None:
    for place in ("cam1/1.png", "cam2/1.png", "cam2/2.png"):
        draw(tmp_path / place)
    write(tmp_path, {"all.csv": "name,x,y\n1.png,1,2\ncam1/1.png,3,4\n2.png,5,6\n"})
    dataset = open_dataset(tmp_path)
    assert [(found.name, found.points.tolist()) for found in load_all(dataset)] == [
        ("cam1/1", [[3, 4]]),
        ("cam2/2", [[5, 6]]),
    ]
    assert [item.what for item in dataset.unused()] == ["cam2/1.png", "all.csv, 1.png"]


def test_links_are_followed_and_broken_ones_named(tmp_path: Path) -> None:
    draw(tmp_path / "far" / "a.png")
    write(tmp_path, {"far/a.csv": "x,y\n1,2\n"})
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "linked").symlink_to(tmp_path / "far")
    (mine / "linked" / "round").symlink_to(mine)  # in circles
    (mine / "b.png").symlink_to(tmp_path / "gone.png")
    draw(mine / "c.png")
    (mine / "c.csv").symlink_to(tmp_path / "gone.csv")
    dataset = open_dataset(mine)
    assert dataset.read(mine / "linked" / "a.png").name == "linked/a"
    with pytest.raises(TrainerError, match=r"annotation .*c.csv is missing, but its picture is there"):
        load_all(dataset)
    assert [(item.what, item.why) for item in dataset.unused()] == [("b.png", "a link to a file that is not there")]


def test_several_coco_files_in_one_folder_raise_doubt(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    image = [{"id": 1, "file_name": "a.png"}]
    write(tmp_path, {f"{name}.json": coco([], images=image) for name in ("new", "old")})
    (doubt,) = open_dataset(tmp_path).doubts()
    assert doubt.startswith("several coco files lie together: new.json (taken for 1 pictures), old.json (taken for 0")


def test_a_layout_can_be_named_where_two_fit(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    write(tmp_path, {"a.csv": "x,y\n10,20\n", "a.json": labelme([[1, 2], [3, 4]])})
    counts: Callable[[str | None], int] = lambda layout: len(open_dataset(tmp_path, layout=layout)[0].points)  # noqa: E731
    assert [counts(layout) for layout in (None, "csv", "labelme")] == [2, 1, 2]


def test_the_format_of_most_pictures_is_taken(tmp_path: Path) -> None:
    for name in "abc":
        draw(tmp_path / f"{name}.png")
        write(tmp_path, {f"{name}.csv": "x,y\n1,2\n"})
    write(tmp_path, {"a.json": labelme([[1, 2], [3, 4]])})
    assert type(open_dataset(tmp_path)) is DATASETS["csv"]


def numbered(folder: Path, names: list[str]) -> Path:
    for name in names:
        draw(folder / name)
        write(folder, {f"{name[:-4]}.csv": "x,y\n10,20\n"})
    return folder


def held_out(folders: list[Path], *given: str) -> list[str]:
    dataset = open_datasets(folders, Choice("held-out", hold_out=tuple(map(HoldOut.of, given))))
    return [dataset[index].name for index in range(len(dataset))]


CAMERAS = [f"cam{camera}/{day}_{number}.png" for camera in (1, 2) for day in ("mo", "tu") for number in (1, 2)]
CHOICES = {
    "every third": (["3"], ["cam1/tu_1", "cam2/mo_2"]),
    "a camera": (["cam2/*"], ["cam2/mo_1", "cam2/mo_2", "cam2/tu_1", "cam2/tu_2"]),
    "a day": (["mo_*"], ["cam1/mo_1", "cam1/mo_2", "cam2/mo_1", "cam2/mo_2"]),
    "two patterns": (["cam1/mo*", "cam2/tu_2.png"], ["cam1/mo_1", "cam1/mo_2", "cam2/tu_2"]),
    "a pattern and a number": (["cam1/mo_1", "8"], ["cam1/mo_1", "cam2/tu_2"]),
    "a data set": (["mine/cam1/*"], ["cam1/mo_1", "cam1/mo_2", "cam1/tu_1", "cam1/tu_2"]),
}


@pytest.mark.parametrize(("given", "expected"), CHOICES.values(), ids=CHOICES.keys())
def test_what_is_held_out_can_be_chosen(tmp_path: Path, given: list[str], expected: list[str]) -> None:
    folder = numbered(tmp_path / "mine", CAMERAS)
    assert held_out([folder], *given) == expected
    training = open_dataset(folder, Choice("train", hold_out=tuple(map(HoldOut.of, given))))
    assert {found.name for found in load_all(training)} == {name[:-4] for name in CAMERAS} - set(expected)


def test_a_file_lists_what_is_held_out(tmp_path: Path) -> None:
    folder = numbered(tmp_path / "mine", CAMERAS)
    (tmp_path / "held.txt").write_text("\ufeffcam1\\mo_1.png\r\n\r\ncam2/tu_2\r\n", "utf-8")
    assert held_out([folder], str(tmp_path / "held.txt")) == ["cam1/mo_1", "cam2/tu_2"]


def test_a_table_holds_out_of_the_sets_that_it_names_alone(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(1, 6)]
    folders = [numbered(tmp_path / name, names) for name in ("north", "south", "west")]
    write(tmp_path, {"held.csv": "picture,part\nnorth/2,old\nwest/1,new\nwest/4,new\n"})
    table = str(tmp_path / "held.csv")
    assert held_out(folders, table) == ["north/2", "south/5", "west/1", "west/4"]
    assert held_out(folders[:2], table) == ["north/2", "south/5"]
    assert held_out(folders[:1], table) == ["2"]
    assert parts_of([HoldOut.of(table), HoldOut.of("5")]) == {"north/2": "old", "west/1": "new", "west/4": "new"}


TABLES = {
    "a slip": ("north/9,old", "fits no picture with 1 of its names, the first 'north/9'"),
    "no set": ("2,old", "has '2,old' below picture,part, expected lines such as SET/PICTURE,PART"),
    "no part": ("north/2", "has 'north/2' below"),
    "nothing": ("", "has nothing below"),
    "another set": ("east/2,old", "fits no picture with 1 of its names"),
}


@pytest.mark.parametrize(("line", "message"), TABLES.values(), ids=TABLES.keys())
def test_a_wrong_table_is_refused(tmp_path: Path, line: str, message: str) -> None:
    folder = numbered(tmp_path / "north", ["1.png", "2.png"])
    good = "north/1,old\n" if line.startswith("north/9") else ""
    write(tmp_path, {"held.csv": f"picture,part\n{good}{line}\n"})
    with pytest.raises(TrainerError, match=message):
        held_out([folder], str(tmp_path / "held.csv"))


def test_a_whole_set_may_be_held_out(tmp_path: Path) -> None:
    folders = [numbered(tmp_path / name, ["1.png", "2.png"]) for name in ("north", "south")]
    assert held_out(folders, "south/*") == ["south/1", "south/2"]
    choice = Choice("train", hold_out=(HoldOut.of("south/*"),))
    assert open_datasets(folders, choice).name == "north"


@pytest.mark.parametrize("count", [4, 7, 9])
def test_few_pictures_hold_out_the_last(tmp_path: Path, count: int) -> None:
    folder = numbered(tmp_path, [f"{number}.png" for number in range(1, count + 1)])
    assert held_out([folder]) == [str(count)]
    assert len(open_dataset(folder, Choice("train"))) == count - 1


WRONG_HOLD_OUTS = {
    "too few": ("1", "hold-out 1 is too few, expected 2"),
    "no such picture": ("cam9*", r"hold-out 'cam9\*' is no number, no file, and fits none of 4 pictures.* like '1'"),
    "a slip in a file": (
        "{tmp}/slip.txt",
        r"slip.txt fits no picture with 1 of its names, the first '33.png'; pictures",
    ),
    "an empty file": ("{tmp}/empty.txt", "empty.txt is empty, expected one name a line"),
    "no text": ("{tmp}/mine/1.png", "1.png cannot be read as one name a line"),
    "everything": ("*", "has 4 pictures, none of them to learn from"),
    "nothing": ("9", "has 4 pictures, and --hold-out 9 holds out none of them"),
}


@pytest.mark.parametrize(("given", "message"), WRONG_HOLD_OUTS.values(), ids=WRONG_HOLD_OUTS.keys())
def test_a_wrong_choice_is_answered_with_one_sentence(
    tmp_path: Path, given: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    numbered(tmp_path / "mine", [f"{number}.png" for number in range(1, 5)])
    write(tmp_path, {"slip.txt": "3.png\n33.png\n", "empty.txt": "\n"})
    words = ["--data", str(tmp_path / "mine"), "--hold-out", given.format(tmp=tmp_path), "--run", str(tmp_path / "run")]
    assert main(["train", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    with pytest.raises(TrainerError, match=message):
        raise TrainerError(line)
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_resumed_with_other_pictures_held_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = numbered(tmp_path / "mine", [f"{number}.png" for number in range(1, 5)])
    words = ["train", "--data", str(folder), "--run", str(tmp_path / "run"), "--device", "cpu", *TINY]
    assert main([*words, "--hold-out", "4"]) == 0
    capsys.readouterr()
    assert main([*words, "--hold-out", "[12].png"]) == 2
    assert "run holds a training with --hold-out 4; give the same, or choose another --run" in capsys.readouterr().err
    assert main(words) == 2


def test_a_command_says_that_not_all_pictures_are_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = numbered(tmp_path / "mine", [f"{number}.png" for number in range(1, 5)])
    draw(folder / "5.png")
    assert main(["train", "--data", str(folder), "--run", str(tmp_path / "run"), "--device", "cpu", *TINY]) == 0
    said = f"mine: 1 file or entry is not used, such as 5.png; `deepcount-trainer prepare {folder}` says why"
    assert capsys.readouterr().err.count(said) == 1


def test_fewer_than_four_pictures_hold_out_none(tmp_path: Path) -> None:
    folder = numbered(tmp_path, ["1.png", "2.png", "3.png"])
    dataset: PictureSet = open_dataset(folder, Choice("train"))
    assert len(dataset) == 3
    with pytest.raises(TrainerError, match="has 3 pictures, at least 4 are needed to hold one out"):
        open_dataset(folder, Choice("held-out"))
