import Foundation

extension GraphPage {
  /// The page: one file that needs no network. `#stage=NAME&search=WORDS` after its address chooses what it shows first.
  public func html() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // In a script, "</" would end it; in JSON it may be written so.
    let json = String(decoding: try encoder.encode(self), as: UTF8.self).replacing("</", with: "<\\/")
    return Data(GraphPage.template.replacing("/*DATA*/null", with: json).utf8)
  }

  private static let template = #"""
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>tensorc graph</title>
    <style>
    :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #8b949e; --line: #d0d7de; --op: #eef4fb;
      --fused: #fdf3e1; --kernel: #e9f6ec; --end: #f3eefb; --mark: #d9480f; }
    @media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6edf3; --faint: #8b949e; --line: #3a424c;
      --op: #1c2a3a; --fused: #3a2d17; --kernel: #18301f; --end: #2b2240; --mark: #ff922b; } }
    body { margin: 0; font: 14px/1.4 system-ui, "DejaVu Sans", sans-serif; background: var(--paper); color: var(--ink);
      display: grid; grid-template: auto 1fr auto / 1fr 300px; height: 100vh; }
    header { grid-column: 1 / 3; padding: 8px 12px; border-bottom: 1px solid var(--line); display: flex; gap: 12px;
      align-items: center; flex-wrap: wrap; }
    header b { margin-right: 8px; }
    button { font: inherit; padding: 2px 10px; border: 1px solid var(--line); border-radius: 12px; background: none;
      color: inherit; cursor: pointer; }
    button.chosen { background: var(--ink); color: var(--paper); }
    input { font: inherit; padding: 3px 8px; width: 220px; border: 1px solid var(--line); border-radius: 4px;
      background: none; color: inherit; }
    #graph { overflow: hidden; position: relative; cursor: grab; }
    #graph svg { position: absolute; left: 0; top: 0; width: 100%; height: 100%; }
    aside { border-left: 1px solid var(--line); padding: 12px; overflow: auto; overflow-wrap: anywhere; }
    aside h2 { font-size: 15px; margin: 0 0 6px; }
    aside p { margin: 4px 0; }
    #memory { grid-column: 1 / 3; border-top: 1px solid var(--line); height: 150px; position: relative; }
    #memory svg { width: 100%; height: 100%; display: block; }
    #memory span { position: absolute; left: 12px; top: 4px; color: var(--faint); }
    .node rect { stroke: var(--line); fill: var(--op); }
    .node.fused rect { fill: var(--fused); } .node.kernel rect { fill: var(--kernel); }
    .node.input rect, .node.output rect { fill: var(--end); }
    .node text { fill: var(--ink); pointer-events: none; font: 11px ui-monospace, "DejaVu Sans Mono", monospace; }
    .node text.small { fill: var(--faint); font-size: 10px; }
    .node.found rect { stroke: var(--mark); stroke-width: 2.5; }
    .searching .node:not(.found) { opacity: .25; }
    .node.chosen rect { stroke: var(--ink); stroke-width: 2.5; }
    path.edge { fill: none; stroke: var(--faint); stroke-opacity: .55; }
    .block { stroke: var(--paper); stroke-width: .5; fill-opacity: .8; }
    @media (max-width: 700px) { body { grid-template: auto 1fr minmax(0, 30vh) auto / 1fr; }
      header, #memory { grid-column: 1; } #memory { height: 120px; }
      aside { border-left: none; border-top: 1px solid var(--line); } }
    </style></head><body>
    <header><b id="model"></b><span id="stages"></span><input id="search" type="search" placeholder="Search (/, Enter)">
    <span id="count"></span><span id="sizes" style="color: var(--faint)"></span></header>
    <div id="graph"></div><aside id="about"></aside><div id="memory"></div>
    <script>
    "use strict";
    const data = /*DATA*/null;
    const byId = id => document.getElementById(id), space = "http://www.w3.org/2000/svg";
    const wide = 200, gapX = 24, gapY = 44;
    const bytes = n => { const units = ["B", "KB", "MB", "GB"]; let u = 0; while (n >= 1000 && u < 3) { n /= 1000; u++; }
      return (u ? n.toPrecision(3) : n) + " " + units[u]; };
    const counted = n => n >= 1e6 ? (n / 1e6).toPrecision(3) + " M" : n.toLocaleString("en");
    const make = (name, attributes, parent, text) => { const e = document.createElementNS(space, name);
      for (const key in attributes) e.setAttribute(key, attributes[key]);
      if (text !== undefined) e.textContent = text;
      parent.append(e); return e; };
    const shown = (text, most) => text.length > most ? text.slice(0, most - 1) + "…" : text;
    let stage, at = 0, groups = [], view = { x: 20, y: 20, scale: 1 }, layer;

    // Rows by the longest way from an input; within a row by the mean place of what comes before.
    function placed(nodes) {
      const rows = [];
      nodes.forEach((node, i) => {
        node.row = node.kind === "input" ? 0 : 1 + Math.max(-1, ...node.from.map(f => nodes[f].row));
        node.lines = smallLines(node); node.high = 26 + 14 * node.lines.length;
        (rows[node.row] ||= []).push(i);
      });
      let y = 0;
      for (let r = 0; r < rows.length; r++) {
        const row = rows[r] || [];
        const wish = i => nodes[i].from.length ? nodes[i].from.reduce((s, f) => s + nodes[f].x, 0) / nodes[i].from.length : 0;
        row.sort((a, b) => wish(a) - wish(b) || a - b);
        let free = -Infinity;
        const wished = row.reduce((s, i) => s + wish(i), 0);
        for (const i of row) { nodes[i].x = Math.max(wish(i), free); nodes[i].y = y; free = nodes[i].x + wide + gapX; }
        // What was pushed to the right goes back by the mean of it, so that a long graph stays upright.
        const back = (row.reduce((s, i) => s + nodes[i].x, 0) - wished) / Math.max(row.length, 1);
        for (const i of row) nodes[i].x -= back;
        y += Math.max(26, ...row.map(i => nodes[i].high)) + gapY;
      }
    }
    function smallLines(node) {
      const lines = [];
      if (node.microseconds !== undefined) lines.push(node.microseconds.toFixed(1) + " µs");
      const parts = [];
      if (node.bytes !== undefined && node.kind !== "op") parts.push(bytes(node.bytes));
      if (node.work !== undefined) parts.push("work " + counted(node.work));
      if (parts.length) lines.push(parts.join(" · "));
      if (node.kind === "input" || node.kind === "output") lines.push(node.detail[0]);
      return lines;
    }
    function choose(name) {
      stage = data.stages.find(s => s.name === name) || data.stages[0];
      document.querySelectorAll("#stages button").forEach(b => b.classList.toggle("chosen", b.textContent === stage.name));
      const nodes = stage.nodes;
      placed(nodes);
      byId("graph").replaceChildren();
      const svg = make("svg", {}, byId("graph"));
      layer = make("g", {}, svg);
      for (const node of nodes) for (const f of node.from) {
        const a = nodes[f], x1 = a.x + wide / 2, y1 = a.y + a.high, x2 = node.x + wide / 2, y2 = node.y, m = (y1 + y2) / 2;
        make("path", { class: "edge", d: `M${x1} ${y1}C${x1} ${m} ${x2} ${m} ${x2} ${y2}` }, layer);
      }
      groups = nodes.map((node, i) => {
        const g = make("g", { class: "node " + node.kind, "data-name": node.label, transform: `translate(${node.x} ${node.y})` }, layer);
        make("rect", { width: wide, height: node.high, rx: 5 }, g);
        make("text", { x: 8, y: 17 }, g, shown(node.label, 27));
        node.lines.forEach((line, n) => make("text", { x: 8, y: 32 + 14 * n, class: "small" }, g, shown(line, 30)));
        g.addEventListener("click", () => about(i));
        return g;
      });
      const box = byId("graph").getBoundingClientRect();
      const left = Math.min(...nodes.map(n => n.x)), right = Math.max(...nodes.map(n => n.x)) + wide;
      view.scale = Math.min(1, Math.max(.6, box.width / (right - left + 40)));
      // The first row is shown in the middle.
      const top = nodes.filter(n => n.row === 0), middle = top.reduce((s, n) => s + n.x, 0) / Math.max(top.length, 1) + wide / 2;
      view.x = box.width / 2 - (top.length ? middle : (left + right) / 2) * view.scale; view.y = 20;
      move(); search();
      about(-1);
    }
    function move() { layer.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.scale})`); }
    function search() {
      const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      at = 0;
      stage.nodes.forEach((node, i) => {
        const text = [node.label, node.kind, ...node.detail, ...node.parts].join(" ").toLowerCase();
        const isFound = words.length > 0 && words.every(w => text.includes(w));
        groups[i].classList.toggle("found", isFound); count += isFound;
      });
      layer.classList.toggle("searching", words.length > 0);
      byId("count").textContent = words.length ? `${count} of ${stage.nodes.length}` : `${stage.nodes.length} nodes`;
    }
    function about(i) {
      groups.forEach((g, n) => g.classList.toggle("chosen", n === i));
      const place = byId("about"); place.replaceChildren();
      const add = (tag, text) => { const e = document.createElement(tag); e.textContent = text; place.append(e); };
      if (i < 0) {
        const kernels = stage.nodes.filter(n => n.kind === "kernel"), sum = key => kernels.reduce((s, n) => s + (n[key] || 0), 0);
        add("h2", stage.name);
        const names = { op: "operation", fused: "group", kernel: "kernel" };
        add("p", Object.keys(names).map(kind => [stage.nodes.filter(n => n.kind === kind).length, names[kind]])
          .filter(([n]) => n).map(([n, name]) => `${n} ${name}${n > 1 ? "s" : ""}`).join(", "));
        if (kernels.length) { add("p", `${bytes(sum("bytes"))} of operands and results, work ${counted(sum("work"))}`);
          if (sum("microseconds")) add("p", `${sum("microseconds").toFixed(1)} µs`); }
        add("p", "Drag to move, turn the wheel to zoom, click a box for more. Type / to search.");
        return;
      }
      const node = stage.nodes[i];
      add("h2", node.label);
      for (const line of [...node.detail, ...smallLines(node).filter(l => !node.detail.includes(l))]) add("p", line);
      if (node.parts.length) add("p", "made of " + node.parts.join(", "));
      if (node.from.length) add("p", "from " + node.from.map(f => stage.nodes[f].label).join(", "));
    }
    function memory() {
      const place = byId("memory");
      if (!data.memory.length) { place.style.display = "none"; return; }
      const last = Math.max(...data.memory.map(b => b.last)) + 1;
      const svg = make("svg", { viewBox: `0 0 ${last} 100`, preserveAspectRatio: "none" }, place);
      data.memory.forEach((b, i) => {
        const high = 78 * b.size / data.memoryBytes;
        const r = make("rect", { class: "block", x: b.first, y: 98 - 78 * b.offset / data.memoryBytes - high,
          width: b.last - b.first + 1, height: Math.max(high, .6), fill: `hsl(${i * 47 % 360} 55% 55%)`,
          "vector-effect": "non-scaling-stroke" }, svg);
        make("title", {}, r, `${b.name}: ${bytes(b.size)}, calls ${b.first} to ${b.last}`);
      });
      const words = document.createElement("span");
      words.textContent = `workspace ${bytes(data.memoryBytes)}; calls from left to right`;
      place.append(words);
    }
    byId("model").textContent = data.model; document.title = data.model + ": tensorc graph";
    byId("sizes").textContent = data.sizes ? "for " + data.sizes : "";
    for (const s of data.stages) { const b = document.createElement("button"); b.textContent = s.name;
      b.addEventListener("click", () => choose(s.name)); byId("stages").append(b, " "); }
    byId("search").addEventListener("input", search);
    // Enter goes from one found box to the next.
    byId("search").addEventListener("keydown", e => { if (e.key !== "Enter") return;
      const found = stage.nodes.filter((_, i) => groups[i].classList.contains("found"));
      if (!found.length) return;
      const node = found[at++ % found.length], box = byId("graph").getBoundingClientRect();
      view.scale = Math.max(view.scale, .8);
      view.x = box.width / 2 - (node.x + wide / 2) * view.scale; view.y = box.height / 2 - node.y * view.scale;
      move(); about(stage.nodes.indexOf(node)); });
    addEventListener("keydown", e => { if (e.key === "/" && document.activeElement !== byId("search")) { e.preventDefault(); byId("search").focus(); } });
    const graph = byId("graph");
    graph.addEventListener("wheel", e => { e.preventDefault();
      const box = graph.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
      const next = Math.min(3, Math.max(.05, view.scale * Math.exp(-e.deltaY / 500))), k = next / view.scale;
      view.x = x - (x - view.x) * k; view.y = y - (y - view.y) * k; view.scale = next; move(); }, { passive: false });
    let held = null;
    graph.addEventListener("pointerdown", e => { held = { x: e.clientX - view.x, y: e.clientY - view.y }; });
    addEventListener("pointermove", e => { if (held) { view.x = e.clientX - held.x; view.y = e.clientY - held.y; requestAnimationFrame(move); } });
    addEventListener("pointerup", () => { held = null; });
    const asked = new URLSearchParams(location.hash.slice(1));
    byId("search").value = asked.get("search") || "";
    choose(asked.get("stage") || data.stages[data.stages.length - 1].name);
    memory();
    </script></body></html>

    """#
}
