"""Counts people in video: sources, the model, the threads between them, and the log. Knows neither Qt nor PyTorch."""

__version__ = "0.1.0"
