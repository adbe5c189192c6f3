#!/usr/bin/env bash
# All that `make test` does, part by part. Stops at the first part that fails; prints the minutes of each part.
set -euo pipefail
cd "$(dirname "$0")/.."

# As the Makefile has it, for what is not called by make.
export TENSORC_COMMAND=${TENSORC_COMMAND:-$PWD/.build/release/tensorc}

part() { scripts/timed.sh "$@"; }

scripts/timed.sh --start
trap 'scripts/timed.sh --report' EXIT

part "set-up" scripts/setup.sh
part "python package" env PYTHON="$PWD/.venv/bin/python" python/test.sh
part "house rules" scripts/check-house.sh
part "mutants apply" scripts/mutants.sh --check
part "format" make --no-print-directory format-check
part "models" .venv/bin/python scripts/models.py
part "type files" .venv/bin/python scripts/make_type_files.py
part "build" make --no-print-directory build-tests
# Not `make run-tests`: asked again right after a first build, SwiftPM compiles its dependencies a second time.
part "swift tests" .venv/bin/python scripts/suites.py .build/swift-tests.log \
  swift test -c release -Xswiftc -enable-testing --skip-build
part "refusals" scripts/acceptance/refusals.sh
# The public declarations, held to those of the last version (api).
part "api" .venv/bin/python scripts/acceptance/api.py
part "packages" scripts/acceptance/packages.sh
part "pages" scripts/acceptance/page.sh
# What README.md tells a newcomer to do, in a clone.
part "newcomer" .venv/bin/python scripts/acceptance/newcomer.py
# The pages of docs/tutorial, command by command.
part "tutorial" .venv/bin/python scripts/acceptance/tutorial.py
# The trained models, held to onnxruntime and to what is promised of compiled code (docs/acceptance.md).
part "compile the models" scripts/acceptance/compile.sh
part "stages" scripts/acceptance/stages.sh
part "verify" scripts/acceptance/verify_models.sh
# The node tests of ONNX, held to docs/onnx-coverage.md.
part "node tests" .venv/bin/python scripts/onnx_coverage.py --check
# Damaged models; docs/fuzz.md tells of the long runs.
part "damaged models" .venv/bin/python scripts/fuzz_onnx.py --count 200
part "every size, one library" .venv/bin/python scripts/acceptance/sizes.py
part "same bits" .venv/bin/python scripts/acceptance/determinism.py
part "exported to ONNX" .venv/bin/python scripts/acceptance/onnx_export.py
part "quantised" .venv/bin/python scripts/acceptance/quantize.py
part "precision" .venv/bin/python scripts/acceptance/precision.py
part "training from C" .venv/bin/python scripts/acceptance/train_step.py
# A training run that is killed and goes on, what it wrote for TensorBoard and for other runtimes.
part "killed runs" .venv/bin/python scripts/acceptance/killed_runs.py 3
# Training on several ranks, by mpirun.
part "ranks" .venv/bin/python scripts/acceptance/mpi.py
# The other samples of training, on little.
part "samples" .venv/bin/python scripts/acceptance/samples.py
part "symbols" scripts/acceptance/symbols.sh
part "allocations" scripts/acceptance/allocations.sh
part "warnings" scripts/acceptance/warnings.sh
part "sanitizers" scripts/acceptance/sanitizers.sh
