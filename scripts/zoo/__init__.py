"""Builders for models whose packages ship weights without an ONNX graph."""
