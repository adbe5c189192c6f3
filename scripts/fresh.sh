#!/usr/bin/env bash
# Runs set-up and both commands of the README as on a machine that was never used: a bare Debian 12 made by debootstrap,
# in it what the README asks for, the Swift toolchain of this machine, a clone of HEAD and an empty home. Needs root and
# debootstrap. The network, and how apt, git and pip reach it, are this machine's. Nothing stays mounted: all of it lives
# in a mount namespace of its own.
#
#   scripts/fresh.sh [--keep DIR] [--bind DIR]... [COMMAND...]
#
#   COMMAND      what to run in the clone, each a line of shell; 'make demo' and 'make test' unless given
#   --keep DIR   makes the root in DIR, or takes what an earlier run left there, and leaves it; the clone is then brought
#                to HEAD with what was built kept
#   --bind DIR   shows a folder of this machine in the root, read-only, at the same place
set -euo pipefail
cd "$(dirname "$0")/.."
SOURCE=$PWD
SUITE=bookworm
# What the README asks for, then what Swift does (github.com/swiftlang/swift-docker has it for Debian 12).
ASKED=(ca-certificates git make python3
  binutils-gold gcc libcurl4-openssl-dev libedit-dev libicu-dev libncurses-dev libpython3-dev libsqlite3-dev
  libxml2-dev pkg-config tzdata uuid-dev)
CLONE=/srv/tensorc

fail() {
  printf 'fresh: error: %s\n' "$*" >&2
  exit 1
}
say() { printf '\nfresh: %s\n' "$*"; }

keep=
binds=()
while [[ ${1:-} == -* ]]; do
  case $1 in
    --keep) keep=${2:?} ;;
    --bind) binds+=("${2:?}") ;;
    *)
      sed -n '7,13s/^# \{0,1\}//p' "$0" >&2
      exit 2
      ;;
  esac
  shift 2
done
commands=("$@")
[[ $# -gt 0 ]] || commands=('make demo' 'make test')

[[ $(id -u) -eq 0 ]] || fail "run it as root: it mounts"
for tool in debootstrap unshare swift git; do command -v "$tool" >/dev/null || fail "there is no '$tool'"; done

root=${keep:-$(mktemp -d)}
mkdir -p "$root"
root=$(realpath "$root")
remove() {
  # Namespaces take their mounts with them; should one still show, nothing is removed through it.
  ! grep -qF " $root/" /proc/self/mounts || fail "something is mounted below $root"
  rm -rf --one-file-system "$root"
}
[[ -n $keep ]] || trap remove EXIT

# ---- the root ------------------------------------------------------------------------------------------------------

# The Debian archives that this machine uses: address, suite, component.
archives() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Origin: Debian' 'Created-By: Packages' |
    grep -E " $SUITE(-[a-z]+)? " | sort -u
}

bootstrap() {
  local list mirror
  list=$(archives)
  mirror=$(awk -v suite=$SUITE '$2 == suite { print $1; exit }' <<<"$list")
  [[ -n $mirror ]] || fail "apt knows no archive of Debian's $SUITE here: run apt-get update"
  say "making a bare $SUITE in $root"
  debootstrap --variant=minbase "$SUITE" "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log"; fail "debootstrap"; }
  rm -f "$root.log"
  sed 's/^/deb /' <<<"$list" >"$root/etc/apt/sources.list"
  # How this machine reaches them: proxies, limits, what it lets pass.
  apt-config dump Acquire | grep -v '^Acquire::IndexTargets' >"$root/etc/apt/apt.conf.d/99host"
  touch "$root/etc/fresh"
}

# How git and pip find the network here, and whom this machine trusts.
configure() {
  local file key value
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  : >"$root/etc/gitconfig"
  for file in --system --global; do
    while IFS= read -r key && IFS= read -r -d '' value; do
      git config --file "$root/etc/gitconfig" --add "$key" "$value"
      # An address that stands for a folder of this machine.
      key=${key#url.}
      key=${key%.insteadof}
      if [[ -d $key ]]; then binds+=("${key%/}"); fi
    done < <(git config "$file" --null --get-regexp '^(url|http)\.' || true)
  done
  # pip reads the system's file in both places, so the user's needs no home.
  rm -rf "$root/etc/pip.conf" "$root/etc/xdg/pip"
  mkdir -p "$root/etc/xdg/pip"
  for file in /etc/pip.conf "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf"; do
    [[ -f $file ]] || continue
    if [[ $file == /etc/* ]]; then cp "$file" "$root/etc/pip.conf"; else cp "$file" "$root/etc/xdg/pip/pip.conf"; fi
    for key in $(sed -n 's/^ *find-links *= *//p' "$file"); do if [[ -d $key ]]; then binds+=("$key"); fi; done
  done
  for key in ${PIP_FIND_LINKS:-}; do if [[ -d $key ]]; then binds+=("$key"); fi; done
}

trust() {
  local bundle=/etc/ssl/certs/ca-certificates.crt
  if [[ -f $bundle ]]; then cp -L "$bundle" "$root$bundle"; fi
}

clone() {
  if [[ -d $root$CLONE/.git ]]; then
    git -C "$root$CLONE" fetch -q "$SOURCE" HEAD
    git -C "$root$CLONE" checkout -q -f --detach FETCH_HEAD
  else
    git clone -q --no-hardlinks "$SOURCE" "$root$CLONE"
    git -C "$root$CLONE" checkout -q --detach "$(git rev-parse HEAD)"
  fi
}

# ---- within --------------------------------------------------------------------------------------------------------

# inside COMMAND…: in the root, with mounts and processes of its own, and little of this environment.
inside() {
  local name variables=()
  for name in $(compgen -e); do
    case $name in
      *_proxy | *_PROXY | PIP_* | SSL_CERT_* | GIT_SSL_* | *_CA_BUNDLE) variables+=("$name=${!name}") ;;
    esac
  done
  local swift
  swift=$(readlink -f "$(command -v swift)")
  unshare --mount --pid --ipc --fork --kill-child --propagation private bash -c '
    set -euo pipefail
    root=$1 toolchain=$2 count=$3
    shift 3
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    mkdir "$root/dev/shm" "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    for device in null zero full random urandom tty; do
      touch "$root/dev/$device"
      mount --bind "/dev/$device" "$root/dev/$device"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    for folder in "$toolchain" "${@:1:count}"; do
      mkdir -p "$root$folder"
      mount --bind "$folder" "$root$folder"
      mount -o remount,bind,ro "$root$folder"
    done
    shift "$count"
    exec chroot "$root" env -i "$@"
  ' inside "$root" "$(dirname "$(dirname "$(dirname "$swift")")")" "${#binds[@]}" "${binds[@]}" \
    HOME=/root "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$(dirname "$swift")" \
    TERM="${TERM:-dumb}" "${variables[@]}" "$@"
}

[[ $(readlink -f "$(command -v swift)") == */usr/bin/* ]] || fail "swift does not lie in usr/bin of a toolchain's folder"
[[ $(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")") != / ]] ||
  fail "swift is installed in /usr here; a toolchain in a folder of its own is needed"
[[ -f $root/etc/fresh ]] || bootstrap
configure
say "installing what the README asks for"
inside sh -c "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends ${ASKED[*]}" \
  >"$root/var/log/asked.log" 2>&1 || { tail "$root/var/log/asked.log"; fail "apt-get"; }
trust
clone
inside dpkg-query -W | wc -l | sed 's/$/ packages are installed/'

status=0
summary=
for command in "${commands[@]}"; do
  say "$command, of $(git -C "$root$CLONE" log -1 --format='%h %s')"
  start=$SECONDS
  result=0
  inside sh -c "cd $CLONE && $command" </dev/null || result=$?
  summary+=$(printf '%-24s %6.1f minutes  %s' "$command" "$(awk "BEGIN { print ($SECONDS - $start) / 60 }")" \
    "$([[ $result -eq 0 ]] && echo ok || echo "FAILED ($result)")")$'\n'
  if [[ $result -ne 0 ]]; then
    status=1
    break
  fi
done
say "in a bare $SUITE:"
printf '%s' "$summary"
[[ -z $keep ]] || printf 'the root stays in %s\n' "$root"
exit "$status"
