"""Where frames come from: recordings, folders of pictures, and live cameras."""

from engine.sources.base import Source
from engine.sources.folder import FolderSource
from engine.sources.recording import FileSource

__all__ = ["FileSource", "FolderSource", "Source"]
