#!/bin/sh
# Times rows, reductions and movements in ours and in the peers, one after the other. Needs Python with onnx and
# onnxruntime; PYTHON names it.
set -e
cd "$(dirname "$0")/../.."
TENSORC_TOOLS=1 swift build --product row-bench
echo "case	tensorc ms"
.build/debug/row-bench "$@"
echo "case	onnxruntime ms	numpy ms"
"${PYTHON:-python3}" bench/rows/peers.py
