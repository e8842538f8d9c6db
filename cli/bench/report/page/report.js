// Draws the page of a report from the JSON that stands in it: what a reader
// sees and what a program reads cannot differ.
"use strict";
(() => {
const report = JSON.parse(document.getElementById("data").textContent);
const open = report.loop === "open";
const levels = report.levels;
const byId = id => document.getElementById(id);

// -- texts --------------------------------------------------------------------

const name = l => open ? `${format(l.planned_rate)} req/s`
  : `${l.connections} connection${l.connections === 1 ? "" : "s"}`;

function format(x) {
  if (x === null || x === undefined)
    return "";
  return Math.abs(x) >= 100 ? String(Math.round(x))
                            : String(Number(x.toPrecision(3)));
}

const ms = x => x === null || x === undefined ? "" : `${format(x)} ms`;

function showFacts() {
  byId("facts").textContent =
    `${report.method} ${report.url}, ${report.loop} loop`
    + (open ? ` (${report.arrivals} arrivals, latency from the planned time)`
            : "")
    + `, ${report.started}, troupe ${report.troupe}, `
    + `${report.machine.cores} cores, ${report.machine.kernel}`
    + (report.interrupted ? ", interrupted" : "")
    + (report.search ? `; ${report.search.bound}: `
       + (report.search.best_rate === null ? "broken at the lowest rate"
          : `up to ${format(report.search.best_rate)} req/s`) : "");
}

function showLevels() {
  const columns = [
    [open ? "planned/s" : "connections",
     l => open ? format(l.planned_rate) : l.connections],
    ["req/s", l => format(l.rate)],
    ...["p50", "p90", "p99", "p99.9", "p99.99", "max"].map(p =>
      [`${p} ms`, l => format(l.latency_ms[p]) || "-"]),
    ["errors", l => l.errors],
    ["stable", l => l.stable === null ? "-" : l.stable ? "yes" : "no"],
    ["statuses", l => Object.entries(l.statuses).map(e => `${e[1]} x ${e[0]}`)
      .concat(Object.entries(l.failures).map(e => `${e[1]} ${e[0]}`))
      .join(", ")]];
  const stream = (l, value) => l.stream ? format(value(l.stream)) : "";
  if (levels.some(l => l.stream))
    columns.push(
      ["items/s", l => stream(l, s => s.items_rate)],
      ["first p50 ms", l => stream(l, s => s.first_item_ms.p50)],
      ["between p50 ms", l => stream(l, s => s.between_items_ms.p50)]);
  const table = byId("levels");
  const head = table.createTHead().insertRow();
  for (const [title] of columns) {
    const th = document.createElement("th");
    th.scope = "col";
    th.textContent = title;
    head.append(th);
  }
  const body = table.createTBody();
  for (const l of levels) {
    const row = body.insertRow();
    for (const [, value] of columns)
      row.insertCell().textContent = value(l);
    if (l.errors > 0)
      row.className = "bad";
  }
  for (const text of JSON.parse(byId("notes-data").textContent)) {
    const item = document.createElement("li");
    item.textContent = text;
    byId("notes").append(item);
  }
}

// -- scales -------------------------------------------------------------------

/// Every 1, 2 and 5 times a power of ten from `low` to `high`.
function ticks125(low, high) {
  const result = [];
  for (let e = Math.floor(Math.log10(low)); 10 ** e <= high * 1.001; ++e)
    for (const m of [1, 2, 5]) {
      const tick = Number(`${m}e${e}`);
      if (tick >= low * 0.999 && tick <= high * 1.001)
        result.push(tick);
    }
  return result;
}

/// From a 1, 2 or 5 below the lowest to one above the highest.
function range125(low, high) {
  if (!(low > 0))
    return [1, 10];
  const around = ticks125(low / 10, high * 10);
  const from = around.findLast(t => t <= low * 1.001);
  const to = around.find(t => t >= high * 0.999);
  return [from, to > from ? to : from * 2];
}

/// The labels that have room: all, or those at powers of ten.
function labelled(splits, room) {
  if (splits.length <= room)
    return splits;
  return splits.map(v => /^1e/.test(v.toExponential()) ? v : null);
}

const colour = i => css(`--series-${i % 8 + 1}`);
const css = variable =>
  getComputedStyle(document.documentElement).getPropertyValue(variable).trim();

// -- plots --------------------------------------------------------------------

/// One list of x for all lines, as the library wants it; no value is null.
function table(lines) {
  const xs = [...new Set(lines.flatMap(l => l.points.map(p => p[0])))]
    .sort((a, b) => a - b);
  const at = new Map(xs.map((x, i) => [x, i]));
  return [xs, ...lines.map(l => {
    const ys = xs.map(() => null);
    for (const [x, y] of l.points)
      ys[at.get(x)] = y;
    return ys;
  })];
}

const plots = [];

/// Draws lines [{name, points: [[x, y], ...]}] with named axes.
/// options: title, x {label, log, ticks, text}, y {label, log, text}
function plot(where, lines, options) {
  const {x, y} = options;
  const good = (axis, v) => v !== null && v !== undefined && (!axis.log || v > 0);
  lines = lines
    .map(l => ({...l, points: l.points.filter(
      p => good(x, p[0]) && good(y, p[1]))}))
    .filter(l => l.points.length > 0);
  const place = byId(where);
  if (lines.length === 0) {
    place.textContent = "nothing to show";
    return;
  }
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", options.title);
  plots.push({place, lines, data: table(lines), options});
}

function axis({label, log, ticks, text, whole}, size) {
  const line = {stroke: css("--line"), width: 1};
  const result = {
    label, labelSize: 22, labelFont: "13px system-ui, sans-serif",
    font: "12px system-ui, sans-serif", stroke: css("--quiet"), grid: line,
    ticks: {...line, size: 4}, size, values: (u, all) => all.map(
      v => v === null ? "" : (text ?? format)(v))};
  if (whole)
    result.incrs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  if (ticks)
    result.splits = (u, i, low, high) => ticks.filter(
      t => t >= low * 0.999 && t <= high * 1.001);
  else if (log)
    result.splits = (u, i, low, high) => ticks125(low, high);
  if (log)
    result.filter = (u, all) => ticks ? all
      : labelled(all, (size > 45 ? u.bbox.height / 15 : u.bbox.width / 45)
                      / devicePixelRatio);
  return result;
}

function draw(p) {
  const {x, y} = p.options;
  p.shown?.destroy();
  const lone = p.data[0].length === 1;
  p.shown = new uPlot({
    width: p.place.clientWidth, height: 340,
    scales: {
      x: {time: false, distr: x.log ? 3 : 1, range: (u, low, high) =>
        x.log ? (high > low ? [low, high] : [low / 2, low * 2])
              : lone ? [low - 1, high + 1] : [low, high]},
      y: {distr: y.log ? 3 : 1, range: (u, low, high) =>
        y.log ? range125(low, high) : [0, high > 0 ? high * 1.05 : 1]},
    },
    axes: [axis(x, 40), axis(y, 60)],
    cursor: {drag: {x: false, y: false}},
    series: [
      {label: x.name ?? x.label, value: (u, v) => v === null ? "" : (x.exact ?? format)(v)},
      ...p.lines.map((l, i) => ({
        label: l.name, stroke: colour(i), width: 2, spanGaps: true,
        points: {show: l.points.length < 60, size: 6, fill: colour(i)},
        value: (u, v) => v === null || v === undefined ? ""
          : (y.text ?? format)(v)})),
    ],
    hooks: {setCursor: [showLast]},
  }, p.data, p.place);
  showLast(p.shown);
}

/// Without a pointer, the legend has the last values.
function showLast(u) {
  if (!(u.cursor.left >= 0))
    u.setLegend({idx: u.data[0].length - 1}, false);
}

// -- what is plotted ----------------------------------------------------------

function latencyAgainstLoad() {
  const load = l => open ? l.planned_rate : l.connections;
  const sorted = [...levels].sort((a, b) => load(a) - load(b));
  const rates = new Map(sorted.map(l => [load(l), l.rate]));
  // Connections are mostly doubled from level to level.
  plot("load", ["p50", "p90", "p99", "p99.9"].map(p => ({name: p,
    points: sorted.map(l => [load(l), l.latency_ms[p]])})),
    {title: "latency against load",
     x: open ? {label: "planned requests/s"}
             : {label: "connections, logarithmic", name: "connections", log: true,
                exact: v => `${v} (${format(rates.get(v))} req/s)`},
     y: {label: "latency, logarithmic", log: true, text: ms}});
}

function percentiles() {
  // A percentile stands at 1 / (the share above it), as HdrHistogram plots it.
  const text = v => String(Number((100 - 100 / v).toFixed(4)));
  plot("percentiles", levels.map(l => ({name: name(l),
    points: l.latency_ms.spectrum.filter(p => p[0] < 100)
      .map(p => [100 / (100 - p[0]), p[1]])})),
    {title: "percentiles",
     x: {label: "percentile", log: true, text, exact: text,
         ticks: [1, 2, 10, 100, 1e3, 1e4, 1e5]},
     y: {label: "latency, logarithmic", log: true, text: ms}});
}

/// Each second where there are seconds, else each window.
function throughput() {
  const bySecond = levels.every(l => (l.each_second ?? []).length >= 2);
  byId("time-hint").textContent = bySecond
    ? "Answers in each second, from the end of the warm-up."
    : `Answers in each window of ${format(report.window_ms)} ms, from the end `
      + "of the warm-up.";
  plot("time", levels.map(l => ({name: name(l), points: bySecond
    ? l.each_second.map((count, i) => [i + 1, count])
    : l.windows.map((w, i) => [(i + 1) * report.window_ms / 1000, w.rate])})),
    {title: "throughput over time", x: {label: "seconds", whole: bySecond},
     y: {label: "requests/s"}});
}

showFacts();
showLevels();
latencyAgainstLoad();
percentiles();
throughput();
plots.forEach(draw);
matchMedia("(prefers-color-scheme: dark)")
  .addEventListener("change", () => plots.forEach(draw));
addEventListener("resize", () => plots.forEach(p => p.shown.setSize(
  {width: p.place.clientWidth, height: 340})));
})();
