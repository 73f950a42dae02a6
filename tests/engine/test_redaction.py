"""What people see of addresses, alone and inside longer text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import SourceError
from engine.redaction import host_of, readable, redacted, redacted_address

SECRET = "s3cret"

ADDRESSES = {
    "login": (f"rtsp://admin:{SECRET}@10.0.0.1/x", "rtsp://***@10.0.0.1/x"),
    "user alone": ("rtsp://admin@10.0.0.1:554/x", "rtsp://***@10.0.0.1:554/x"),
    "two @": (f"rtsp://admin:a@{SECRET}@10.0.0.1/x", "rtsp://***@10.0.0.1/x"),
    "space": (f"rtsp://admin:a {SECRET}@cam.local/x", "rtsp://***@cam.local/x"),
    "slash": (f"rtsp://admin:a/{SECRET}@cam.local/x", "rtsp://***"),
    "number and slash": (f"rtsp://admin:1/{SECRET}@10.0.0.1/x", "rtsp://***"),
    "hash, slash and @": (f"rtsp://u:p@ss#1/{SECRET}@h/x", "rtsp://***"),
    "question mark": (f"rtsp://u:a?{SECRET}@h/x", "rtsp://***"),
    "no host": (f"rtsp://admin:{SECRET}", "rtsp://***"),
    "quote": (f"rtsp://admin:a'{SECRET}@cam.local/x", "rtsp://***@cam.local/x"),
    "one slash": (f"rtsp:/admin:{SECRET}@h/x", "rtsp:/***@h/x"),
    "no slash": (f"rtsp:admin:{SECRET}@h/x", "rtsp:***@h/x"),
    "backslashes": (f"rtsp:\\\\admin:{SECRET}@h/x", "rtsp:\\\\***@h/x"),
    "three slashes": (f"rtsp:///admin:{SECRET}@h/x", "rtsp://***"),
    "no scheme": (f"admin:{SECRET}@h", "***@h"),
    "capitals": (f"RTSP://admin:{SECRET}@h/x", "RTSP://***@h/x"),
    "IPv6": (f"rtsp://admin:{SECRET}@[fe80::1]:554/x", "rtsp://***@[fe80::1]:554/x"),
    "folded into a path": (f"/home/me/rtsp:/admin:{SECRET}@h/x", "/home/me/rtsp:/***@h/x"),
    "query": (f"http://h/v?user=me&password={SECRET}&fps=5", "http://h/v?user=***&password=***&fps=5"),
    "query with a space": (f"http://h/v?password=a {SECRET}&fps=5", "http://h/v?password=***&fps=5"),
    "query with @": (f"http://cam.local/v?token=a@{SECRET}", "http://***"),
    "query of a number with @": (f"http://10.0.0.1/v?token=a@{SECRET}", "http://10.0.0.1/v?token=***"),
    "percent": (f"http://h/v?%70wd={SECRET}", "http://h/v?%70wd=***"),
    "unknown name": (f"http://h/v?foo={SECRET}", "http://h/v?***"),
    "no name": (f"http://h/v?{SECRET}", "http://h/v?***"),
    "fragment": (f"http://h/v#{SECRET}", "http://h/v#***"),
    "recorder's path": (f"rtsp://h:554/user=admin&password={SECRET}&channel=1", "rtsp://h:554/***"),
    "recorder's path with a slash": (f"rtsp://h/live/password=a/{SECRET}", "rtsp://h/live/***"),
    "recorder's path, encoded": (f"rtsp://h/password%3D{SECRET}", "rtsp://h/***"),
    "recorder's path with ?": (f"rtsp://h/password=a?{SECRET}", "rtsp://h/***"),
    "stream key": (f"rtmp://h/live/{SECRET}", "rtmp://h/live/***"),
    "stream key, TLS": (f"rtmps://h:443/app/{SECRET}?x=1", "rtmps://h:443/app/***"),
    "SRT": (f"srt://h:9000?passphrase={SECRET}&mode=caller", "srt://h:9000?***"),
    "SRT stream": (f"srt://h:9000?streamid=#!::u=a,r={SECRET}", "srt://h:9000?***"),
    "database": (f"postgresql://u:{SECRET}@h/log?sslmode=require", "postgresql://***@h/log?sslmode=require"),
    "database, driver": (f"mysql+pymysql://h/log?password={SECRET}", "mysql+pymysql://h/log?password=***"),
} | {
    f"?{name}=": (f"http://h/v?{name}={SECRET}", f"http://h/v?{name}=***")
    for name in (
        "pw", "p", "sig", "X-Amz-Signature", "X-Amz-Security-Token", "jwt", "session", "sid", "code", "psw",
        "credential", "authorization", "access_token", "userid",
    )
}  # fmt: skip


@pytest.mark.parametrize(("address", "shown"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_shown_without_its_secret_alone_and_in_a_sentence(address, shown):
    assert redacted_address(address) == shown
    for sentence in (
        f"cannot open {address}",
        f"camera '{address}' is lost; try again",
        f"12:30 WARNING {address}: no",
    ):
        assert SECRET not in redacted(sentence)
        assert redacted(redacted(sentence)) == redacted(sentence)
    assert SECRET not in str(SourceError(f"{address} does not exist"))


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://10.0.0.1:554/Streaming/Channels/101",
        "rtsp://h/cam/realmonitor?channel=1&subtype=0",
        "https://[fe80::1]:8443/axis-cgi/mjpg/video.cgi?resolution=1280x720&fps=5",
        "rtmp://h/live",
        "srt://h:9000",
        "udp://@239.0.0.1:5000",
        "udp://:5000",
        "sqlite:////var/log/counts.db",
        "webcam:0",
        "/dev/video0",
        "street.mp4",
        "C:\\clips\\a@b.mp4",
        "./12:30@gate.mp4",
        "gate-12:30:00.mp4",
        "year=2024/month=01/a.mp4",
    ],
)
def test_an_address_or_path_without_a_secret_stays_as_it_is(text):
    assert redacted(text) == redacted_address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "expected rtsp://, rtsps://, http:// or https:// and a host; write / and @ as %2F and %40",
        "model light counts 3 of 4: n=5, p=0.3, code=7, design=9; write to me@example.org",
        "address begins with 'ftp://', expected rtsp://",
        'Traceback: File "a.py", line 3, in f: x @ y',
    ],
)
def test_a_sentence_without_a_secret_stays_as_it_is(text):
    assert redacted(text) == text


def test_what_follows_an_address_is_kept_where_its_end_is_certain():
    assert redacted(f"rtsp://u:{SECRET}@h/x fails, http://10.0.0.1/y too: me@h") == (
        "rtsp://***@h/x fails, http://10.0.0.1/y too: me@h"
    )
    assert redacted(f"first http://h/x?token={SECRET} and more\nsecond") == "first http://h/x?token=***\nsecond"
    assert (
        redacted(f"cannot connect: host=h password='a {SECRET}' port=5") == "cannot connect: host=h password=*** port=5"
    )


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("rtsp://u:p@cam.local:554/x", "cam.local"),
        ("rtsp://[fe80::1]:554/x", "fe80::1"),
        ("http://[::1/x", None),
        ("rtsp://u:p/w@h/x", None),
        ("udp://:5000", None),
        ("clip.mp4", None),
    ],
)
def test_a_host_is_told_only_where_it_is_certain(address, host):
    assert host_of(address) == host


def test_control_characters_and_halves_of_characters_are_readable():
    assert readable("caf\udce9\x1b[31m.mp4\n\u202ex 👍") == "caf\ufffd\ufffd[31m.mp4 \ufffdx 👍"
    assert str(SourceError("a\nb\x07")) == "a b\ufffd"


PASSWORDS = st.text("abcXYZ089 /#@?&;:=%'\"!.,+-_\\é", max_size=12)
PLACES = st.sampled_from([
    "rtsp://user:{}@cam.local/x", "RTSPS://user:{}@10.0.0.1:322/x", "rtsp:/user:{}@cam.local",
    "http://cam.local/v?channel=1&pwd={}", "http://u:p@cam.local/v?sig={}&fps=5", "rtsp://10.0.0.1/user=a&password={}",
    "rtmp://cam.local/app/{}", "srt://cam.local:9000?passphrase={}", "postgresql://u:{}@h/db", "mysql://h/d?password={}",
])  # fmt: skip


@given(PLACES, PASSWORDS, PASSWORDS)
@example("rtsp://user:{}@cam.local/x", "p@ss#1/", "@")
@settings(deadline=None, derandomize=True, max_examples=500)
def test_no_password_is_shown_whatever_stands_around_it(place, before, after):
    address = place.format(f"{before}HUNTER{after}")
    for text in (redacted_address(address), redacted(address), redacted(f"cannot open '{address}'")):
        assert "HUNTER" not in text
        assert redacted(text) == text


@given(PASSWORDS, PASSWORDS)
@settings(deadline=None, derandomize=True)
def test_no_password_is_shown_where_the_scheme_was_forgotten(before, after):
    password = f"{before}HUNTER{after}"
    assert "HUNTER" not in redacted_address(f"user:{password}@cam.local/x")
    if not set(password) & set(" '\""):  # in a sentence only words can be told apart
        assert "HUNTER" not in redacted(f"cannot open user:{password}@cam.local/x at once")
