"""Builds crowd-counting models in PyTorch and exports them as ONNX files for the engine."""
