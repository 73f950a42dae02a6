"""`deepcount-engine bundle`: what is in one, that nothing of it is changed unseen, and that it gives nothing away."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from constant import write_constant
from engine.cli import main
from engine.errors import ConfigError
from engine.evidence.bundle import make
from engine.evidence.from_log import private_of
from engine.evidence.order import GivenUpError, Order, RecordingSubject
from engine.evidence.verify import verify
from engine.evidence.watched import LogPlace
from engine.log.audit import rows_of
from engine.log.database import open_for_reading
from engine.picture.masks import Mask
from engine.picture.view import View
from engine.settings.config_file import load_config
from kept import SIZE, write_segment
from told import BEGAN, SECONDS, write_log

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
SECRETS = ("hunter2", "sesame", "topsecret", "swordfish")
CONFIG = """
database = "counts.db"
[[cameras]]
name = "north"
address = "rtsp://ada:hunter2@10.0.0.7/live?token=sesame"
capacity = 60
privacy = [[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]]
[[cameras.rules]]
name = "crowd"
above = 25
for_s = 3
[[sinks]]
kind = "webhook"
name = "desk"
url_env = "DESK_HOOK"
password_env = "DESK_KEY"
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log with a bright snapshot and a bright clip of its alert, and the configuration of its camera."""
    folder = tmp_path_factory.mktemp("log")
    path = write_log(folder / "counts.db", snapshot="counts.db.alerts/a.jpg", clip="counts.db.alerts/a.mp4")
    (folder / "counts.db.alerts").mkdir()
    bright = np.full((120, 160, 3), 255, np.uint8)
    cv2.imwrite(str(folder / "counts.db.alerts" / "a.jpg"), bright)
    write_bright(folder / "counts.db.alerts" / "a.mp4", 5)
    (folder / "cameras.toml").write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def bundle(log, tmp_path_factory):
    """A bundle of that camera as it is configured."""
    out = tmp_path_factory.mktemp("bundle") / "north.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK_HOOK", "https://example.org/hook?key=topsecret")
        patch.setenv("DESK_KEY", "swordfish")
        place = LogPlace(str(log), load_config(log.with_name("cameras.toml")))
        return make(Order("north", out, BEGAN, BEGAN + SECONDS, place))


@pytest.fixture
def recording(tmp_path):
    return write_bright(tmp_path / "street.mp4", 30)


@pytest.fixture
def model(tmp_path):
    return write_constant(tmp_path / "seven.onnx", people=7.0)


def write_bright(path, frames):
    """Writes white pictures, ten a second, each second from a key frame on."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10", "bf": "2"})
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        for _ in range(frames):
            picture = np.full((96, 128, 3), 255, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, target, change=lambda files: None, *, anew=False):
    """Copies a bundle after a change to its files; `anew` makes the manifest agree with what it then holds."""
    files = contents(path)
    change(files)
    if anew:
        manifest = json.loads(files.pop("manifest.json"))
        what = {member["name"]: member["what"] for member in manifest["members"]}
        manifest["members"] = [
            {"name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(), "what": what.get(name, "")}
            for name, body in files.items()
        ]
        files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return target


def halves(picture):
    """The mean brightness of the left and of the right half."""
    middle = picture.shape[1] // 2
    return float(picture[:, : middle - 4].mean()), float(picture[:, middle + 4 :].mean())


def frames_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_bundle_holds_all_that_stands_up_to_questions(bundle):
    files = contents(bundle.path)
    assert list(files) == [
        "report.pdf", "samples.csv", "snapshots/a.jpg", "clips/a.mp4", "curve.png", "alerts.json", "alerts.csv",
        "model-card.md", "audit.json", "spot-checks.csv", "manifest.json",
    ]  # fmt: skip
    assert files["report.pdf"].startswith(b"%PDF-")
    alert = json.loads(files["alerts.json"])[0]
    assert (alert["rule"]["said"], alert["snapshot"], alert["clip"]) == (
        "above 25 people for 3 s", "snapshots/a.jpg", "clips/a.mp4",
    )  # fmt: skip
    samples = list(csv.DictReader(io.StringIO(files["samples.csv"].decode())))
    assert len(samples) == 2 * (SECONDS - 60)
    manifest = json.loads(files["manifest.json"])
    assert manifest["settings"]["capacity"] == 60
    assert manifest["models"][0]["name"] == "light"
    assert manifest["log"]["name"] == "counts.db"
    assert hashlib.sha256(files["manifest.json"]).hexdigest() == bundle.sha256
    assert len(list(csv.DictReader(io.StringIO(files["spot-checks.csv"].decode())))) == 5


def test_the_audit_excerpt_tells_what_concerns_the_camera_alone(bundle):
    rows = json.loads(contents(bundle.path)["audit.json"])["rows"]
    assert [(row["number"], row.get("action")) for row in rows][-1] == (3, "acknowledge")
    assert "elsewhere: capacity" not in json.dumps(rows)
    assert [set(row) for row in rows if row["number"] == 2] == [{"number", "before", "hash"}]


def test_a_bundle_that_was_made_verifies(bundle, capsys):
    assert main(["bundle", "verify", str(bundle.path)]) == 0
    said = capsys.readouterr().out
    assert f"SHA-256 of the manifest: {bundle.sha256}" in said
    assert "whoever can make bundles could make all of it anew" in said
    assert main(["bundle", "verify", str(bundle.path), "--sha256", bundle.sha256]) == 0


def test_the_audit_log_knows_the_bundles_that_were_made(bundle, log, tmp_path, capsys):
    engine = open_for_reading(str(log))
    noted = [row for row in rows_of(engine) if row.action == "export evidence"]
    engine.dispose()
    assert [(row.subject, bundle.sha256 in row.detail) for row in noted] == [("north", True)]
    assert main(["bundle", "verify", str(bundle.path), "--database", str(log)]) == 0
    anew = rewritten(bundle.path, tmp_path / "anew.zip", anew=True)
    assert main(["bundle", "verify", str(anew), "--database", str(log)]) == 1
    assert "knows no bundle with the manifest" in capsys.readouterr().err


def _change(name, old, new):
    def change(files):
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def _forge_audit(files):
    found = json.loads(files["audit.json"])
    found["rows"][-1]["who"] = "Eve"
    files["audit.json"] = json.dumps(found).encode()


def _cut_audit(files):
    found = json.loads(files["audit.json"])
    del found["rows"][-1]
    files["audit.json"] = json.dumps(found).encode()


def _forge_alert(key, value):
    def change(files):
        alerts = json.loads(files["alerts.json"])
        alerts[0][key] = value
        files["alerts.json"] = json.dumps(alerts).encode()

    return change


CHANGES = {
    "a sample": (_change("samples.csv", b"40.0,39.0", b"20.0,19.0"), False, "samples.csv was changed"),
    "a member added": (lambda files: files.update({"more.txt": b"x"}), False, "more.txt is not in the manifest"),
    "a member taken out": (lambda files: files.pop("curve.png"), False, "curve.png is missing"),
    "two members exchanged": (
        lambda files: files.update({"report.pdf": files["curve.png"], "curve.png": files["report.pdf"]}),
        False,
        "report.pdf was changed",
    ),
    "an entry of the manifest": (_change("manifest.json", b'"bytes": ', b'"bytes": 1'), False, "was changed"),
    "a row of the audit log": (_forge_audit, True, "row 3 of the audit log was changed after it was written"),
    "the end of the audit log": (_cut_audit, True, "row 3 of the audit log is not the last one"),
    "the peak of an alert": (_forge_alert("peak", 90.0), True, "alert 1 has a peak of 90 people; samples.csv holds"),
    "a peak below the rule": (_forge_alert("peak", 3.0), True, "which does not breach its rule"),
    "when an alert was raised": (
        _forge_alert("raised_at", "2026-11-20T10:04:40+00:00"), True, "and its rule asks for 3 s",
    ),
    "whose alert it is": (_forge_alert("owner", "south"), True, "is of 'south', and the bundle of 'north'"),
    "the table of alerts": (_change("alerts.csv", b"Ada", b"Eve"), True, "alerts.json do not say the same"),
    "the second of a peak": (
        lambda files: files.update(
            {"samples.csv": b"\n".join(row for row in files["samples.csv"].split(b"\n") if b"40.0,39.0" not in row)}
        ),
        True,
        "samples.csv holds 29 to 32 at that time",
    ),
    "a proof of an alert": (lambda files: files.pop("clips/a.mp4"), True, "the clip of alert 1 is missing"),
    "all alerts": (_change("alerts.json", b'"peak"', b'"beak"'), True, "holds no alerts as this version writes them"),
    "a path": (lambda files: files.update({"../evil": b"x"}), False, "would be written outside of the folder"),
    "a member twice in capitals": (lambda files: files.update({"CURVE.png": b"x"}), False, "is there twice"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "anew", "finding"), CHANGES.values(), ids=CHANGES)
def test_a_bundle_that_was_changed_is_found(bundle, tmp_path, change, anew, finding):
    found = verify(rewritten(bundle.path, tmp_path / "changed.zip", change, anew=anew))
    assert any(finding in sentence for sentence in found.findings), found.findings


def test_a_manifest_that_was_made_anew_is_found_by_its_hash_alone(bundle, tmp_path, capsys):
    anew = rewritten(bundle.path, tmp_path / "anew.zip", _change("model-card.md", b"light", b"great"), anew=True)
    assert main(["bundle", "verify", str(anew)]) == 0
    assert main(["bundle", "verify", str(anew), "--sha256", bundle.sha256]) == 1
    assert "the bundle was made anew" in capsys.readouterr().err


def _cut(content):
    return content[: len(content) // 2]


def _flip(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (_cut, "it is no ZIP, or a damaged one"),
        (_flip, "report.pdf is damaged"),
        (lambda content: b"MZ" * 2000 + content, "bytes that belong to no member"),
        (lambda content: b"#!/bin/sh\n" + content, "before report.pdf lie 10 bytes that belong to no member"),
        (lambda content: content + b"#" * 60_000, "behind the last member lie"),
        (lambda content: content + b"#", "behind the last member lie"),
        (lambda content: b"", "it is no ZIP, or a damaged one"),
        (lambda content: b"%PDF-1.7" + b"x" * 5000, "it is no ZIP, or a damaged one"),
    ],
    ids=[
        "cut off",
        "one bit",
        "something before",
        "a script before",
        "something behind",
        "a byte behind",
        "empty",
        "another file",
    ],
)
def test_a_damaged_archive_is_told_in_a_line(bundle, tmp_path, capsys, damage, finding):
    path = tmp_path / "damaged.zip"
    path.write_bytes(damage(bundle.path.read_bytes()))
    assert main(["bundle", "verify", str(path)]) == 1
    said = capsys.readouterr().err
    assert finding in said
    assert all(line.startswith("damaged.zip: ") for line in said.splitlines())


def _between(target, name, body):
    """Writes bytes before a member, as programs that align members do."""
    target.fp.seek(target.start_dir)
    target.fp.write(b"#" * 40)
    target.start_dir += 40
    target.writestr(name, body)


def _with_attribute(attribute):
    def write(target, name, body):
        info = zipfile.ZipInfo(name)
        info.external_attr = attribute
        target.writestr(info, body)

    return write


def _with_more(target, name, body):
    info = zipfile.ZipInfo(name)
    info.extra = b"\x99\x99\x04\x00more"
    target.writestr(info, body)


@pytest.mark.parametrize(
    ("write", "finding"),
    [
        (_between, "before curve.png lie 40 bytes that belong to no member"),
        (_with_attribute(0o120777 << 16), "curve.png is marked as a link, a folder or a device"),
        (_with_attribute(0o010644 << 16), "curve.png is marked as a link, a folder or a device"),
        (_with_attribute(0x10), "curve.png is marked as a link, a folder or a device"),
        (_with_more, "curve.png has more in its header than any member has"),
    ],
    ids=["bytes between", "symbolic link", "pipe", "folder", "a further field"],
)
def test_a_member_that_is_laid_out_otherwise_is_told(bundle, tmp_path, write, finding):
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as target:
        for name, body in contents(bundle.path).items():
            if name == "curve.png":
                write(target, name, body)
            else:
                target.writestr(name, body)
    assert any(finding in sentence for sentence in verify(path).findings), verify(path).findings


def test_what_swells_is_not_unpacked(bundle, tmp_path):
    path = rewritten(bundle.path, tmp_path / "bomb.zip", lambda files: files.update({"curve.png": bytes(16 << 20)}))
    found = verify(path)
    assert any("curve.png was changed: it has more than the" in sentence for sentence in found.findings)


def test_a_manifest_without_end_is_refused(bundle, tmp_path):
    path = rewritten(bundle.path, tmp_path / "bomb.zip", lambda files: files.update({"manifest.json": bytes(33 << 20)}))
    assert verify(path).findings == ("manifest.json is missing, or cannot be read: nothing can be proved",)


@pytest.mark.parametrize(
    ("content", "finding"),
    [(b"[" * 100_000, "holds no list"), (b'{"format": 2}', "has format 2"), (b"\xff", "is no text"), (b"{", "no JSON")],
    ids=["deep", "another format", "no text", "no JSON"],
)
def test_a_hostile_manifest_is_told(bundle, tmp_path, content, finding):
    path = rewritten(bundle.path, tmp_path / "odd.zip", lambda files: files.update({"manifest.json": content}))
    assert finding in verify(path).findings[-1]


def test_no_secret_is_in_a_bundle(bundle):
    for name, body in contents(bundle.path).items():
        assert [secret for secret in SECRETS if secret.encode() in body] == [], name
    assert b"10.0.0.7" not in b"".join(contents(bundle.path).values())


def test_what_is_masked_now_is_in_no_picture(bundle, tmp_path):
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(tmp_path)
    pictures = [cv2.imread(str(tmp_path / "snapshots" / "a.jpg")), *frames_of(tmp_path / "clips" / "a.mp4")]
    assert len(pictures) > 1
    for picture in pictures:
        left, right = halves(picture)
        assert left < 8
        assert right > 240


def test_what_any_camera_of_a_group_hides_is_hidden_in_its_bundle(tmp_path):
    path = tmp_path / "cameras.toml"
    cameras = CONFIG.split("[[sinks]]")[0]
    path.write_text(
        f'{cameras}[[groups]]\nname = "hall"\nmembers = ["north"]\n[[groups.rules]]\nname = "full"\nabove = 9\n'
    )
    place = LogPlace("counts.db", load_config(path))
    assert private_of(place, "hall") == private_of(place, "north") == Mask((LEFT,))
    assert not private_of(place, "elsewhere")


def test_footage_is_one_clip_that_is_cut_to_the_span_and_masked(log, tmp_path):
    config = load_config(_with_recordings(log.with_name("cameras.toml"), tmp_path))
    folder = tmp_path / "recordings" / "north" / "2026-11-20"
    folder.mkdir(parents=True)
    write_bright(folder / "10-00-00.000Z_3.000s.mp4", 30)
    write_bright(folder / "10-00-03.000Z_3.000s.mp4", 30)
    write_bright(folder / "10-00-20.000Z_3.000s.mp4", 30)
    (folder / "10-00-30.000Z_3.000s.mp4").write_bytes(b"no film")
    place = LogPlace(str(log), config)
    made = make(Order("north", tmp_path / "north.zip", BEGAN + 1, BEGAN + 120, place))
    files = contents(made.path)
    assert [name for name in files if "footage" in name] == ["footage.mp4"]
    (tmp_path / "cut.mp4").write_bytes(files["footage.mp4"])
    frames = frames_of(tmp_path / "cut.mp4")
    assert len(frames) == 20 + 30 + 30
    assert all(halves(frame)[0] < 8 for frame in frames)
    assert any("10-00-30.000Z_3.000s.mp4 is not in the footage" in remark for remark in made.remarks)
    (what,) = [each["what"] for each in json.loads(files["manifest.json"])["members"] if each["name"] == "footage.mp4"]
    assert what.endswith(": there it stands still")


def test_footage_that_is_coded_in_two_ways_is_two_clips(log, tmp_path):
    config = load_config(_with_recordings(log.with_name("cameras.toml"), tmp_path))
    place = LogPlace(str(log), config.model_copy(update={"cameras": ()}))
    for at_s, size in ((0, SIZE), (1, SIZE), (2, (48, 80)), (3, SIZE)):
        write_segment(tmp_path / "recordings" / "north", BEGAN + at_s, 10, size=size, bframes=0)
    files = contents(make(Order("north", tmp_path / "north.zip", BEGAN, BEGAN + 120, place)).path)
    for name, number in {"footage.mp4": 20, "footage-2.mp4": 10, "footage-3.mp4": 10}.items():
        (tmp_path / name).write_bytes(files[name])
        assert len(frames_of(tmp_path / name)) == number


def _with_recordings(config, folder):
    path = folder / "cameras.toml"
    path.write_text(config.read_text().split("[[sinks]]")[0] + f'[recordings]\nfolder = "{folder}/recordings"\n')
    return path


def test_a_bundle_without_pictures_has_none(log, tmp_path):
    order = Order("north", tmp_path / "none.zip", BEGAN, BEGAN + SECONDS, LogPlace(str(log)), pictures=False)
    files = contents(make(order).path)
    assert not [name for name in files if name.startswith(("clip", "snapshot", "peak"))]
    assert b"/Subtype /Image" not in files["report.pdf"]
    assert json.loads(files["alerts.json"])[0]["snapshot"] is None
    assert verify(tmp_path / "none.zip").findings == ()


def test_a_recording_is_counted_and_bundled(recording, model, tmp_path, capsys):
    out = tmp_path / "street.zip"
    arguments = ["bundle", "make", str(recording), "--from", "1.25", "--to", "0:02", "--out", str(out)]
    assert main([*arguments, "--model", str(model), "--database", str(write_log(tmp_path / "log.db"))]) == 0
    said = capsys.readouterr().out
    assert "SHA-256 of the manifest" in said
    assert "note: the clip begins at 0:00:01, before the span (0:00:01.2)" in said
    files = contents(out)
    manifest = json.loads(files["manifest.json"])
    assert manifest["recording"]["sha256"] == hashlib.sha256(recording.read_bytes()).hexdigest()
    assert manifest["clip"] == {"name": "clip.mp4", "begins_at_s": 1.0}
    (tmp_path / "clip.mp4").write_bytes(files["clip.mp4"])
    assert len(frames_of(tmp_path / "clip.mp4")) >= 10
    frames = list(csv.DictReader(io.StringIO(files["counts.csv"].decode())))
    assert [float(row["time_s"]) for row in frames] == pytest.approx([1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9])
    assert {float(row["count"]) for row in frames} == {7.0}
    assert files["peak.jpg"][:2] == b"\xff\xd8"
    assert b"/Subtype /Image" in files["report.pdf"]
    assert verify(out).findings == ()


def test_a_masked_recording_yields_no_unmasked_picture(recording, model, tmp_path):
    subject = RecordingSubject(recording, model, view=View(private=Mask((LEFT,))))
    files = contents(make(Order(subject, tmp_path / "masked.zip")).path)
    (tmp_path / "clip.mp4").write_bytes(files["clip.mp4"])
    peak = cv2.imdecode(np.frombuffer(files["peak.jpg"], np.uint8), cv2.IMREAD_COLOR)
    pictures = [*frames_of(tmp_path / "clip.mp4"), peak]
    assert len(pictures) > 20
    for picture in pictures:
        assert halves(picture)[0] < 8
    assert halves(pictures[0])[1] > 240
    assert json.loads(files["manifest.json"])["settings"]["privacy"] == [[list(corner) for corner in LEFT]]


def test_what_is_given_up_leaves_nothing_behind(recording, model, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    steps = []
    order = Order(RecordingSubject(recording, model), folder / "street.zip")
    for last in ("counting", "copying the clip", "packing"):
        with pytest.raises(GivenUpError, match="nothing of it is left"):
            make(order, steps.append, lambda last=last: last not in [step.words for step in steps])
        assert list(folder.iterdir()) == []
        steps.clear()


def test_the_frames_of_the_span_alone_are_counted(recording, model, tmp_path):
    subject, steps = RecordingSubject(recording, model), []

    def made(name, *span):
        steps.clear()
        files = contents(make(Order(subject, tmp_path / name, *span), steps.append).path)
        frames = [step.done for step in steps if step.words == "counting"]
        return files, max(frames, default=0)

    part, first = made("part.zip", 1.0, 2.0)
    _, rest = made("whole.zip")
    again, none = made("again.zip", 1.0, 2.0)
    assert (first, rest, none) == (10, 20, 0)
    for name in ("counts.csv", "samples.csv"):
        assert part[name] == again[name]
    assert len(part["counts.csv"].splitlines()) == 11
    assert verify(tmp_path / "part.zip").findings == ()


def test_what_lies_before_the_span_is_given_up_too(recording, model, tmp_path):
    steps = []
    order = Order(RecordingSubject(recording, model), tmp_path / "street.zip", 2.5)
    with pytest.raises(GivenUpError, match="nothing of it is left"):
        make(order, steps.append, lambda: "loading the model" not in [step.words for step in steps])
    assert "counting" not in [step.words for step in steps]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_span_behind_the_end_is_refused_before_anything_is_counted(model, tmp_path, suffix):
    steps = []
    subject = RecordingSubject(write_bright(tmp_path / f"street{suffix}", 30), model)
    with pytest.raises(ConfigError, match="expected a moment before the end, 0:00:03"):
        make(Order(subject, tmp_path / "street.zip", 100.0, 200.0), steps.append)
    assert {step.words for step in steps} == {"looking how long the recording is"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["{clip}", "--from", "99"], "the span begins at 0:01:39, expected a moment before the end, 0:00:03"),
        (["{clip}", "--from", "2", "--to", "1"], "--to lies before --from"),
        (["{clip}", "--from", "2", "--to", "2"], "--from and --to are equal"),
        (["{clip}", "--from", "1:99"], "'1:99' is no time of a recording"),
        (["{clip}", "--out", "street.tar"], "does not end in .zip"),
        (["nobody", "--from", "2026-11-20"], "holds no camera 'nobody', expected one of: north"),
        (["nobody"], "it is taken for a camera: give --from TIME"),
        (["north", "--from", "2026-11-22", "--to", "2026-11-23"], "nothing was counted of 'north'"),
    ],
    ids=["behind the end", "backwards", "equal", "no time", "no zip", "unknown", "no span", "nothing counted"],
)
def test_what_cannot_be_bundled_is_said_in_a_sentence(recording, model, log, tmp_path, capsys, arguments, problem):
    folder = tmp_path / "out"
    folder.mkdir()
    given = [each.replace("{clip}", str(recording)) for each in arguments]
    given += [] if "--out" in given else ["--out", str(folder / "b.zip")]
    try:
        status = main(["bundle", "make", *given, "--model", str(model), "--database", str(log)])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert problem in capsys.readouterr().err
    assert list(folder.iterdir()) == []
    assert not Path("street.tar").exists()
