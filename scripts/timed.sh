#!/usr/bin/env bash
# Runs one part of a longer job and notes how long it took.
#
#   scripts/timed.sh NAME COMMAND...     runs the command, adds a line to the log, exits as the command does
#   scripts/timed.sh --start             empties the log
#   scripts/timed.sh --report            prints the minutes of every part, and their sum
set -euo pipefail
cd "$(dirname "$0")/.."
LOG=.build/timings.tsv
mkdir -p .build

case ${1:-} in
  --start)
    : >"$LOG"
    ;;
  --report)
    awk -F '\t' '
      BEGIN { printf "\n%-24s %8s  %s\n", "part", "minutes", "result" }
      { printf "%-24s %8.1f  %s\n", $1, $2 / 60, $3 == 0 ? "ok" : "FAILED (" $3 ")"; sum += $2 }
      END { printf "%-24s %8.1f\n", "all", sum / 60 }' "$LOG"
    ;;
  "" | -*)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
  *)
    name=$1
    shift
    printf '\n==> %s\n' "$name"
    start=$(date +%s)
    status=0
    "$@" || status=$?
    printf '%s\t%s\t%s\n' "$name" "$(($(date +%s) - start))" "$status" >>"$LOG"
    exit "$status"
    ;;
esac
