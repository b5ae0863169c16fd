"""Exports of models: ONNX, safetensors, TensorBoard events, CSV, charts, model cards, class reports."""
