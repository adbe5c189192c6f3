#!/usr/bin/env bash
# The models' C under sanitizers, compiled with --checks, on every data set, at 1, 2 and 4 threads and with two callers
# at once:
#
#   - AddressSanitizer and UndefinedBehaviorSanitizer on the code for this machine;
#   - ThreadSanitizer on the code for any machine, whose vectors are of a width that it watches.
#
# ThreadSanitizer learns from libarcher, a part of LLVM's OpenMP, what starting and ending a parallel region orders. The
# barriers within are C11 atomics, which it knows. clang must therefore be the compiler: SANITIZER_CC, or the first
# clang of this machine that links OpenMP.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/acceptance/common.sh
WORK=$OUT/sanitizers
mkdir -p "$WORK"

mkdir -p "$WORK/probes"
CC=${SANITIZER_CC:-$(sanitizing_clang "$WORK/probes" || true)}
[[ -n $CC ]] || fail "no clang here has OpenMP, the sanitizers and libarcher: 'scripts/prove.sh test' names what is missing"
"$CC" -fopenmp "$WORK/probes/openmp.c" -o "$WORK/probes/openmp"
archer=$(archer_of "$CC" "$WORK/probes/openmp") || fail "$(<"$WORK/probes/errors")"
printf 'compiler: %s\narcher:   %s\n' "$("$CC" --version | head -n 1)" "$archer"

$PYTHON scripts/acceptance/data.py "$WORK/data"

# More threads than processors must be possible here, and small models must use them too.
COMMON=(-std=gnu11 -g1 -fno-omit-frame-pointer -fopenmp -ffp-contract=off -fno-math-errno -DTC_PROCESSORS=4
  -DTC_SERIAL_WORK=0 -Isamples/c)

# build KIND DIRECTORY NAME FLAGS…: the program KIND-NAME.
build() {
  local kind=$1 directory=$2 name=$3
  shift 3
  (cd "$directory" && "$CC" "${COMMON[@]}" "$@" -w -c "$name.c" -o "$name-$kind.o")
  "$CC" "${COMMON[@]}" "$@" -Wall -Wextra -Werror "-DMODEL=$name" "-DMODEL_HEADER=\"$name.h\"" "-I$directory" \
    scripts/acceptance/driver.c "$directory/$name-$kind.o" -lm -o "$WORK/$kind-$name"
}

# The flags for this machine, from the C's first comment.
mapfile -t NATIVE < <(sed -n '/Compile with:/,/\\$/s/^ \*   cc \(.*\) \\$/\1/p' "$OUT/checks/magika.c" | tr ' ' '\n' |
  grep -E '^-m')

# Unoptimised, because optimising what these two add to long straight code takes clang minutes.
build_all() {
  local model name
  rm -f "$WORK"/{address,thread}-*
  for model in "${MODELS[@]}"; do
    name=$(name_of "$model")
    start build address "$OUT/checks" "$name" "${NATIVE[@]}" -O0 -fsanitize=address,undefined \
      -fno-sanitize-recover=all
    start build thread "$OUT/checks-generic" "$name" -O1 -fsanitize=thread
  done
  start build_without_barriers
  finish
}

# A test of the test: where no turn waits for the one before, a model must be caught.
build_without_barriers() {
  local directory=$OUT/checks-generic name
  name=$(name_of silero-vad-static)
  rm -f "$WORK/racy-$name"
  mkdir -p "$WORK/racy"
  cp "$directory/$name.h" "$directory/$name.weights" "$WORK/racy"
  sed -e 's/part = tc_next(&c->team, turn, thread, team)/part = -1/' -e '/^  tc_barrier(&c->team, team);$/d' \
    "$directory/$name.c" >"$WORK/racy/$name.c"
  ! cmp -s "$directory/$name.c" "$WORK/racy/$name.c" || fail "$name.c has no barrier to take out"
  build racy "$WORK/racy" "$name" -O1 -fsanitize=thread
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1
export OMP_TOOL_LIBRARIES=$archer
start=$(date +%s)
build_all
printf 'built in %d s\n' $(($(date +%s) - start))
if "$WORK/racy-silero_vad_static" --threads 4 "$WORK/data/silero-vad-static/test_data_set_0" >"$WORK/racy.log" 2>&1 ||
  ! grep -q 'data race' "$WORK/racy.log"; then
  fail "ThreadSanitizer sees no race in a model whose barriers were taken out: see $WORK/racy.log"
fi
for model in "${MODELS[@]}"; do
  name=$(name_of "$model")
  for kind in address thread; do
    [[ -x $WORK/$kind-$name ]] || fail "$kind-$name was not built"
    start=$(date +%s)
    "$WORK/$kind-$name" --threads 1,2,4 --callers 2 --runs 2 "$WORK/data/$model"/test_data_set_* ||
      fail "$model fails under the $kind sanitizer"
    printf '%-22s %-8s clean, %d s\n' "$model" "$kind" $(($(date +%s) - start))
  done
done
