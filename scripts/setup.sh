#!/usr/bin/env bash
# Prepares a machine for `make demo` or for all of `make test`: what scripts/prove.sh finds missing is installed with
# apt-get where there is one and named where not, until all is proved; .venv gets the pinned Python packages of
# requirements.txt. Takes seconds when all is there.
#
#   scripts/setup.sh [demo|test]           test unless given
#   PYTHON=python3.12 scripts/setup.sh     uses another Python (3.11 or newer) for .venv
set -euo pipefail
cd "$(dirname "$0")/.."

LEVEL=${1:-test}
export PYTHON=${PYTHON:-python3}

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

install_packages() {
  local root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "as root, run: apt-get install $*"
    root=(sudo)
  fi
  say "installing Debian packages: $*${root:+ (with sudo)}"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
  local log
  log=$(mktemp)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install $*"
  fi
  rm -f "$log"
}

# What one package brings may show what else is missing, a clang its runtimes, so this goes round until nothing changes.
system_packages() {
  local missing packages before=
  while ! missing=$(scripts/prove.sh "$LEVEL"); do
    [[ -n $missing ]] || fail "scripts/prove.sh failed"
    packages=$(cut -f 1 <<<"$missing" | tr ' ' '\n' | sort -u | xargs)
    sed 's/^[^\t]*\t/setup: /' <<<"$missing"
    command -v apt-get >/dev/null || fail "no apt-get here: install what Debian calls $packages, then try again"
    [[ $packages != "$before" ]] || fail "$packages did not mend that: is another compiler or Python first on PATH?"
    before=$packages
    # Word splitting is wanted.
    # shellcheck disable=SC2086
    install_packages $packages
  done
}

python_packages() {
  local stamp=.venv/.ready wanted
  wanted=$(cksum <requirements.txt)
  [[ -f $stamp && $(<"$stamp") == "$wanted" && -x .venv/bin/python ]] && return 0
  say "making .venv with the packages of requirements.txt"
  "$PYTHON" -m venv --clear .venv
  .venv/bin/python -m pip --disable-pip-version-check install --quiet --no-cache-dir --require-hashes -r requirements.txt
  .venv/bin/python -c 'import magika, numpy, onnx, onnxruntime' || fail "the packages of requirements.txt do not load"
  printf '%s\n' "$wanted" >"$stamp"
}

case $LEVEL in demo | test) ;; *) fail "there is no level '$LEVEL': demo or test" ;; esac
check_swift
system_packages
python_packages
say "all that 'make $LEVEL' needs is there"
