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
DATA = ROOT.parent / "shared" / "data"
A, B, UCF = (DATA / name for name in ("shanghaitech/part_A/train_data", "shanghaitech/part_B/train_data", "ucf_cc_50"))
LARGEST_MAE_A, LARGEST_MAE_B = 110.0, 14.0


@pytest.mark.shared_data
@pytest.mark.skipif(
    not (A.is_dir() and B.is_dir() and UCF.is_dir()), reason="the data sets are not beside the repository"
)
@pytest.mark.skipif(not MODEL.is_file(), reason="the repository holds no assets/models/light.onnx")
def test_the_light_model_is_as_good_as_it_says_on_the_held_out_tenth() -> None:
    held_out = Choice("held-out")
    each = [
        list(measure(onnx_counter(MODEL), load_all(open_dataset(folder, held_out, layout=layout))))
        for folder, layout in ((A, "shanghaitech"), (B, "shanghaitech"), (UCF, "ucf-cc-50"))
    ]
    now, facts = scores([picture for part in each for picture in part]), metadata_of(MODEL)
    assert scores(each[0]).mae < LARGEST_MAE_A
    assert scores(each[1]).mae < LARGEST_MAE_B
    assert now.pictures == 74
    assert now.mae == pytest.approx(float(facts["validation_mae"]), rel=0.02)
    assert now.rmse == pytest.approx(float(facts["validation_rmse"]), rel=0.02)
