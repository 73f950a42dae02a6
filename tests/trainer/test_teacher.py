"""A teacher is frozen, named with its hash, and refused where its outputs are of other tiles than are learnt from."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.checkpoints import load_checkpoint, save_checkpoint
from trainer.cli import main
from trainer.config import TrainConfig, load_config
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.files import content_hash
from trainer.learning.licences import TEACHER
from trainer.learning.sampling import sampler_for
from trainer.learning.stored import (
    MANIFEST,
    SHARD_STEPS,
    drawn_by,
    hashes_of,
    read_manifest,
    shard_name,
    stored_teacher,
)
from trainer.learning.teacher import (
    Teacher,
    check_teacher,
    load_teacher,
    named_with_hash,
    taught_features,
)
from trainer.learning.training import Trainer
from trainer.networks.outputs import Outputs

CPU = torch.device("cpu")
TILE = 384, 512
SOFT = "{kind='mse', of='branch 5', against='teacher', weight=4.0}, {kind='l1', of='count'}"
COSINE = "{kind='cosine', of='smooth 4'}, {kind='relation', of='smooth 4', to='smooth 5'}"
STUDENT = ["model.width=0.015625", "model.branches=[5]", "batch=2", "steps=3", "evaluate_every=3", "precision='fp32'"]


def student(terms: str = SOFT, *more: str) -> TrainConfig:
    return load_config(
        None, [*STUDENT, "optimiser.name='adamw'", "optimiser.rate=0.003", f"objective.terms=[{terms}]", *more]
    )


def words(config: Path, data: Path, *more: str) -> list[str]:
    return ["--preset", str(config), "--data", str(data), "--device", "cpu", "--threads", "1", *more]


@pytest.fixture(scope="module")
def pictures() -> list[Annotated]:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (2, 384, 512, 3), np.uint8)
    points = rng.uniform((0, 0), (512, 384), (2, 9, 2)).astype(np.float32)
    return [Annotated(f"picture {n}", pixels[n], points[n]) for n in range(2)]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher twice as wide as the student, that knows nothing."""
    path = tmp_path_factory.mktemp("teacher") / "wide.safetensors"
    trainer = Trainer(load_config(None, [*STUDENT, "model.width=0.03125", "seed=9"]), CPU)
    save_checkpoint(replace(trainer.checkpoint(resumable=False), facts={"data": "ShanghaiTech B"}), path)
    return path


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    path = tmp_path / "student.toml"
    path.write_text(student().to_toml(), "utf-8")
    return path


def outputs_of(teacher: Teacher, config: TrainConfig, pictures: Sequence[Annotated], step: int) -> Outputs:
    return teacher(step, sampler_for(config, pictures).batch(step).tiles)


def test_a_checkpoint_teaches_what_its_network_finds(checkpoint: Path, pictures: list[Annotated]) -> None:
    teacher = load_teacher(checkpoint, ["smooth 4"], CPU)
    config = student()
    found = outputs_of(teacher, config, pictures, 0)
    alone = load_checkpoint(checkpoint).network()(sampler_for(config, pictures).batch(0).tiles)
    assert torch.equal(found.maps["branch 5"], alone.maps["branch 5"])
    assert not found.maps["branch 5"].requires_grad
    assert teacher.shapes == {"count": (), "branch 5": (3, 4), "smooth 4": (8, 6, 8)}
    assert teacher.name == f"wide.safetensors ({content_hash(checkpoint)[:12]})"
    assert "ShanghaiTech" in teacher.licence


def test_an_exported_file_teaches_its_count_and_its_map(exported: Path, pictures: list[Annotated]) -> None:
    teacher = load_teacher(exported, [], CPU)
    found = outputs_of(teacher, student(), pictures, 0)
    assert found.count is not None
    assert (found.count.shape, found.maps["map"].shape) == ((2,), (2, 48, 64))
    assert teacher.licence
    with pytest.raises(TrainerError, match="is exported and gives no features; terms compare smooth 4"):
        load_teacher(exported, ["smooth 4"], CPU)


@pytest.mark.parametrize("terms", [SOFT, COSINE, f"{SOFT}, {COSINE}"], ids=["outputs", "features", "both"])
def test_a_student_comes_closer_to_its_teacher_whose_weights_stay(
    terms: str, checkpoint: Path, pictures: list[Annotated]
) -> None:
    config = student(terms)
    teacher = load_teacher(checkpoint, ["smooth 4", "smooth 5"] if COSINE in terms else [], CPU)
    trainer = Trainer(config, CPU, teacher)
    batch = sampler_for(config, pictures).batch(0)
    before = teacher(0, batch.tiles).maps["branch 5"]
    losses = [trainer.step(batch) for _ in range(8)]
    assert losses[-1] < losses[0]
    assert torch.equal(teacher(0, batch.tiles).maps["branch 5"], before)
    facts = trainer.checkpoint(resumable=False).facts
    assert facts[TEACHER] == named_with_hash(checkpoint)
    assert "ShanghaiTech" in facts["start_licence"]
    assert trainer.checkpoint(resumable=False).weights.keys() == Trainer(student("{kind='l1'}"), CPU).average.keys()


def test_features_are_compared_with_those_of_another_name(pictures: list[Annotated], tmp_path: Path) -> None:
    wide = Trainer(load_config("csrnet-a", ["model.width=0.03125", "precision='fp32'"]), CPU)
    save_checkpoint(wide.checkpoint(resumable=False), tmp_path / "csrnet.safetensors")
    config = student("{kind='cosine', of='smooth 1', against='teacher backend 3'}")
    assert taught_features(config.objective) == {"smooth 1": "backend 3"}
    trainer = Trainer(config, CPU, load_teacher(tmp_path / "csrnet.safetensors", ["backend 3"], CPU))
    batch = sampler_for(config, pictures).batch(0)
    losses = [trainer.step(batch) for _ in range(4)]
    assert losses[-1] < losses[0]
    with pytest.raises(TrainerError, match="'smooth 1' are compared with the teacher's 'smooth 1' and 'backend 3'"):
        taught_features(
            student(
                "{kind='cosine', of='smooth 1'}, {kind='relation', of='smooth 4', to='smooth 1', "
                "to_against='teacher backend 3'}"
            ).objective
        )


def test_a_resumed_student_goes_on_with_the_same_adapters(
    checkpoint: Path, pictures: list[Annotated], tmp_path: Path
) -> None:
    config = student(COSINE)
    batches = [sampler_for(config, pictures).batch(step) for step in range(2)]

    def begun() -> Trainer:
        return Trainer(config, CPU, load_teacher(checkpoint, ["smooth 4", "smooth 5"], CPU))

    through, first, second = begun(), begun(), begun()
    for batch in batches:
        through.step(batch)
    first.step(batches[0])
    save_checkpoint(first.checkpoint(resumable=True), tmp_path / "last.safetensors")
    second.resume(load_checkpoint(tmp_path / "last.safetensors"))
    second.step(batches[1])
    states = [trainer.checkpoint(resumable=True).state for trainer in (through, second)]
    assert any(name.startswith("adapters.") for name in states[0])
    assert all(torch.equal(states[1][name], value) for name, value in states[0].items())


def test_a_training_is_not_resumed_with_another_teacher(checkpoint: Path, tmp_path: Path) -> None:
    config = student()
    left = Trainer(config, CPU, load_teacher(checkpoint, [], CPU)).checkpoint(resumable=True)
    other = tmp_path / "other.safetensors"
    save_checkpoint(replace(load_checkpoint(checkpoint), step=5), other)
    with pytest.raises(TrainerError, match=r"with the teacher wide.safetensors \(.*\), not other.safetensors \("):
        Trainer(config, CPU, load_teacher(other, [], CPU)).resume(left)


@pytest.mark.parametrize(
    ("terms", "shapes", "tile", "message"),
    [
        (
            SOFT,
            {"branch 5": (6, 8)},
            (384, 512),
            "'branch 5' of teacher it has cells of 64 pixels, 'branch 5' of this deepcount of 128",
        ),
        (SOFT, {"map": (48, 64)}, TILE, "teacher it gives no 'branch 5'; it gives map"),
        (
            SOFT,
            {"branch 5": (3, 4)},
            (512, 512),
            "teacher it takes tiles of 512x512 pixels, this network learns from 384x512",
        ),
        (
            COSINE,
            {"smooth 4": (8, 3, 4), "smooth 5": (8, 3, 4)},
            (384, 512),
            "'smooth 4' of teacher it has cells of 128",
        ),
    ],
    ids=["stride", "no such map", "tile", "stride of features"],
)
def test_a_teacher_of_other_cells_is_refused_with_both_numbers(
    terms: str, shapes: dict[str, tuple[int, ...]], tile: tuple[int, int], message: str
) -> None:
    with pytest.raises(TrainerError, match=message):
        check_teacher(Teacher("it", tile, shapes, lambda _step, _tiles: Outputs(None, {})), student(terms))


def test_stored_outputs_are_those_of_the_teacher(
    checkpoint: Path, preset: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "taught"
    given = words(preset, data)
    assert main(["teach", str(checkpoint), *given, "--out", str(out)]) == 0
    assert "3 steps of 2 tiles by wide.safetensors" in capsys.readouterr().out
    assert read_manifest(out).steps == 3
    once = (out / shard_name(0)).stat().st_mtime_ns
    assert main(["teach", str(checkpoint), *given, "--out", str(out)]) == 0
    assert (out / shard_name(0)).stat().st_mtime_ns == once

    runs = [tmp_path / name for name in ("stored", "live")]
    for run, teacher in zip(runs, (out, checkpoint), strict=True):
        assert main(["train", *given, "--run", str(run), "--teacher", str(teacher)]) == 0
    stored, live = (load_checkpoint(run / "last.safetensors") for run in runs)
    assert stored.facts == live.facts
    for name, value in live.weights.items():
        assert torch.allclose(stored.weights[name], value, atol=2e-3), name

    def refused(message: str, *more: str, folder: Path = out) -> None:
        assert main(["train", *given, "--run", str(tmp_path / "no"), "--teacher", str(folder), *more]) == 2
        assert message in " ".join(capsys.readouterr().err.split())

    refused("crops.scale_jitter is 1.0 there and 1.5 here", "--set", "crops.scale_jitter=1.5")
    refused("stored for other tiles, and so already of 'IMG_1': seed is 1 there and 2 here", "--set", "seed=2")
    refused("holds the outputs of 3 steps, this training has 4", "--set", "steps=4")
    refused("picture 1 is 'IMG_1' there and 'IMG_2' here", "--hold-out", "IMG_1")
    (out / shard_name(0)).write_bytes(b"\0" * 64)
    refused("is damaged: its checksum differs from the manifest's")


def test_what_was_stopped_goes_on_behind_the_last_whole_file(
    checkpoint: Path, preset: Path, data: Path, tmp_path: Path
) -> None:
    out, again = tmp_path / "taught", tmp_path / "again"
    given = ["teach", str(checkpoint), *words(preset, data, "--set", "batch=1")]
    assert main([*given, "--set", f"steps={SHARD_STEPS + 1}", "--out", str(out)]) == 0
    shutil.copytree(out, again)
    (again / shard_name(1)).unlink()
    assert main([*given, "--set", f"steps={SHARD_STEPS + 2}", "--out", str(again)]) == 0
    manifest = read_manifest(again)
    assert (manifest.steps, len(manifest.shards)) == (SHARD_STEPS + 2, 2)
    assert manifest.shards[shard_name(0)] == read_manifest(out).shards[shard_name(0)]
    teachers = [stored_teacher(folder) for folder in (out, again)]
    tiles = torch.zeros(1, 384, 512, 3, dtype=torch.uint8)
    for step in (0, SHARD_STEPS):
        one, other = (teacher(step, tiles).maps["branch 5"] for teacher in teachers)
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", ["skt-csrnet", "skt-bl"])
def test_students_of_structured_knowledge_transfer_learn_from_the_wider_network(
    name: str, pictures: list[Annotated], tmp_path: Path
) -> None:
    small = ["model.tile=[64, 64]", "batch=2", "precision=fp32"]
    wide, narrow = (load_config(name, [*small, f"model.width={width}"]) for width in (0.0625, 0.03125))
    teaching = replace(wide, objective=load_config("csrnet-a").objective)
    save_checkpoint(Trainer(teaching, CPU).checkpoint(resumable=False), tmp_path / "wide.safetensors")
    teacher = load_teacher(tmp_path / "wide.safetensors", taught_features(narrow.objective).values(), CPU)
    trainer = Trainer(narrow, CPU, teacher)
    batch = sampler_for(narrow, pictures).batch(0)
    losses = [trainer.step(batch) for _ in range(4)]
    assert losses[-1] < losses[0]


def test_a_folder_without_a_manifest_is_no_teacher(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="cannot be read as a manifest of stored outputs"):
        stored_teacher(tmp_path)
    (tmp_path / MANIFEST).write_text('{"format": "other"}', "utf-8")
    with pytest.raises(TrainerError, match="it is of another format, expected deepcount-teacher-1"):
        stored_teacher(tmp_path)


@pytest.mark.parametrize(
    ("terms", "teacher", "message"),
    [
        (SOFT, [], "the objective compares with a teacher and none is given; name one with --teacher FILE"),
        ("{kind='l1'}", ["--teacher", "a.onnx"], "no term of the objective compares with a teacher"),
        (SOFT, ["--teacher", "gone.onnx"], "teacher gone.onnx does not exist"),
    ],
    ids=["none given", "none needed", "missing"],
)
def test_a_teacher_is_given_where_it_is_needed(
    terms: str, teacher: list[str], message: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preset = tmp_path / "student.toml"
    preset.write_text(student(terms).to_toml(), "utf-8")
    assert main(["train", *words(preset, data), "--run", str(tmp_path / "run"), *teacher]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_what_came_after_the_format_is_told_only_where_it_is_used(pictures: list[Annotated]) -> None:
    config = load_config("light")
    assert "crops.pasted" not in drawn_by(config)
    pasting = replace(config, crops=replace(config.crops, pasted=0.1))
    assert drawn_by(pasting)["crops.pasted"] == 0.1
    assert "crops.among" not in drawn_by(pasting)
    one = pictures[0]
    boxed, other = (replace(one, sizes=np.full(len(one.points), size, np.float32)) for size in (20, 40))
    for settings, different in ((config, 1), (pasting, 3)):
        assert len({digest for _, digest in hashes_of([one, boxed, other], settings)}) == different
