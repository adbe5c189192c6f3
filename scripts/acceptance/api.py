#!/usr/bin/env python3
"""Holds the public API of the modules that users import to that of the last version, which the files in api describe: a
declaration or a conformance that is gone or another fails, unless CHANGELOG.md says so under "Breaking" in its first
section, where its path stands in backticks: `Tensor.relu()`. What is new passes, but for a requirement of a protocol that has
no default.

    scripts/acceptance/api.py            compare; the modules are those of .build/release (make build-tests)
    scripts/acceptance/api.py --write    describe what is there now: with each new version

Of TensorOps and TensorIR, which Tensors exports, only those types count that the users' modules mention.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build/release"
MODULES = ["TensorRuntime", "Tensors", "TensorLayers", "TensorTraining", "TensorExport", "TensorImages", "TensorMPI"]
INNER = ["TensorOps", "TensorIR"]
# What is thrown is not mentioned in a declaration.
THROWN = {"Diagnostic", "Diagnostics"}


def fail(text):
    sys.exit(f"api: error: {text}")


def extract(module, folder):
    """The symbols of a module, and how they relate, from the compiled module itself."""
    maps = [f"-Xcc=-fmodule-map-file={BUILD}/{name}.build/module.modulemap" for name in ("TensorABI", "TensorDigest", "RanksByMPI")]
    maps.append(f"-Xcc=-fmodule-map-file={ROOT}/Sources/PNG/module.modulemap")
    words = ["swift-symbolgraph-extract", "-module-name", module, "-I", str(BUILD / "Modules")]
    words += [word for option in maps for word in option.split("=", 1)]
    words += ["-target", f"{os.uname().machine}-unknown-linux-gnu", "-minimum-access-level", "public",
              "-skip-synthesized-members", "-output-dir", folder]
    outcome = subprocess.run(words, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if outcome.returncode:
        fail(f"there is no symbol graph of {module}:\n{outcome.stdout}")
    graphs = [json.loads(path.read_text(encoding="utf-8"))
              for path in [*Path(folder).glob(f"{module}.symbols.json"), *Path(folder).glob(f"{module}@*.symbols.json")]]
    symbols = [symbol for graph in graphs for symbol in graph["symbols"] if not is_unavailable(symbol)]
    return symbols, [relation for graph in graphs for relation in graph["relationships"]]


def is_unavailable(symbol):
    """Such a declaration is there for its message alone."""
    return any(entry.get("isUnconditionallyUnavailable") for entry in symbol.get("availability", []))


def path_of(symbol):
    return ".".join(symbol["pathComponents"])


def declaration(symbol):
    text = "".join(part["spelling"] for part in symbol["declarationFragments"])
    return re.sub(r"\s+", " ", text).strip()


def lines(symbols, relations):
    """A line for each declaration and for each conformance: its path, a colon, what it says."""
    paths = {symbol["identifier"]["precise"]: path_of(symbol) for symbol in symbols}
    found = {f"{path_of(symbol)}: {declaration(symbol)}" for symbol in symbols}
    required = set()
    defaults = {relation["target"] for relation in relations if relation["kind"] == "defaultImplementationOf"}
    for relation in relations:
        source = paths.get(relation["source"])
        if source is None:
            continue
        if relation["kind"] == "conformsTo":
            target = relation.get("targetFallback") or paths.get(relation["target"]) or relation["target"]
            found.add(f"{source}: is a {target.split('.')[-1]}")
        if relation["kind"] == "requirementOf" and relation["source"] not in defaults:
            required.add(source)
    return found, required


def describe():
    """For each module its lines; and the paths of what protocols require without a default."""
    with tempfile.TemporaryDirectory() as folder:
        graphs = {module: extract(module, folder) for module in MODULES + INNER}
    mentioned = {part.get("preciseIdentifier") for module in MODULES for symbol in graphs[module][0]
                 for part in symbol["declarationFragments"]}
    types = THROWN | {"Tensor"} | {symbol["pathComponents"][0] for module in INNER for symbol in graphs[module][0]
                                   if symbol["identifier"]["precise"] in mentioned}
    for module in INNER:
        symbols, relations = graphs[module]
        graphs["Tensors"][0].extend(symbol for symbol in symbols if symbol["pathComponents"][0] in types)
        graphs["Tensors"][1].extend(relations)
    modules, required = {}, set()
    for module in MODULES:
        modules[module], own = lines(*graphs[module])
        required |= own
    return modules, required


def version():
    """The command's version, which the first section of CHANGELOG.md must be of."""
    command = os.environ.get("TENSORC", str(BUILD / "tensorc"))
    found = subprocess.run([command, "--version"], encoding="utf-8", check=True, stdout=subprocess.PIPE).stdout.split()[1]
    heading = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M).group(1)
    if not re.match(re.escape(found) + r"\b", heading):
        fail(f"'tensorc --version' says {found}, and the first section of CHANGELOG.md is '{heading}'")
    return found


def excused():
    """The paths that CHANGELOG.md names as broken since the last version."""
    first = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    part = re.search(r"^### Breaking\n(.*?)(?=^### |\Z)", first, re.M | re.S)
    return set(re.findall(r"`([^`]+)`", part.group(1))) if part else set()


def main():
    now, (modules, required) = version(), describe()
    if sys.argv[1:] == ["--write"]:
        for module, found in modules.items():
            (ROOT / "api").mkdir(exist_ok=True)
            text = "".join(line + "\n" for line in sorted(found))
            (ROOT / f"api/{module}.txt").write_text(f"# {module} {now}\n{text}", encoding="utf-8")
        return
    excuses, faults, added, total, last = excused(), [], 0, 0, None
    for module, found in modules.items():
        head, *before = (ROOT / f"api/{module}.txt").read_text(encoding="utf-8").splitlines()
        last, total = head.split()[2], total + len(found)
        # A variable that is stored and one that is computed, to be read and written, are the same to callers.
        found, before = ({re.sub(r"(: var [^{]*) \{ get set \}$", r"\1", line) for line in all} for all in (found, before))
        new = found - before
        added += len(new)
        added_paths = {}
        for line in new:
            added_paths.setdefault(line.split(": ")[0], []).append(line)
        for line in sorted(before - found):
            path = line.split(": ")[0]
            if path in excuses:
                continue
            now_lines = [other for other in added_paths.get(path, []) if "is a " not in line]
            faults.append(f"{module} {last} has\n    {line}\n  " + (f"which is now\n    {now_lines[0]}" if now_lines else "which is gone"))
        known = {line.split(": ")[0] for line in before}
        for path in sorted({line.split(": ")[0] for line in new} & required - known):
            # A protocol that is itself new may require what it likes.
            if path.rpartition(".")[0] in known and path not in excuses:
                faults.append(f"{module} {last} has no\n    {path}\n  which its protocol requires now, without a default")
    if faults:
        text = "\n  ".join(faults)
        fail(f"{len(faults)} changes break programs written for {last}:\n  {text}\n"
             "Keep them, or name their paths in backticks under '### Breaking' in the first section of CHANGELOG.md.")
    print(f"api: {total} declarations of {now}; since {last} {added} are new and none is gone without a word in CHANGELOG.md")


main()
