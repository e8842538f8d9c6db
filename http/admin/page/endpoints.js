// The table of endpoints, with who answers each, and which gives way to which.
import {make, setText, sync} from './dom.js';

const methods = endpoint => endpoint.methods.join(', ');
const name = endpoint =>
  `${methods(endpoint)} ${endpoint.path} (${endpoint.owner})`;

/** For each endpoint, what it wins over and gives way to, as sentences. */
export function shadowTexts(topology) {
  const result = topology.endpoints.map(() => []);
  for (const {over, under} of topology.shadowing) {
    const winner = topology.endpoints[over];
    const loser = topology.endpoints[under];
    if (winner === undefined || loser === undefined)
      continue;
    result[over].push(`wins over ${name(loser)}`);
    result[under].push(`gives way to ${name(winner)}`);
  }
  return result;
}

function row() {
  return make('tr', {}, make('td', {class: 'nowrap'}),
              make('td', {}, make('code')), make('td'),
              make('td', {class: 'owner'}), make('td'),
              make('td', {class: 'quiet'}), make('td'));
}

function update(element, {endpoint, shadows}) {
  const cells = element.children;
  setText(cells[0], methods(endpoint));
  setText(cells[1].firstElementChild, endpoint.path);
  setText(cells[2], endpoint.kind);
  setText(cells[3], endpoint.owner);
  setText(cells[4], endpoint.access);
  setText(cells[5], endpoint.origin ?? '');
  setText(cells[6], shadows.join('; '));
}

/** Shows the endpoints that have `filter` in one of their texts. */
export function showEndpoints(body, topology, filter) {
  const shadows = shadowTexts(topology);
  const wanted = filter.trim().toLowerCase();
  const rows = topology.endpoints
    .map((endpoint, i) => ({endpoint, shadows: shadows[i], i}))
    .filter(({endpoint, shadows: texts}) => wanted === ''
      || [methods(endpoint), endpoint.path, endpoint.kind, endpoint.owner,
          endpoint.access, endpoint.origin ?? '', ...texts]
        .some(text => text.toLowerCase().includes(wanted)))
    .sort((a, b) => a.endpoint.path < b.endpoint.path ? -1
      : a.endpoint.path > b.endpoint.path ? 1 : a.i - b.i);
  sync(body, rows, {
    key: x => `${methods(x.endpoint)} ${x.endpoint.path} ${x.endpoint.owner}`,
    create: row, update});
  return rows.length;
}

/** Shows what a policy dropped from the table. */
export function showDropped(part, list, topology) {
  part.hidden = topology.dropped.length === 0;
  sync(list, topology.dropped, {
    key: x => `${methods(x)} ${x.path} ${x.owner}`,
    create: () => make('li'),
    update: (element, x) => setText(
      element, `${name(x)} at ${x.origin || 'unknown'} gave way to `
               + `${x.by}${x.by_origin ? ` at ${x.by_origin}` : ''}`)});
}
