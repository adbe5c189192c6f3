#!/bin/sh
# Builds the experiments with every compiler found, shows code size and vector spills of the tiles, runs them.
#   run.sh [experiment...]     CC="clang gcc" chooses compilers, BUDGET seconds per measurement, FLAGS the target
cd "$(dirname "$0")" || exit 1
out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT
flags="${FLAGS:--march=native -mprefer-vector-width=512} -O2 -ffp-contract=off -Wall"
for cc in ${CC:-clang clang-14 gcc}; do
  command -v "$cc" > /dev/null || continue
  printf '\n==== %s\n' "$("$cc" --version | head -1)"
  for e in ${*:-tiles symbolic ffn block lstm conv}; do
    "$cc" $flags "$e.c" -o "$out/$e" -lm -lpthread || exit 1
    printf '\n-- %s: vector moves to or from the stack, bytes of code, of its largest kernels\n' "$e"
    nm -S "$out/$e" > "$out/nm"
    objdump -d --no-show-raw-insn "$out/$e" | awk '
      NR == FNR { if (NF == 4) size[$4] = $2; next }
      /^[0-9a-f]+ <.*>:$/ { done(); name = substr($2, 2, length($2) - 3); spills = fma = 0 }
      /vfmadd/ { fma++ }
      /zmm.*\(%rsp[,)]|\(%rsp[,)].*zmm/ { spills++ }
      END { done() }
      function hex(s,  n, i) { for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1; return n }
      function done() { total += fma ? hex(size[name]) : 0; if (fma >= 8) printf "%6d bytes  %4d fma  %3d on stack  %s\n", hex(size[name]), fma, spills, name }
      END { printf "%6d bytes in all functions with an fma\n", total }' "$out/nm" - | sort -rn | head -${TOP:-6} | sed 's/^/   /'
    echo
    "$out/$e" "${BUDGET:-0.05}" || exit 1
  done
done
