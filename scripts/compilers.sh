# The C compilers of this machine and what they can do; sourced by bash scripts.

# The compilers, one path a line, each once.
compilers() {
  local name path seen=:
  for name in clang gcc; do
    while IFS= read -r path; do
      path=$(readlink -f "$path")
      [[ $seen == *:$path:* ]] && continue
      seen+=$path:
      printf '%s\n' "$path"
    done < <(type -aP "$name" || true)
  done
  # Swift brings its own clang, which need not be on PATH.
  path=$(readlink -f "$(command -v swift || true)" || true)
  if [[ -n $path && -x $(dirname "$path")/clang ]]; then
    path=$(readlink -f "$(dirname "$path")/clang")
    [[ $seen == *:$path:* ]] || printf '%s\n' "$path"
  fi
}

is_clang() { [[ $("$1" --version 2>/dev/null | head -n 1) == *clang* ]]; }

# builds_openmp COMPILER FOLDER: whether it compiles, links and runs a parallel region of two threads.
builds_openmp() {
  cat >"$2/openmp.c" <<'C'
#include <omp.h>
int main(void) {
  int count = 0, sum = 0;
#pragma omp parallel num_threads(2)
  {
#pragma omp atomic
    count += 1;
#pragma omp for schedule(dynamic)
    for (int i = 0; i < 4; i++) {
#pragma omp atomic
      sum += i;
    }
  }
  return count == 2 && sum == 6 ? 0 : 1;
}
C
  "$1" -O1 -fopenmp "$2/openmp.c" -o "$2/openmp" 2>"$2/errors" &&
    env -u OMP_THREAD_LIMIT -u OMP_NUM_THREADS -u OMP_DYNAMIC "$2/openmp" 2>"$2/errors"
}

# sees_addresses COMPILER FOLDER: whether AddressSanitizer and UndefinedBehaviorSanitizer link beside OpenMP, let a right
# program pass and catch a wrong one.
sees_addresses() {
  cat >"$2/address.c" <<'C'
#include <stdlib.h>
int main(int count, char **words) {
  (void)words;
  char *block = calloc(4, 1);
  int found = block ? block[count > 1 ? 4 : 3] : 1;
  free(block);
  return found;
}
C
  "$1" -g1 -fopenmp -fsanitize=address,undefined "$2/address.c" -o "$2/address" 2>"$2/errors" &&
    "$2/address" 2>"$2/errors" && ! "$2/address" wrong 2>"$2/errors" &&
    grep -q heap-buffer-overflow "$2/errors"
}

# sees_races COMPILER FOLDER: whether ThreadSanitizer, told of OpenMP's regions by libarcher, lets a right program pass
# and catches a race.
sees_races() {
  cat >"$2/race.c" <<'C'
#include <omp.h>
int main(int count, char **words) {
  (void)words;
  int sum = 0, cells[4] = {0};
#pragma omp parallel num_threads(4)
  {
    if (count > 1) sum += 1;
    cells[omp_get_thread_num()] = 1;
  }
  return cells[0] + cells[1] + cells[2] + cells[3] == 4 ? 0 : sum + 1;
}
C
  local archer try
  "$1" -g1 -O1 -fopenmp -fsanitize=thread "$2/race.c" -o "$2/race" 2>"$2/errors" || return 1
  archer=$(archer_of "$1" "$2/race") || return 1
  local options="ignore_noninstrumented_modules=1:halt_on_error=1"
  env OMP_TOOL_LIBRARIES="$archer" TSAN_OPTIONS="$options" "$2/race" 2>"$2/errors" || return 1
  # A race is seen only when threads meet.
  for try in 1 2 3 4 5; do
    env OMP_TOOL_LIBRARIES="$archer" TSAN_OPTIONS="$options" "$2/race" wrong 2>"$2/errors" || true
    ! grep -q 'data race' "$2/errors" || return 0
  done
  return 1
}

# archer_of COMPILER PROGRAM: libarcher, which lies beside the OpenMP library that the compiler links.
archer_of() {
  local runtime archer
  runtime=$(readlink -f "$(ldd "$2" | sed -n 's/.*libomp.* => \([^ ]*\).*/\1/p')")
  for archer in "$(dirname "$runtime")/libarcher.so" "$(dirname "$(readlink -f "$1")")/../lib/libarcher.so"; do
    if [[ -f $archer ]]; then
      readlink -f "$archer"
      return 0
    fi
  done
  echo "there is no libarcher.so beside ${runtime:-the OpenMP library}" >"$(dirname "$2")/errors"
  return 1
}

# The first clang with OpenMP and all sanitizers, for which FOLDER serves; nothing where there is none.
sanitizing_clang() {
  local compiler
  while IFS= read -r compiler; do
    if is_clang "$compiler" && builds_openmp "$compiler" "$1" && sees_addresses "$compiler" "$1" &&
      sees_races "$compiler" "$1"; then
      printf '%s\n' "$compiler"
      return 0
    fi
  done < <(compilers)
  return 1
}
