#!/usr/bin/env bash
# Builds the sample, installs OpenMPI and the text where they are missing, and trains on as many ranks as RANKS says, 2 unless set;
# options go to the program (README.md lists them).
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=()
command -v mpirun >/dev/null && pkg-config --exists ompi-c || packages+=(libopenmpi-dev openmpi-bin)
[[ " $* " == *" --text "* ]] || command -v bible >/dev/null || packages+=(bible-kjv bible-kjv-text)
root=()
[[ $(id -u) -eq 0 ]] || root=(sudo)
[[ ${#packages[@]} -eq 0 ]] || "${root[@]}" apt-get install -y -q --no-install-recommends "${packages[@]}"
swift build -c release -Xswiftc -enable-testing --product mpi
# Root and more ranks than processors must be asked for.
allowed=(--oversubscribe)
[[ $(id -u) -ne 0 ]] || allowed+=(--allow-run-as-root)
mpirun "${allowed[@]}" -n "${RANKS:-2}" "$(swift build -c release --show-bin-path)/mpi" --output .build/mpi "$@"
