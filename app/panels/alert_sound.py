"""The sound of an alert: two short tones; where nothing here can play them, the system's own bell."""

from typing import Any

import numpy as np
from PyQt6.QtCore import QBuffer, QIODevice
from PyQt6.QtWidgets import QApplication

RATE = 44_100
TONE_S, FADE_S = 0.18, 0.02
TONES = {"info": (660.0,), "warning": (660.0, 880.0), "critical": (880.0, 660.0, 880.0, 660.0)}
"""Hertz, one after the other."""
LOUDNESS = 0.4  # of the loudest


class AlertSound:
    """Plays one sound at a time."""

    def __init__(self) -> None:
        self.is_muted = False
        self.played = 0
        """How often a sound was to be heard."""
        self._sink: Any = None
        self._buffer: QBuffer | None = None

    def play(self, severity: str) -> None:
        """Makes the sound of a severity; does not wait for its end."""
        if self.is_muted:
            return
        self.played += 1
        if not self._play(samples(TONES.get(severity, TONES["warning"]))):
            QApplication.beep()

    def stop(self) -> None:
        """Is quiet."""
        if self._sink is not None:
            self._sink.stop()
        self._sink = self._buffer = None

    def _play(self, sound: bytes) -> bool:
        """Says whether something here can play it."""
        try:
            from PyQt6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices
        except ImportError:  # a library of the system is missing
            return False
        device, form = QMediaDevices.defaultAudioOutput(), QAudioFormat()
        form.setSampleRate(RATE)
        form.setChannelCount(1)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        if device.isNull() or not device.isFormatSupported(form):
            return False
        self.stop()
        self._sink, self._buffer = QAudioSink(device, form), QBuffer()
        self._buffer.setData(sound)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._sink.start(self._buffer)
        return True


def samples(tones: tuple[float, ...]) -> bytes:
    """Returns tones that swell and fade, one channel of 16 bit."""
    moments = np.arange(int(TONE_S * RATE)) / RATE
    swell = np.clip(np.minimum(moments, TONE_S - moments) / FADE_S, 0, 1)
    waves = [np.sin(2 * np.pi * tone * moments) * swell for tone in tones]
    whole: bytes = (np.concatenate(waves) * LOUDNESS * np.iinfo(np.int16).max).astype("<i2").tobytes()
    return whole
