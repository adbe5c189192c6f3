#!/usr/bin/env bash
# A compiled library needs libc, libm and one OpenMP runtime; what it takes from them is written in symbols.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/acceptance/common.sh
ALLOWED=scripts/acceptance/symbols.txt

command -v readelf >/dev/null || fail "no readelf: install binutils"
for model in "${MODELS[@]}"; do
  library=$OUT/native/$(name_of "$model").so
  [[ -f $library ]] || fail "no $library: run scripts/acceptance/compile.sh"

  needed=$(readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort)
  runtimes=$(grep -Ec '^lib(g|i)?omp[0-9]*\.so' <<<"$needed" || true)
  others=$(grep -Ev '^lib((g|i)?omp[0-9]*|c|m)\.so' <<<"$needed" || true)
  [[ $runtimes -eq 1 ]] || fail "$library needs $runtimes OpenMP runtimes, not one: ${needed//$'\n'/ }"
  [[ -z $others ]] || fail "$library needs ${others//$'\n'/ }"

  # Names with an @ carry the version of the library that has them; the weak ones are the linker's own.
  undefined=$(readelf --dyn-syms -W "$library" | awk '$7 == "UND" && $5 != "WEAK" && $8 { sub(/@.*/, "", $8); print $8 }' | sort -u)
  [[ $(wc -l <<<"$undefined") -gt 5 ]] || fail "$library shows hardly any undefined symbol: is it a library?"
  strange=$(comm -23 <(printf '%s\n' "$undefined") <(grep -v '^#' "$ALLOWED" | sort -u))
  [[ -z $strange ]] || fail "$library takes ${strange//$'\n'/, }, which $ALLOWED does not list"
  printf '%-22s needs %s; %d symbols\n' "$model" "${needed//$'\n'/, }" "$(wc -l <<<"$undefined")"
done

for forbidden in malloc calloc realloc free aligned_alloc posix_memalign mmap munmap sbrk brk cblas_sgemm sgemm_; do
  ! grep -qx "$forbidden" "$ALLOWED" || fail "$ALLOWED lists $forbidden"
done
