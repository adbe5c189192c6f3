#!/usr/bin/env bash
# One parallel region, uniform control: builds the stand-in library every way that is there, puts every question to it
# and prints the answers. docs/experiments.md reads them.
#
#   CLANG, GCC     compilers for libomp and libgomp (default clang, gcc)
#   BARE_CLANG     a clang without an OpenMP runtime of its own, such as Swift's (optional)
#   LIBOMP         the libomp.so.5 to run with and to link BARE_CLANG's output to (default: what CLANG finds)
#   ARCHER         libarcher.so beside that libomp, for the race detector
#   WHILE_ALONE    a command prefix that keeps other measurements away, e.g. "flock /tmp/lock"
set -euo pipefail
cd "$(dirname "$0")"
CLANG=${CLANG:-clang} GCC=${GCC:-gcc} BARE_CLANG=${BARE_CLANG:-}
LIBOMP=${LIBOMP:-$($CLANG -print-file-name=libomp.so.5)}
ARCHER=${ARCHER:-$(dirname "$LIBOMP")/libarcher.so}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export LD_LIBRARY_PATH=$(dirname "$LIBOMP")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# The threads' part of what is printed into every library.
TENSORC_TOOLS=1 swift build -q --package-path ../.. --product prelude-text
"$(swift build --package-path ../.. --show-bin-path)/prelude-text" threads > "$out/threads_prelude.h"

warn="-std=gnu11 -O2 -g -Wall -Wextra -Werror -I$out"
# The builder's directories stay out of the libraries.
library="-fPIC -shared -Wl,-z,nodelete threads_model.c -lm"
ask() { echo "  $1: $(basename "$2") $(timeout 120 ${WHILE_ALONE:-} "${driver:-$out/driver}" "$2" "${@:3}" 2>&1 || echo "EXIT $?")"; }

$GCC $warn -pthread threads.c -o "$out/driver" -ldl -lm

echo "every compiler, with and without OpenMP, and with threads compiled out"
for compiler in "$GCC" "$CLANG" $BARE_CLANG; do
    for mode in "" -fopenmp "-fopenmp -DTENSORC_THREADS_NONE" "-fopenmp -DTENSORC_FLUSH_SUBNORMALS"; do
        $compiler $warn $mode -fPIC -c threads_model.c -o "$out/object.o"
        if [ "$mode" = "-fopenmp -DTENSORC_THREADS_NONE" ]; then continue; fi
        echo "  $(basename "$compiler") ${mode:-serial}: $(nm --undefined-only "$out/object.o" | awk '{printf "%s ", $2}')"
    done
done

$GCC $warn $library -o "$out/serial.so"
$GCC $warn -fopenmp $library -o "$out/gomp.so"
$GCC $warn -fopenmp -DBARRIER_OMP $library -o "$out/gomp-barrier.so"
$CLANG $warn -fopenmp -fno-openmp-implicit-rpath $library -o "$out/omp.so"
$CLANG $warn -fopenmp -fno-openmp-implicit-rpath -DBARRIER_OMP $library -o "$out/omp-barrier.so"
$GCC $warn -fopenmp -DTENSORC_FLUSH_SUBNORMALS $library -o "$out/gomp-flush.so"
$GCC $warn -fopenmp ${library/-Wl,-z,nodelete/} -o "$out/gomp-deletable.so"
libraries="omp omp-barrier gomp gomp-barrier"
if [ -n "$BARE_CLANG" ]; then
    # Compiles OpenMP as it is; the runtime is named by path at the link.
    $BARE_CLANG $warn -fopenmp -fPIC -c threads_model.c -o "$out/bare.o"
    $BARE_CLANG -shared -Wl,-z,nodelete "$out/bare.o" "$LIBOMP" -lm -o "$out/bare-omp.so"
    libraries="$libraries bare-omp"
fi
for name in omp gomp; do
    echo "  $name.so: $(readelf -d "$out/$name.so" | awk -F'[][]' '/NEEDED|RUNPATH/ {printf "%s ", $2} /NODELETE/ {printf "NODELETE "}')"
done

echo "speed and bits; the serial library first"
ask speed "$out/serial.so" speed 2
for name in $libraries; do
    for threads in 1 2 4 8; do for repeat in 1 2 3; do ask speed "$out/$name.so" speed $threads; done; done
    ELEMENTS=65536 ask "speed of 16 times the work" "$out/$name.so" speed 2
    ELEMENTS=65536 ask "speed of 16 times the work" "$out/$name.so" speed 8
    ask "two callers" "$out/$name.so" callers 2 2
    ask nested "$out/$name.so" nested 4 2
    for threads in 1 2; do for repeat in 1 2 3; do ask first "$out/$name.so" first $threads; done; done
    for block in -1 0 10; do ask idle "$out/$name.so" idle 2 $block; done
    ask control "$out/$name.so" control 2
    ask dlclose "$out/$name.so" close 4
done
ask control "$out/gomp-flush.so" control 2
ask "dlclose without nodelete" "$out/gomp-deletable.so" close 4

echo "thread count"
ask count "$out/gomp.so" count 1
echo "  one processor: $(taskset -c 0 "$out/driver" "$out/gomp.so" count 1)"
group() { mkdir -p "$out/fs/$1"; printf '%s\n' "$3" > "$out/fs/$1/$2"; }
limit() { printf '%s\n' "$2" > "$out/membership"; ask "$1" "$out/gomp.so" count 1 "$out/membership" "$out/fs"; }
group . cpu.max "800000 100000"; group a/b cpu.max "max 100000"; group a cpu.max "350000 100000"
limit "v2, parent grants 3.5: 3" "0::/a/b"
limit "v2, path of another namespace: 8" "0::/not/here"
group cpu/x cpu.cfs_quota_us 50000; group cpu/x cpu.cfs_period_us 100000; group cpu cpu.cfs_quota_us -1
limit "v1, half a processor: 1" "$(printf '5:memory:/y\n4:cpuset:/y\n3:cpu,cpuacct:/x')"
limit "v1, no quota: 2147483647" "2:cpuacct,cpu:/"

echo "race detector: silent about the real thing, loud about a lost barrier"
# setarch -R: older detectors cannot live with the address randomisation of newer kernels.
$CLANG $warn -fsanitize=thread -pthread threads.c -o "$out/driver-race" -ldl -lm
export OMP_TOOL_LIBRARIES=$ARCHER TSAN_OPTIONS=ignore_noninstrumented_modules=1 REPEATS=3 driver="$out/race"
printf '#!/bin/sh\nexec setarch -R %s "$@"\n' "$out/driver-race" > "$out/race"; chmod +x "$out/race"
for variant in "" -DBARRIER_OMP -DLOSE_A_BARRIER; do
    $CLANG $warn -fsanitize=thread -fopenmp $variant $library -o "$out/race.so"
    ask race "$out/race.so" callers 4 2 > "$out/log"
    echo "  ${variant:-ours}: $(grep -c 'WARNING: ThreadSanitizer' "$out/log" || true) reports, $(grep -c 'caller [01] ' "$out/log") callers answered"
done
