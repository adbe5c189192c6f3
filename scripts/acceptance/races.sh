#!/usr/bin/env bash
# Eight tasks at once use all that tasks may share (Tests/Races), under ThreadSanitizer: lazy tensors, compiled functions that
# are called, awaited and cancelled, layers, gradients, random numbers, loaders and training. A race that is planted in
# TensorTraining must be seen first. `make races`: the modules are built with the sanitizer into .build/tsan, which takes three
# minutes of a processor.
#
# Kernels are C without the sanitizer, each call on one thread: it would know nothing of OpenMP's threads. What tasks do to the
# kernels' memory in Swift is watched; the kernels themselves are watched by sanitizers.sh. OpenMP keeps the
# threads that it has made, which is no leak.
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() {
  printf 'races: error: %s\n' "$*" >&2
  exit 1
}

TENSORC_TOOLS=1 swift build --disable-index-store --sanitize=thread --scratch-path .build/tsan --product races >.build/races.log 2>&1 ||
  fail "the program does not build: $(grep 'error:' .build/races.log | head -n 5)"
export OMP_NUM_THREADS=1 OMP_THREAD_LIMIT=1
export TSAN_OPTIONS="halt_on_error=1:exitcode=66:report_thread_leaks=0 ${TSAN_OPTIONS:-}"
if .build/tsan/debug/races --plant swift >.build/races.log 2>&1 || ! grep -q 'race (pid' .build/races.log; then
  fail "the race that was planted is not seen: $(tail -n 5 .build/races.log)"
fi
.build/tsan/debug/races --rounds "${1:-1}" >.build/races.log 2>&1 ||
  fail "$(grep -A 30 -m 1 'WARNING: ThreadSanitizer\|error' .build/races.log || tail -n 20 .build/races.log)"
printf 'races: %s, without a race\n' "$(tail -n 1 .build/races.log)"
