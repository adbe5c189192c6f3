#!/usr/bin/env bash
# The C of each model compiles without a warning (-Wall -Wextra -Werror, GNU C11) on every compiler of this machine:
# with the flags that its first comment states, and for the generic target with none.
#
#   warnings.sh [COMPILER...]      other compilers than those that are found
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/acceptance/common.sh

if [[ $# -gt 0 ]]; then found=("$@"); else mapfile -t found < <(compilers); fi
[[ ${#found[@]} -gt 0 ]] || fail "there is no C compiler here"
printf '%s\n' "${found[@]/#/compiler: }"

# The flags on the line after "Compile with:", as a user would copy them.
stated_flags() { sed -n '/Compile with:/,/\\$/s/^ \*   cc \(.*\) \\$/\1/p' "$1" | head -n 1; }

# Compiles one file: COMPILER SOURCE FLAGS…
check() {
  local compiler=$1 source=$2
  shift 2
  (cd "$(dirname "$source")" && "$compiler" "$@" -Wall -Wextra -Werror -c "$(basename "$source")" -o /dev/null) ||
    fail "$compiler $* does not take $source"
  printf '%-46s %-34s %s\n' "$source" "$compiler" "${*:-no flags}"
}

for model in "${MODELS[@]}"; do
  name=$(name_of "$model")
  read -ra native < <(stated_flags "$OUT/native/$name.c")
  read -ra generic < <(stated_flags "$OUT/generic/$name.c")
  for flags in "${native[*]}" "${generic[*]}"; do
    [[ " $flags " == *" -std=gnu11 "* ]] || fail "the first comment of $name.c states no flags"
  done
  for compiler in "${found[@]}"; do
    start check "$compiler" "$OUT/native/$name.c" "${native[@]}"
    start check "$compiler" "$OUT/generic/$name.c" "${generic[@]}"
    start check "$compiler" "$OUT/generic/$name.c"
  done
done
finish
printf 'no warning in %d files from %d compilers\n' $((2 * ${#MODELS[@]})) "${#found[@]}"
