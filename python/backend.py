"""Makes the wheel of this package: the hooks of PEP 517, for files that need no building."""

import base64
import hashlib
import io
import pathlib
import re
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
NAME = "tensorc"


def _metadata():
    """The fields of pyproject.toml; older Pythons have no reader for it."""
    text = (HERE / "pyproject.toml").read_text(encoding="utf-8")

    def field(name):
        return re.search(rf'^{name} = "(.*)"$', text, re.M).group(1)

    needed = re.findall(r'"(.*?)"', re.search(r"^dependencies = \[(.*)\]$", text, re.M).group(1))
    lines = ["Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {field('version')}", f"Summary: {field('description')}",
             "License: Apache-2.0", f"Requires-Python: {field('requires-python')}",
             *(f"Requires-Dist: {name}" for name in needed), "Description-Content-Type: text/markdown", ""]
    return field("version"), "\n".join(lines) + "\n" + (HERE / "README.md").read_text(encoding="utf-8")


def _sources():
    return sorted(p for p in (HERE / NAME).iterdir() if p.suffix in (".py", ".pyi") or p.name == "py.typed")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    version, metadata = _metadata()
    info = f"{NAME}-{version}.dist-info"
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in _sources()}
    files[f"{info}/METADATA"] = metadata.encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tensorc\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{len(data)}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    wheel = f"{NAME}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    version, metadata = _metadata()
    stem = f"{NAME}-{version}"
    with tarfile.open(pathlib.Path(sdist_directory) / f"{stem}.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo(f"{stem}/PKG-INFO")
        entry.size = len(metadata.encode())
        archive.addfile(entry, io.BytesIO(metadata.encode()))
        for path in [HERE / "pyproject.toml", HERE / "README.md", HERE / "backend.py", *_sources()]:
            archive.add(path, f"{stem}/{path.relative_to(HERE).as_posix()}")
    return f"{stem}.tar.gz"
