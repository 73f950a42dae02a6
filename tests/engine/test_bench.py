import json

from engine.cli import main


def test_bench_measures_model_and_pipeline_over_the_same_recording(clip, capsys):
    path = clip(frames=3, size=(96, 600))
    assert main(["bench", str(path), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["frames"], figures["tiles_per_frame"]) == (3, 1)
    assert all(figures[name] > 0 for name in figures if name.endswith(("_tile", "_speed", "_second", "_cost")))


def test_bench_prints_a_table(clip, capsys):
    assert main(["bench", str(clip(frames=1))]) == 0
    assert "of the bare session's" in capsys.readouterr().out


def test_bench_refuses_what_it_cannot_read(capsys):
    assert main(["bench", "missing.mp4"]) == 2
    assert "missing.mp4 does not exist" in capsys.readouterr().err
