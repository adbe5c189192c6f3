#!/usr/bin/env bash
# What --dump-dir writes after each stage is read back: compiled from the next stage on, it is the same C but for names of values.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/acceptance/common.sh

# A stage and the one that follows it. Nothing differentiates a model that is only compiled.
NEXT=(import:simplify simplify:differentiate decompose:layout layout:fuse fuse:lower lower:partition partition:plan)

for model in "${MODELS[@]}"; do
  name=$(name_of "$model")
  dump=$OUT/stages/$name
  rm -rf "$dump"
  compile() { "$TENSORC" compile --quiet "$1" -o "$2/$name.c" --target x86-64-v4 "${@:3}"; }
  compile ".models/$model/model.onnx" "$dump/whole" --dump-dir "$dump"
  for pair in "${NEXT[@]}"; do
    text=$(echo "$dump"/[0-9][0-9]-"${pair%:*}".tir)
    [[ -f $text ]] || fail "no dump of $model after ${pair%:*}"
    compile "$text" "$dump/${pair%:*}" --start-from "${pair#*:}"
    $PYTHON scripts/acceptance/same_program.py "$dump/whole/$name.c" "$dump/${pair%:*}/$name.c" ||
      fail "$model from ${pair#*:} on is another program than from the start: diff $dump/whole $dump/${pair%:*}"
  done
  printf '%-22s the same from each of %d stages\n' "$model" "${#NEXT[@]}"
done
