#!/usr/bin/env bash
# The page of `tensorc graph` in a browser: a model of 1,000 operations is shown, its kernels' boxes are there and can be
# filtered, and it can be moved; how long a move takes is printed (some 16 ms on an idle machine). Needs chromium.
set -euo pipefail
cd "$(dirname "$0")/../.."

TENSORC=${TENSORC:-.build/release/tensorc}
PYTHON=${PYTHON:-.venv/bin/python}
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

browse() {
  timeout 120 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$WORK/profile" --dump-dom \
    "file://$WORK/$1" 2>/dev/null >"$WORK/dom" || fail "chromium does not show $1"
}
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
took=$(sed -n 's/.*<title>a move takes \([0-9.]*\) ms<.*/\1/p' "$WORK/dom")
[[ -n $took ]] || fail "the page does not move"
printf 'page: %d calls of kernels, %d of 1000 operations found, a move takes %s ms\n' "$calls" "$softmax" "$took"
