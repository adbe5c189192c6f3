#!/usr/bin/env bash
# The pages that are written, in a browser, which must fetch nothing and find no error:
#
#   - `tensorc graph`: a model of 1,000 operations is shown, its kernels' boxes are there and can be filtered, and it can be
#     moved; how long a move takes is printed (some 16 ms on an idle machine);
#   - the report of a training run (samples/cnn on made-up pictures): its curves lie within their plots, its numbers stand
#     in tables, and no label is cut or lies on another, on a wide screen and on a narrow one.
#
# Needs chromium.  PICTURES=DIR keeps pictures of both there, to be looked at.
set -euo pipefail
cd "$(dirname "$0")/../.."

TENSORC=${TENSORC:-.build/release/tensorc}
PYTHON=${PYTHON:-.venv/bin/python}
CNN=${CNN:-.build/release/cnn}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

fail() {
  printf 'page: error: %s\n' "$*" >&2
  exit 1
}

"$PYTHON" - >"$WORK/big.tir" <<'PYTHON'
import random
random.seed(1)
print("func @big(%x: f32[n, 64]) -> (%y: f32[n, 64]) {")
names = ["%x"]
for i in range(1000):
    a, b = random.choice(names[-6:]), random.choice(names[-3:])
    if random.random() < 0.3:
        print(f"  %v{i} = softmax {a} {{axis: 1}} : f32[n, 64]")
    else:
        print(f"  %v{i} = {random.choice(['add', 'multiply', 'maximum'])} {a}, {b} : f32[n, 64]")
    names.append(f"%v{i}")
print(f"  return {names[-1]}\n}}")
PYTHON
"$TENSORC" graph -q "$WORK/big.tir" -o "$WORK/big.html"
# A copy that moves the picture and writes down what a move takes.
cp "$WORK/big.html" "$WORK/moved.html"
cat >>"$WORK/moved.html" <<'HTML'
<script>
choose("import");
const begin = performance.now();
for (let i = 0; i < 40; i++) { view.x += 10; view.scale *= i % 2 ? 1.1 : 0.9; move(); groups[500].getBoundingClientRect(); }
document.title = "a move takes " + ((performance.now() - begin) / 40).toFixed(1) + " ms";
</script>
HTML

# browse FILE [WIDTH]: what the page's DOM is once its scripts have run.
browse() {
  timeout 120 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$WORK/profile" --enable-logging=stderr \
    --window-size="${2:-1200},900" --dump-dom "file://$WORK/$1" 2>"$WORK/log" >"$WORK/dom" || fail "chromium does not show $1"
  ! grep ':CONSOLE' "$WORK/log" || fail "$1 has an error"
}
picture() {
  [[ -n ${PICTURES:-} ]] || return 0
  mkdir -p "$PICTURES"
  timeout 120 chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$WORK/profile" \
    --window-size="$3" --blink-settings=preferredColorScheme="$4" --screenshot="$PICTURES/$2.png" "file://$WORK/$1" \
    2>"$WORK/log" || fail "chromium makes no picture of $1"
}
pictures() {
  picture "$1" "$2-wide-light" 1200,1000 1
  picture "$1" "$2-wide-dark" 1200,1000 0
  picture "$1" "$2-narrow-light" 500,1000 1
  picture "$1" "$2-narrow-dark" 500,1000 0
}
# The title that a page's last script gave it.
title() { sed -n 's/.*<title>\([^<]*\)<.*/\1/p' "$WORK/dom" | head -n 1; }
boxes() { grep -o "class=\"node $1\"" "$WORK/dom" | wc -l; }
expect() { [[ $2 -eq $3 ]] || fail "$1: $2, not $3"; }

kernels=$("$TENSORC" inspect "$WORK/big.tir" | sed -n 's/^kernels *//p')
calls=$("$PYTHON" - "$WORK/big.html" <<'PYTHON'
import json, re, sys
data = json.loads(re.search(r"const data = (.*);", open(sys.argv[1]).read()).group(1))
nodes = data["stages"][-1]["nodes"]
print(sum(node["kind"] == "kernel" for node in nodes))
PYTHON
)
[[ $calls -ge $kernels ]] || fail "the page has $calls calls of $kernels kernels"
browse 'big.html#stage=kernels'
expect "boxes of kernels" "$(boxes kernel)" "$calls"
grep -q 'class="block"' "$WORK/dom" || fail "there is no picture of the memory"
softmax=$(grep -c ' softmax ' "$WORK/big.tir")
browse 'big.html#stage=import&search=softmax'
expect "boxes of softmax" "$(boxes 'op found')" "$softmax"
expect "the others" "$(boxes op)" "$((1000 - softmax))"
browse 'big.html#stage=import&search=softmax%20nothing'
expect "boxes of nothing" "$(boxes 'op found')" 0
browse moved.html
took=$(title)
[[ $took == "a move takes "* ]] || fail "the page does not move"
# hold_at_widths PAGE: checked.html finds nothing wrong, on a wide screen and a narrow one.
hold_at_widths() {
  local width
  for width in 1200 500; do
    browse checked.html $width
    [[ $(title) == right ]] || fail "the $1 at a width of $width: $(title)"
  done
}

# Names of any length stay in their boxes, and on a narrow screen the graph has the whole width.
long=mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm
printf 'func @long(%%x: f32[n, 64]) -> (%%y: f32[n, 64]) {\n  %%%s = relu %%x : f32[n, 64]\n  return %%%s\n}\n' $long $long |
  sed "s/@long/@$long/; s/%x/%${long}_in/g" >"$WORK/long.tir"
"$TENSORC" graph -q "$WORK/long.tir" -o "$WORK/long.html"
{
  cat "$WORK/long.html"
  cat <<'HTML'
<script>
const out = [...document.querySelectorAll(".node")].filter(node =>
  [...node.querySelectorAll("text")].some(text => text.getBBox().x + text.getBBox().width > wide));
const room = byId("graph").getBoundingClientRect().width;
document.title = out.length ? out.length + " names outside of their boxes" : room < innerWidth - (innerWidth > 700 ? 320 : 0) - 1 ?
  "the graph is only " + room + " wide" : performance.getEntriesByType("resource").length ? "fetches something" : "right";
</script>
HTML
} >"$WORK/checked.html"
hold_at_widths graph
pictures 'big.html#stage=kernels' graph
printf 'page: %d calls of kernels, %d of 1000 operations found, %s\n' "$calls" "$softmax" "$took"

# The report.
mkdir "$WORK/data"
PYTHONPATH=scripts/acceptance "$PYTHON" -c "
import pathlib, random, sys, killed_runs
killed_runs.write_data(pathlib.Path(sys.argv[1]), random.Random(1))" "$WORK/data"
"$CNN" --data "$WORK/data" --output "$WORK/run" --passes 3 --every 1000 >"$WORK/log" 2>&1 ||
  fail "samples/cnn: $(tail -n 5 "$WORK/log")"
cp "$WORK/run/report.html" "$WORK/report.html"
{
  cat "$WORK/report.html"
  cat <<'HTML'
<script>
const faults = [], all = (place, what) => [...place.querySelectorAll(what)], box = e => e.getBoundingClientRect();
const require = (holds, what) => { if (!holds) faults.push(what); };
const charts = all(document, "figure.chart");
require(charts.length === 2, charts.length + " charts");
const counts = charts.map(chart => all(chart, "polyline").length);
require(counts.join() === "2,1", "curves " + counts);
for (const chart of charts) {
  const plot = box(chart.querySelector("svg"));
  for (const line of all(chart, "polyline")) {
    const points = [...line.points];
    require(points.length > 2 && points.every(p => p.x >= 0 && p.x <= 1000 && p.y >= 0 && p.y <= 1000), "points outside of the plot");
    const own = box(line);
    require(own.width > plot.width / 2 && own.left >= plot.left - 2 && own.right <= plot.right + 2 && own.top >= plot.top - 2 &&
      own.bottom <= plot.bottom + 2, "a curve outside of the plot");
    require(getComputedStyle(line).stroke.startsWith("rgb"), "a curve without a colour");
  }
  require(all(chart, "figcaption i").length === all(chart, "polyline").length, "curves without names");
  const labels = all(chart, ".plot span");
  require(all(chart, ".x").length > 2 && all(chart, ".y").length > 2, "axes without numbers");
  labels.forEach((label, i) => {
    const own = box(label);
    require(Number.isFinite(parseFloat(label.textContent)), "an axis says " + label.textContent);
    require(own.left >= 0 && own.right <= innerWidth, "a label is cut: " + label.textContent);
    for (const other of labels.slice(0, i).map(box))
      require(own.right <= other.left || own.left >= other.right || own.bottom <= other.top || own.top >= other.bottom, "labels overlap");
  });
}
const rows = all(document, ".passes tr").slice(1).map(row => all(row, "td").map(cell => Number(cell.textContent)));
require(rows.length === 3 && rows.every(row => row.length === 5 && row.every(Number.isFinite)), "numbers of passes: " + rows);
require(all(document, ".facts td").length === 7, "the facts");
require(document.documentElement.scrollWidth <= innerWidth, "wider than the window");
require(performance.getEntriesByType("resource").length === 0, "fetches something");
document.title = faults.length ? faults.slice(0, 3).join("; ") : "right";
</script>
HTML
} >"$WORK/checked.html"
hold_at_widths report
pictures report.html report
printf "page: the report's %d curves lie within their plots\n" "$(grep -c '<polyline' "$WORK/report.html")"
