"""What all tests stand on."""

import signal

import engine  # noqa: F401  # before any test imports a runtime, which would report its use to its maker

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would ours
