#!/usr/bin/env bash
# Builds the sample, installs the text where it is missing, trains the model and has it write; options go to the program
# (README.md lists them).
set -euo pipefail
cd "$(dirname "$0")/../.."
if [[ " $* " != *" --text "* ]] && ! command -v bible >/dev/null; then
  root=()
  [[ $(id -u) -eq 0 ]] || root=(sudo)
  "${root[@]}" apt-get install -y -q --no-install-recommends bible-kjv bible-kjv-text
fi
swift build -c release -Xswiftc -enable-testing --product gpt
"$(swift build -c release --show-bin-path)/gpt" --output .build/gpt "$@"
