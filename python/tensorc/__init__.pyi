import os
from typing import Any, Dict, Optional, Tuple, Union

import numpy
from numpy.typing import ArrayLike, NDArray

__version__: str

class TensorcError(RuntimeError):
    id: str
    node: str
    code: int
    needed: int

class Symbol:
    name: str
    minimum: int
    maximum: Optional[int]
    divisor: int
    is_computed: bool

class Value:
    name: str
    element_type: str
    shape: Tuple[Union[int, str], ...]
    dtype: numpy.dtype[Any]

class Model:
    name: str
    path: str
    target: str
    tool_version: str
    is_parallel: bool
    inputs: Tuple[Value, ...]
    outputs: Tuple[Value, ...]
    symbols: Tuple[Symbol, ...]
    def __call__(
        self, *arrays: ArrayLike, threads: int = ..., **named: ArrayLike
    ) -> Union[NDArray[Any], Tuple[NDArray[Any], ...]]: ...
    def run(self, *arrays: ArrayLike, threads: int = ..., **named: ArrayLike) -> Dict[str, NDArray[Any]]: ...

def load(path: Union[str, os.PathLike[str]]) -> Model: ...
