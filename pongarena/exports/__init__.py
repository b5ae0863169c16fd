"""A model for other libraries: as ONNX, safetensors, TensorBoard's events, CSV, or a model card's folder."""
