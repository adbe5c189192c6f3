#!/usr/bin/env bash
# What must not compile: Swift's compiler verifies that each line of Tests/Fixtures/guesses/Refusals.swift gives the message that stands
# beside it. Needs the modules of a release build.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$(swift build -c release --show-bin-path)
file=Tests/Fixtures/guesses/Refusals.swift
swiftc -frontend -typecheck -verify -verify-ignore-unrelated -swift-version 6 -module-name refusals \
  -I "$build/Modules" -Xcc "-fmodule-map-file=$build/TensorABI.build/module.modulemap" \
  -Xcc "-fmodule-map-file=$build/TensorDigest.build/module.modulemap" "$file"
count=$(grep -c expected-error "$file")
[[ $count -ge 40 ]] || { echo "refusals: only $count messages are verified; 40 are promised" >&2; exit 1; }
echo "$count refusals give their message"
