#!/bin/sh
# usage: run.sh LIB [ARGUMENT...]: calls LIB.so from Python, which needs numpy.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
library=$(cd "$(dirname "$1")" && pwd)/$(basename "${1%.so}").so
shift
"${PYTHON:-python3}" "$here/model.py" "$library" "$@"
