"""Preparing finds what is wrong with data sets before a training does, and shows what is in them."""

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from trainer.checking.duplicates import fingerprint, same_pictures
from trainer.checking.prepare import Findings, check
from trainer.checking.report import print_findings
from trainer.checking.sheet import chosen, overlaid
from trainer.cli import main
from trainer.datasets import open_dataset

SHARED = Path(__file__).parents[3] / "shared" / "data"
Annotate = Callable[..., None]


def scene(seed: int, height: int = 240, width: int = 320) -> np.ndarray:
    """Draws smooth coloured clouds: noise alone has no low frequencies to be hashed."""
    noise = np.random.default_rng(seed).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def write(folder: Path, pictures: dict[str, np.ndarray], people: int = 3) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / name, quality=90)
        heads = np.random.default_rng(len(name)).uniform(0, 200, (people, 2))
        (folder / name).with_suffix(".csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in heads))
    return folder


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "scaled": lambda p: cv2.resize(p, (200, 150), interpolation=cv2.INTER_AREA),
    "compressed": lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], 1),
    "grey": lambda p: np.repeat(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2),
    "brighter": lambda p: np.clip(p * 0.7 + 60, 0, 255).astype(np.uint8),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_copy_is_found_and_others_are_not(change: Callable[[np.ndarray], np.ndarray]) -> None:
    pictures = [*(scene(seed) for seed in range(12)), change(scene(5))]
    assert [(pair.first, pair.second) for pair in same_pictures([fingerprint(p) for p in pictures])] == [(5, 12)]


def test_nothing_has_no_duplicates() -> None:
    assert same_pictures([]) == []


def test_the_table_tells_people_points_outside_and_splits(
    tmp_path: Path, annotate: Annotate, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "part_B" / "train_data"
    for number in range(1, 21):
        annotate(folder, number, np.array([[5.0, 5.0]] * number + [[-4.0, 9.0]]))
    print_findings(check([open_dataset(folder)]))
    rows = rows_of(capsys.readouterr().out)
    assert rows[0] == ["ShanghaiTech part B", "train", "18", "198", "2", "11", "20", "18", "0"]
    assert rows[1] == ["", "held-out", "2", "32", "11", "16", "21", "2", "0"]
    assert rows[2] == ["all", "", "20", "230", "2", "12", "21", "20", "0"]


def rows_of(printed: str) -> list[list[str]]:
    """Returns the cells of the table's body."""
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.splitlines() if "│" in line]


def test_a_sheet_is_drawn_for_each_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = write(tmp_path / "$_square$", {rf"$\{n}$.jpg": scene(n) for n in range(9)})
    second = write(tmp_path / "tall", {f"{n}.png": scene(50 + n, 300, 90) for n in range(3)}, people=0)
    assert main(["prepare", str(first), str(second), "--out", str(tmp_path / "out")]) == 0
    sheets = {path.name: cv2.imread(str(path)) for path in (tmp_path / "out").iterdir()}
    assert set(sheets) == {"square.png", "tall.png"}
    assert all(sheet.shape[1] > 1200 and sheet.std() > 20 for sheet in sheets.values())
    assert sheets["square.png"].shape[0] > sheets["tall.png"].shape[0]
    printed = capsys.readouterr().out
    assert all(f"written: {tmp_path / 'out' / name}" in printed for name in sheets)


def test_pictures_that_are_in_two_splits_or_sets_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = {f"{n:02}.png": scene(n) for n in range(1, 11)}
    first["10.png"] = CHANGES["scaled"](scene(3))  # held out, and the same as one that is trained on
    a = write(tmp_path / "a", first)
    b = write(tmp_path / "b", {"x.jpg": scene(7), "y.jpg": scene(70)})
    print_findings(check([open_dataset(a), open_dataset(b)]))
    printed = capsys.readouterr().out
    assert "Nearly the same picture, in pairs: 2, 1 across splits, 1 across data sets" in printed
    pairs = [row for row in rows_of(printed) if len(row) == 5]
    assert pairs[0][:4] == ["a, 03", "train", "a, 10", "held-out"]
    assert pairs[1][:4] == ["a, 07", "train", "b, x", "train"]


def test_files_that_cannot_be_read_are_named_after_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "mine", {f"{n}.jpg": scene(n) for n in range(5)})
    (folder / "1.jpg").write_bytes((folder / "1.jpg").read_bytes()[:500])
    (folder / "3.csv").unlink()
    (folder / "4.csv").write_text("x,y\n1,nan\n")
    assert main(["prepare", str(folder), "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    assert rows_of(printed.out)[0][2:] == ["3", "6", "3", "3", "3", "0", "1"]
    for said in ("1.jpg cannot be read", "4.csv holds points that are not numbers"):
        assert said in printed.out
    (error,) = printed.err.splitlines()
    assert error == "deepcount-trainer: 2 of 4 pictures cannot be used: 1.jpg, 4.jpg; repair or remove them"
    assert (tmp_path / "out" / "mine.png").is_file()


def annotated(folder: Path, points: dict[str, np.ndarray], height: int = 240, width: int = 320) -> Path:
    """Writes a picture for each name with its points."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, heads) in enumerate(points.items()):
        Image.fromarray(scene(number, height, width)).save(folder / f"{name}.png")
        (folder / f"{name}.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in heads))
    return folder


def heads(seed: int, count: int = 20, height: int = 240, width: int = 320) -> np.ndarray:
    return np.random.default_rng(seed).uniform((0, 0), (width, height), (count, 2))


def swapped(folder: Path) -> Path:
    return annotated(folder, {"a": heads(1)[:, ::-1], "b": heads(2, 60)[:, ::-1]})


def too_large(folder: Path) -> Path:
    return annotated(folder, {"a": heads(1) * 2, "b": heads(2, 60) * 2})


def relative(folder: Path) -> Path:
    return annotated(folder, {"a": heads(1) / (320, 240), "b": heads(2, 5) / (320, 240), "c": np.zeros((0, 2))})


def shrunk(folder: Path) -> Path:
    return annotated(folder, {"a": heads(1) / 5, "b": heads(2) / 5, "c": heads(3)})


def doubled(folder: Path) -> Path:
    return annotated(folder, {"a": heads(1), "b": np.repeat(heads(2, 3), 2, axis=0), "c": heads(3, 200)})


def copied(folder: Path) -> Path:
    return annotated(folder, {"a": heads(1), "b": heads(1), "c": heads(3)})


def turned(folder: Path) -> Path:
    annotated(folder, {"a": heads(1, height=320, width=240), "b": heads(2)})
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown as 240 by 320
    Image.fromarray(scene(1)).save(folder / "a.png", exif=exif)
    return folder


def black(folder: Path) -> Path:
    annotated(folder, {"a": heads(1), "b": heads(2)})
    grey = scene(1)[:, :, 0].astype(np.uint16)
    Image.fromarray(grey * 4).save(folder / "b.png")  # ten bits of sixteen
    return folder


def two_states(folder: Path) -> Path:
    annotated(folder, {"a": heads(1)})
    (folder / "a.csv").rename(folder / "a.txt")
    for name in ("new", "old"):
        (folder / f"{name}.csv").write_text("name,x,y\na,1,2\n")
    (folder / "a.txt").unlink()
    return folder


DOUBTS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "swapped": (
        swapped,
        r"of 80 points \(\d+%\) lie outside their pictures, most in b .*are x and y swapped\? then 0 w",
    ),
    "another size": (too_large, r"of 80 points .* lie outside .*; is it another picture size\?"),
    "relative": (
        relative,
        r"in 2 of 2 pictures with people all points .*, as the 20 of a; are the coordinates fractions",
    ),
    "shrunk": (
        shrunk,
        r"in 2 of 3 pictures with people all points .* corner, .*were they annotated on smaller pictures",
    ),
    "doubled": (doubled, r"3 of 226 points \(1%\) lie exactly on another, most in b \(3\)"),
    "copied": (copied, r"annotations repeat: 1 picture has exactly the points of another, as b those of a"),
    "turned": (
        turned,
        r"in 1 of 1 pictures that their camera marked .*, as in a: \d+ lie outside, and 0 if turned; save",
    ),
    "black": (black, r"1 picture is nearly black, as b; 10 or 12 bits in a file of 16\?"),
    "two states": (
        two_states,
        r"several csv files lie together: new.csv \(taken for 1 pictures\), old.csv \(taken for 0",
    ),
}


@pytest.mark.parametrize(("write_set", "message"), DOUBTS.values(), ids=DOUBTS.keys())
def test_what_looks_wrong_is_told_with_its_number_and_shown(
    tmp_path: Path, write_set: Callable[[Path], Path], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_set(tmp_path / "mine")
    assert main(["prepare", str(folder), "--out", str(tmp_path / "out")]) == 0
    warned = [line for line in capsys.readouterr().out.splitlines() if "warning: " in line]
    assert any(re.search(message, line) for line in warned), warned
    (aside,) = check([open_dataset(folder)]).asides
    assert all(suspicion.path or "lie together" in suspicion.text for suspicion in aside.suspicions)
    assert (tmp_path / "out" / "mine.png").is_file()


def test_good_data_raise_no_doubt(tmp_path: Path) -> None:
    points = {"a": heads(1), "b": heads(2, 60), "c": np.zeros((0, 2)), "d": np.array([[5.0, 5.0]]), "e": heads(3) + 3}
    (aside,) = check([open_dataset(annotated(tmp_path / "mine", points))]).asides
    assert aside.suspicions == ()
    assert aside.unused == ()


def test_warned_pictures_stand_first_on_the_sheet(tmp_path: Path) -> None:
    folders = [swapped(tmp_path / "swapped"), annotated(tmp_path / "good", {"a": heads(1), "b": heads(2, 60)})]
    assert main(["prepare", *map(str, folders), "--out", str(tmp_path)]) == 0
    bad, good = (cv2.imread(str(tmp_path / f"{name}.png")).astype(int) for name in ("swapped", "good"))
    assert bad.shape[0] > good.shape[0]
    warning = (0x5E, 0x6B, 0xFF)
    red = lambda sheet: int((np.abs(sheet - warning).max(axis=2) < 4).sum())  # noqa: E731
    assert red(bad[:300]) > 200 > 10 * red(good[:300])


def test_everything_that_is_not_used_is_listed_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = annotated(tmp_path / "mine", {"a": heads(1), "b": heads(2), "c": heads(3)})
    (folder / "c.csv").unlink()
    for number in range(12):
        (folder / f"stray{number}.csv").write_text("x,y\n1,2\n")
    assert main(["prepare", str(folder), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "mine, not used, no picture of this name" in printed
    assert "stray9.csv and 2 more" in printed
    lines = (tmp_path / "out" / "mine-unused.csv").read_text("utf-8").splitlines()
    assert lines[0] == "what,why"
    assert lines[1].startswith('c.png,"no annotation, expected a table')
    assert [line.partition(",")[0] for line in lines[2:]] == [f"stray{number}.csv" for number in range(12)]


def test_all_bad_files_and_lines_are_told_in_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = annotated(tmp_path / "mine", {name: heads(1) for name in "abcd"})
    for name in "ab":
        (folder / f"{name}.csv").write_text("x,y\n1,2\n3,many\n4,5\nsome,6\n")
    Image.fromarray(np.zeros((9, 9), np.float32)).save(folder / "e.tif")
    (folder / "e.csv").write_text("x,y\n")
    assert main(["prepare", str(folder), "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    for name in "ab":
        assert re.search(rf"{name}.csv, line 3: could not .*'many'; expected x, y in pixels, as line 5", printed.out)
    assert "e.tif holds floating-point numbers, of which nobody says what is white" in printed.out
    assert "3 of 5 pictures cannot be used: a.png, b.png, e.tif" in printed.err


def test_a_set_of_which_nothing_can_be_read_is_told_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "mine", {f"{n}.jpg": scene(n) for n in range(12)})
    for path in folder.glob("*.jpg"):
        path.write_bytes(b"")
    assert main(["prepare", str(folder), "--out", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    assert rows_of(printed.out)[0][2:] == ["11", "0", "-", "-", "-", "0", "11"]
    assert re.search(r"12 of 12 pictures cannot be used: 0.jpg, .* and 2 more; repair", printed.err)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{tmp}/none"], "data folder .*none does not exist"),
        (["{tmp}/plain"], "plain holds pictures without head points"),
        (["{tmp}/plain", "--dataset", "jhu"], "data set 'jhu' is unknown; there are: shanghaitech"),
        (["{tmp}/mine", "--fold", "2"], "fold 2 of .*mine was asked for; its layout has none"),
        (["{tmp}/mine", "--out", "{tmp}/plain/a.png"], "output folder .*a.png cannot be made"),
    ],
    ids=["no folder", "no points", "unknown layout", "no folds", "output is a file"],
)
def test_what_cannot_be_prepared_is_answered_with_one_sentence(
    tmp_path: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "mine", {"a.png": scene(1)})
    write(tmp_path / "plain", {"a.png": scene(2)})
    (tmp_path / "plain" / "a.csv").unlink()
    assert main(["prepare", *(word.format(tmp=tmp_path) for word in words)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert re.search(message, line)


@pytest.mark.parametrize(("count", "expected"), [(1, [2]), (3, [2, 0, 1]), (9, [2, 3, 0, 4, 1])], ids=str)
def test_a_sheet_shows_pictures_from_the_emptiest_to_the_fullest(count: int, expected: list[int]) -> None:
    assert chosen([20, 90, 0, 10, 30], count) == expected


@pytest.mark.parametrize("people", [0, 1, 3, 4, 500])
def test_density_glows_where_people_are(people: int) -> None:
    points = np.random.default_rng(people).uniform((10, 10), (150, 230), (people, 2)).astype(np.float32)
    found = overlaid(np.full((240, 320, 3), 128, np.uint8), points, 0.5)
    assert found.shape == (240, 320, 3)
    assert (found[:, 300:] == 64).all()  # nobody is here, the picture is only dimmed
    heads = found[points[:, 1].astype(int), points[:, 0].astype(int)].astype(int)
    assert (np.ptp(heads, axis=1) > 40).all()  # coloured, where the picture was grey


@pytest.fixture(scope="module")
def shared() -> Findings:
    folders = (SHARED / "shanghaitech" / "part_A" / "train_data", SHARED / "ucf_cc_50")
    return check([open_dataset(folder) for folder in folders])


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the repository")
def test_the_pictures_that_ucf_cc_50_shares_with_part_a_are_found(shared: Findings) -> None:
    names = [(shared.checked[p.first], shared.checked[p.second]) for p in shared.pairs]
    across = {b.path.stem for a, b in names if (a.dataset, b.dataset) == ("ShanghaiTech part A", "UCF_CC_50")}
    assert across == {"16", "25", "28", "32", "41", "46", "49"}


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the repository")
def test_the_points_outside_of_the_shared_sets_are_counted(shared: Findings) -> None:
    outside = {
        name: sum(item.moved for item in shared.checked if item.dataset == name)
        for name in ("ShanghaiTech part A", "UCF_CC_50")
    }
    assert outside == {"ShanghaiTech part A": 294, "UCF_CC_50": 5}
    assert shared.unreadable == ()


def test_a_picture_is_checked_under_its_own_name(tmp_path: Path) -> None:
    (found,) = check([open_dataset(write(tmp_path / "mine", {"a.png": scene(1)}))]).checked
    assert (found.people, found.moved, found.split, found.name) == (3, 0, "train", "mine, a")
