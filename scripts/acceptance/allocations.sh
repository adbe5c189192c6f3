#!/usr/bin/env bash
# Nothing allocates in `run`: with malloc and its kin interposed and counted, the second run of each library adds zero,
# with one thread and with two. Lazy evaluation in Swift, which does allocate, lets go of what it took.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/acceptance/common.sh
WORK=$OUT/allocations
mkdir -p "$WORK"

$PYTHON scripts/acceptance/data.py "$WORK/data"
cc -std=gnu11 -O2 -Wall -Wextra -Werror -shared -fPIC scripts/acceptance/counter.c -o "$WORK/counter.so" -ldl

# Counts what this program allocates, which is three blocks, to see that the counter counts.
printf '%s\n' '#include <stdlib.h>' 'long allocations(void);' 'int main(void) { void *volatile block;' \
  'long before = allocations();' 'block = malloc(10); block = realloc(block, 20000); free(block);' \
  'block = calloc(3, 4); free(block);' 'return allocations() - before == 3 ? 0 : 1; }' >"$WORK/probe.c"
cc -O0 -w "$WORK/probe.c" "$WORK/counter.so" "-Wl,-rpath,$PWD/$WORK" -o "$WORK/probe"
"$WORK/probe" || fail "the counter does not count"

for model in "${MODELS[@]}"; do
  name=$(name_of "$model")
  cc -std=gnu11 -O2 -Wall -Wextra -Werror -Isamples/c "-I$OUT/native" "-DMODEL=$name" "-DMODEL_HEADER=\"$name.h\"" \
    scripts/acceptance/driver.c "$OUT/native/$name.so" "-Wl,-rpath,$PWD/$OUT/native" -lm -pthread -o "$WORK/$name"
  LD_PRELOAD=$WORK/counter.so "$WORK/$name" --threads 1,2 --runs 3 "$WORK/data/$model"/test_data_set_* ||
    fail "$model allocates in its second run, or is wrong"
  printf '%-22s allocates nothing after the first run\n' "$model"
done

.build/release/lazy-loop || fail "lazy evaluation keeps memory"
