#!/usr/bin/env bash
# Plants faults, one at a time, and expects the tests to fail: Tests/Mutants/NN-name.patch, whose head says what the fault
# is and which tests should see it.
#
#   scripts/mutants.sh [NN...]          all mutants, or some, in a work tree of the last commit under .build
#   scripts/mutants.sh --here [NN...]   in this tree, which has a build already; its files are put back
#   scripts/mutants.sh --check          only whether all patches still apply (quick; part of `make test`)
set -euo pipefail
cd "$(dirname "$0")/.."
ROOT=$PWD
SECONDS_FOR_TESTS=${SECONDS_FOR_TESTS:-600}   # a mutant that hangs is a mutant seen

mode=tree
case ${1:-} in
  --here | --check)
    mode=${1#--}
    shift
    ;;
  -*)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

patches=()
for patch in Tests/Mutants/*.patch; do
  number=$(basename "$patch" | cut -d- -f1)
  if [[ $# -eq 0 || " $* " == *" $number "* ]]; then patches+=("$ROOT/$patch"); fi
done
[[ ${#patches[@]} -gt 0 ]] || { echo "mutants: there is no such mutant" >&2; exit 2; }

if [[ $mode == check ]]; then
  stale=0
  for patch in "${patches[@]}"; do
    git apply --check "$patch" || { echo "mutants: $(basename "$patch") does not apply any more" >&2; stale=1; }
    grep -q '^filter: .' "$patch" || { echo "mutants: $(basename "$patch") names no tests" >&2; stale=1; }
  done
  [[ $stale -eq 0 ]] && echo "${#patches[@]} mutants apply"
  exit "$stale"
fi

if [[ $mode == tree ]]; then
  tree=$ROOT/.build/mutants
  if [[ -e $tree/.git ]]; then
    git -C "$tree" checkout -q --detach "$(git rev-parse HEAD)"
    git -C "$tree" checkout -q -- .
  else
    git worktree add -q --detach "$tree" HEAD
  fi
  cd "$tree"
fi

planted=
restore() { [[ -z $planted ]] || git apply -R "$planted"; planted=; }
trap restore EXIT
trap 'exit 130' INT TERM
log=$(mktemp)

# A debug build: it recompiles least after a change of one line.
swift build --build-tests >"$log" 2>&1 || { cat "$log" >&2; echo "mutants: the tree does not build" >&2; exit 1; }

survivors=0
printf '%-28s %-10s %8s  %s\n' mutant result seconds tests
for patch in "${patches[@]}"; do
  filter=$(sed -n 's/^filter: //p' "$patch" | head -1)
  start=$SECONDS
  git apply "$patch"
  planted=$patch
  if ! swift build --build-tests >"$log" 2>&1; then
    result="no build"
  elif timeout "$SECONDS_FOR_TESTS" swift test --skip-build --filter "$filter" >"$log" 2>&1; then
    result=SURVIVED
  else
    result=killed
  fi
  restore
  [[ $result == killed ]] || survivors=$((survivors + 1))
  printf '%-28s %-10s %8d  %s\n' "$(basename "$patch" .patch)" "$result" $((SECONDS - start)) "$filter"
done
rm -f "$log"
echo "${#patches[@]} mutants, $((${#patches[@]} - survivors)) killed"
[[ $survivors -eq 0 ]]
