#!/usr/bin/env bash
# Rules of the house that a machine can check, over the files git tracks or would track. Prints every breach.
set -euo pipefail
cd "$(dirname "$0")/.."

LONGEST=400        # lines in a Swift file that people write
LARGEST=1048576    # bytes in a tracked file
# Real models stand in tests and samples; the compiler knows operators only.
MODELS='magika|efficientnet|silero|basic[-_ ]?pitch|ppocr|rapidocr|\blac\b|g2p|dfn3|deepfilter|minilm'
# Folders of somebody's machine.
PERSONAL='(^|[^A-Za-z0-9_.}])/(root|work|home|Users)/'

breaches=0
breach() {
  printf 'house: %s\n' "$*" >&2
  breaches=$((breaches + 1))
}

while IFS= read -r -d '' file; do
  [[ -f $file && ! -L $file ]] || continue
  size=$(wc -c <"$file")
  [[ $size -le $LARGEST ]] || breach "$file has $size bytes; at most $LARGEST are kept in git"
  if [[ $file == *.swift && $file != *.pb.swift ]]; then
    lines=$(wc -l <"$file")
    [[ $lines -le $LONGEST ]] || breach "$file has $lines lines; at most $LONGEST"
  fi
  while IFS= read -r found; do
    breach "$file:$found: names a folder of one machine"
  done < <(grep -InE "$PERSONAL" -- "$file" || true)
  if [[ $file == Sources/* ]]; then
    while IFS= read -r found; do
      breach "$file:$found: the compiler must not know a model"
    done < <(grep -IniE "$MODELS" -- "$file" || true)
    [[ ! $file =~ ($MODELS) ]] || breach "$file: the compiler must not know a model"
  fi
done < <(git ls-files -z --cached --others --exclude-standard)

# Passes and schedules ask what an op does, never which op it is, but for rules about an op; each exception with its reason.
ALLOWED='^Sources/Passes/Simplify/SimplifyControl\.swift:.*\b(If|Loop)\b' # rewrites of `if` and `loop`
ops=$(grep -rhoE '^public struct [A-Z][A-Za-z0-9]*: [^{]*(Op|NotDifferentiable)\b' Sources/Ops --include='*.swift' |
  sed -E 's/public struct ([A-Za-z0-9]*):.*/\1/' | sort -u | paste -sd '|')
while IFS= read -r found; do
  breach "$found: asks for one op; ask its access map, its family or its schedule"
done < <(grep -rnE "\\b(is|as\\??) ($ops)\\b" Sources/Passes Sources/Schedules --include='*.swift' |
  grep -vE ':[0-9]+: *//' | grep -vE "$ALLOWED" || true)

# A schedule that does not fit says so; a mistake must not turn into a slow path.
while IFS= read -r found; do
  breach "$found: swallows mistakes; catch what is meant, with ifVectors"
done < <(grep -rn 'try?' Sources/Schedules --include='*.swift' || true)

# The picture in docs/architecture.md is that of the imports.
while IFS='|' read -r _ module imports _; do
  module=${module// /} folder=Sources/${module#Tensor}
  [[ $module == Tensors ]] && folder=Sources/Tensors
  [[ -d $folder ]] || continue
  stated=$(tr ',' '\n' <<<"$imports" | sed 's/ //g' | grep -vE '^(nothingofours)?$' | sort -u || true)
  found=$(grep -rhoE '^(@testable |private |public )?import Tensor[A-Za-z]+' "$folder" --include='*.swift' |
    sed -E 's/.*import Tensor//; s/^s$/Tensors/' | sort -u || true)
  [[ $stated == "$found" ]] ||
    breach "docs/architecture.md: $module imports $(paste -sd ' ' <<<"$found"), not $(paste -sd ' ' <<<"$stated")"
done < <(grep -E '^\| Tensor' docs/architecture.md)

if [[ $breaches -gt 0 ]]; then
  printf 'house: %d breaches\n' "$breaches" >&2
  exit 1
fi
