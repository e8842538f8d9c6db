// The actors as a tree: who keeps whom.
import {make, setAttribute, setText, sync} from './dom.js';
import {age, plural} from './format.js';

/** How bad a state is, for its colour. */
const kinds = {
  'idle': 'good', 'ready': 'good', 'busy': 'busy', 'starting': 'busy',
  'loading': 'busy', 'waits to start again': 'warn', 'leaves': 'warn',
  'retires': 'warn', 'stuck': 'bad', 'given up': 'bad', 'failed': 'bad',
  'does not answer': 'bad', 'left behind': 'bad', 'ended': 'bad',
};

export const kindOf = state => kinds[state] ?? 'warn';

/** How long a worker is in one call, from what this page saw of it. */
class Calls {
  #seen = new Map();

  /** @returns since when it was seen in this call, in ms */
  since(actor, now) {
    if (actor.in_call !== true) {
      this.#seen.delete(actor.id);
      return 0;
    }
    const seen = this.#seen.get(actor.id);
    if (seen?.calls !== actor.calls) {
      this.#seen.set(actor.id, {calls: actor.calls, at: now});
      return 0;
    }
    return now - seen.at;
  }

  forget(ids) {
    for (const id of this.#seen.keys())
      if (!ids.has(id))
        this.#seen.delete(id);
  }
}

const calls = new Calls();
/** Worth saying; shorter calls are the work itself. */
const longCall = 3_000;

function facts(actor, now) {
  const result = [];
  const add = (count, text) => {
    if (count > 0)
      result.push(`${count} ${text}`);
  };
  add(actor.queued, 'waiting');
  add(actor.in_work, 'in work');
  if (actor.connections !== undefined)
    result.push(plural(actor.connections, 'connection'));
  add(actor.restarts, actor.restarts === 1 ? 'restart' : 'restarts');
  if (actor.age_ms !== undefined && actor.age_ms !== null)
    result.push(age(actor.age_ms));
  const inCall = calls.since(actor, now);
  if (inCall > longCall)
    result.push(`in one call for ${age(inCall)}`);
  return result.join(' · ');
}

function title(actor) {
  const index = actor.index === undefined ? '' : ` ${actor.index}`;
  return actor.role + index;
}

function createNode() {
  return make('li', {},
              make('div', {class: 'actor'},
                   make('span', {class: 'dot', 'aria-hidden': 'true'}),
                   make('strong', {class: 'role'}),
                   make('span', {class: 'of'}),
                   make('span', {class: 'badge small'}),
                   make('span', {class: 'facts'}),
                   make('span', {class: 'quiet thread'})),
              make('p', {class: 'actor-error', hidden: true}),
              make('ul', {}));
}

function updateNode(element, {actor, children}, now) {
  const line = element.firstElementChild;
  const [dot, role, of, badge, numbers, thread] = line.children;
  const kind = kindOf(actor.state);
  setAttribute(dot, 'class', `dot ${kind}`);
  setText(role, title(actor));
  setText(of, actor.of ?? '');
  setAttribute(badge, 'class', `badge small ${kind}`);
  setText(badge, actor.state);
  setText(numbers, facts(actor, now));
  setText(thread, actor.thread === undefined ? '' : `on ${actor.thread}`);
  const error = element.children[1];
  error.hidden = !actor.last_error;
  setText(error, actor.last_error
    ? `${actor.last_error.text} (${age(actor.last_error.age_ms)} ago)` : '');
  const list = element.children[2];
  list.hidden = children.length === 0;
  showNodes(list, children, now);
}

function showNodes(list, nodes, now) {
  sync(list, nodes, {
    key: node => `${node.actor.role} ${node.actor.id}`,
    create: createNode,
    update: (element, node) => updateNode(element, node, now),
  });
}

/** Trees of a flat list; an actor whose parent is not there is a root. */
export function treesOf(actors) {
  const nodes = new Map(
    actors.map(actor => [actor.id, {actor, children: []}]));
  const roots = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.actor.parent);
    (parent === undefined || parent === node ? roots : parent.children)
      .push(node);
  }
  return roots;
}

/** Shows the actors of a topology in a list. */
export function showActors(list, count, topology) {
  const now = performance.now();
  const {actors} = topology;
  calls.forget(new Set(actors.map(a => a.id)));
  showNodes(list, treesOf(actors), now);
  const silent = actors.filter(a => a.state === 'does not answer').length;
  setText(count, plural(actors.length, 'actor')
    + (silent > 0 ? `, ${silent} of them ${silent === 1 ? 'does' : 'do'} not `
                    + 'answer' : ''));
}
