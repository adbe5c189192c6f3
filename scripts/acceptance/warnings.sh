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

# The interest is in what the front end says; -O1 and -O2 find the same unused and uninitialised variables.
check() {
  local compiler=$1 source=$2 flags
  shift 2
  flags=("$@" -Wall -Wextra -Werror)
  (cd "$(dirname "$source")" && "$compiler" "${flags[@]}" -c "$(basename "$source")" -o /dev/null) ||
    fail "$compiler ${flags[*]} does not take $source"
}

for model in "${MODELS[@]}"; do
  name=$(name_of "$model")
  read -ra stated < <(stated_flags "$OUT/native/$name.c")
  [[ " ${stated[*]} " == *" -std=gnu11 "* ]] || fail "the first comment of $OUT/native/$name.c states no flags: ${stated[*]}"
  for compiler in "${found[@]}"; do
    check "$compiler" "$OUT/native/$name.c" "${stated[@]}"
    check "$compiler" "$OUT/generic/$name.c"
    check "$compiler" "$OUT/generic/$name.c" "${stated[@]}"
    printf '%-22s %s: no warning\n' "$model" "$("$compiler" --version | head -n 1)"
  done
done
