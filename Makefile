# `make demo` and `make test` do all their own set-up. `make help` lists the rest.

PREFIX ?= /usr/local
BUILD := swift build -c release -Xswiftc -enable-testing
# The package's own builds need no second tensorc for its plugin: see Package.swift.
export TENSORC_COMMAND ?= $(CURDIR)/.build/release/tensorc
SWIFT_FILES = git ls-files -z --cached --others --exclude-standard -- '*.swift' ':!*.pb.swift'

.PHONY: help bench bench-compare demo mlp cnn gpt mpi vae gru train-step test setup fresh build build-tools build-tests run-tests races api fuzz onnx-fuzz text-fuzz mutants docs onnx-coverage models format format-check install uninstall clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F '\t' '{ printf "make %-14s %s\n", $$1, $$2 }'

demo: ## compile a trained model and let it name the types of files (FILES='a b' to choose them)
	@scripts/demo.sh $(FILES)

mlp: ## train a small network written in Swift on Fashion-MNIST
	@samples/mlp/run.sh

cnn: ## train a convolutional network written in Swift on Fashion-MNIST
	@samples/cnn/run.sh

gpt: ## train a character model on the King James Bible, which then writes
	@samples/gpt/run.sh

vae: ## train a variational autoencoder on Fashion-MNIST and draw pictures
	@samples/vae/run.sh

mpi: ## train that character model on several ranks (RANKS=2)
	@samples/mpi/run.sh

gru: ## train a recurrent network to add what is marked in a sequence
	@samples/gru/run.sh

train-step: build ## train the last layers of that network anew from C
	@samples/train-step/run.sh

test: ## everything that must hold, with the minutes per part
	@scripts/test.sh

setup: ## install what is missing: Debian packages, and Python packages in .venv
	@scripts/setup.sh

fresh: ## both commands in a bare Debian made by debootstrap (as root; takes an hour)
	@scripts/fresh.sh

build: ## the command, optimised
	$(BUILD) --product tensorc

build-tools: ## the fuzzer and the benchmarks, optimised
	TENSORC_TOOLS=1 $(BUILD)

build-tests: ## the tests, optimised
	$(BUILD) --build-tests

run-tests: build-tests ## the tests alone; needs setup and models
	swift test -c release -Xswiftc -enable-testing --skip-build

bench: build models ## time models and kernels in turns with the other runtimes that are installed (ARGS='--only magika')
	.venv/bin/python bench/suite/suite.py $(ARGS)

bench-compare: models ## time two commits, or two builds of the command, in turns (A=main~1 B=main)
	.venv/bin/python bench/suite/compare.py $(A) $(B) $(ARGS)

races: ## eight tasks at once under ThreadSanitizer (builds the modules again for it: three minutes of a processor)
	@scripts/acceptance/races.sh

api: build-tests ## describe the public API in api, with a new version: docs/acceptance.md
	@scripts/acceptance/api.py --write

fuzz: ## compile random programs and compare them with the evaluator (SEEDS='1 10000'; takes hours)
	TENSORC_TOOLS=1 $(BUILD) --product fuzz
	.build/release/fuzz $(or $(SEEDS),1 10000)

text-fuzz: ## damage .tir texts and take each through the compiler (SEEDS='1 20000'; takes an hour)
	TENSORC_TOOLS=1 $(BUILD) --product text-fuzz
	.build/release/text-fuzz $(or $(SEEDS),1 20000)
	.build/release/text-fuzz sanitize .build/text-fuzz

onnx-fuzz: ## damage ONNX models and take them through the compiler (SEEDS='1 3000'; minutes)
	$(BUILD) --product onnx-fuzz
	.venv/bin/python scripts/fuzz_onnx.py --first $(firstword $(SEEDS) 1) --count $(or $(word 2,$(SEEDS)),3000) --ids

mutants: ## plant faults one at a time and expect the tests to fail (ONLY='03 07' for some; takes long)
	@scripts/mutants.sh $(ONLY)

docs: build ## write the generated pages again
	@.build/release/tensorc ops --markdown > .build/ops.md && mv .build/ops.md docs/ops.md
	@.build/release/tensorc ops --coverage > .build/coverage.md && mv .build/coverage.md docs/op-coverage.md
	@.build/release/tensorc ops --api > .build/api.md && mv .build/api.md docs/api-coverage.md
	@.build/release/tensorc ops --layers > .build/layers.md && mv .build/layers.md docs/layer-coverage.md

onnx-coverage: build ## run ONNX's node tests (libonnx-testdata) and write docs/onnx-coverage.md
	@.venv/bin/python scripts/onnx_coverage.py --write

models: setup ## fetch the models that the tests use (ALL=1 for all ten)
	@.venv/bin/python scripts/models.py $(if $(ALL),--all)

format: ## rewrite the Swift files in the house format
	@$(SWIFT_FILES) | xargs -0 swift format --in-place --parallel

format-check: ## fail on a Swift file that is not in the house format
	@$(SWIFT_FILES) | xargs -0 swift format lint --strict --parallel

install: build ## put tensorc under PREFIX (/usr/local)
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/doc/tensorc'
	install -m 755 .build/release/tensorc '$(DESTDIR)$(PREFIX)/bin/tensorc'
	install -m 644 LICENSE NOTICE '$(DESTDIR)$(PREFIX)/share/doc/tensorc'

uninstall: ## remove what install put there
	rm -f '$(DESTDIR)$(PREFIX)/bin/tensorc'
	rm -f '$(DESTDIR)$(PREFIX)/share/doc/tensorc/LICENSE' '$(DESTDIR)$(PREFIX)/share/doc/tensorc/NOTICE'
	-rmdir '$(DESTDIR)$(PREFIX)/share/doc/tensorc'

clean: ## remove what was built; models and .venv stay
	rm -rf .build
