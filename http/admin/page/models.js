// A card for each model, and for the handlers of each spec that has threads.
import {make, setAttribute, setText, sync} from './dom.js';
import {age, duration, number} from './format.js';

const phases = {ready: 'good', loading: 'busy', restarting: 'warn',
                failed: 'bad', stuck: 'bad', unloaded: 'busy'};

/**
 * @param actions `scale(model, count)`, `revive(model)`, `replace(model)`,
 *   `unload(model)`
 */
function createCard(model, actions) {
  const id = `scale-${Math.random().toString(36).slice(2)}`;
  const card = make(
    'li', {class: 'card model'},
    make('div', {class: 'title'},
         make('h3', {}, model.name),
         make('span', {class: 'badge'})),
    make('p', {class: 'quiet'}),
    make('p', {class: 'reason bad', hidden: true}),
    make('dl', {class: 'facts-list'}));
  if (model.kind === 'model') {
    const count = make('input', {id, type: 'number', min: 0, max: 1024,
                                 step: 1, required: true,
                                 value: model.workers.wanted});
    const form = make('form', {class: 'controls'},
                      make('label', {for: id}, 'Workers'), count,
                      make('button', {type: 'submit'}, 'Scale'));
    form.addEventListener('submit', event => {
      event.preventDefault();
      actions.scale(model.name, count.valueAsNumber);
    });
    // A server that changed the number shows it, unless someone is typing.
    card.wanted = wanted => {
      if (card.last !== wanted && document.activeElement !== count)
        count.value = wanted;
      card.last = wanted;
    };
    const replace = make('button', {type: 'button'}, 'Replace…');
    const unload = make('button', {type: 'button', class: 'danger'}, 'Unload…');
    replace.addEventListener('click', () => actions.replace(model.name));
    unload.addEventListener('click', () => actions.unload(model.name));
    // For a model that was given up.
    card.revive = make('button', {type: 'button', hidden: true}, 'Try again');
    card.revive.addEventListener('click', () => actions.revive(model.name));
    card.append(make('div', {class: 'controls spread'}, form,
                     make('div', {class: 'controls'}, card.revive, replace,
                          unload)));
  }
  card.append(make('details', {class: 'errors'}, make('summary'),
                   make('ol', {})));
  return card;
}

function facts(model, live) {
  const {workers} = model;
  const result = [
    ['Workers ready', `${workers.ready} of ${workers.wanted}`],
    ['Waiting', model.max_queue_size === undefined ? number(model.queued)
      : `${number(model.queued)} of ${number(model.max_queue_size)}`],
    ['Running', number(model.running)],
    ['Restarts', number(model.restarts)],
  ];
  if (model.kind === 'model')
    result.push(['Requests/s', number(live.rate)],
                ['p50', duration(live.p50)], ['p99', duration(live.p99)]);
  if (model.batch !== undefined && model.batch.max_size > 1)
    result.push(['Batch', `${number(live.batch)} of ${model.batch.max_size}`]);
  if (workers.stuck > 0)
    result.push(['Stuck', number(workers.stuck)]);
  return result;
}

function describe(model) {
  if (model.kind !== 'model')
    return 'handlers of a spec';
  const parts = [];
  if (model.type)
    parts.push(`type ${model.type}`);
  if (model.execution)
    parts.push(model.execution);
  parts.push(model.predict ? `at ${model.predict}` : 'no endpoint of its own');
  if (!model.required)
    parts.push('not required');
  return parts.join(' · ');
}

function updateCard(card, model, live) {
  const [title, about, reason, list] = card.children;
  const badge = title.lastElementChild;
  const phase = !model.healthy && model.phase === 'ready' ? 'unhealthy'
                                                          : model.phase;
  setText(badge, phase);
  setAttribute(badge, 'class', `badge ${phases[phase] ?? 'bad'}`);
  setText(about, describe(model));
  reason.hidden = !model.reason;
  setAttribute(reason, 'class',
               `reason ${phases[phase] === 'busy' ? 'quiet' : 'bad'}`);
  setText(reason, model.reason ?? '');
  sync(list, facts(model, live), {
    key: ([name]) => name,
    create: ([name]) => make('div', {}, make('dt', {}, name), make('dd')),
    update: (element, [, value]) => setText(element.lastElementChild, value)});
  card.wanted?.(model.workers.wanted);
  if (card.revive)
    card.revive.hidden = model.phase !== 'failed';
  const errors = card.lastElementChild;
  errors.hidden = model.errors.length === 0;
  setText(errors.firstElementChild, model.errors.length === 1
    ? 'The last error' : `The last ${model.errors.length} errors`);
  sync(errors.lastElementChild, model.errors, {
    key: x => `${x.number} ${x.text}`,
    create: () => make('li', {}, make('span', {class: 'quiet'}),
                       make('pre')),
    update: (element, x) => {
      setText(element.firstElementChild, `${age(x.age_ms)} ago`);
      setText(element.lastElementChild, x.text);
    }});
}

/** @param live the newest values of the plots of a model, by its name */
export function showModels(list, topology, live, actions) {
  sync(list, topology.models, {
    key: model => `${model.kind} ${model.name}`,
    create: model => createCard(model, actions),
    update: (card, model) => updateCard(card, model, live(model.name))});
}

export function showNodes(list, topology) {
  sync(list, topology.nodes, {
    key: node => node.name,
    create: node => make('li', {class: 'card'},
                         make('div', {class: 'title'}, make('h3', {}, node.name),
                              make('span', {class: 'badge'})),
                         make('ul', {})),
    update: (card, node) => {
      const badge = card.firstElementChild.lastElementChild;
      setText(badge, node.state);
      setAttribute(badge, 'class',
                   `badge ${node.state === 'ready' ? 'good' : 'warn'}`);
      sync(card.lastElementChild, node.models, {
        key: x => x.name,
        create: () => make('li'),
        update: (item, x) => setText(
          item, `${x.name}: ${x.state}`)});
    }});
}
