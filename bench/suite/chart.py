"""Ratios as an SVG: a bar to the right of 1 where we are faster, to the left where another runtime is."""

import math
from xml.sax.saxutils import escape

ROW, LEFT, RIGHT, TOP = 18, 250, 60, 56


def ratios(rows, machine):
    rows = [row for row in rows if row["ratio"]]
    width, height = 900, TOP + ROW * len(rows) + 24
    reach = max([abs(math.log2(row["ratio"])) for row in rows] + [1])
    middle = LEFT + (width - LEFT - RIGHT) / 2
    scale = (width - LEFT - RIGHT) / 2 / reach
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        "<style>text{fill:#222}.bad{fill:#c0504d}.good{fill:#4f81bd}line{stroke:#888}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>",
        '<text x="8" y="18" font-size="14">The best other runtime\'s time over ours</text>',
        f'<text x="8" y="36">{escape(machine.split(";")[0])}</text>',
    ]
    for power in range(-int(reach), int(reach) + 1):
        x = middle + power * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 18}" stroke-width="{1 if power else 2}"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 4}" text-anchor="middle">{2.0 ** power:g}</text>')
    for place, row in enumerate(rows):
        y = TOP + place * ROW
        length = math.log2(row["ratio"]) * scale
        kind = "good" if length >= 0 else "bad"
        label = f'{row["name"]}, {row["threads"]} thread{"s" if row["threads"] > 1 else ""}'
        parts.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(label)}</text>')
        parts.append(f'<rect class="{kind}" x="{min(middle, middle + length):.1f}" y="{y + 2}" width="{abs(length):.1f}" '
                     f'height="{ROW - 5}"><title>{row["ratio"]:.2f}</title></rect>')
        parts.append(f'<text x="{width - RIGHT + 8}" y="{y + 12}">{row["ratio"]:.2f}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"
