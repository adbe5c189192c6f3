#!/bin/sh
# usage: run.sh LIB [ARGUMENT...]: builds the package and calls LIB.so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
library=$(cd "$(dirname "$1")" && pwd)/$(basename "${1%.so}").so
shift
# BUILD names the build directory, for those who want it elsewhere.
swift run --quiet --package-path "$here" ${BUILD:+--scratch-path "$BUILD"} RunModel "$library" "$@"
