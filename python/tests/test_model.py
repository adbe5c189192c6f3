"""The package on libraries written by hand (Tests/RuntimeTests/Fixtures), and on those whose paths the environment gives.

    python -m unittest discover python/tests          with the package installed
"""

import concurrent.futures
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy

import tensorc

ROOT = pathlib.Path(__file__).resolve().parents[2]


def compiled(name, directory):
    library = os.path.join(directory, f"{name}.so")
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O1", "-fPIC", "-shared", "-DTENSORC_SHARED",
                    f"-I{ROOT / 'Sources/ABI/include'}", str(ROOT / f"Tests/RuntimeTests/Fixtures/{name}.c"),
                    "-o", library], check=True)
    return library


class ModelTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.affine = tensorc.load(compiled("affine", cls.place.name))
        cls.choose = tensorc.load(pathlib.Path(compiled("choose", cls.place.name)))

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def test_arrays_in_and_out(self):
        x = numpy.arange(5, dtype=numpy.float32)
        y = self.affine(x)
        self.assertEqual(y.dtype, numpy.float32)
        numpy.testing.assert_array_equal(y, 2 * x + 1)
        numpy.testing.assert_array_equal(self.affine.run(x=x, threads=1)["y"], 2 * x + 1)
        # What is not contiguous, and what is no array.
        numpy.testing.assert_array_equal(self.affine(numpy.arange(10, dtype=numpy.float32)[::2]), 4 * x + 1)
        numpy.testing.assert_array_equal(self.affine([1, 2]), [3, 5])
        self.assertEqual(self.affine(numpy.empty(0, numpy.float32)).shape, (0,))

    def test_a_model_tells_of_itself(self):
        self.assertEqual(repr(self.affine.inputs[0]), "x: f32[n]")
        self.assertEqual(self.affine.inputs[0].shape, ("n",))
        self.assertEqual([symbol.name for symbol in self.choose.symbols], ["n", "k"])
        self.assertEqual([symbol.is_computed for symbol in self.choose.symbols], [False, True])
        self.assertIsNone(self.choose.symbols[0].maximum)

    def test_sizes_that_only_a_run_knows(self):
        x = numpy.array([3, -1, 5, 0, 7, 9, -2], numpy.int32)
        numpy.testing.assert_array_equal(self.choose(x), [3, 5, 7, 9])
        self.assertEqual(self.choose(-abs(x)).shape, (0,))

    def test_threads_share_a_model(self):
        arrays = [numpy.arange(n, dtype=numpy.float32) for n in range(1, 200)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for x, y in zip(arrays, pool.map(self.affine, arrays)):
                numpy.testing.assert_array_equal(y, 2 * x + 1)

    def test_mistakes_are_told(self):
        with self.assertRaisesRegex(TypeError, r"x: f32\[n\] takes an array of float32, and float64"):
            self.affine(numpy.ones(3))
        with self.assertRaisesRegex(TypeError, "no input 'z'"):
            self.affine(z=numpy.ones(3, numpy.float32))
        with self.assertRaisesRegex(TypeError, "'x' is missing"):
            self.affine()
        with self.assertRaisesRegex(TypeError, "given twice"):
            self.affine([1.0], x=[1.0])
        with self.assertRaises(tensorc.TensorcError) as context:
            self.affine(numpy.ones((2, 2), numpy.float32))
        self.assertTrue(context.exception.id)
        with self.assertRaises(FileNotFoundError):
            tensorc.load("/nonexistent/model.so")
        with self.assertRaises(OSError):
            tensorc.load(__file__)

    def test_elements_of_four_bits(self):
        from tensorc import _elements
        for name, low, high in [("i4", -8, 8), ("u4", 0, 16)]:
            for count in (0, 1, 2, 15):
                x = numpy.resize(numpy.arange(low, high), count).astype(_elements.dtype(name))
                storage = _elements.stored(name, x)
                self.assertEqual(storage.nbytes, _elements.byte_count(name, count))
                numpy.testing.assert_array_equal(_elements.loaded(name, storage, (count,)), x)
        self.assertEqual(_elements.stored("u4", numpy.array([1, 2, 3], numpy.uint8)).tolist(), [0x21, 3])


if __name__ == "__main__":
    unittest.main()
