# What the scripts of this folder share; sourced, from the root of the repository.
#
#   TENSORC=PATH    the command to test; .build/release/tensorc unless given
#   OUT=DIR         where they work; .build/acceptance unless given

TENSORC=${TENSORC:-.build/release/tensorc}
OUT=${OUT:-.build/acceptance}
MODELS=(magika efficientnet-lite0 silero-vad-static silero-vad-sequence)
PYTHON=.venv/bin/python

source scripts/compilers.sh

fail() {
  printf '%s: error: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# The C name of a model's library.
name_of() { printf '%s' "${1//[^A-Za-z0-9_]/_}"; }

# Everything a test relies on must be there: what is missing fails, it is never skipped.
[[ -x $TENSORC ]] || fail "no $TENSORC: run 'make build', or set TENSORC"
[[ -x $PYTHON ]] || fail "no $PYTHON: run 'make setup'"
for model in "${MODELS[@]}"; do
  for needed in model.onnx test_data_set_0/input_0.pb test_data_set_1/output_0.pb; do
    [[ -f .models/$model/$needed ]] || fail "no .models/$model/$needed: run 'make models'"
  done
done
mkdir -p "$OUT"

# start COMMAND… in the background, as many at once as there are processors; finish waits for all. The first command
# that fails ends the script.
start() {
  while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do wait -n || exit 1; done
  "$@" &
}

finish() {
  while [[ -n $(jobs -p) ]]; do wait -n || exit 1; done
}
