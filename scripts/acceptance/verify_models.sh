#!/usr/bin/env bash
# `tensorc verify` on every data set of the four models, with symbols left symbolic and with --static.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/acceptance/common.sh

checked=0
for model in "${MODELS[@]}"; do
  for data in .models/"$model"/test_data_set_*; do
    for way in "" --static; do
      "$TENSORC" verify --quiet .models/"$model"/model.onnx --data "$data" ${way:+"$way"} ||
        fail "$model disagrees with onnxruntime on $data ${way:-, symbols left symbolic}"
      printf '%-22s %-18s %s\n' "$model" "$(basename "$data")" "${way:-symbolic}"
      checked=$((checked + 1))
    done
  done
done
[[ $checked -ge 16 ]] || fail "only $checked comparisons were made; 16 are expected"
printf '%d comparisons, all within tolerance\n' "$checked"
