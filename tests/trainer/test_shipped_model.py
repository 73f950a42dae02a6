"""The model that comes with the product counts as well as its card says."""

from pathlib import Path

import pytest

from trainer.datasets import Choice, load_all, open_dataset
from trainer.evaluation.counters import onnx_counter
from trainer.evaluation.evaluate import measure
from trainer.evaluation.scores import scores
from trainer.exporting.export import metadata_of

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "assets" / "models" / "light.onnx"
DATA = ROOT.parent / "shared" / "data" / "shanghaitech" / "part_B" / "train_data"
LARGEST_MAE = 30.0


@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.is_dir(), reason="ShanghaiTech part B is not beside the repository")
@pytest.mark.skipif(not MODEL.is_file(), reason="the repository holds no assets/models/light.onnx")
def test_the_light_model_is_as_good_as_it_says_on_the_held_out_tenth_of_part_b() -> None:
    found = list(measure(onnx_counter(MODEL), load_all(open_dataset(DATA, Choice("held-out")))))
    now, facts = scores(found), metadata_of(MODEL)
    assert now.pictures == 40
    assert now.mae < LARGEST_MAE
    assert now.mae == pytest.approx(float(facts["validation_mae"]), rel=0.02)
    assert now.rmse == pytest.approx(float(facts["validation_rmse"]), rel=0.02)
