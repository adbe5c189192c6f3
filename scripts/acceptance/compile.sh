#!/usr/bin/env bash
# Compiles the four models as the other scripts of this folder want them, below .build/acceptance:
#
#   native/NAME.so, .c …     for this machine
#   generic/NAME.c …         for any machine, compiled with no flags at all
#   checks/NAME.c …          for this machine, with --checks
#   checks-generic/NAME.c …  for any machine, with --checks
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/acceptance/common.sh

for model in "${MODELS[@]}"; do
  name=$(name_of "$model")
  compile() { "$TENSORC" compile --quiet ".models/$model/model.onnx" -o "$OUT/$1/$name" "${@:2}"; }
  compile native --emit so,c
  compile generic --emit c --target generic
  compile checks --emit c --checks
  compile checks-generic --emit c --checks --target generic
  printf '%-22s %9d bytes of C, %9d of library\n' "$model" "$(wc -c <"$OUT/native/$name.c")" \
    "$(wc -c <"$OUT/native/$name.so")"
done
