"""Cameras that misbehave on command, for tests on real sockets."""

from cameras.client import Client
from cameras.clip import Clip, number_of
from cameras.gstreamer import GStreamerCamera
from cameras.rtsp import ScriptedCamera
from cameras.web import WebCamera

__all__ = ["Client", "Clip", "GStreamerCamera", "ScriptedCamera", "WebCamera", "number_of"]
