// The page: signs in, asks the server once a second, and shows what it says.
import * as api from './api.js';
import {showActors} from './actors.js';
import {ask, tell} from './ask.js';
import {Chart} from './chart.js';
import {byId, make, setAttribute, setText, sync} from './dom.js';
import {showDropped, showEndpoints} from './endpoints.js';
import {age, duration, number} from './format.js';
import {History} from './history.js';
import {parseMetrics, has} from './metrics.js';
import {showModels, showNodes} from './models.js';

const interval = 1_000;

const history = new History();
let topology = null;
/** Which signing in is meant: what an earlier one asked for is not shown. */
let visit = 0;
let paused = false;
let lastAnswer = null;

// -- plots --------------------------------------------------------------------

const charts = {
  rate: new Chart({title: 'Requests', unit: 'per second', format: number,
                   series: ['answered', 'failed (5xx)']}),
  latency: new Chart({title: 'Latency', unit: 'of the last 10 s', log: true,
                      format: duration, series: ['p50', 'p90', 'p99']}),
  queue: new Chart({title: 'Queue', unit: 'requests', format: number,
                    series: ['waiting', 'running']}),
  batch: new Chart({title: 'Batch size', unit: 'of the last 10 s',
                    format: number, series: ['mean', 'p90']}),
};
byId('plots').append(...Object.values(charts).map(c => c.element));

const theme = matchMedia('(prefers-color-scheme: dark)');
theme.addEventListener('change', () => {
  for (const chart of Object.values(charts))
    chart.draw();
});

function showPlots() {
  const lines = history.lines(byId('of-model').value);
  charts.rate.show([lines.times, lines.rate, lines.failed]);
  charts.latency.show([lines.times, lines.p50, lines.p90, lines.p99]);
  charts.queue.show([lines.times, lines.queued, lines.running]);
  charts.batch.show([lines.times, lines.batch, lines.batchP90]);
}

// -- what is shown ------------------------------------------------------------

function showBar() {
  const {server, version} = topology;
  setText(byId('version'), version);
  const badge = byId('phase');
  badge.hidden = false;
  const good = server.phase === 'serving' && server.ready;
  setText(badge, server.phase === 'serving' && !server.ready ? 'not ready'
                                                              : server.phase);
  setAttribute(badge, 'class', `badge ${good ? 'good'
    : server.phase === 'serving' ? 'bad' : 'warn'}`);
  setText(byId('uptime'), `up ${age(server.uptime_ms)}`);
  const trouble = byId('trouble');
  trouble.hidden = good || !server.reason;
  setText(trouble, server.reason ?? '');
}

function showTiles() {
  const {server} = topology;
  const now = history.newest('');
  const waiting = topology.models.reduce((a, m) => a + m.queued, 0);
  const runs = topology.models.reduce((a, m) => a + m.running, 0);
  sync(byId('tiles'), [
    ['Requests/s', number(now.rate)],
    ['p50', duration(now.p50)],
    ['p99', duration(now.p99)],
    ['Waiting', number(waiting)],
    ['Running', number(runs)],
    ['Answered', number(server.finished)],
    ['Refused', number(server.refused)],
    ['Cancelled', number(server.cancelled)],
  ], {key: ([name]) => name,
      create: ([name]) => make('div', {class: 'card tile'},
                               make('dt', {}, name), make('dd')),
      update: (element, [, value]) =>
        setText(element.lastElementChild, value)});
}

function showChoice() {
  const choice = byId('of-model');
  const names = topology.models.filter(m => m.kind === 'model')
    .map(m => m.name);
  sync(choice, ['', ...names], {
    key: name => `of ${name}`,
    create: name => make('option', {value: name}, name || 'all models')});
}

function show() {
  showBar();
  showTiles();
  showChoice();
  showPlots();
  showModels(byId('models'), topology,
             name => history.newest(name), actions);
  showActors(byId('actors'), byId('actor-count'), topology);
  showTable();
  showDropped(byId('dropped-part'), byId('dropped'), topology);
  const nodes = topology.nodes.length > 0;
  byId('nodes-section').hidden = !nodes;
  byId('nodes-link').hidden = !nodes;
  showNodes(byId('nodes'), topology);
}

function showTable() {
  const rows = showEndpoints(byId('endpoints'), topology,
                             byId('endpoint-filter').value);
  byId('no-endpoints').hidden = rows > 0;
}

// -- asking -------------------------------------------------------------------

async function readMetrics() {
  const notice = byId('no-metrics');
  const path = topology.paths.metrics;
  let why = null;
  let metrics = null;
  if (path === null) {
    why = 'The built-in metrics is off: latency and batches are not known.';
  } else {
    try {
      metrics = parseMetrics(await api.metrics(path));
      if (!has(metrics, 'troupe_request_duration_seconds_bucket'))
        why = `${path} has no histograms: latency and batches are not known.`;
    } catch (e) {
      why = `${path}: ${e.message}`;
    }
  }
  notice.hidden = why === null;
  setText(notice, why ?? '');
  return metrics;
}

/** Asks once, and shows the answer unless the visit has ended meanwhile. */
async function look(mine) {
  const at = Date.now() / 1000;
  try {
    const got = await api.topology();
    if (mine !== visit)
      return;
    topology = got;
    lastAnswer = performance.now();
    const metrics = await readMetrics();
    if (mine !== visit)
      return;
    history.add(at, topology, metrics);
  } catch (e) {
    if (mine !== visit)
      return;
    if (e.status === 401 || e.status === 403) {
      signOut(e.message);
      return;
    }
    history.miss(at);
    setLive(`${e.message}; the last answer was ${
      age(performance.now() - lastAnswer)} ago`, 'bad');
    showPlots();
    return;
  }
  setLive('live', 'good');
  show();
}

function setLive(text, kind) {
  setText(byId('live'), text);
  setAttribute(byId('live'), 'class', `live ${kind}`);
}

async function loop(mine) {
  while (mine === visit) {
    const begin = performance.now();
    if (!paused && !document.hidden)
      await look(mine);
    const rest = Math.max(100, interval - (performance.now() - begin));
    await new Promise(resolve => setTimeout(resolve, rest));
  }
}

// -- orders -------------------------------------------------------------------

async function order(title, method, path, document) {
  try {
    const {text} = await api.order(method, path, document);
    tell(`${title}: done`, text, true);
  } catch (e) {
    const status = e.status === 0 ? '' : ` (${e.status})`;
    tell(`${title}: refused${status}`, e.message, false);
  }
}

/** Asks for the entry of a model. @returns it, or null */
async function askForEntry(question) {
  const text = await ask({
    ...question,
    input: {label: 'The entry of the model, as in "models" of a config (JSON)',
            value: ''}});
  if (text === null)
    return null;
  try {
    return JSON.parse(text);
  } catch (e) {
    tell(`${question.title}: not sent`, `This is not JSON: ${e.message}`,
         false);
    return null;
  }
}

const actions = {
  scale(model, count) {
    if (Number.isInteger(count))
      order(`Scale ${model} to ${count}`, 'PATCH', api.modelPath(model),
            {workers: count});
  },

  revive(model) {
    order(`Try ${model} again`, 'POST', `${api.modelPath(model)}/revive`);
  },

  async replace(model) {
    const title = `Replace ${model}`;
    const entry = await askForEntry({
      title, yes: 'Replace',
      text: 'The new model loads beside the old one and takes over when it is '
            + 'ready. When it fails, the old one stays.'});
    if (entry !== null)
      await order(title, 'PUT', api.modelPath(model), entry);
  },

  async load() {
    const title = 'Load a model';
    const entry = await askForEntry({
      title, yes: 'Load',
      text: 'Its endpoints are there when it is ready.'});
    if (entry === null)
      return;
    if (typeof entry?.name === 'string' && entry.name !== '')
      await order(`Load ${entry.name}`, 'PUT', api.modelPath(entry.name),
                  entry);
    else
      tell(`${title}: not sent`, 'The entry has no "name".', false);
  },

  async unload(model) {
    const yes = await ask({
      title: `Unload ${model}?`, yes: 'Unload', danger: true,
      text: 'Its endpoints go at once; requests in work are finished.'});
    if (yes !== null)
      await order(`Unload ${model}`, 'DELETE', api.modelPath(model));
  },
};

byId('load').addEventListener('click', actions.load);

byId('reload').addEventListener('click', async () => {
  const yes = await ask({
    title: 'Reload the config?', yes: 'Reload',
    text: 'The server reads its config again and applies the difference, all '
          + 'of it or nothing.'});
  if (yes !== null)
    await order('Reload', 'POST', '/admin/reload');
});

byId('drain').addEventListener('click', async () => {
  const yes = await ask({
    title: 'Drain and stop the server?', yes: 'Drain and stop', danger: true,
    text: 'It takes no new connections, finishes what it has, and ends.'});
  if (yes !== null)
    await order('Drain', 'POST', '/admin/drain');
});

byId('of-model').addEventListener('change', showPlots);
byId('endpoint-filter').addEventListener('input', showTable);

byId('pause').addEventListener('click', () => {
  paused = !paused;
  setAttribute(byId('pause'), 'aria-pressed', paused);
  setText(byId('pause'), paused ? 'Go on' : 'Pause');
  if (paused)
    setLive('paused', 'warn');
});

// -- signing in ---------------------------------------------------------------

function signOut(why, forget = true) {
  ++visit;
  topology = null;
  if (forget)
    api.session.key = '';
  byId('inside').hidden = true;
  byId('session').hidden = true;
  byId('sections').hidden = true;
  byId('sign-in').hidden = false;
  byId('phase').hidden = true;
  setText(byId('uptime'), '');
  setText(byId('version'), '');
  setText(byId('live'), '');
  setText(byId('key-error'), why);
  byId('key').focus();
}

async function signIn(key) {
  const mine = ++visit;
  let got = null;
  try {
    got = await api.topology(key);
  } catch (e) {
    if (mine !== visit)
      return;
    signOut(e.status === 401 ? 'The server does not take this key.'
              : e.message, e.status === 401 || e.status === 403);
    return;
  }
  if (mine !== visit)
    return;
  topology = got;
  api.session.key = key;
  lastAnswer = performance.now();
  setText(byId('key-error'), '');
  byId('key').value = '';
  byId('sign-in').hidden = true;
  byId('inside').hidden = false;
  byId('session').hidden = false;
  byId('sections').hidden = false;
  show();
  loop(mine);
}

byId('key-form').addEventListener('submit', event => {
  event.preventDefault();
  signIn(byId('key').value.trim());
});
byId('forget').addEventListener('click', () => signOut(''));

if (api.session.key !== '')
  signIn(api.session.key);
else
  signOut('');
