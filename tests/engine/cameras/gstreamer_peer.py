"""GStreamer's RTSP server with one mount per codec; run by the system's Python, which has the bindings.

Arguments: the password of the user `operator` under /digest, the frames per second. Prints its port in one line. Ends
when its standard input does.
"""

import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ENCODERS = {
    "h264": (
        "x264enc",
        "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay config-interval=-1",
    ),
    "h265": (
        "x265enc",
        "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph265pay config-interval=-1",
    ),
    "mjpeg": ("jpegenc", "jpegenc ! rtpjpegpay"),
}
USER = "operator"


def pipeline(codec: str, rate: str) -> str:
    picture = (
        f"videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate={rate}/1"
    )
    return f"( {picture} ! {ENCODERS[codec][1]} name=pay0 pt={26 if codec == 'mjpeg' else 96} )"


def mount(server: GstRtspServer.RTSPServer, path: str, launch: str, may_play: dict[str, bool]) -> None:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_shared(True)
    permissions = GstRtspServer.RTSPPermissions()
    for role, plays in may_play.items():  # without access the answer is 404, without construct it is 401
        rights = f"media.factory.access=(boolean)true, media.factory.construct=(boolean){str(plays).lower()}"
        permissions.add_role_from_structure(Gst.Structure.new_from_string(f"{role}, {rights}"))
    factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)


def login(password: str) -> GstRtspServer.RTSPAuth:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.set_default_token(token("anyone"))
    auth.add_digest(USER, password, token(USER))
    return auth


def token(role: str) -> GstRtspServer.RTSPToken:
    made = GstRtspServer.RTSPToken()
    made.set_string("media.factory.role", role)
    return made


def main(password: str, rate: str) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    server.set_auth(login(password))
    offered = [codec for codec, (element, _) in ENCODERS.items() if Gst.ElementFactory.find(element)]
    for codec in offered:
        mount(server, f"/{codec}", pipeline(codec, rate), {"anyone": True, USER: True})
    mount(server, "/digest", pipeline(offered[0], rate), {"anyone": False, USER: True})
    server.attach(None)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    print(server.get_bound_port(), *offered, flush=True)  # noqa: T201
    loop.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
