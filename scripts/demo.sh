#!/usr/bin/env bash
# The demo: compiles magika, a trained model that tells the type of a file, to one library, and lets a small Swift
# program (samples/magika) call it on real files.
#
#   scripts/demo.sh [FILE...]        without files: a dozen of different kinds, found here or made on the spot
set -euo pipefail
cd "$(dirname "$0")/.."

MODEL=.models/magika
OUT=.build/demo
LIBRARY=$OUT/magika.so

step() { printf '\n==> %s\n' "$*"; }

# Files that any machine has, this repository's own, and a few made now.
example_files() {
  local made=$OUT/files
  mkdir -p "$made"
  gzip -c README.md >"$made/readme.gz"
  tar -cf "$made/docs.tar" docs
  .venv/bin/python - "$made" <<'PYTHON'
import pathlib, sqlite3, struct, sys, zipfile, zlib

folder = pathlib.Path(sys.argv[1])
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + bytes((x * y + x) % 256 for x in range(3 * 64)) for y in range(64))
header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
image = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
(folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + image)
with zipfile.ZipFile(folder / "sources.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write("Package.swift")
    archive.write("LICENSE")
items = "".join(f"<tr><td>{n}</td><td>{n * n}</td></tr>\n" for n in range(30))
page = f"<!DOCTYPE html>\n<html>\n<head><title>Squares</title></head>\n<body>\n<table>\n{items}</table>\n</body>\n</html>\n"
(folder / "squares.html").write_text(page)
(folder / "squares.sqlite").unlink(missing_ok=True)
base = sqlite3.connect(folder / "squares.sqlite")
base.execute("create table squares (n integer, square integer)")
base.executemany("insert into squares values (?, ?)", ((n, n * n) for n in range(100)))
base.commit()
PYTHON
  FILES=(
    /bin/sh
    LICENSE
    README.md
    Makefile
    scripts/models.py
    scripts/demo.sh
    samples/magika/FileTypes/Detector.swift
    "$MODEL/config.json"
    "$MODEL/model.onnx"
    "$LIBRARY"
    "$made/readme.gz"
    "$made/docs.tar"
    "$made/sources.zip"
    "$made/picture.png"
    "$made/squares.html"
    "$made/squares.sqlite"
  )
  if [[ -f $OUT/magika.c ]]; then FILES+=("$OUT/magika.c"); fi
}

scripts/setup.sh demo
step "fetching the model"
.venv/bin/python scripts/models.py magika
step "building tensorc and the sample (the first time takes minutes)"
# Not optimised, which would take four times as long to build: the model's code is C, and the same. docs/building.md has the times.
swift build --disable-index-store --product tensorc
# What calls the model shows its times.
swift build -c release -Xswiftc -enable-testing --disable-index-store --product magika-demo
mkdir -p "$OUT"
step "compiling $MODEL/model.onnx to $LIBRARY"
.build/debug/tensorc compile "$MODEL/model.onnx" -o "$LIBRARY"
if [[ $# -gt 0 ]]; then FILES=("$@"); else example_files; fi
step "asking it about ${#FILES[@]} files"
.build/release/magika-demo "$MODEL" "$LIBRARY" "${FILES[@]}"
