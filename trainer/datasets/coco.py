"""Pictures with one COCO file, as CVAT, Label Studio and Roboflow export it.

A person's head point is the keypoint called head (or head_top, or nose) if it was set, else any keypoint that was, else
the centre of the box. Boxes around heads give head points; boxes around whole bodies give bodies' centres, which are
good enough for counting but not for the places in a density map.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.base import Choice, PictureSet
from trainer.datasets.pictures import Picture, by_number
from trainer.datasets.points import checked_points, reading
from trainer.datasets.text import json_of, text_of
from trainer.errors import TrainerError

HEADS = ("head", "head_top", "nose")
PEOPLE = ("head", "heads", "person", "persons", "people", "pedestrian")
"""Categories that are people, the one to take first; of several used ones only one, or people would count twice."""
KEYS = ('"images"', '"annotations"')


class Coco(PictureSet):
    """A folder with a COCO file in it or in its `annotations`; pictures lie beside, or in `images`."""

    layout = "a COCO file with images and annotations, and its pictures beside it or in images/"

    def __init__(self, folder: Path, choice: Choice | None = None) -> None:
        file = _file_in(folder)
        if file is None:
            raise TrainerError(f"{folder} holds no JSON file with images and annotations as COCO's")
        self.file = file
        with reading(file, "images and annotations as COCO's"):
            content = json_of(file)
            self._images = {_place(folder, str(entry["file_name"])): entry for entry in content["images"]}
            self._people = _people(content, file)
            self._keypoints = {c["id"]: c.get("keypoints", []) for c in content.get("categories", [])}
        super().__init__(folder, choice)

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder holds a COCO file."""
        return _file_in(folder) is not None

    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures that the file names, sorted by number."""
        return sorted(self._images, key=by_number)

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Returns a point for each annotated person."""
        with reading(self.file, f"usable annotations of {path.name}"):
            people = self._people[self._images[path]["id"]]
            if any(person.get("iscrowd") for person in people):
                raise TrainerError(
                    f"annotation {self.file} has a crowd region without a number (iscrowd) in {path.name}; "
                    "annotate its people or remove the picture"
                )
            names = self._keypoints
            found = [_head(person, names.get(person.get("category_id"), [])) for person in people]
        return checked_points(found, self.file)

    def is_upright(self, path: Path, picture: Picture) -> bool:
        """Whether the file says the size of the upright picture, and not that of the stored pixels."""
        entry = self._images[path]
        size = (entry.get("height"), entry.get("width"))
        return size == picture.pixels.shape[:2] != picture.stored_size


def _place(folder: Path, name: str) -> Path:
    plain = Path(name.replace("\\", "/"))
    if plain.is_absolute() or ".." in plain.parts:  # a file of somebody else's names no picture outside
        plain = Path(plain.name)
    candidates = (folder / plain, folder / "images" / plain, folder / plain.name, folder / "images" / plain.name)
    return next((place for place in candidates if place.is_file()), folder / plain)


def _file_in(folder: Path) -> Path | None:
    files = [*sorted(folder.glob("*.json")), *sorted((folder / "annotations").glob("*.json"))]
    return next((file for file in files if all(key in text_of(file) for key in KEYS)), None)


def _people(content: Mapping[str, Any], file: Path) -> dict[Any, list[Mapping[str, Any]]]:
    """Returns the annotations of people by their picture's id."""
    used = {annotation.get("category_id") for annotation in content["annotations"]}
    names = {c["id"]: str(c["name"]).lower() for c in content.get("categories", []) if c["id"] in used}
    if len(used) > 1:
        known = [i for word in PEOPLE for i, name in names.items() if name == word]
        if not known:
            raise TrainerError(
                f"annotation {file} has the categories {', '.join(sorted(names.values()))}, expected one called "
                f"{' or '.join(PEOPLE)}"
            )
        used = {known[0]}
    found: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for annotation in content["annotations"]:
        if annotation.get("category_id") in used:
            found[annotation["image_id"]].append(annotation)
    return found


def _head(person: Mapping[str, Any], names: Sequence[str]) -> list[float]:
    """Returns one person's point: the best keypoint that was set, else the centre of the box."""
    flat = person.get("keypoints") or []
    if len(flat) % 3:
        raise ValueError(f"{len(flat)} numbers for keypoints, expected x, y and visibility of each")
    places = [flat[i : i + 3] for i in range(0, len(flat), 3)]
    called = {name: place for name, place in zip(names, places, strict=False) if place[2]}
    best = next((called[name] for name in HEADS if name in called), None)
    best = best or next((place for place in places if place[2]), None)
    if best:
        return [best[0], best[1]]
    x, y, width, height = person["bbox"]
    return [x + width / 2, y + height / 2]
