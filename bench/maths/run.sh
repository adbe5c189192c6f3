#!/bin/sh
# Measures the prelude's error over every STRIDE-th f32 (default 1: all), then its speed, for each width this machine has.
#   run.sh [STRIDE] [WIDTH...]       widths: 16 32 64; CC names the compiler; JOBS functions are tried at once
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
stride=${1:-1}
[ $# -gt 0 ] && shift
: "${CC:=clang}" "${JOBS:=2}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$root" && TENSORC_TOOLS=1 swift build -q --product prelude-text)
printer=$(cd "$root" && swift build --show-bin-path)/prelude-text

for width in "${@:-16 32 64}"; do
  for w in $width; do
    case $w in
      16) flags= ;;
      32) flags=-march=x86-64-v3; grep -qw avx2 /proc/cpuinfo || continue ;;
      64) flags="-march=x86-64-v4 -mprefer-vector-width=512"; grep -qw avx512dq /proc/cpuinfo || continue ;;
    esac
    "$printer" "$w" > "$work/prelude$w.h"
    for program in ulp checks; do
      # shellcheck disable=SC2086
      "$CC" -std=gnu11 -Wall -Wextra -Werror -O2 -ffp-contract=off $flags -include "$work/prelude$w.h" \
        "$here/$program.c" -o "$work/$program$w" -lm
    done
    echo "== $w-byte vectors"
    "$work/checks$w"
    "$work/ulp$w" -n | xargs -P "$JOBS" -n 1 "$work/ulp$w" -s "$stride"
    "$work/ulp$w" -t
  done
done
