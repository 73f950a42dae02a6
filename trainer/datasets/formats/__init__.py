"""Formats of annotation files: each a reader of its own, and none knows where files lie."""

from trainer.datasets.formats.arrays import MATLAB, NUMPY
from trainer.datasets.formats.base import Format
from trainer.datasets.formats.coco import COCO
from trainer.datasets.formats.density import DENSITY
from trainer.datasets.formats.labelme import LABELME
from trainer.datasets.formats.tables import TABLE
from trainer.datasets.formats.voc import VOC
from trainer.datasets.formats.yolo import YOLO

FORMATS: tuple[Format, ...] = (COCO, LABELME, TABLE, VOC, YOLO, MATLAB, NUMPY, DENSITY)
"""In the order in which they are taken where several annotate as many pictures."""

__all__ = ["COCO", "DENSITY", "FORMATS", "LABELME", "MATLAB", "NUMPY", "TABLE", "VOC", "YOLO", "Format"]
