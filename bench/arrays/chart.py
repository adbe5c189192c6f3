"""Draws saved measurements of run.py as SVG: how many times as long as tensorc the other engines take.

    python bench/arrays/chart.py FILE … > docs/large-arrays.svg

A row for each case and a column for each size; the scale is logarithmic, and every engine has a shape and a colour of its own.
"""

import json
import math
import statistics
import sys
from html import escape

ENGINES = {"numpy": "#4c72b0", "onnxruntime": "#dd8452", "jax": "#55a868", "torch": "#c44e52"}
LEAST, MOST = 0.5, 200
LEFT, PANEL, GAP, ROW, TOP = 190, 360, 50, 17, 70
TICKS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200]


def read(files):
    """Medians by size, case and engine, in the order in which they were measured."""
    sizes = {}
    for file in files:
        with open(file) as source:
            saved = json.load(source)
        cases = sizes.setdefault(saved["size"], {})
        for case in saved["cases"]:
            cases[case["name"]] = {engine: statistics.median(times) for engine, times in case["times"].items() if times}
    return sizes


def across(ratio, panel):
    """Where a ratio stands; what is beyond the scale stands at its end."""
    share = math.log(min(max(ratio, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return LEFT + panel * (PANEL + GAP) + share * PANEL


def mark(engine, x, y):
    colour, side = ENGINES[engine], 4.2
    fill = f'fill="{colour}" fill-opacity="0.85"'
    if engine == "numpy":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{side}" {fill}/>'
    corners = {
        "onnxruntime": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
        "jax": [(0, -1.2), (1.2, 1), (-1.2, 1)],
        "torch": [(0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)],
    }[engine]
    points = " ".join(f"{x + a * side:.1f},{y + b * side:.1f}" for a, b in corners)
    return f'<polygon points="{points}" {fill}/>'


def text(x, y, words, anchor="start", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def panel(number, size, cases, names, bottom):
    """The scale of a size, and a mark for each engine in each row."""
    start, one = across(LEAST, number), across(1, number)
    yield f'<rect x="{start}" y="{TOP}" width="{one - start:.1f}" height="{bottom - TOP}" fill="#f3e9e9"/>'
    yield text(start + PANEL / 2, TOP - 30, f"{size} elements", "middle", 'font-weight="bold"')
    for tick in TICKS:
        x = across(tick, number)
        yield f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="{"#222" if tick == 1 else "#ddd"}"/>'
        yield text(x, TOP - 8, f"{tick:g}×", "middle", 'fill="#555"')
    for row, name in enumerate(names):
        own = cases.get(name, {})
        for engine in ENGINES:
            if engine in own and "tensorc" in own:
                yield mark(engine, across(own[engine] / own["tensorc"], number), TOP + (row + 0.5) * ROW)


def draw(sizes):
    names = list(dict.fromkeys(name for cases in sizes.values() for name in cases))
    bottom, width = TOP + len(names) * ROW, LEFT + len(sizes) * (PANEL + GAP)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + 40}" '
           'font-family="sans-serif" font-size="11">')
    yield f'<rect width="{width}" height="{bottom + 40}" fill="white"/>'
    yield text(10, 18, "Time of each engine as a multiple of tensorc's (the line at 1×); left of the line it is faster",
               more='font-size="13"')
    for row, name in enumerate(names):
        yield text(LEFT - 12, TOP + (row + 0.5) * ROW + 4, name, "end")
        if row % 2:
            yield f'<rect x="0" y="{TOP + row * ROW}" width="{width}" height="{ROW}" fill="#000" fill-opacity="0.03"/>'
    for number, (size, cases) in enumerate(sizes.items()):
        yield from panel(number, size, cases, names, bottom)
    for place, engine in enumerate(ENGINES):
        x = LEFT + place * 120
        yield mark(engine, x, bottom + 22)
        yield text(x + 10, bottom + 26, engine)
    yield "</svg>"


print("\n".join(draw(read(sys.argv[1:]))))
