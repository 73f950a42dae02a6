import logging
import stat
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

from engine.errors import ConfigError
from engine.picture.tiling import Grid
from engine.picture.zones import Zone
from engine.redaction import redacted
from engine.settings.address import Address
from engine.settings.backup import BackupSettings
from engine.settings.config import CameraSettings, Config, ZoneSettings
from engine.settings.config_file import load_config, save_config
from engine.settings.example import example_config
from engine.settings.problems import checked
from engine.settings.recordings import RecordingSettings, RecordingsSettings
from engine.settings.rules import GroupSettings, RetentionSettings, RuleSettings
from engine.settings.sinks import SinkSettings
from engine.settings.table import Settings

SECRET = "s3cret"
GATE = '[[cameras]]\nname = "gate"\n'
KINDS = (Config, CameraSettings, ZoneSettings, RuleSettings, GroupSettings, RetentionSettings, SinkSettings)
KINDS += (RecordingSettings, RecordingsSettings, BackupSettings)
UNITS = {"s": "s", "days": "d", "gigabytes": "GB"}
TRIANGLE = "[[0, 0], [1, 0], [1, 1]]"


@pytest.fixture
def written(tmp_path):
    def write(text, name="cameras.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def camera(**values):
    return checked(CameraSettings, {"name": "gate", "address": "rtsp://10.0.0.1/x", **values}, "test")


def test_the_example_can_be_loaded_and_names_every_setting(written):
    config = load_config(written(example_config()))
    assert [camera.name for camera in config.cameras] == ["gate", "webcam", "recording"]
    assert config.cameras[0].counted_zones == (Zone("north", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))),)
    for kind in KINDS:
        assert [key for key in kind.model_fields if key not in example_config()] == []


@pytest.mark.parametrize("place", ["password", "password_env"])
def test_every_setting_that_the_example_comments_out_can_be_uncommented(written, place):
    other = "# password_env =" if place == "password" else "# password ="
    lines = example_config().split("\n")
    lines = [line.removeprefix("# ") if " = " in line and not line.startswith(other) else line for line in lines]
    config = load_config(written("\n".join(lines)))
    assert [rule.name for rule in config.cameras[0].rules] == ["crowded"]
    assert [group.members for group in config.groups] == [("webcam", "gate/north")]
    assert getattr(config.cameras[0], place) == {"password": "keyring", "password_env": "GATE_PASSWORD"}[place]
    assert config.model is not None
    assert (len(config.cameras[0].include), len(config.cameras[0].privacy)) == (1, 1)
    assert config.cameras[2].loop
    assert (config.backup.at, config.backup.keep) == ("03:00", 7)
    assert (config.cameras[0].recording.keep, config.recordings.free_gigabytes) == ("always", 5.0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_tells_its_title_description_and_unit(kind: type[Settings]):
    for key, field in kind.model_fields.items():
        assert field.title, key
        assert field.description, key
        assert field.description.endswith("."), key
        assert isinstance(field.json_schema_extra, dict), key
        assert field.json_schema_extra["unit"] == (
            {"max_fps": "1/s", "capacity": "people", "most_per_minute": "1/min"}.get(
                key, UNITS.get(key.rpartition("_")[2], "")
            )
        ), key


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('address = "ftp://h/x"', "camera 'gate': address begins with 'ftp://', expected rtsp://"),
        ('address = "webcam:"', "camera 'gate': address names no webcam"),
        ('address = "webcam:123"', "camera 'gate': address names no webcam"),
        ('address = "rtsp://"', "camera 'gate': address has no valid host"),
        ('address = "rtsp://:554/x"', "camera 'gate': address has no valid host"),
        ('address = "udp://239.0.0.1"', "camera 'gate': address has no valid host and port"),
        ('address = "srt:h:9000"', "camera 'gate': address begins with 'srt:', expected 'srt://' and a host"),
        ('address = "a.mp4"\ntls_verify = false', "has tls_verify or tls_ca, which only rtsps, https and rtmps can"),
        ('address = "rtsps://h/x"\ntls_ca = "c"\ntls_verify = false', "has tls_verify = false and also tls_ca"),
        ('address = "rtsp://h:99999/x"', "camera 'gate': address has no valid host"),
        ("address = 5", "camera 'gate': address is no text"),
        ('user = "x"', "camera 'gate': has no address, expected one"),
        ('address = "a.mp4"\nmax_fps = -3', "camera 'gate': max_fps is -3, expected greater than 0"),
        ('address = "a.mp4"\nmax_fps = "7"', "camera 'gate': max_fps is '7', expected a valid number"),
        ('address = "a.mp4"\nsmoothing_s = nan', "smoothing_s is nan, expected a finite number"),
        ('address = "a.mp4"\nloop = 1', "camera 'gate': loop is 1, expected true or false"),
        ('address = "a.mp4"\ngrid = "0x3"', "grid is '0x3', expected auto, or rows x columns such as 2x3"),
        ('address = "a.mp4"\ngrid = "9x8"', "camera 'gate': grid is 9x8, expected at most 64 tiles"),
        ('address = "a.mp4"\naspect = "16/9"', "aspect is '16/9', expected auto, or width:height such as 16:9"),
        ('address = "a.mp4"\ntransport = "s"', "transport is 's', expected 'tcp' or 'udp'"),
        ('address = "a.mp4"\ndensity_interval_s = -1', "density_interval_s is -1, expected greater than or equal to 0"),
        ('address = "a.mp4"\nspeed = 3', "camera 'gate': has no setting 'speed'; there are: name, address"),
        ('address = "a.mp4"\npasswords = "x"', "put the password into an environment variable"),
        ('address = "rtsp://h/x"\npassword = "x"', "password is another text, expected 'keyring', where the password"),
        ('address = "rtsp://h/x"\npassword = "keyring"', "camera 'gate' has a password but no user, expected both"),
        ('address = "a.mp4"\nzones = 5', "camera 'gate': zones is 5, expected a list"),
        ('address = "a.mp4"\nprivacy = [[[0, 0], [1, 1]]]', "privacy polygon 1 has 2 points, expected at least 3"),
        ('address = "rtsp://h/x"\nloop = true', "camera 'gate' has loop = true, which only a file or folder can"),
        ('address = "rtsp://h/x"\npassword_env = "P"', "camera 'gate' has a password_env but no user, expected both"),
        ('address = "a.mp4"\nuser = "P"', "camera 'gate' has a user or password_env, which only a network address can"),
        (
            'address = "a"\n[[cameras]]\nname = "Gate"\naddress = "b"',
            "cameras lists 'Gate' twice, expected each name once",
        ),
        (
            'address = "a.mp4"\n[[cameras.zones]]\nname = "north"\npolygon = [[0, 0], [1, 1]]',
            "camera 'gate', zone 'north': polygon has 2 points, expected at least 3",
        ),
        (
            'address = "a.mp4"\n[[cameras]]\nname = "a\\u0007b"\naddress = "b"',
            "camera 2: name holds control characters",
        ),
        ('address = "a.mp4"\nmax_fps = 0\nread_timeout_s = 0', r"max_fps is 0, expected greater than 0 (and 1 more)"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_what_was_expected(written, text, reason):
    with pytest.raises(ConfigError) as caught:
        load_config(written(GATE + text))
    assert str(caught.value).startswith("cameras.toml: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [("a = 1\nb = = 2", "line 2, column 5"), ('a = "x', "line 1, column 7"), ("[[cameras]\n", "line 1, column 10")],
)
def test_a_syntax_error_is_named_with_line_and_column(written, text, where):
    with pytest.raises(ConfigError, match=f"cameras.toml: {where} is no TOML"):
        load_config(written(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"max_fps = {'9' * 5000}", "cameras.toml: holds a number of thousands of digits"),
        (f"include = {'[' * 3000}{']' * 3000}", "cameras.toml: holds lists or tables in one another, hundreds deep"),
        (f"max_fps = {'9' * 400}", "camera 'gate': max_fps is a huge number, expected"),
        (f"max_fps = -{'9' * 400}", "camera 'gate': max_fps is a huge number, expected"),
        ("max_fps = inf", "camera 'gate': max_fps is inf, expected a finite number"),
        (f"loop = {'9' * 400}", "camera 'gate': loop is a huge number, expected true or false"),
        (f"include = [[[0, 0], [1, 0], [1, {'9' * 400}]]]", "include polygon 1 has point 3 beyond all bounds"),
        (f"[[cameras.zones]]\nname = 'n'\npolygon = [[{'9' * 400}, 0]]", "zone 'n': polygon has point 1 beyond"),
        (f"include = {'[' * 200}{']' * 200}", "include polygon 1 has"),
    ],
    ids=["digits", "depth", "large", "small", "infinite", "no number", "corner", "zone", "less depth"],
)
def test_numbers_and_nests_beyond_measure_are_refused_in_one_sentence(written, text, reason):
    with pytest.raises(ConfigError) as caught:
        load_config(written(f'{GATE}address = "a.mp4"\n{text}'))
    assert reason in str(caught.value)


def test_a_mark_before_the_text_is_no_fault(tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_bytes(b"\xef\xbb\xbf" + f'{GATE}address = "a.mp4"\n'.encode())
    config = load_config(path)
    assert [camera.name for camera in config.cameras] == ["gate"]
    save_config(config, path)
    assert load_config(path) == config


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "cameras.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is no text in UTF-8"):
        load_config(tmp_path / "cameras.toml")


@pytest.mark.parametrize(
    "text",
    [
        f'address = "rtsp://admin:{SECRET}/x@10.0.0.1/x"',
        f'address = "rtsp://admin:1/{SECRET}@10.0.0.1/x"',
        f'address = "rtsp:/admin:{SECRET}@10.0.0.1/x"',
        f'address = "admin:{SECRET}@10.0.0.1/x"',
        f'address = "ftp://admin:{SECRET}@10.0.0.1/x"',
        f'address = "rtsp://admin:{SECRET}@10.0.0.1/x"\nuser = "{SECRET}"',
        f'address = "rtsp://10.0.0.1/x"\nuser = "a"\npassword_env = "{SECRET} "',
        f'address = "rtsp://10.0.0.1/x"\nuser = ["{SECRET}"]',
        f'address = ["rtsp://admin:{SECRET}@10.0.0.1/x"]',
        f'address = "rtsp://10.0.0.1/x"\npassword = "{SECRET}"',
        f'address = "rtsp://10.0.0.1/x"\n[[cameras]]\nname = "rtsp://admin:{SECRET}@h"\naddress = "a"',
        f"address = rtsp://admin:{SECRET}@10.0.0.1/x",
        f'["u:a {SECRET}@h"]\n["u:a {SECRET}@h"]',
        f'model = "rtsp://admin:{SECRET}@h/x"',
        f'user = "admin:a {SECRET}@h"',
        f'address = "rtsp://10.0.0.1/x"\naddress_small = "ftp://admin:{SECRET}@10.0.0.1/x"',
        f'address = "rtsp://10.0.0.1/x"\naddress_small = ["rtsp://admin:{SECRET}@10.0.0.1/x"]',
        f'address = "rtsp://10.0.0.1/x"\naddress_small = "rtsp://admin:{SECRET}@10.0.0.2/x"',
        f'address = "rtsp://10.0.0.1/x"\nuser = "a"\naddress_small = "rtsp://admin:{SECRET}@10.0.0.1/y"',
        f'address = "clips/a.mp4"\naddress_small = "rtsp://admin:{SECRET}@10.0.0.1/y"',
    ],
)
def test_no_error_shows_a_secret(written, text):
    with pytest.raises(ConfigError) as caught:
        load_config(written(GATE + text))
    assert SECRET not in f"{caught.value} {caught.value!r}"
    assert caught.value.__cause__ is None


def test_a_validation_error_of_pydantic_itself_shows_no_secret():
    with pytest.raises(ValidationError) as caught:
        CameraSettings(name="gate", address=f"ftp://admin:{SECRET}@h/x")
    assert SECRET not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"rtsp://admin:{SECRET}@10.0.0.1/x", "rtsp://***@10.0.0.1/x"),
        (f"rtsp://admin:a@{SECRET}@10.0.0.1/x", "rtsp://***@10.0.0.1/x"),
        (f"http://h/v?user=me&password={SECRET}&fps=5", "http://h/v?user=***&password=***&fps=5"),
        (f"http://h/v?access_token={SECRET}", "http://h/v?access_token=***"),
    ],
)
def test_a_secret_in_an_address_is_only_in_the_full_one(address, shown, caplog):
    found = camera(address=address)
    assert found.shown == shown == redacted(address)
    assert found.full_address == address
    found = camera(address="rtsp://10.0.0.1/main" if "10.0.0.1" in address else "http://h/main", address_small=address)
    assert (found.full_address_small, found.address_small.shown) == (address, shown)
    config = Config(cameras=(found,))
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").info("%s %r", config, config)
    everywhere = [repr(config), str(config), config.model_dump(), config.model_dump_json(), asdict(found.address_small)]
    assert SECRET not in "".join(map(str, everywhere)) + caplog.text


def test_the_password_comes_from_the_environment(monkeypatch):
    found = camera(user="ad/min", password_env="GATE_PASSWORD")
    monkeypatch.delenv("GATE_PASSWORD", raising=False)
    with pytest.raises(ConfigError, match="camera 'gate': the environment variable that password_env names is not set"):
        _ = found.full_address
    monkeypatch.setenv("GATE_PASSWORD", "p@ss/ word")
    assert found.full_address == "rtsp://ad%2Fmin:p%40ss%2F%20word@10.0.0.1/x"
    assert camera(address="rtsp://me@h/x", password_env="GATE_PASSWORD").full_address.startswith("rtsp://me:p%40ss")
    assert found.shown == "rtsp://10.0.0.1/x"


@pytest.mark.parametrize(
    ("values", "full"),
    [
        ({"address_small": "rtsp://10.0.0.1/y"}, "rtsp://10.0.0.1/y"),
        ({"address_small": "rtsp://10.0.0.1/y", "user": "me"}, "rtsp://me:@10.0.0.1/y"),
        ({"address_small": "rtsp://10.0.0.1/y", "user": "me", "password_env": "GATE"}, "rtsp://me:p%40ss@10.0.0.1/y"),
        ({"address_small": "http://10.0.0.1:81/y", "address": "rtsp://a:b@10.0.0.1/x"}, "http://a:b@10.0.0.1:81/y"),
        ({"address_small": "rtsp://c:d@10.0.0.1/y", "address": "rtsp://a:b@10.0.0.1/x"}, "rtsp://c:d@10.0.0.1/y"),
        ({"address_small": "udp://239.1.2.4:5004", "address": "udp://239.1.2.3:5004"}, "udp://239.1.2.4:5004"),
    ],
)
def test_a_small_stream_has_the_login_of_its_camera_or_its_own(monkeypatch, values, full):
    monkeypatch.setenv("GATE", "p@ss")
    assert camera(**values).full_address_small == full
    assert camera().full_address_small is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"address_small": "rtsp://10.0.0.1/x"}, "has an address_small that is its address"),
        ({"address_small": "rtsp://me:pw@10.0.0.1/x"}, "has an address_small that is its address"),
        ({"address_small": "rtsp://10.0.0.2/y"}, "has an address_small on another host than its address"),
        ({"address_small": "webcam:1"}, "has an address_small, which only a network camera can"),
        ({"address_small": "small.mp4", "address": "large.mp4"}, "has an address_small, which only a network camera"),
        ({"address_small": "rtsp:10.0.0.1"}, "address_small begins with 'rtsp:', expected"),
        ({"address_small": "rtsp://u@10.0.0.1/y", "user": "me"}, "and also credentials in its address_small"),
    ],
)
def test_an_address_that_cannot_be_of_a_small_stream_is_refused(values, reason):
    with pytest.raises(ConfigError, match=reason):
        camera(**values)


def test_relative_paths_start_from_the_folder_of_the_file(written, tmp_path):
    config = load_config(written('model = "m.onnx"\ndatabase = "db.sqlite"\n' + GATE + 'address = "clips/a.mp4"'))
    assert config.model is not None
    assert config.database is not None
    assert config.model.path == tmp_path / "m.onnx"
    assert config.database.full == str(tmp_path / "db.sqlite")
    assert config.cameras[0].full_address == str(tmp_path / "clips/a.mp4")
    assert config.cameras[0].shown == "clips/a.mp4"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("RTSP://h/x", "rtsp"),
        ("rtsps://[fe80::1]:322/x", "rtsp"),
        ("https://h/x?a@b", "http"),
        ("rtmps://h/live/x", "rtmp"),
        ("udp://@239.0.0.1:5004", "udp"),
        ("udp://:5004", "udp"),
        ("rtp://[ff15::1]:5004", "rtp"),
        ("SRT://h:9000?mode=caller", "srt"),
        ("webcam:0", "webcam"),
        ("webcam:HD Pro Webcam C920", "webcam"),
        ("/dev/video0", "webcam"),
        ("C:\\clips\\a@b.mp4", "path"),
        ("./12:30@gate.mp4", "path"),
    ],
)
def test_the_kind_of_an_address_is_seen_from_its_form(address, kind):
    assert camera(address=address).address.kind == kind


def test_grid_aspect_and_density_interval_are_as_counting_takes_them():
    assert (camera().shape, camera(aspect="16:9").shape) == (None, Fraction(16, 9))
    assert camera(grid="1x64").tiles == Grid(1, 64)
    assert (camera().tiles, camera(grid="2x3").tiles) == (None, Grid(2, 3))
    assert (camera().density_interval_s, camera(density_interval_s="never").density_interval_s) == (1.0, None)
    assert camera(density_interval_s=0).density_interval_s == 0


HAND_EDITED = f"""\
# my cameras
provider = "cpu"   # no card in here

[[cameras]]
name = "gate"  # the big one
address = "rtsp://admin:{SECRET}@10.0.0.1/x"
include = [{TRIANGLE}]  # without the trees

# the second
[[cameras]]
name = "yard"
address = "clips/yard.mp4"
density_interval_s = "never"

[[cameras.zones]]
name = "door" # narrow
polygon = {TRIANGLE}
"""


def test_saving_what_was_loaded_changes_nothing(written):
    path = written(HAND_EDITED)
    assert save_config(load_config(path), path) == ()
    assert path.read_text() == HAND_EDITED


def test_saving_keeps_comments_and_changes_what_differs(written):
    path = written(HAND_EDITED)
    config = load_config(path)
    gate, yard = config.cameras
    new = camera(name="new", zones=[{"name": "all", "polygon": [[0, 0], [1, 0], [1, 1]]}])
    changed = config.model_copy(
        update={
            "strict_provider": True,
            "cameras": (new, yard.model_copy(update={"max_fps": 2.0}), gate.model_copy(update={"enabled": False})),
        }
    )
    save_config(changed, path)
    assert load_config(path) == changed
    text = path.read_text()
    for comment in ("# my cameras", "# no card in here", "# the big one", "# without the trees", "# narrow"):
        assert comment in text
    save_config(config, path)
    assert load_config(path) == config


ABOVE = """\
provider = "cpu"

# about the gate
[[cameras]]
name = "gate"
address = "a.mp4"
# loop = true

[[cameras.zones]]
name = "door"
polygon = [[0, 0], [1, 0], [1, 1]]
# capacity = 5

# about the yard
# in two lines
[[cameras]]
name = "yard"
address = "b.mp4"

# about the end
"""


def test_a_comment_above_a_camera_goes_where_the_camera_goes(written):
    path = written(ABOVE)
    config = load_config(path)
    gate, yard = config.cameras
    save_config(config, path)
    assert path.read_text() == ABOVE
    save_config(config.model_copy(update={"cameras": (yard, gate)}), path)
    text = path.read_text()
    assert load_config(path).cameras == (yard, gate)
    assert '# about the yard\n# in two lines\n[[cameras]]\nname = "yard"' in text
    assert text.index("# loop = true") > text.index('name = "gate"')
    assert "# about the end" in text
    save_config(config.model_copy(update={"cameras": (yard,)}), path)
    assert "# about the yard\n# in two lines\n" in path.read_text()
    assert "# capacity = 5" not in path.read_text()


def test_a_removed_camera_and_an_unset_setting_go(written):
    path = written(HAND_EDITED.replace('provider = "cpu"', 'database = "a.db"\nprovider = "cpu"'))
    config = load_config(path)
    save_config(config.model_copy(update={"database": None, "cameras": config.cameras[1:]}), path)
    assert [c.name for c in load_config(path).cameras] == ["yard"]
    assert "database" not in path.read_text()
    save_config(Config(), path)
    assert load_config(path) == Config(provider="auto")


def test_a_secret_that_the_file_did_not_hold_is_not_written(written, tmp_path):
    config = load_config(written(HAND_EDITED))
    other = tmp_path / "other.toml"
    assert save_config(config, other) == ("gate",)
    assert SECRET not in other.read_text()
    assert load_config(other).cameras[0].address == Address.of("rtsp://admin@10.0.0.1/x")
    secret = {"address": f"http://h/v?a=1&token={SECRET}&b=2", "address_small": f"http://u:{SECRET}@h/w"}
    token = Config(cameras=(camera(**secret),), database=f"pg://u:{SECRET}@h/d")
    assert save_config(token, other) == ("database", "gate")
    assert SECRET not in other.read_text()


def test_a_path_still_leads_there_from_another_folder(written, tmp_path):
    config = load_config(written(HAND_EDITED))
    (tmp_path / "b").mkdir()
    save_config(config, tmp_path / "b" / "cameras.toml")
    assert load_config(tmp_path / "b" / "cameras.toml").cameras[1].address.path == tmp_path / "clips/yard.mp4"


def test_a_file_for_one_pair_of_eyes_stays_so_and_a_broken_one_is_not_replaced(written):
    path = written(HAND_EDITED)
    path.chmod(0o600)
    config = load_config(path)
    save_config(config.model_copy(update={"provider": "auto"}), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("a = = 1")
    with pytest.raises(ConfigError, match="line 1, column 5"):
        save_config(config, path)
    assert path.read_text() == "a = = 1"


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        save_config(Config(), tmp_path / "none" / "cameras.toml")
