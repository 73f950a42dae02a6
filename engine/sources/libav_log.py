"""FFmpeg's own log, which is kept silent: it writes addresses with their passwords, and from any thread.

What went wrong is told by our own messages, made from FFmpeg's error codes alone.
"""

import av.logging


def silence() -> None:
    """Turns it off, whoever turned it on; to be called before an address is given to FFmpeg."""
    if av.logging.get_level() is not None:
        av.logging.set_level(None)
