// Plots over uPlot, with the colours of the page and ticks at 1-2-5.
/* global uPlot */
import {make} from './dom.js';

const colourNames = ['--series-1', '--series-2', '--series-3', '--series-4'];
const colour = name =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Every 1, 2 and 5 times a power of ten from `low` to `high`. */
export function ticks125(low, high) {
  const result = [];
  if (!(low > 0) || !(high >= low) || high / low > 1e15)
    return result;
  for (let e = Math.floor(Math.log10(low)); 10 ** e <= high * 1.001; ++e)
    for (const m of [1, 2, 5]) {
      const tick = Number(`${m}e${e}`);
      if (tick >= low * 0.999 && tick <= high * 1.001)
        result.push(tick);
    }
  return result;
}

/** The next lower (or higher) 1, 2 or 5 times a power of ten. */
export function step125(x, up) {
  const e = Math.floor(Math.log10(x));
  const all = [0.5, 1, 2, 5, 10].map(m => m * 10 ** e);
  return up ? all.find(t => t >= x * 0.999)
            : all.findLast(t => t <= x * 1.001);
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false});

/** One plot: a title, lines over time, and the values under the pointer. */
export class Chart {
  /**
   * @param {{title: string, unit: string, series: string[], log?: boolean,
   *   format: function(number): string}} what
   */
  constructor(what) {
    this.what = what;
    this.data = [[], ...what.series.map(() => [])];
    this.place = make('div', {class: 'plot-place', role: 'img',
                              'aria-label': what.title});
    this.empty = make('p', {class: 'quiet plot-empty'}, 'nothing to show yet');
    this.element = make(
      'figure', {class: 'card plot'},
      make('figcaption', {}, make('strong', {}, what.title),
           make('span', {class: 'quiet'},
                what.log ? ` ${what.unit}, logarithmic` : ` ${what.unit}`)),
      this.place, this.empty);
    // A hidden page has no sizes.
    new ResizeObserver(() => this.resize()).observe(this.place);
  }

  /** Shows these: times in seconds, then a list for each line; null is a gap. */
  show(data) {
    this.data = data;
    const empty = data.slice(1).every(line => line.every(v => v === null));
    this.empty.hidden = !empty;
    this.plot?.setData(data);
    this.showLast();
    const last = this.what.series.map((name, i) => {
      const value = data[i + 1].at(-1);
      return `${name} ${value === null || value === undefined
        ? 'unknown' : this.what.format(value)}`;
    });
    this.place.setAttribute('aria-label',
                            `${this.what.title}: ${last.join(', ')}`);
  }

  /** Shows the newest values, unless the pointer is on others. */
  showLast() {
    if (this.plot && this.data[0].length > 0
        && !(this.plot.cursor.left >= 0))
      this.plot.setLegend({idx: this.data[0].length - 1}, false);
  }

  /** Draws anew, in other colours or for the first time. */
  draw() {
    this.plot?.destroy();
    this.plot = null;
    const width = this.place.clientWidth;
    if (width > 0)
      this.plot = new uPlot(this.options(width), this.data, this.place);
    this.showLast();
  }

  resize() {
    const width = this.place.clientWidth;
    if (this.plot === undefined || this.plot === null)
      this.draw();
    else if (width > 0 && width !== this.plot.width)
      this.plot.setSize({width, height: this.plot.height});
  }

  options(width) {
    const {what} = this;
    const grid = {stroke: colour('--line'), width: 1};
    const axis = {stroke: colour('--quiet'), grid, ticks: {...grid, size: 4},
                  font: '12px system-ui, sans-serif'};
    const y = what.log
      ? {...axis, size: 62, splits: (u, i, low, high) => ticks125(low, high),
         filter: (u, splits) => thinned(splits, u.bbox.height),
         values: (u, splits) => splits.map(
           v => v === null ? '' : what.format(v))}
      : {...axis, size: 62, values: (u, splits) => splits.map(what.format)};
    return {
      width, height: 220,
      legend: {live: true},
      cursor: {sync: {key: 'troupe'}, drag: {x: false, y: false}},
      hooks: {setCursor: [() => this.showLast()]},
      scales: {
        x: {time: true},
        y: what.log ? {distr: 3, range: (u, low, high) => logRange(low, high)}
                    : {range: (u, low, high) => flatRange(high)},
      },
      axes: [{...axis, space: 70, values: (u, splits) => splits.map(
        t => clock.format(t * 1000))}, y],
      series: [
        {label: 'at', value: (u, t) => t === null ? '–'
                                                  : clock.format(t * 1000)},
        ...what.series.map((label, i) => ({
          label, stroke: colour(colourNames[i]), width: 2,
          points: {show: false},
          value: (u, v) => v === null || v === undefined ? '–'
                                                         : what.format(v)})),
      ],
    };
  }
}

/** From 0 to a little above the highest. */
function flatRange(high) {
  return [0, high > 0 ? high * 1.1 : 1];
}

/** Whole steps, one at least. */
export function logRange(low, high) {
  if (!(low > 0) || !(high > 0))
    return [1, 10];
  const from = step125(low, false);
  const to = step125(high, true);
  return [from, to > from * 1.5 ? to : from * 10];
}

/** Leaves out labels that have no room: first those at 2 and 5. */
function thinned(splits, height) {
  const room = height / devicePixelRatio / 16;
  if (splits.length <= room)
    return splits;
  const tens = splits.filter(v => /^1e/.test(v.toExponential()));
  const every = Math.ceil(tens.length / room);
  return splits.map(v => {
    const at = tens.indexOf(v);
    return at >= 0 && at % every === 0 ? v : null;
  });
}
