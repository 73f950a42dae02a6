"""From a checkpoint to the ONNX file of the engine, with its card."""
