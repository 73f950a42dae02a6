"""Annotated pictures: where they lie, who is in them, which are held out; after this all data sets are the same."""

from trainer.datasets.base import (
    HELD_OUT,
    LEFT_OUT,
    SPLITS,
    TEST,
    TRAIN,
    Annotated,
    Choice,
    Dataset,
    PictureSet,
    load_all,
)
from trainer.datasets.combined import Combined, Sampled, balanced
from trainer.datasets.hold_out import HoldOut, parts_of
from trainer.datasets.registry import DATASETS, open_dataset, open_datasets, open_each
from trainer.datasets.tree import Unused
from trainer.datasets.unannotated import Pictures, Unannotated

__all__ = [
    "DATASETS",
    "HELD_OUT",
    "LEFT_OUT",
    "SPLITS",
    "TEST",
    "TRAIN",
    "Annotated",
    "Choice",
    "Combined",
    "Dataset",
    "HoldOut",
    "PictureSet",
    "Pictures",
    "Sampled",
    "Unannotated",
    "Unused",
    "balanced",
    "load_all",
    "open_dataset",
    "open_datasets",
    "open_each",
    "parts_of",
]
