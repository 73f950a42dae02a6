"""Access units as RTP packets: RFC 3550 around RFC 6184 (H.264) and RFC 7798 (H.265)."""

import base64
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cameras.clip import Clip, Codec, Unit, nal_type

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
PAYLOAD_BYTES = 1200  # fits an Ethernet frame with room to spare
# Both begin a little below where they run over, since a client must survive that.
FIRST_SEQUENCE = 2**16 - 100
FIRST_TIMESTAMP = 2**32 - CLOCK_HZ
_FU_A = 28  # fragmentation unit of H.264
_FU = 49  # fragmentation unit of H.265


@dataclass(slots=True)
class Packetiser:
    """Numbers the packets of one connection."""

    codec: Codec
    ssrc: int
    sequence: int = FIRST_SEQUENCE

    def packets(self, unit: Unit, *, time_s: float) -> Iterator[bytes]:
        """The packets of one access unit, which is shown `time_s` seconds after the first time stamp."""
        payloads = [part for nal in unit.nals for part in fragments(nal, self.codec)]
        for place, payload in enumerate(payloads, 1):
            yield self._header(time_s, last=place == len(payloads)) + payload

    def _header(self, time_s: float, *, last: bool) -> bytes:
        self.sequence = (self.sequence + 1) % 2**16
        return struct.pack(">BBHII", 0x80, PAYLOAD_TYPE | last << 7, self.sequence, timestamp(time_s), self.ssrc)


def timestamp(time_s: float) -> int:
    """Seconds as a 32-bit RTP time stamp, which runs over."""
    return (FIRST_TIMESTAMP + round(time_s * CLOCK_HZ)) % 2**32


def fragments(nal: bytes, codec: Codec) -> Iterator[bytes]:
    """The payloads of one NAL unit: itself where it fits, else fragmentation units."""
    if len(nal) <= PAYLOAD_BYTES:
        yield nal
        return
    kind = nal_type(nal, codec)
    if codec == "h264":
        prefix, body = bytes([nal[0] & 0xE0 | _FU_A]), nal[1:]
    else:
        prefix, body = bytes([nal[0] & 0x81 | _FU << 1, nal[1]]), nal[2:]
    for at in range(0, len(body), PAYLOAD_BYTES):
        first, last = at == 0, at + PAYLOAD_BYTES >= len(body)
        yield prefix + bytes([first << 7 | last << 6 | kind]) + body[at : at + PAYLOAD_BYTES]


def description(clip: Clip, *, rate: float) -> str:
    """What DESCRIBE answers: the session description (SDP) of one camera."""
    sets = [base64.b64encode(nal).decode() for nal in clip.parameter_sets]
    if clip.codec == "h264":
        profile = clip.parameter_sets[0][1:4].hex()
        format_ = f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(sets)}"
    else:
        format_ = ";".join(f"sprop-{name}={value}" for name, value in zip(("vps", "sps", "pps"), sets, strict=True))
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=scripted camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {clip.codec.upper()}/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {format_}",
        f"a=framerate:{rate:g}",
        "a=control:track1",
    ]
    return "".join(line + "\r\n" for line in lines)
