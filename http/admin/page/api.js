// The requests of the page. The key is in this tab's session storage, and goes
// into a header; never into an address.

const slot = 'troupe-admin-key';

/** Where the server's paths begin: a proxy may have put it below a prefix. */
const base = location.pathname.replace(/\/admin\/?$/, '');

export const session = {
  get key() {
    return sessionStorage.getItem(slot) ?? '';
  },
  set key(value) {
    if (value === '')
      sessionStorage.removeItem(slot);
    else
      sessionStorage.setItem(slot, value);
  },
};

/** An answer other than a success, or none at all (status 0). */
export class RequestError extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

/** How long the page waits for what it shows, and for what it orders. */
const patience = {look: 5_000, order: 120_000};

async function call(method, path, {body, accept, timeout, key = session.key}) {
  const headers = {Accept: accept};
  if (key !== '')
    headers['X-API-Key'] = key;
  if (body !== undefined)
    headers['Content-Type'] = 'application/json';
  let answer;
  let text;
  try {
    answer = await fetch(base + path, {
      method, headers, body, cache: 'no-store', credentials: 'omit',
      redirect: 'error', signal: AbortSignal.timeout(timeout)});
    text = await answer.text();
  } catch (e) {
    throw new RequestError(0, e.name === 'TimeoutError'
      ? `no answer within ${timeout / 1000} s` : 'the server cannot be reached');
  }
  if (!answer.ok)
    throw new RequestError(answer.status, detail(text) || answer.statusText);
  return {status: answer.status, text};
}

/** What an answer says, as text: the `detail` of an error, or all of it. */
export function detail(text) {
  try {
    const document = JSON.parse(text);
    const inner = document?.detail ?? document?.error?.message ?? document;
    return typeof inner === 'string' ? inner : JSON.stringify(inner, null, 2);
  } catch {
    return text.trim();
  }
}

export async function topology(key) {
  const {text} = await call('GET', '/admin/topology', {
    key, accept: 'application/json', timeout: patience.look});
  return JSON.parse(text);
}

export async function metrics(path) {
  const {text} = await call('GET', path, {
    accept: 'text/plain', timeout: patience.look});
  return text;
}

/** Orders something. @returns what the server says */
export async function order(method, path, document) {
  const {status, text} = await call(method, path, {
    accept: 'application/json', timeout: patience.order,
    body: document === undefined ? undefined : JSON.stringify(document)});
  return {status, text: detail(text)};
}

export const modelPath = name => `/admin/models/${encodeURIComponent(name)}`;
