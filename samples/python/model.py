"""Loads a library compiled by tensorc and calls it on numpy arrays, with the package in ../../python.

    python3 model.py LIB.so [SYMBOL=SIZE | FILE.npy]...

Inputs are read from the files, in the order of the model's inputs; those that are left over are filled with ones,
their symbolic sizes taken from the arguments, or else 2.
"""

import pathlib
import sys

import numpy

# Installed, the package is found without this line: pip install ../../python
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))
import tensorc


def make_input(value, sizes):
    shape = [size if isinstance(size, int) else sizes.get(size, 2) for size in value.shape]
    return numpy.ones(shape, value.dtype)


def main(path, *arguments):
    model = tensorc.load(path)
    sizes = {name: int(size) for name, size in (argument.split("=") for argument in arguments if "=" in argument)}
    arrays = [numpy.load(argument) for argument in arguments if "=" not in argument]
    arrays += [make_input(value, sizes) for value in model.inputs[len(arrays):]]
    for name, result in model.run(*arrays).items():
        print(f"{name}: {result.dtype}{list(result.shape)}", *result.ravel()[:8])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
