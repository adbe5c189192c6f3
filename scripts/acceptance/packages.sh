#!/usr/bin/env bash
# What `tensorc compile` writes beside a library is used as its readers use it: pkg-config and CMake build the C sample, a
# Swift package calls the typed wrapper of a library that is loaded, and samples/plugin has its models compiled by
# `swift build` and linked.
#
#   SCRATCH=DIR    where the Swift packages are built; .build/samples unless given
set -euo pipefail
cd "$(dirname "$0")/../.."

TENSORC=${TENSORC:-.build/release/tensorc}
SCRATCH=${SCRATCH:-$PWD/.build/samples}
PYTHON=$PWD/.venv/bin/python
TENSORC=$(cd "$(dirname "$TENSORC")" && pwd)/$(basename "$TENSORC")
export PYTHON
ROOT=$PWD
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

fail() {
  printf 'packages: error: %s\n' "$*" >&2
  exit 1
}
took() { printf 'packages: %-34s %3d s\n' "$1" $((SECONDS - began)); began=$SECONDS; }
began=$SECONDS

"$TENSORC" compile -q samples/plugin/Sources/Models/centre.tir -o "$WORK/lib/my-centre" --emit so,a,c,swift,cmake,pc
for kind in so a c h swift pc; do [[ -f $WORK/lib/my-centre.$kind ]] || fail "there is no my-centre.$kind"; done
[[ -f $WORK/lib/my-centre-config.cmake ]] || fail "there is no my-centre-config.cmake"
# The two columns of a row of ones differ from their mean by nothing.
expected=$'centred: f32[2, 2] 0 0 0 0\nmean: f32[2, 1] 1 1'
check() {
  local found
  found=$("$@" rows=2 columns=2) || fail "$* ended with $?"
  [[ $(grep -c . <<<"$found") -ge 2 && $(tail -n 2 <<<"$found") == "$expected" ]] || fail "$* printed $found"
}

# Everything is moved first: no file holds the folder that it was made in.
mkdir "$WORK/moved"
mv "$WORK/lib" "$WORK/moved/lib"
for library in "my-centre.so" "my-centre.a"; do
  folder=$WORK/pc-${library##*.}
  mkdir "$folder"
  emit=${library##*.}
  "$TENSORC" compile -q samples/plugin/Sources/Models/centre.tir -o "$folder/first/my-centre" --emit "$emit,cmake,pc"
  mv "$folder/first" "$folder/lib"
  read -ra flags <<<"$(PKG_CONFIG_PATH=$folder/lib pkg-config --cflags my-centre)"
  read -ra libraries <<<"$(PKG_CONFIG_PATH=$folder/lib pkg-config --libs my-centre)"
  # The archive's OpenMP is that of the compiler that tensorc took.
  clang -std=gnu11 -O2 -DMODEL=my_centre '-DMODEL_HEADER="my-centre.h"' "${flags[@]}" samples/c/main.c \
    "${libraries[@]}" -o "$folder/program"
  check "$folder/program"

  cat >"$folder/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.13)
project(sample C)
find_package(my-centre CONFIG REQUIRED PATHS "$folder/lib" NO_DEFAULT_PATH)
add_executable(sample "$ROOT/samples/c/main.c")
target_compile_definitions(sample PRIVATE MODEL=my_centre "MODEL_HEADER=\\"my-centre.h\\"")
set_property(TARGET sample PROPERTY C_STANDARD 11)
target_link_libraries(sample PRIVATE my-centre::my-centre)
CMAKE
  CC=clang cmake -S "$folder" -B "$folder/build" >"$folder/log" 2>&1 || fail "cmake: $(tail -n 20 "$folder/log")"
  cmake --build "$folder/build" >"$folder/log" 2>&1 || fail "cmake --build: $(tail -n 20 "$folder/log")"
  check "$folder/build/sample"
done
took "pkg-config and CMake"

found=$(samples/python/run.sh "$WORK/moved/lib/my-centre.so" rows=2 columns=2)
expected=$'centred: float32[2, 2] 0.0 0.0 0.0 0.0\nmean: float32[2, 1] 1.0 1.0'
[[ $found == "$expected" ]] || fail "samples/python printed $found"
took "samples/python"

# Both of its libraries in one program: the one that is loaded is held to what the wrapper was written for.
"$TENSORC" compile -q samples/plugin/Sources/Models/centre.tir -o "$WORK/app/Sources/App/Centre" --emit so,swift
mv "$WORK/app/Sources/App/Centre.so" "$WORK/Centre.so"
rm "$WORK/app/Sources/App/Centre.h"
cat >"$WORK/other.tir" <<'TIR'
func @other(%x: f32[n]) -> (%y: f32[n]) {
  %r = relu %x : f32[n]
  return %r
}
TIR
"$TENSORC" compile -q "$WORK/other.tir" -o "$WORK/other.so"
cat >"$WORK/app/Package.swift" <<SWIFT
// swift-tools-version: 6.0
import PackageDescription
let package = Package(
  name: "app",
  platforms: [.macOS(.v14)],
  dependencies: [.package(name: "tensorc", path: "$ROOT")],
  targets: [.executableTarget(name: "App", dependencies: [.product(name: "TensorRuntime", package: "tensorc")])])
SWIFT
cat >"$WORK/app/Sources/App/main.swift" <<'SWIFT'
import TensorRuntime

let centre = try Centre(library: CommandLine.arguments[1])
let (centred, mean) = try await centre(x: [1, 2, 6, 4, 4, 1], rows: 2, columns: 3)
print(centred, mean)
let arrays = try await centre(x: HostArray([1, 3] as [Float], shape: [1, 2]))
print(try arrays.centred.elements(as: Float.self), arrays.mean)
// Many calls at once, each with its own answer.
func sums(of centre: Centre) async throws -> Float {
  try await withThrowingTaskGroup(of: Float.self) { group in
    for number in 0..<200 {
      group.addTask { try await centre(x: [Float](repeating: Float(number), count: 8), rows: 2, columns: 4).mean[1] }
    }
    return try await group.reduce(0, +)
  }
}
print(try await sums(of: centre))
do { _ = try await centre(x: [1, 2, 3], rows: 2, columns: 2) } catch { print(error) }
do { _ = try Centre(library: CommandLine.arguments[2]) } catch { print(error.id) }
let late = Task { () -> String in
  while !Task.isCancelled { await Task.yield() }
  do { return "\(try await centre(x: [1], rows: 1, columns: 1))" } catch is CancellationError { return "cancelled" }
}
late.cancel()
print(try await late.value)
SWIFT
export TENSORC_COMMAND=$TENSORC
swift build --quiet --package-path "$WORK/app" --scratch-path "$SCRATCH-wrapper" >"$WORK/log" 2>&1 ||
  fail "the wrapper does not build: $(tail -n 30 "$WORK/log")"
found=$("$SCRATCH-wrapper/debug/App" "$WORK/Centre.so" "$WORK/other.so")
expected="[-2.0, -1.0, 3.0, 1.0, 1.0, -2.0] [3.0, 3.0]
[-1.0, 1.0] f32[1, 1]
19900.0
error: The input x: f32[rows, columns] takes the shape [2, 2], which 3 elements do not fill. [element-count]
other-model
cancelled"
[[ $found == "$expected" ]] || fail "the program with the wrapper printed $found"
took "a Swift wrapper, loaded"

"$PYTHON" samples/plugin/make_model.py "$WORK/scores.onnx" >/dev/null
export TENSORC_PYTHON=$PYTHON
"$TENSORC" verify "$WORK/scores.onnx" --reference onnxruntime --taps >"$WORK/log" 2>&1 || fail "--reference: $(<"$WORK/log")"
for words in "output 0 'scores': ok" "  hidden  ok" "all 4 tensors agree"; do
  grep -q "^$words" "$WORK/log" || fail "verify --taps does not say $words: $(<"$WORK/log")"
done
# A Python whose onnxruntime gives every tensor but the first greater by one: what differs is told by name.
cat >"$WORK/shifted" <<SH
#!/bin/sh
"$PYTHON" "\$@" || exit
[ \$# -lt 3 ] || exec "$PYTHON" "$WORK/shift.py" "\$3"
SH
cat >"$WORK/shift.py" <<'PYTHON'
import json, numpy, pathlib, sys
place = pathlib.Path(sys.argv[1])
for number, name in enumerate(json.loads((place / "request.json").read_text())["names"]):
    if name != "sum":
        file = place / f"value_{number}.npy"
        numpy.save(file, numpy.load(file) + 1)
PYTHON
chmod +x "$WORK/shifted"
status=0
TENSORC_PYTHON=$WORK/shifted "$TENSORC" verify "$WORK/scores.onnx" --reference onnxruntime >"$WORK/log" 2>&1 || status=$?
[[ $status -eq 1 ]] || fail "verify of other tensors ended with $status: $(<"$WORK/log")"
grep -q "^the first of 4 tensors that differs is 'hidden'" "$WORK/log" || fail "verify names no tensor: $(<"$WORK/log")"
# The bits of kernels interpreted, for an ONNX model and for a text.
for model in "$WORK/scores.onnx" samples/plugin/Sources/Models/centre.tir; do
  "$TENSORC" verify "$model" --reference interpreter >"$WORK/log" 2>&1 || fail "--reference interpreter: $(<"$WORK/log")"
  grep -q 'kernels verified, printed, parsed and interpreted$' "$WORK/log" || fail "it does not say what was interpreted: $(<"$WORK/log")"
done
status=0
"$TENSORC" verify "$WORK/scores.onnx" --taps --reference interpreter >"$WORK/log" 2>&1 || status=$?
[[ $status -eq 2 ]] || fail "--taps with the interpreter ended with $status: $(<"$WORK/log")"
status=0
TENSORC_PYTHON=/nonexistent "$TENSORC" verify "$WORK/scores.onnx" --reference onnxruntime >"$WORK/log" 2>&1 || status=$?
[[ $status -eq 3 ]] && grep -q 'reference-missing' "$WORK/log" || fail "without Python it ended with $status: $(<"$WORK/log")"
took "verify --reference"

BUILD=$SCRATCH-plugin FUNCTIONS=$ROOT/.build/release/plugin-functions samples/plugin/run.sh >"$WORK/log" 2>&1 || fail "samples/plugin: $(tail -n 30 "$WORK/log")"
took "samples/plugin"
