"""Writes the Markdown table of saved measurements."""

import json
import statistics


def spread(times):
    """The median, and how far the middle half of the runs lies apart, in percent of it."""
    ordered = sorted(times)
    quarter = len(ordered) // 4
    median = statistics.median(ordered)
    return median, 100 * (ordered[-1 - quarter] - ordered[quarter]) / median


def cell(times):
    if not times:
        return ""
    median, width = spread(times)
    return f"{median:.3g} ±{width / 2:.0f} %"


def write(files):
    engines = ["tensorc", "numpy", "onnxruntime", "jax", "torch"]
    shown = None
    for file in files:
        with open(file) as source:
            saved = json.load(source)
        if shown is None:
            print(", ".join(f"{name} {version}" for name, version in saved["versions"].items()), end="\n\n")
            print("| case | n | " + " | ".join(f"{engine}, ms" for engine in engines) + " | ratio | of triad |")
            print("|---" * (len(engines) + 4) + "|")
            shown = True
        for case in saved["cases"]:
            times = case["times"]
            peers = [statistics.median(times[engine]) for engine in engines[1:] if times.get(engine)]
            mine = statistics.median(times["tensorc"]) if times.get("tensorc") else None
            ratio = f"{mine / min(peers):.2f}" if mine and peers else ""
            share = f"{100 * case['bytes'] / mine / 1e6 / case['triad']:.0f} %" if mine else ""
            row = [case["name"], saved["size"]] + [cell(times.get(engine)) for engine in engines] + [ratio, share]
            print("| " + " | ".join(row) + " |")
