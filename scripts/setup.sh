#!/usr/bin/env bash
# Prepares a machine: the Swift toolchain is checked, Debian packages that are missing are installed, and .venv gets
# the pinned Python packages of requirements.txt. Does nothing, quickly, when all is there.
#
#   PYTHON=python3.12 scripts/setup.sh     uses another Python (3.11 or newer) for .venv
set -euo pipefail
cd "$(dirname "$0")/.."

PACKAGES=(clang libomp-dev dataset-fashion-mnist libonnx-testdata)
PYTHON=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: error: %s\n' "$*" >&2
  exit 1
}

check_swift() {
  command -v swift >/dev/null || fail "no 'swift' on PATH. Install Swift 6.0 or newer from swift.org, then try again."
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\)\..*/\1/p' | head -n 1)
  [[ ${version:-0} -ge 6 ]] || fail "Swift 6.0 or newer is needed; 'swift --version' says: $(swift --version 2>&1 | head -n 1)"
}

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

install_packages() {
  local missing=() package root=()
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "as root, run: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}${root:+ (with sudo)}"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
  local log
  log=$(mktemp)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install ${missing[*]}"
  fi
  rm -f "$log"
}

system_packages() {
  if command -v apt-get >/dev/null; then
    install_packages "${PACKAGES[@]}"
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || install_packages python3 python3-venv
  else
    say "no apt-get here: a C compiler, an OpenMP runtime and Python with venv are expected to be installed"
  fi
}

python_packages() {
  local stamp=.venv/.ready wanted
  wanted=$(cksum <requirements.txt)
  [[ -f $stamp && $(<"$stamp") == "$wanted" && -x .venv/bin/python ]] && return 0
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, not $("$PYTHON" --version); set PYTHON=…"
  say "making .venv with the packages of requirements.txt"
  "$PYTHON" -m venv --clear .venv
  .venv/bin/python -m pip --disable-pip-version-check install --quiet --no-cache-dir --require-hashes -r requirements.txt
  printf '%s\n' "$wanted" >"$stamp"
}

check_swift
system_packages
python_packages
