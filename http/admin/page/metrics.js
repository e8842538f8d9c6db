// Reads the text format of Prometheus, and makes rates and percentiles of what
// changed between two readings.

/**
 * Parses the text of `/metrics`.
 * @returns {Map<string, {labels: Object<string, string>, value: number}[]>} the
 *   samples of each name; lines that are not samples are left out
 */
export function parseMetrics(text) {
  const result = new Map();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#'))
      continue;
    const sample = parseSample(line);
    if (sample === null)
      continue;
    if (!result.has(sample.name))
      result.set(sample.name, []);
    result.get(sample.name).push(sample);
  }
  return result;
}

const escapes = {n: '\n', '\\': '\\', '"': '"'};

function parseSample(line) {
  const head = /^([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line);
  if (head === null)
    return null;
  const labels = {};
  let rest = line.slice(head[0].length);
  if (rest.startsWith('{')) {
    const label = /[{,]\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/y;
    let match;
    let end = 0;
    while ((match = label.exec(rest)) !== null) {
      labels[match[1]] = match[2].replace(/\\(.)/g,
                                          (all, c) => escapes[c] ?? all);
      end = label.lastIndex;
    }
    const close = rest.indexOf('}', end);
    if (close < 0)
      return null;
    rest = rest.slice(close + 1);
  }
  const value = numberOf(rest.trim().split(/\s+/)[0]);
  return value === null ? null : {name: head[1], labels, value};
}

function numberOf(text) {
  if (text === '+Inf')
    return Infinity;
  if (text === '-Inf')
    return -Infinity;
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? null : value;
}

/** The sum of the samples of a name, of one model or of all (""). */
export function sum(metrics, name, model = '') {
  return samples(metrics, name, model).reduce((a, s) => a + s.value, 0);
}

/** Whether there is any sample of that name. */
export function has(metrics, name) {
  return metrics.has(name);
}

function samples(metrics, name, model) {
  const all = metrics.get(name) ?? [];
  if (model === '')
    return all;
  // There may be many models, each of which asks.
  all.byModel ??= grouped(all);
  return all.byModel.get(model) ?? [];
}

function grouped(all) {
  const result = new Map();
  for (const s of all) {
    const list = result.get(s.labels.model);
    if (list === undefined)
      result.set(s.labels.model, [s]);
    else
      list.push(s);
  }
  return result;
}

/** The sum of `troupe_requests_total` by the first digit of the status. */
export function byClass(metrics, model = '') {
  const result = {};
  for (const s of samples(metrics, 'troupe_requests_total', model)) {
    const kind = /^[1-5]\d\d$/.test(s.labels.code ?? '') ? s.labels.code[0]
                                                         : 'other';
    result[kind] = (result[kind] ?? 0) + s.value;
  }
  return result;
}

/**
 * A histogram of one model or of all.
 * @returns {{bounds: number[], counts: number[], sum: number, count: number}}
 *   counts are cumulative
 */
export function histogram(metrics, name, model = '') {
  const counts = new Map();
  for (const s of samples(metrics, `${name}_bucket`, model)) {
    const bound = numberOf(s.labels.le ?? '');
    if (bound !== null)
      counts.set(bound, (counts.get(bound) ?? 0) + s.value);
  }
  const bounds = [...counts.keys()].sort((a, b) => a - b);
  return {bounds, counts: bounds.map(b => counts.get(b)),
          sum: sum(metrics, `${name}_sum`, model),
          count: sum(metrics, `${name}_count`, model)};
}

/** What came to a histogram between two readings; null after a restart. */
export function difference(before, after) {
  if (before === null || before.bounds.length !== after.bounds.length
      || after.count < before.count)
    return null;
  return {bounds: after.bounds,
          counts: after.counts.map((x, i) => x - before.counts[i]),
          sum: after.sum - before.sum, count: after.count - before.count};
}

/**
 * The value that a share of the observations does not exceed, as Prometheus
 * computes it: even within a bucket. The last bucket has no upper end: its lower
 * one is the answer.
 * @param {number} share from 0 to 1
 * @returns {?number} null when nothing was observed
 */
export function quantile(h, share) {
  const total = h.counts.at(-1) ?? 0;
  if (total <= 0)
    return null;
  const rank = share * total;
  const i = h.counts.findIndex(c => c >= rank);
  const upper = h.bounds[i];
  const lower = i > 0 ? h.bounds[i - 1] : 0;
  if (upper === Infinity)
    return lower;
  const below = i > 0 ? h.counts[i - 1] : 0;
  const inside = h.counts[i] - below;
  return inside <= 0 ? upper : lower + (upper - lower) * (rank - below) / inside;
}

/** The mean of what was observed; null when nothing was. */
export function mean(h) {
  return h.count > 0 ? h.sum / h.count : null;
}
