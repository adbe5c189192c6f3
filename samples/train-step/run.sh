#!/usr/bin/env bash
# Trains the last two layers of samples/cnn's network anew from C: STEPS steps (500) on Fashion-MNIST.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${DATA:-/usr/share/datasets/fashion-mnist} place=.build/train-step
[[ -f .build/cnn/cnn.onnx ]] || samples/cnn/run.sh
mkdir -p "$place/data"
for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
  [[ -f $data/$name-ubyte ]] && cp "$data/$name-ubyte" "$place/data" || gunzip -c "$data/$name-ubyte.gz" >"$place/data/$name-ubyte"
done
.build/release/tensorc train-step .build/cnn/cnn.onnx -o "$place/tuned.so" --loss cross-entropy --optimizer adamw \
  --trainable 'hidden.*' --trainable 'output.*'
cc -O2 -std=c11 -I "$place" samples/train-step/main.c "$place/tuned.so" -Wl,-rpath,"$PWD/$place" -o "$place/tune"
"$place/tune" "$place/data" "${1:-500}" 64 1e-3 "$place/tuned.safetensors"
