import pytest
from av.device import DeviceInfo

from engine.settings.address import Address, camera_address
from engine.settings.makers import MAKERS, address_of, small_beside
from engine.sources.webcam import Webcam, webcams


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("stream", ["main", "sub"])
def test_an_address_of_a_template_can_be_configured_and_holds_nothing_that_is_hidden(maker, stream):
    text = address_of(maker, "gate.local:8554", channel=12, stream=stream)
    found = camera_address(text)
    assert (found.kind, found.host, found.shown, found.holds_secret) == ("rtsp", "gate.local", text, False)
    assert address_of(maker, "h", stream="main") != address_of(maker, "h", stream="sub")


@pytest.mark.parametrize(
    ("maker", "channel", "stream", "path"),
    [
        ("hikvision", 2, "sub", "/Streaming/Channels/202"),
        ("hikvision", 17, "main", "/Streaming/Channels/1701"),
        ("dahua", 3, "main", "/cam/realmonitor?channel=3&subtype=0"),
        ("reolink", 1, "sub", "/Preview_01_sub"),
        ("axis", 1, "main", "/axis-media/media.amp?camera=1"),
        ("uniview-recorder", 4, "sub", "/unicast/c4/s1/live"),
    ],
)
def test_channel_and_stream_are_where_the_maker_wants_them(maker, channel, stream, path):
    assert address_of(maker, "[fe80::1]", channel=channel, stream=stream) == f"rtsp://[fe80::1]{path}"


@pytest.mark.parametrize("maker", MAKERS)
def test_the_small_stream_beside_a_main_one_is_found_by_its_makers_template(maker):
    main, small = (address_of(maker, "gate.local:8554", channel=12, stream=stream) for stream in ("main", "sub"))
    assert small_beside(Address.of(main)) == small
    assert small_beside(Address.of(main.replace("://", "://me:s3cret@"))) == small
    assert small_beside(Address.of(small)) is None
    assert small_beside(Address.of(main.upper().replace("RTSP", "rtsp"))) == small.replace("gate.local", "GATE.LOCAL")


@pytest.mark.parametrize("address", ["rtsp://h/else", "rtsp://h", "http://h/stream1", "clips/a.mp4", "webcam:0"])
def test_no_small_stream_is_made_up_where_no_template_fits(address):
    assert small_beside(Address.of(address)) is None


@pytest.mark.parametrize("host", ["", "a b", "rtsp://h", "u:p@h", "h:99999", "h/x"])
def test_what_is_no_host_is_refused(host):
    with pytest.raises(ValueError, match="is no host, expected such as"):
        address_of("axis", host)
    with pytest.raises(ValueError, match="expected 1 or more"):
        address_of("axis", "h", channel=0)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("rtsp://ad%2Fmin:a@b@h:8554/x", ("rtsp://h:8554/x", "ad/min", "a@b")),
        ("rtsp://me@h/x", ("rtsp://h/x", "me", None)),
        ("rtsp://h/x?a@b", ("rtsp://h/x?a@b", None, None)),
        ("clips/a@b.mp4", ("clips/a@b.mp4", None, None)),
    ],
)
def test_an_address_comes_apart_into_itself_user_and_password(text, parts):
    bare, user, password = Address.of(text).without_login()
    assert (bare.full, user, password) == parts


def device(name, description):
    return DeviceInfo(name, description, False, ["video"])


def test_webcams_are_listed_once_each_with_an_address_that_can_be_configured():
    nodes = [device("/dev/video0", "HD Pro"), device("/dev/video1", "HD Pro"), device("/dev/video2", "In: side")]
    assert webcams("linux", nodes) == [Webcam("HD Pro", "webcam:HD Pro"), Webcam("In: side", "/dev/video2")]
    assert webcams("win32", nodes[2:]) == [Webcam("In: side", "webcam:0")]
    assert [camera_address(each.address).kind for each in webcams("linux", nodes)] == ["webcam", "webcam"]
