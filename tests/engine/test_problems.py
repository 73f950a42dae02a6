import pytest

from engine.errors import ConfigError
from engine.settings.config import CameraSettings, Config
from engine.settings.config_file import load_config
from engine.settings.merging import merged
from engine.settings.problems import checked, problems

BOTH = {
    "provider": "gpu",
    "database": 5,
    "cameras": [
        {"name": "gate", "address": "ftp://u:s3cret@h/x", "max_fps": 0, "speed": 3, "password": "s3cret"},
        {"name": 5},
        {"name": "yard", "address": "rtsp://h/x", "loop": True, "password": "keyring", "tls_verify": False},
        {
            "name": "door",
            "address": "a.mp4",
            "privacy": [[[0, 0], [1, 1]]],
            "zones": [{"name": "in", "polygon": 5, "capacity": 0}],
        },
    ],
}
PLACES = [
    ("provider",),
    ("database",),
    ("cameras", "gate", "address"),
    ("cameras", "gate", "password"),
    ("cameras", "gate", "max_fps"),
    ("cameras", "gate", "speed"),
    ("cameras", 1, "name"),
    ("cameras", 1, "address"),
    ("cameras", "yard", "loop"),
    ("cameras", "yard", "user"),
    ("cameras", "door", "privacy"),
    ("cameras", "door", "zones", "in", "polygon"),
    ("cameras", "door", "zones", "in", "capacity"),
]


def test_all_problems_are_found_by_their_places_and_the_first_is_the_one_that_is_raised():
    found = problems(Config, BOTH, "test")
    assert [problem.place for problem in found] == PLACES
    assert all(problem.sentence.startswith("test: ") and problem.words for problem in found)
    assert "s3cret" not in repr(found)
    with pytest.raises(ConfigError) as caught:
        checked(Config, BOTH, "test")
    assert str(caught.value) == f"{found[0].sentence} (and {len(found) - 1} more)"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"max_fps": -3}, "is -3, expected greater than 0"),
        ({"speed": 3}, "has no setting 'speed'; there are: "),
        ({"privacy": [[[0, 0], [1, 1]]]}, "polygon 1 has 2 points, expected at least 3"),
        ({"name": " "}, "is empty, expected a text of 1 to 80 characters"),
        ({"name": "x" * 81}, "has 81 characters, expected a text of 1 to 80 characters"),
    ],
)
def test_words_beside_a_field_do_not_name_it(values, words):
    (problem,) = problems(CameraSettings, {"name": "gate", "address": "a.mp4", **values}, "test")
    assert problem.words.startswith(words)
    assert problem.place == tuple(values)


def test_settings_that_can_be_have_no_problem():
    assert problems(CameraSettings, {"name": "gate", "address": "a.mp4"}, "test") == ()


def config(*cameras, **values):
    return checked(Config, {"cameras": [{"address": "a.mp4", **each} for each in cameras], **values}, "test")


GATE, YARD, DOOR = {"name": "gate"}, {"name": "yard"}, {"name": "door"}


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (config(GATE), config(GATE, YARD | {"capacity": 5}, DOOR), None),
        (config(GATE), config(GATE, YARD, provider="cpu"), config(GATE, provider="cpu")),
        (config(GATE, YARD, DOOR), config(YARD, GATE), config(YARD, GATE, DOOR)),
        (config(YARD, GATE), config(GATE, YARD, DOOR), config(YARD, GATE, DOOR)),
        (config(DOOR, YARD), config(GATE, YARD), config(DOOR, YARD)),
        (config(GATE, YARD, DOOR), config(GATE, YARD, DOOR), config(GATE, YARD, DOOR)),
        (config(GATE, YARD, provider="cpu"), config(GATE, YARD, provider="cuda"), None),
        (config(GATE | {"capacity": 1}, YARD), config(YARD), None),
    ],
    ids=["removed and changed", "another setting", "order", "my order", "renamed", "the same", "twice", "gone"],
)
def test_two_changes_become_one_or_are_refused(mine, theirs, expected):
    base = config(GATE, YARD)
    if expected is not None:
        assert merged(base, mine, theirs) == expected
        return
    with pytest.raises(ConfigError, match="was changed in the file meanwhile"):
        merged(base, mine, theirs)


def test_a_file_of_many_errors_names_the_first(tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_text('provider = "gpu"\ndatabase = 5\n')
    with pytest.raises(ConfigError, match=r"cameras.toml: provider is 'gpu', expected .* \(and 1 more\)"):
        load_config(path)
