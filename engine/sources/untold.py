"""Whether a recording has fields that it does not tell of, by its first pictures: the same wherever it is read from."""

from contextlib import closing, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path

from engine.errors import SourceError
from engine.picture.fields import MOST_LINES, Fields
from engine.picture.shot import EIGHT_BIT_LUMA, fields_in
from engine.sources.bounds import LIMITS
from engine.sources.file import opened_file, video_stream
from engine.sources.opening import ERRORS

LOOKED_AT = 100
"""Pictures at most; where something moves six of them decide."""


def untold_fields(path: Path) -> bool | None:
    """Returns True for a recording of fields that it does not tell of; None where each picture is to be believed.

    So it is where it cannot be opened any more: who reads it, and has opened it before, goes on.
    """
    with suppress(SourceError, OSError):
        facts = path.stat() if path.is_file() else None
        return _looked(path, facts and facts.st_size, facts and facts.st_mtime_ns)
    return None


@lru_cache(maxsize=64)
def _looked(path: Path, _size: int | None, _changed: int | None) -> bool | None:
    fields = Fields()
    with closing(opened_file(path)) as container, suppress(*ERRORS):
        stream = video_stream(container, path)
        context = stream.codec_context
        if context.height > MOST_LINES or context.pix_fmt not in (None, *EIGHT_BIT_LUMA):
            return None
        stream.thread_type = "AUTO"
        context.options = LIMITS
        for picture in islice(container.decode(stream), LOOKED_AT):
            if picture.interlaced_frame or fields.are_none:
                return None
            if fields_in(picture, fields):
                return True
    return None
