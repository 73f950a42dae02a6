"""How far a recording reaches, known before anything of it is counted."""

from contextlib import closing

from engine.errors import ConfigError
from engine.evidence.counting import opened
from engine.evidence.order import RecordingSubject, Work
from engine.evidence.span import Span, clock
from engine.recording.cache import Cache
from engine.recording.identity import identity_of
from engine.recording.index import index_of
from engine.sources import FileSource

LEAST_SPAN_S = 0.1


def span_within(end_s: float, from_s: float | None, to_s: float | None) -> Span:
    """Returns the span of a recording that ends at a time; raises ConfigError where nothing of it lies before that."""
    begin, end = 0.0 if from_s is None else from_s, end_s if to_s is None else min(to_s, end_s)
    if begin >= end_s:
        raise ConfigError(f"the span begins at {clock(begin)}, expected a moment before the end, {clock(end_s)}")
    if end - begin < LEAST_SPAN_S:
        raise ConfigError(f"the span ends at {clock(end)}, expected a moment after its beginning, {clock(begin)}")
    return Span(begin, end, is_wall=False)


def check_reach(subject: RecordingSubject, from_s: float | None, to_s: float | None, work: Work) -> None:
    """Looks whether a recording reaches into a span, without decoding it.

    A header that promises too little is not believed: then the packets of the file are read through.

    Raises:
        ConfigError: it does not reach into it.
        SourceError: it cannot be read.
    """
    if from_s is None and to_s is None:
        return
    with closing(opened(subject)) as source:
        frames = source.expected_frames
        length_s = source.promised_s if isinstance(source, FileSource) else None
        promised_s = length_s if frames is None else frames / source.rate
    begin_s = from_s or 0.0
    if subject.path.is_file() and (promised_s is None or begin_s + LEAST_SPAN_S > promised_s):
        work.tell("looking how long the recording is", 0.0)
        promised_s = index_of(subject.path, identity_of(subject.path), Cache(), work.is_wanted).duration_s
        work.check()
    if promised_s is not None:
        span_within(promised_s, from_s, to_s)
