import resource
from pathlib import Path

import pytest

from app.running.ahead import SHORT, ReadAhead
from app.running.document import Document
from engine.settings.config import CameraSettings
from engine.settings.config_file import load_config
from engine.settings.problems import checked

WAIT_MS = 15_000
SECRET = "s3cret"
TEXT = f"""\
# my cameras
provider = "cpu"  # no card in here

[[cameras]]
name = "gate"  # the big one
address = "rtsp://admin:{SECRET}@10.0.0.1/x"

[[cameras]]
name = "yard"
address = "clips/yard.mp4"  # last summer
"""


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "site" / "cameras.toml"
    path.parent.mkdir()
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def document(qapp, path) -> Document:
    return Document(path)


def camera(name, folder=Path(), **values) -> CameraSettings:
    return checked(CameraSettings, {"name": name, "address": "rtsp://10.0.0.9/x", **values}, "test", folder=folder)


def names(document) -> list[str]:
    return [each.name for each in document.config.cameras]


def edited(document, camera_name, **changes) -> CameraSettings:
    return document.camera(camera_name).model_copy(update=changes)


def sentences(problems) -> str:
    return " ".join(problem.sentence for problem in problems)


def test_a_change_is_in_force_and_in_the_file_which_keeps_its_comments(document, path, qtbot):
    with qtbot.waitSignal(document.changed) as told:
        assert document.put_camera(camera("door", capacity=7)) == ()
    assert told.args == [document.config]
    assert document.config == load_config(path)
    assert names(document) == ["gate", "yard", "door"]
    document.put_camera(edited(document, "yard", name="court"), replacing="yard")
    document.move_camera("door", -5)
    document.remove_camera("gate")
    assert names(document) == ["door", "court"] == [each.name for each in load_config(path).cameras]
    assert "# my cameras" in path.read_text()
    assert "# last summer" in path.read_text()
    assert list(path.parent.iterdir()) == [path]


def test_undo_says_what_it_takes_back_and_brings_the_very_file_back(document, path):
    assert (document.undo_words, document.redo_words, document.undo()) == ("", "", ())
    document.remove_camera("gate")
    removed = path.read_text()
    document.put_camera(edited(document, "yard", name="court"), replacing="yard")
    document.put_camera(edited(document, "court", loop=True), replacing="court")
    document.put(document.config.model_copy(update={"provider": "auto"}))
    words = []
    while document.undo_words:
        words.append(document.undo_words)
        assert document.undo() == ()
    assert words == ["Change settings", "Change court", "Rename yard to court", "Remove gate"]
    assert path.read_text() == TEXT
    assert SECRET in document.camera("gate").full_address
    assert document.redo_words == "Remove gate"
    document.redo()
    assert path.read_text() == removed
    document.put_camera(camera("door"))
    assert document.redo_words == ""


@pytest.mark.parametrize("way", ["in place", "replaced", "removed first"])
def test_an_edit_by_hand_is_noticed(document, path, qtbot, way):
    with qtbot.waitSignal(document.changed, timeout=WAIT_MS):
        if way == "in place":
            path.write_text(TEXT.replace("yard", "court"))
        else:
            other = path.with_suffix(".new")
            other.write_text(TEXT.replace("yard", "court"))
            if way == "removed first":
                path.unlink()
            other.replace(path)
    assert names(document) == ["gate", "court"]
    with qtbot.waitSignal(document.changed, timeout=WAIT_MS):  # and so is the next
        path.write_text(TEXT)
    assert names(document) == ["gate", "yard"]


def test_an_edit_that_cannot_be_is_refused_with_all_that_is_wrong_and_never_written_over(document, path, qtbot):
    broken = TEXT.replace('"clips/yard.mp4"', '"ftp://yard"\nmax_fps = 0')
    with qtbot.waitSignal(document.refused, timeout=WAIT_MS) as told:
        path.write_text(broken)
    assert [problem.place for problem in told.args[0]] == [
        ("cameras", "yard", "address"),
        ("cameras", "yard", "max_fps"),
    ]
    assert names(document) == ["gate", "yard"]
    with qtbot.waitSignal(document.refused):
        assert "max_fps is 0" in sentences(document.remove_camera("gate"))
    assert path.read_text() == broken
    with qtbot.waitSignal(document.refused, timeout=WAIT_MS):
        path.write_text("a = = 1")
    with qtbot.waitSignal(document.changed, timeout=WAIT_MS):
        path.write_text(TEXT.replace("yard", "court"))
    assert document.problems == ()


def test_changes_in_the_window_and_by_hand_at_once_are_put_together(document, path):
    path.write_text(TEXT.replace('name = "yard"', 'name = "court"').replace('provider = "cpu"', 'provider = "auto"'))
    assert document.put_camera(edited(document, "gate", capacity=9), replacing="gate") == ()
    assert (names(document), document.config.provider) == (["gate", "court"], "auto")
    assert document.camera("gate").capacity == 9
    document.undo()  # takes back only what was done here
    assert (names(document), document.camera("gate").capacity) == (["gate", "court"], None)


def test_an_undo_leaves_what_was_edited_by_hand_after_it(document, path):
    document.remove_camera("yard")
    path.write_text(path.read_text().replace('name = "gate"', 'name = "gate"\ncapacity = 5'))
    assert document.undo() == ()
    assert names(document) == ["gate", "yard"]
    assert document.camera("gate").capacity == 5
    document.redo()
    assert names(document) == ["gate"]


def test_groups_follow_a_camera_that_is_renamed_or_goes(document, path):
    zone = '\n[[cameras.zones]]\nname = "in"\npolygon = [[0, 0], [1, 0], [1, 1]]\n'
    groups = '[[groups]]\nname = "all"\nmembers = ["gate", "yard/in"]\n[[groups]]\nname = "one"\nmembers = ["gate"]\n'
    path.write_text(TEXT + zone + groups)
    document.look()
    document.look()
    document.put_camera(edited(document, "yard", name="court"), replacing="yard")
    assert [group.members for group in document.config.groups] == [("gate", "court/in"), ("gate",)]
    assert document.remove_camera("gate") == ()
    assert [(group.name, group.members) for group in load_config(path).groups] == [("all", ("court/in",))]
    document.undo()
    document.undo()
    assert path.read_text() == TEXT + zone + groups


def test_two_changes_of_one_camera_are_refused(document, path):
    byhand = TEXT.replace('name = "yard"', 'name = "yard"\ncapacity = 5')
    path.write_text(byhand)
    problems = document.put_camera(edited(document, "yard", capacity=6), replacing="yard")
    assert "camera 'yard' was changed in the file meanwhile" in sentences(problems)
    assert path.read_text() == byhand


def test_names_are_there_once_and_a_camera_that_is_gone_is_not_replaced(document, path):
    assert "lists 'Gate' twice" in sentences(document.put_camera(camera("Gate")))
    assert "'none' is not there" in sentences(document.put_camera(camera("new"), replacing="none"))
    assert path.read_text() == TEXT


def test_a_password_in_an_address_is_not_written(document, path, qtbot):
    with qtbot.waitSignal(document.refused):
        problems = document.put_camera(camera("door", address=f"rtsp://me:{SECRET}2@h/x"))
    assert "door: the address holds a password" in sentences(problems)
    assert f"{SECRET}2" not in sentences(problems)
    assert path.read_text() == TEXT


def test_a_file_that_cannot_be_written_stays_and_so_does_what_is_in_force(document, path):
    path.chmod(0o400)
    assert "write-protected" in sentences(document.remove_camera("gate"))
    path.chmod(0o600)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # as on a disk that is full
    try:
        assert "cannot be written" in sentences(document.remove_camera("gate"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == TEXT
    assert names(document) == ["gate", "yard"]
    assert list(path.parent.iterdir()) == [path]
    assert document.undo_words == ""


def test_a_file_that_is_gone_is_told_and_comes_back_whole_with_the_next_change(document, path, qtbot):
    with qtbot.waitSignal(document.refused, timeout=WAIT_MS) as told:
        path.unlink()
    assert "is gone" in sentences(told.args[0])
    document.remove_camera("yard")
    assert "# the big one" in path.read_text()
    assert [each.name for each in load_config(path).cameras] == ["gate"]


def test_a_file_that_is_not_there_yet_is_made_with_its_folder(qapp, tmp_path):
    document = Document(tmp_path / "new" / "cameras.toml")
    assert names(document) == []
    assert document.put_camera(camera("gate", tmp_path / "new", address="clips/a.mp4")) == ()
    assert load_config(document.path) == document.config


def test_a_file_that_is_broken_at_the_start_is_told(qapp, path):
    path.write_text("a = = 1")
    document = Document(path)
    assert "line 1" in sentences(document.problems)
    assert "line 1" in sentences(document.put_camera(camera("gate")))
    assert path.read_text() == "a = = 1"


def test_a_long_file_is_taken_apart_before_it_is_changed_and_keeps_its_comments(qapp, path):
    zone = '[[cameras.zones]]  # by the door\nname = "z"\npolygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]\n'
    many = "".join(f'[[cameras]]\nname = "n{each}"\naddress = "{each}.mp4"\n{zone}' for each in range(40))
    path.write_text(TEXT + many)
    document = Document(path)
    for capacity in (5, 6, 7):
        assert document.put_camera(edited(document, "n7", capacity=capacity), replacing="n7") == ()
    assert document.remove_camera("n3") == ()
    assert load_config(path) == document.config
    assert document.camera("n7").capacity == 7
    assert path.read_text().count("# by the door") == 39
    for _ in range(4):
        document.undo()
    assert path.read_text() == TEXT + many
    document.close()


def test_what_was_read_ahead_is_of_one_text_and_used_once(path):
    ahead, text = ReadAhead(path), "\n".join(f"# {each}" for each in range(SHORT))
    ahead.begin(text)
    assert ahead.take("another text") is None
    ahead.begin(text)
    found = ahead.take(text)
    assert found is not None
    assert found.as_string() == text
    assert ahead.take(text) is None
    ahead.begin(f"{text}\na = = 1")
    assert ahead.take(f"{text}\na = = 1") is None
