#include "troupe/cli/bench/report/html_report.hpp"

#include "troupe/cli/bench/report/text_report.hpp"

namespace troupe::load {

namespace {

/// The page up to the data, and after it. Everything is drawn from the JSON
/// report that stands between: what a reader sees and what a program reads
/// can't differ.
constexpr std::string_view page_begin = R"page(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>troupe bench</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
         max-width: 62rem; padding: 0 1rem; color: #1b1f24; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: .15rem .7rem; text-align: right;
           border-bottom: 1px solid #d8dee4; }
  .bad { color: #b3261e; } .facts { color: #57606a; }
  .scroll { overflow-x: auto; } td { white-space: nowrap; }
  .legend { margin: .5rem 0 0; } .legend span { margin-right: 1rem; }
  svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: #57606a; }
</style>
<h1>troupe bench</h1>
<p class="facts" id="facts"></p>
<div class="scroll"><table id="levels"></table></div>
<ul id="notes"></ul>
<h2>Latency against load</h2><div id="load"></div>
<h2>Percentiles</h2><div id="percentiles"></div>
<h2>Throughput over time</h2><div id="time"></div>
<script type="application/json" id="data">)page";

constexpr std::string_view page_notes = R"page(</script>
<script type="application/json" id="notes-data">)page";

constexpr std::string_view page_end = R"page(</script>
<script>
"use strict";
const report = JSON.parse(document.getElementById("data").textContent);
const open = report.loop === "open";
const levels = report.levels;
const colours = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989",
                 "#6e7781", "#9a6700", "#0550ae"];
const name = l => open ? `${format(l.planned_rate)} req/s`
                       : `${l.connections} connections`;
function format(x) {
  if (x === null || x === undefined) return "";
  return Math.abs(x) >= 100 ? String(Math.round(x))
                            : String(Number(x.toPrecision(3)));
}
function element(kind, attributes, text) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  if (text !== undefined) e.textContent = text;
  return e;
}
function ticks(low, high, log) {
  const result = [];
  if (log) {
    for (let e = Math.floor(Math.log10(low)); 10 ** e <= high * 1.001; ++e)
      for (const m of high / low > 1e3 ? [1] : [1, 2, 5])
        if (m * 10 ** e >= low * 0.999 && m * 10 ** e <= high * 1.001)
          result.push(m * 10 ** e);
    return result;
  }
  const raw = (high - low) / 6 || 1, unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find(m => m * unit >= raw) * unit;
  for (let x = Math.ceil(low / step) * step; x <= high + step / 1e6; x += step)
    result.push(x);
  return result;
}
// Draws lines [{name, points: [[x, y], ...]}] with named axes.
function plot(where, lines, options) {
  lines = lines.map(l => ({...l, points: l.points.filter(p =>
    (!options.logX || p[0] > 0) && (!options.logY || p[1] > 0))}))
    .filter(l => l.points.length);
  const target = document.getElementById(where);
  if (!lines.length) { target.textContent = "nothing to show"; return; }
  const w = 900, h = 340, left = 70, right = 20, top = 12, bottom = 44;
  const all = lines.flatMap(l => l.points);
  const range = (i, log) => {
    let a = Math.min(...all.map(p => p[i])), b = Math.max(...all.map(p => p[i]));
    if (!log && i === 1) a = 0;
    if (a === b) { b = log ? a * 2 : a + 1; if (log) a /= 2; }
    return [a, b];
  };
  const [x0, x1] = range(0, options.logX), [y0, y1] = range(1, options.logY);
  const scale = (v, a, b, from, to, log) => {
    const f = log ? Math.log : z => z;
    return from + (f(v) - f(a)) / (f(b) - f(a)) * (to - from);
  };
  const X = v => scale(v, x0, x1, left, w - right, options.logX);
  const Y = v => scale(v, y0, y1, h - bottom, top, options.logY);
  const legend = document.createElement("p");
  legend.className = "legend";
  const svg = element("svg", {viewBox: `0 0 ${w} ${h}`, role: "img",
                              "aria-label": options.title});
  const xTicks = options.xTicks ||
    ticks(x0, x1, options.logX).map(v => [v, format(v)]);
  for (const [v, text] of xTicks) {
    if (v < x0 || v > x1) continue;
    svg.append(element("line", {x1: X(v), x2: X(v), y1: top, y2: h - bottom,
                                stroke: "#eaeef2"}));
    svg.append(element("text", {x: X(v), y: h - bottom + 16,
                                "text-anchor": "middle"}, text));
  }
  for (const v of ticks(y0, y1, options.logY)) {
    svg.append(element("line", {x1: left, x2: w - right, y1: Y(v), y2: Y(v),
                                stroke: "#eaeef2"}));
    svg.append(element("text", {x: left - 6, y: Y(v) + 4,
                                "text-anchor": "end"}, format(v)));
  }
  svg.append(element("text", {x: (left + w) / 2, y: h - 8,
                              "text-anchor": "middle"}, options.x));
  svg.append(element("text", {x: 14, y: h / 2, "text-anchor": "middle",
    transform: `rotate(-90 14 ${h / 2})`}, options.y));
  lines.forEach((l, i) => {
    const colour = colours[i % colours.length];
    svg.append(element("polyline", {fill: "none", stroke: colour,
      "stroke-width": 2, points: l.points.map(p => `${X(p[0])},${Y(p[1])}`)
        .join(" ")}));
    if (l.points.length < 40)
      for (const p of l.points) {
        const dot = element("circle", {cx: X(p[0]), cy: Y(p[1]), r: 3,
                                       fill: colour});
        dot.append(element("title", {}, `${l.name}: ${format(p[0])}, ` +
                                        format(p[1])));
        svg.append(dot);
      }
    const key = document.createElement("span");
    key.style.color = colour;
    key.textContent = `\u25cf ${l.name}`;
    legend.append(key, " ");
  });
  target.append(legend, svg);
}
document.getElementById("facts").textContent =
  `${report.method} ${report.url}, ${report.loop} loop` +
  (open ? ` (${report.arrivals} arrivals, latency from the planned time)` : "") +
  `, ${report.started}, troupe ${report.troupe}, ${report.machine.cores} cores, ` +
  report.machine.kernel + (report.interrupted ? ", interrupted" : "") +
  (report.search ? `; ${report.search.bound}: ` +
    (report.search.best_rate === null ? "broken at the lowest rate"
      : `up to ${format(report.search.best_rate)} req/s`) : "");
const columns = [
  [open ? "planned/s" : "connections",
   l => open ? format(l.planned_rate) : l.connections],
  ["req/s", l => format(l.rate)],
  ...["p50", "p90", "p99", "p99.9", "p99.99", "max"].map(p =>
    [p + " ms", l => format(l.latency_ms[p]) || "-"]),
  ["errors", l => l.errors], ["stable", l => l.stable === null ? "-" : l.stable ? "yes" : "no"],
  ["statuses", l => Object.entries(l.statuses).map(e => `${e[1]} x ${e[0]}`)
    .concat(Object.entries(l.failures).map(e => `${e[1]} ${e[0]}`))
    .join(", ")]];
if (levels.some(l => l.stream))
  columns.push(["items/s", l => l.stream ? format(l.stream.items_rate) : ""],
    ["first p50 ms", l => l.stream ? format(l.stream.first_item_ms.p50) : ""],
    ["between p50 ms",
     l => l.stream ? format(l.stream.between_items_ms.p50) : ""]);
const table = document.getElementById("levels");
const head = table.insertRow();
for (const [title] of columns) {
  const th = document.createElement("th");
  th.textContent = title;
  head.append(th);
}
for (const l of levels) {
  const row = table.insertRow();
  for (const [, value] of columns) row.insertCell().textContent = value(l);
  if (l.errors > 0) row.className = "bad";
}
for (const text of
     JSON.parse(document.getElementById("notes-data").textContent)) {
  const item = document.createElement("li");
  item.textContent = text;
  document.getElementById("notes").append(item);
}
const loadOf = l => open ? l.planned_rate : l.connections;
const byLoad = [...levels].sort((a, b) => loadOf(a) - loadOf(b));
plot("load", ["p50", "p90", "p99", "p99.9"].map(p => ({name: p,
  points: byLoad.map(l => [open ? l.planned_rate : l.rate,
                           l.latency_ms[p]])})),
  {title: "latency against load", x: open ? "planned requests/s" : "requests/s",
   y: "ms", logY: true});
// Each further nine is one step to the right, as HdrHistogram plots it.
plot("percentiles", levels.map(l => ({name: name(l),
  points: l.latency_ms.spectrum.filter(p => p[0] < 100)
    .map(p => [100 / (100 - p[0]), p[1]])})),
  {title: "percentiles", x: "percentile", y: "ms", logX: true, logY: true,
   xTicks: [[1, "0"], [2, "50"], [10, "90"], [100, "99"], [1e3, "99.9"],
            [1e4, "99.99"], [1e5, "99.999"]]});
plot("time", levels.map(l => ({name: name(l), points: l.windows.map((w, i) =>
  [(i + 1) * report.window_ms / 1000, w.rate])})),
  {title: "throughput over time", x: "s", y: "requests/s"});
</script>
</html>
)page";

/// A URL may hold anything; the script element must not end early.
void append_data(std::string& out, const nlohmann::ordered_json& x) {
  for (auto c : x.dump()) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
}

} // namespace

std::string html_report(const nlohmann::ordered_json& report) {
  std::string result{page_begin};
  append_data(result, report);
  result += page_notes;
  append_data(result, report_notes(report));
  result += page_end;
  return result;
}

} // namespace troupe::load
