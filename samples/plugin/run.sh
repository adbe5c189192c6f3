#!/bin/sh
# usage: run.sh: makes the ONNX model, builds the package, and compares what it prints with NumPy.
#   PYTHON           a Python with numpy and onnx
#   FUNCTIONS        the program of Sources/Functions where it is there already; else it is built
#   BUILD            the build directory
#   TENSORC_COMMAND  a tensorc that is there already; without it the plugin builds one
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" "$here/make_model.py" "$work/scores.onnx" >"$work/expected"
# A model that is as it was is not compiled again.
cmp -s "$work/scores.onnx" "$here/Sources/Models/scores.onnx" || cp "$work/scores.onnx" "$here/Sources/Models/scores.onnx"
build=${BUILD:-$here/.build}
# The functions written in Swift.
if [ -n "${FUNCTIONS:-}" ]; then
  "$FUNCTIONS" "$work"
else
  swift build --quiet --package-path "$here" --scratch-path "$build" --product Functions
  "$build/debug/Functions" "$work"
fi
cmp -s "$work/surprise.tir" "$here/Sources/Models/surprise.tir" || cp "$work/surprise.tir" "$here/Sources/Models/surprise.tir"
swift build --quiet --package-path "$here" --scratch-path "$build" --product App
# The program needs neither a compiler nor a library of the model.
env -i PATH=/nonexistent "$build/debug/App" | tee "$work/found"
grep -v error: "$work/found" | diff "$work/expected" -
grep -q "input 'pixels' .* has 3 elements" "$work/found"
