#!/usr/bin/env bash
# Proves that this machine has what `make demo` or `make test` relies on, by using each thing once. Prints a line for
# what is missing: the Debian package that has it, a tab, what is wrong. Exits with 1 if there was one.
#
#   scripts/prove.sh demo|test
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/compilers.sh

LEVEL=${1:-test}
PYTHON=${PYTHON:-python3}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

count=0
missing() {
  printf '%s\t%s\n' "$1" "$2"
  count=$((count + 1))
}

# What the last probe said, on a line: a linker begins with it, Python ends with it.
reason() { grep -v '^Traceback' "$WORK/errors" 2>/dev/null | "${1:-head}" -n 1 | cut -c 1-200; }

tool() { command -v "$1" >/dev/null || missing "$2" "there is no '$1'"; }

# The number that the packages of a clang carry in Debian: 14 for one that the package clang-14 has.
clang_version() {
  local compiler package
  while IFS= read -r compiler; do
    package=$(dpkg-query -S "$compiler" 2>/dev/null | sed -n 's/^clang-\([0-9]*\):.*/\1/p' | head -n 1)
    if [[ -n $package ]]; then
      printf '%s\n' "$package"
      return
    fi
  done < <(compilers)
}

prove_swift() {
  printf 'import Foundation\nprint(URL(fileURLWithPath: "/a/b").lastPathComponent)\n' >"$WORK/probe.swift"
  [[ $(swiftc -o "$WORK/probe" "$WORK/probe.swift" 2>"$WORK/errors" && "$WORK/probe" 2>>"$WORK/errors") == b ]] ||
    missing "gcc binutils libcurl4 libxml2 libncurses6" "swiftc does not build a small program: $(reason)"
  swift package --version >"$WORK/errors" 2>&1 ||
    missing "libcurl4 libxml2 libsqlite3-0" "'swift package' does not start: $(reason)"
}

prove_python() {
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    missing python3 "there is no Python 3.11 or newer named '$PYTHON'; set PYTHON=…"
  "$PYTHON" -c 'import ensurepip, venv' 2>"$WORK/errors" || missing python3-venv "$PYTHON makes no environments: $(reason tail)"
  "$PYTHON" -c 'import ctypes, sqlite3, ssl, zlib' 2>"$WORK/errors" || missing python3 "$PYTHON is not whole: $(reason tail)"
}

prove_openmp() {
  local compiler version
  while IFS= read -r compiler; do
    ! builds_openmp "$compiler" "$WORK" || return 0
  done < <(compilers)
  version=$(clang_version)
  if [[ -n $version ]]; then
    missing "libomp-$version-dev" "no C compiler builds and runs OpenMP: $(reason)"
  else
    missing clang "there is no C compiler that builds and runs OpenMP"
  fi
}

# Both kinds of compilers must be there: the emitted C is held to either.
prove_compilers() {
  local name
  for name in clang gcc cc; do
    command -v "$name" >/dev/null || { missing "${name/#cc/gcc}" "there is no '$name'"; continue; }
    printf '#include <math.h>\nint main(int n, char **w) { (void)w; return sqrt(n) > 1; }\n' >"$WORK/probe.c"
    { "$name" -O1 "$WORK/probe.c" -o "$WORK/c-probe" -lm -pthread 2>"$WORK/errors" && "$WORK/c-probe"; } ||
      missing "libc6-dev" "$name builds no small program: $(reason)"
  done
  command -v c++ >/dev/null || { missing g++ "there is no 'c++'"; return; }
  printf '#include <string>\nint main() { return std::string("a").size() == 1 ? 0 : 1; }\n' >"$WORK/probe.cpp"
  { c++ "$WORK/probe.cpp" -o "$WORK/c-probe" 2>"$WORK/errors" && "$WORK/c-probe"; } ||
    missing "g++" "c++ builds no small program: $(reason)"
}

prove_sanitizers() {
  sanitizing_clang "$WORK" >/dev/null && return
  local version compiler=clang
  version=$(clang_version)
  [[ -n $version ]] || { missing clang "there is no clang with sanitizers"; return; }
  command -v "clang-$version" >/dev/null && compiler=clang-$version
  builds_openmp "$compiler" "$WORK" || missing "libomp-$version-dev" "$compiler builds no OpenMP: $(reason)"
  sees_addresses "$compiler" "$WORK" ||
    missing "libclang-rt-$version-dev" "$compiler has no AddressSanitizer that works: $(reason)"
  sees_races "$compiler" "$WORK" ||
    missing "libclang-rt-$version-dev libomp-$version-dev" \
      "$compiler has no ThreadSanitizer that works with libarcher: $(reason)"
}

prove_data() {
  local file
  for file in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
    [[ -r /usr/share/datasets/fashion-mnist/$file-ubyte.gz ]] ||
      { missing dataset-fashion-mnist "there is no /usr/share/datasets/fashion-mnist/$file-ubyte.gz"; break; }
  done
  local tests=${ONNX_NODE_TESTS:-/usr/lib/python3/dist-packages/onnx/backend/test/data/node}
  [[ -r $tests/test_add/model.onnx ]] || missing libonnx-testdata "there is no $tests/test_add/model.onnx"
}

# The library of TensorImages, compiled as Swift's module of it is.
prove_png() {
  printf '#include <png.h>\nint main(void) { png_image image; return image.version && png_image_free != 0; }\n' >"$WORK/png.c"
  "$(compilers | head -n 1)" -fsyntax-only "$WORK/png.c" 2>"$WORK/errors" || missing libpng-dev "there is no <png.h>: $(reason)"
}

# OpenMPI, for TensorMPI, with its compiler's flags as Swift's module of it has them.
prove_mpi() {
  tool mpirun openmpi-bin
  printf '#include <mpi.h>\nint main(void) { return MPI_VERSION < 3; }\n' >"$WORK/mpi.c"
  # Word splitting is wanted.
  # shellcheck disable=SC2046
  "$(compilers | head -n 1)" $(pkg-config --cflags ompi-c 2>/dev/null) -fsyntax-only "$WORK/mpi.c" 2>"$WORK/errors" ||
    missing libopenmpi-dev "there is no <mpi.h>: $(reason)"
  tool ip iproute2
}

for pair in git:git make:make awk:mawk tar:tar gzip:gzip xargs:findutils; do tool "${pair%:*}" "${pair#*:}"; done
prove_swift
prove_python
prove_openmp
if [[ $LEVEL == test ]]; then
  for pair in ar:binutils readelf:binutils ldd:libc-bin cmp:diffutils timeout:coreutils cmake:cmake \
    pkg-config:pkg-config chromium:chromium; do
    tool "${pair%:*}" "${pair#*:}"
  done
  prove_compilers
  prove_sanitizers
  prove_data
  prove_png
  prove_mpi
fi
[[ $count -eq 0 ]]
