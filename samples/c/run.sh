#!/bin/sh
# usage: run.sh LIB [ARGUMENT...]: builds the program against LIB.h and LIB.so (or LIB.c) and runs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
library=${1%.so}
shift
directory=$(cd "$(dirname "$library")" && pwd)
name=$(basename "$library")
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
if [ -f "$directory/$name.so" ]; then
  code="$directory/$name.so"
else
  code="$build/model.o"
  ${CC:-cc} -std=gnu11 -O2 -c "$directory/$name.c" -o "$code"
fi
# The names of a library's functions begin with its file's name, made a C identifier.
model=$(printf %s "$name" | tr -c 'A-Za-z0-9' _)
${CC:-cc} -std=gnu11 -O2 -Wall -Wextra "-DMODEL=$model" "-DMODEL_HEADER=\"$name.h\"" "-I$directory" "$here/main.c" \
  "$code" -lm "-Wl,-rpath,$directory" -o "$build/program"
"$build/program" "$@"
