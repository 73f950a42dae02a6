"""Configurations say what they mean, and wrong ones are refused by name."""

from pathlib import Path

import pytest

from trainer.config import TrainConfig, from_table, load_config, model_of, preset_names
from trainer.errors import TrainerError
from trainer.networks.csrnet import CSRNetConfig
from trainer.networks.deepcount import DeepCountConfig
from trainer.networks.model import ModelConfig


def test_the_presets_are_named_for_what_they_make() -> None:
    assert preset_names() == [
        "bl",
        "blocks",
        "cifar-10",
        "csrnet",
        "csrnet-a",
        "csrnet-b",
        "csrnet-short",
        "full",
        "light",
        "light-b",
        "light-cameras",
        "light-coarse",
        "light-native",
        "light-scenes",
        "paper",
        "quarter-b",
        "resnet",
        "robust",
        "skt-bl",
        "skt-csrnet",
        "student",
        "taught",
        "tune",
        "ucf",
        "ucf-more",
    ]


def test_csrnet_is_trained_as_published() -> None:
    for name, kernel in (("csrnet-a", "adaptive"), ("csrnet-b", "fixed")):
        config = load_config(name)
        optimiser = config.optimiser
        assert (optimiser.name, optimiser.rate, optimiser.momentum, config.objective.decay) == ("sgd", 1e-6, 0.95, 5e-4)
        assert (config.ground_truth.kernel, config.evaluation, config.crops.patches) == (kernel, "whole", "nine")
        assert [(term.kind, term.of) for term in config.objective.for_maps(["map"])] == [
            ("l1", "count"),
            ("mse", "map"),
        ]
    assert load_config("csrnet-b").ground_truth.sigma == 15


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads(name: str) -> None:
    assert load_config(name).steps > 0


def test_the_paper_preset_is_section_3_6() -> None:
    config = load_config("paper")
    assert (config.model.frontend, config.model.width, config.model.leak) == ("vgg16", 1.0, 0.2)
    assert (config.optimiser.name, config.optimiser.rate, config.optimiser.frontend_factor) == ("sgd", 1e-4, 0.5)
    assert (config.batch, config.crops.scale_jitter, config.crops.mirror) == (32, 1.0, True)


def test_overrides_change_one_value_each() -> None:
    config = load_config("light-b", ["optimiser.rate=3e-4", "model.branches=[1, 5]", "precision=fp32", "batch=4"])
    found = config.optimiser.rate, config.model.branches, config.precision, config.batch
    assert found == (3e-4, (1, 5), "fp32", 4)
    assert config.model.width == load_config("light-b").model.width


def test_numbers_of_branches_in_older_files_are_names_now() -> None:
    assert load_config(None, ["counted=[0, 3]"]).counted == ("count", "branch 3")
    assert load_config(None, ['counted=["count", "branch 3"]']).counted == ("count", "branch 3")
    old = {"family": "csrnet", "frontend": "vgg16", "width": 0.5, "branches": [1, 2, 3, 4, 5], "leak": 0.2}
    assert from_table({"model": old, "counted": [0]}).model == CSRNetConfig(width=0.5)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"model": '{"family": "csrnet", "width": 0.5}', "architecture": "else"}, CSRNetConfig(width=0.5)),
        ({"architecture": "csrnet-vgg16", "width": "0.25"}, CSRNetConfig(width=0.25)),
        (
            {"architecture": "deepcount-mobilenet_v2", "width": "0.25"},
            DeepCountConfig(frontend="mobilenet_v2", width=0.25),
        ),
    ],
    ids=["said", "an older CSRNet", "an older DeepCount"],
)
def test_an_exported_file_says_which_network_it_is(facts: dict[str, str], expected: ModelConfig) -> None:
    assert model_of(facts) == expected


@pytest.mark.parametrize(
    "facts", [{}, {"model": "x"}, {"model": "3"}, {"architecture": "mcnn-vgg16", "width": "1"}], ids=str
)
def test_facts_that_name_no_network_are_refused(facts: dict[str, str]) -> None:
    with pytest.raises(TrainerError):
        model_of(facts)


@pytest.mark.parametrize("name", [None, *preset_names()])
def test_a_configuration_survives_being_written_as_toml(name: str | None, tmp_path: Path) -> None:
    config = load_config(name)
    file = tmp_path / "again.toml"
    file.write_text(config.to_toml(), "utf-8")
    assert load_config(str(file)) == config


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("learning_rate=1", r"configuration has no 'learning_rate'; there are: model, crops"),
        ("optimiser.speed=1", r"configuration has no 'optimiser.speed'; there are: name, rate"),
        ("batch=many", r"configuration 'batch' is 'many', expected a whole number"),
        ("batch=true", r"configuration 'batch' is True, expected a whole number"),
        ("bf16=1", r"configuration 'bf16' is 1, expected true or false"),
        ("precision=half", r"precision is 'half', expected one of auto, fp32, bf16, fp16"),
        ("model=3", r"configuration 'model' is 3, expected a table with family, width, bins"),
        ('model.branches=["a"]', r"'model.branches' is \['a'\], expected a list of whole numbers"),
        ("model.branches=[0]", r"branches are \[0\], expected different numbers from 1 to 5"),
        ("model.frontend=resnet", r"frontend is 'resnet', expected one of vgg16, mobilenet_v2"),
        ("model.width=0", r"width is 0.0, expected a factor from 1/64 to 4"),
        ("optimiser.name=lion", r"optimiser is 'lion', expected one of sgd, adam, adamw"),
        ("optimiser.schedule=stairs", r"schedule is 'stairs', expected one of constant, step, cosine"),
        ("optimiser.drops=0.5", r"'optimiser.drops' is 0.5, expected a list of whole numbers"),
        ("optimiser.drop_factor=0", r"drop_factor is 0.0, expected a number above 0"),
        ("optimiser.clip=-1", r"clip is -1.0, expected a norm above 0, or 0 for none"),
        ("optimiser.momentum=1", r"momentum is 1.0, expected a number from 0 to below 1"),
        ("optimiser.beta2=-0.1", r"beta2 is -0.1, expected a number from 0 to below 1"),
        ("optimiser.eps=0", r"eps is 0.0, expected a number above 0"),
        ("objective.maps=l2", r"maps is 'l2', expected one of l1, mse, huber, ssim, dense-mse"),
        ("objective.count=ssim", r"count is 'ssim', expected one of l1, huber"),
        ("crops.patches=eight", r"patches is 'eight', expected one of random, nine"),
        ("crops.perspective=2", r"perspective is 2.0, expected a share from 0 to 1"),
        ("patience=-1", r"patience is -1, expected a number of evaluations, or 0 for none"),
        ("optimiser.rate=0", r"rate is 0.0, expected a number above 0"),
        ("crops.scale_jitter=0.5", r"scale_jitter is 0.5, expected a factor from 1 to 4"),
        ("objective.damping=-1", r"damping is -1.0, expected a number of people, or 0 for none"),
        ("objective.squared=[6]", r"squared is \[6\], expected branches from 1 to 5"),
        ("evaluate_every=0", r"evaluate_every is 0, expected at least 1"),
        ("ema=1", r"ema is 1.0, expected a decay from 0 to below 1"),
        ("batch", r"override 'batch' is no key=value"),
        ("model.family=mcnn", r"family is 'mcnn', expected one of deepcount, .*csrnet"),
        ("counted=[6]", r"counted is \['branch 6'\], expected some of count, branch 1, .*branch 5, each once"),
        ("counted=3", r"'counted' is 3, expected a list of texts"),
        ("seed.of=1", r"configuration 'seed' is \{'of': 1\}, expected a whole number"),
    ],
    ids=lambda value: value if "=" in value else "",
)
def test_a_wrong_value_is_refused_by_name(override: str, message: str) -> None:
    with pytest.raises(TrainerError, match=message):
        load_config(None, [override])


def test_a_key_below_a_single_value_is_refused() -> None:
    with pytest.raises(TrainerError, match="'seed' is one value and has no keys of its own"):
        load_config(None, ["seed=1", "seed.of=1"])


def test_an_unknown_preset_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TrainerError, match="preset 'heavy' does not exist; there are: bl, blocks, cifar-10, "):
        load_config("heavy")


def test_the_defaults_are_the_papers() -> None:
    assert TrainConfig().model == load_config("paper").model
