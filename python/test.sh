#!/bin/sh
# usage: test.sh: installs the package with pip into a folder of its own and runs its tests.
#   PYTHON  a Python with pip and numpy
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# pip builds in the folder that it installs from.
cp -R "$here" "$work/source"
"$python" -m pip --disable-pip-version-check install --quiet --no-deps --no-index \
  --target "$work/site" "$work/source"
[ -f "$work/site/tensorc/py.typed" ] && [ -f "$work/site/tensorc/__init__.pyi" ]
cd "$work"
PYTHONPATH="$work/site" "$python" -m unittest discover -s "$here/tests"
