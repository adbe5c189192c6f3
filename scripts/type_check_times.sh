#!/usr/bin/env bash
# Which lines take Swift's type checker longest, those of the tests and samples above all; fails when one takes longer than the
# limit. What users write should never be what the compiler gives up on.
#
#   scripts/type_check_times.sh [LIMIT]     milliseconds, 200 by default
#
# A debug build of everything in a folder of its own, which takes minutes. Times are the processor's, so that a busy machine
# changes little.
set -euo pipefail
cd "$(dirname "$0")/.."
LIMIT=${1:-200}
LEAST=25           # milliseconds below which the compiler says nothing
scratch=.build/type-checking
log=$scratch/build.log

# What is there already is not compiled again, hence not timed.
rm -rf "$scratch"
mkdir -p "$scratch"
build() {
  swift build "$@" -Xswiftc -Xfrontend -Xswiftc "-warn-long-expression-type-checking=$LEAST" >>"$log" 2>&1 ||
    { tail -n 40 "$log" >&2; echo "type check: the tree does not build" >&2; exit 1; }
}
TENSORC_TOOLS=1 build --build-tests --scratch-path "$scratch/main"
build --package-path samples/swift-package --scratch-path "$scratch/sample"

# PATH:LINE:COLUMN: warning: expression took 31ms to type-check (limit: 25ms)
times=$(sed -nE "s#^$PWD/((Sources|Tests|samples|bench)/[^:]*:[0-9]+):[0-9]+: warning: expression took ([0-9]+)ms .*#\3 \1#p" "$log" |
  sort -rn | awk '!seen[$2]++')
[[ -n $times ]] || { echo "type check: no line takes $LEAST ms"; exit 0; }
echo "milliseconds of the type checker, line"
head -n 10 <<<"$times" | sed 's/^/  /'
over=$(awk -v limit="$LIMIT" '$1 > limit' <<<"$times")
if [[ -n $over ]]; then
  printf 'type check: over %s ms\n%s\n' "$LIMIT" "$over" >&2
  exit 1
fi
