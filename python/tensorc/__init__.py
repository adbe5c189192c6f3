"""Calls models that `tensorc compile` made, with NumPy arrays in and out."""

from ._model import Model, Symbol, TensorcError, Value, load

__all__ = ["Model", "Symbol", "TensorcError", "Value", "load"]
__version__ = "0.1.0"
