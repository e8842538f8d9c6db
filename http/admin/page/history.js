// What the plots show: what was read in the last minutes, of each model and of
// all together.
import * as read from './metrics.js';

/** In readings, one a second: five minutes. */
const kept = 300;
/** Percentiles are of what came in this time, in readings. */
const window = 10;

const requests = 'troupe_requests_total';
const durations = 'troupe_request_duration_seconds';
const batches = 'troupe_batch_size';

const none = {bounds: [], counts: [], sum: 0, count: 0};

/**
 * One look at the server, cut down to what the plots need. Without `/metrics`,
 * or where it has no such counter, the topology knows the rate of all together.
 */
function snapshot(topology, metrics, model) {
  const models = topology.models.filter(
    m => m.kind === 'model' && (model === '' || m.name === model));
  const add = name => models.some(m => m[name] === null) ? null
    : models.reduce((a, m) => a + m[name], 0);
  const counted = metrics !== null && read.has(metrics, requests);
  const {finished, refused, cancelled} = topology.server;
  const classes = counted ? read.byClass(metrics, model)
    : model === '' ? {other: finished + refused + cancelled} : null;
  return {
    classes,
    latency: metrics === null ? none
      : read.histogram(metrics, durations, model),
    batch: metrics === null ? none : read.histogram(metrics, batches, model),
    queued: add('queued'),
    running: add('running'),
  };
}

const total = classes => Object.values(classes).reduce((a, x) => a + x, 0);
const failures = classes => (classes['5'] ?? 0);

export class History {
  #times = [];
  /** Of each model, and of all under "". */
  #readings = new Map();

  /**
   * Takes a reading.
   * @param at its time in seconds
   * @param metrics what `/metrics` says, or null
   */
  add(at, topology, metrics) {
    this.#times.push(at);
    const names = topology.models.filter(m => m.kind === 'model')
      .map(m => m.name);
    for (const model of ['', ...names]) {
      if (!this.#readings.has(model))
        this.#readings.set(model, this.#times.slice(1).map(() => null));
      this.#readings.get(model).push(snapshot(topology, metrics, model));
    }
    for (const [model, list] of this.#readings) {
      if (list.length < this.#times.length)
        list.push(null);
      if (list.every(x => x === null))
        this.#readings.delete(model);
    }
    this.#trim();
  }

  /** A time without an answer: lines have a gap there. */
  miss(at) {
    this.#times.push(at);
    for (const list of this.#readings.values())
      list.push(null);
    this.#trim();
  }

  #trim() {
    const extra = this.#times.length - kept;
    if (extra <= 0)
      return;
    this.#times.splice(0, extra);
    for (const list of this.#readings.values())
      list.splice(0, extra);
  }

  /** The newest values of a model, as `lines` would end; {} without any. */
  newest(model) {
    const all = this.#readings.get(model) ?? [];
    return (all.length > 0 ? this.#point(all, all.length - 1) : null) ?? {};
  }

  /** Lines for the plots of a model, or of all: lists as long as `times`. */
  lines(model) {
    const all = this.#readings.get(model) ?? this.#times.map(() => null);
    const at = i => this.#point(all, i);
    const points = all.map((x, i) => at(i));
    const column = name => points.map(p => p?.[name] ?? null);
    return {times: [...this.#times], rate: column('rate'),
            failed: column('failed'), p50: column('p50'), p90: column('p90'),
            p99: column('p99'), queued: column('queued'),
            running: column('running'), batch: column('batch'),
            batchP90: column('batchP90')};
  }

  #point(all, i) {
    const now = all[i];
    if (now === null)
      return null;
    const point = {queued: now.queued, running: now.running};
    const before = i > 0 ? all[i - 1] : null;
    if (before !== null && before.classes !== null && now.classes !== null) {
      const seconds = this.#times[i] - this.#times[i - 1];
      const came = total(now.classes) - total(before.classes);
      // A server that was started again counts from 0.
      if (seconds > 0 && came >= 0) {
        point.rate = came / seconds;
        point.failed = Math.max(
          0, failures(now.classes) - failures(before.classes)) / seconds;
      }
    }
    const start = all.slice(Math.max(0, i - window), i).find(x => x !== null);
    if (start === undefined)
      return point;
    const latency = read.difference(start.latency, now.latency);
    if (latency !== null)
      for (const [name, share] of [['p50', 0.5], ['p90', 0.9], ['p99', 0.99]]) {
        const seconds = read.quantile(latency, share);
        point[name] = seconds === null ? null : seconds * 1000;
      }
    const batch = read.difference(start.batch, now.batch);
    if (batch !== null) {
      point.batch = read.mean(batch);
      point.batchP90 = read.quantile(batch, 0.9);
    }
    return point;
  }
}
