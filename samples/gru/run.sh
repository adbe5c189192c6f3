#!/usr/bin/env bash
# Builds the sample and trains the model; options go to the program (README.md lists them).
set -euo pipefail
cd "$(dirname "$0")/../.."
swift build -c release -Xswiftc -enable-testing --product gru
"$(swift build -c release --show-bin-path)/gru" --output .build/gru "$@"
