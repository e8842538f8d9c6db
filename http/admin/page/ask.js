// Questions before an order, and what the server said to it.
import {byId, make, setAttribute, setText} from './dom.js';

const dialog = byId('ask');
const value = byId('ask-value');

/**
 * Asks in a dialog.
 * @param {{title: string, text: string, yes: string, danger?: boolean,
 *   input?: {label: string, value: string}}} question
 * @returns {Promise<?string>} what was typed ("" without an input), or null
 */
export function ask(question) {
  setText(byId('ask-title'), question.title);
  setText(byId('ask-text'), question.text);
  setText(byId('ask-yes'), question.yes);
  setAttribute(byId('ask-yes'), 'class',
               question.danger ? 'danger' : 'primary');
  byId('ask-input').hidden = question.input === undefined;
  setText(byId('ask-label'), question.input?.label ?? '');
  value.value = question.input?.value ?? '';
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => resolve(
      dialog.returnValue === 'yes' ? value.value : null), {once: true});
  });
}

/** How long an answer stays; one of a failure stays until it is closed. */
const shown = 8_000;

/** Tells what became of an order. */
export function tell(title, text, good) {
  const close = make('button', {type: 'button', 'aria-label': 'Close'}, '×');
  const answer = make('div', {class: `answer ${good ? 'good' : 'bad'}`},
                      make('div', {}, make('strong', {}, title),
                           text === '' ? null : make('pre', {}, text)), close);
  close.addEventListener('click', () => answer.remove());
  byId('answers').append(answer);
  if (good)
    setTimeout(() => answer.remove(), shown);
}
