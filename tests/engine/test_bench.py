import json

import pytest

from engine.cli import main
from engine.commands import bench


def test_bench_measures_model_pipeline_and_cameras_over_the_same_recording(clip, capsys):
    path = clip(frames=3, size=(96, 600))
    assert main(["bench", str(path), "--json", "--cameras", "1,2", "--seconds", "0.5", "--rounds", "1"]) == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    assert (result["frames"], result["tiles_per_frame"]) == (3, 1)
    assert all(result[name] > 0 for name in result if name.endswith(("_tile", "_speed", "_second", "_cost")))
    one, two = result["cameras"]
    assert (one["cameras"], two["cameras"]) == (1, 2)
    assert one["memory_mb"] > 0
    assert one["latency_ms"] == sorted(one["latency_ms"])
    assert one["counted_fps"] <= 1.5 * one["offered_fps"]


def test_bench_says_where_the_time_goes(clip, capsys, monkeypatch):
    monkeypatch.setattr(bench, "SETTLE_S", 0.5)
    path = clip(frames=3, size=(96, 128))
    given = ["bench", str(path), "--json", "--cameras", "2", "--seconds", "1", "--rounds", "1", "--profile"]
    assert main(given) == 0
    result = json.loads(capsys.readouterr().out)["results"][0]
    profile = result["cameras"][0]["profile"]
    assert {"conversion", "session", "density"} <= set(profile["parts"])
    assert all(0 < share < 1 for share in profile["parts"].values())
    assert sum(profile["parts"].values()) + profile["idle"] + profile["others"] == pytest.approx(1, abs=0.25)
    inside = result["inside"]
    assert next(iter(inside["kinds"])) == "Conv"
    assert 0 < inside["share_of_peak"] < 2
    assert 1300 < inside["million_multiply_adds"] < 1500


def test_bench_prints_a_table(clip, capsys):
    assert main(["bench", str(clip(frames=1)), "--cameras", "none", "--rounds", "1"]) == 0
    said = capsys.readouterr().out
    assert "of the bare session's" in said
    assert "without any branch" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["missing.mp4"], "missing.mp4 does not exist", id="no recording"),
        pytest.param(["--model", "missing.onnx"], "missing.onnx does not exist", id="no model"),
    ],
)
def test_bench_refuses_what_it_cannot_read(arguments, complaint, capsys):
    assert main(["bench", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_bench_explains_its_numbers_of_cameras(capsys):
    with pytest.raises(SystemExit):
        main(["bench", "--cameras", "1,x"])
    assert "no list of numbers such as 1,4,16" in capsys.readouterr().err
