// Numbers and times as people read them.

/** Three significant digits, no exponent: 0.00123, 1.23, 1235, 48.2k. */
export function number(x) {
  if (x === null || x === undefined || !Number.isFinite(x))
    return '–';
  const size = Math.abs(x);
  if (size >= 1e9)
    return `${trim(x / 1e9)}G`;
  if (size >= 1e6)
    return `${trim(x / 1e6)}M`;
  if (size >= 1e4)
    return `${trim(x / 1e3)}k`;
  return trim(x);
}

function trim(x) {
  return Math.abs(x) >= 100 ? String(Math.round(x))
                            : String(Number(x.toPrecision(3)));
}

/** A time that is given in milliseconds, with its unit: 420 us, 12 ms, 3.2 s. */
export function duration(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms))
    return '–';
  if (ms < 1)
    return ms === 0 ? '0 ms' : `${trim(ms * 1000)} µs`;
  if (ms < 1000)
    return `${trim(ms)} ms`;
  return `${trim(ms / 1000)} s`;
}

/** How long something is there: 42 s, 5 min 3 s, 2 h 10 min, 3 d 4 h. */
export function age(ms) {
  if (ms === null || ms === undefined)
    return '–';
  const seconds = Math.floor(ms / 1000);
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0)
    return '0 s';
  let rest = seconds;
  return units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? `${count} ${unit}` : '';
  }).filter(Boolean).join(' ');
}

/** `1 worker`, `2 workers`. */
export function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
