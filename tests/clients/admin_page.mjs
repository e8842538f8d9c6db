// The page /admin in Debian's chromium: real clicks, a wide screen and a phone,
// light and dark.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {eventually, load, url} from './clients.mjs';

const {chromium} = load('playwright-core');
const key = process.env.TROUPE_ADMIN_KEY;
const pageUrl = `${url}/admin`;

let browser;
/** What the browser complained of, on any page. */
const complaints = [];

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.TROUPE_CHROMIUM,
    // Root has no user namespaces to build a sandbox of.
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  });
});

after(() => browser?.close());

async function open(options = {}) {
  const context = await browser.newContext({
    viewport: {width: 1280, height: 900}, ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('pageerror', e => complaints.push(e.message));
  page.on('console', m => {
    // Refused requests are expected where a test says so.
    if (m.type() === 'error' && !/Failed to load resource/.test(m.text()))
      complaints.push(m.text());
  });
  await page.goto(pageUrl);
  return page;
}

async function signIn(page, text = key) {
  await page.getByLabel('Key', {exact: true}).fill(text);
  await page.getByRole('button', {name: 'Open'}).click();
}

async function opened(options) {
  const page = await open(options);
  await signIn(page);
  await page.getByRole('heading', {name: 'Overview'}).waitFor();
  return page;
}

async function ask(path, body) {
  const answer = await fetch(url + path, {
    method: 'POST', body: JSON.stringify(body),
    headers: {'Content-Type': 'application/json'}});
  await answer.arrayBuffer();
  return answer.status;
}

test('asks for the key, and keeps it in the tab alone', async () => {
  const page = await open();
  const addresses = [];
  page.on('request', r => addresses.push(r.url()));
  await signIn(page, 'a wrong key');
  await page.getByText('The server does not take this key.').waitFor();
  assert.equal(await page.locator('#inside').isVisible(), false);
  await signIn(page);
  await page.getByRole('heading', {name: 'Models'}).waitFor();
  const kept = await page.evaluate(() => ({
    session: Object.values(sessionStorage), local: localStorage.length,
    cookies: document.cookie}));
  assert.deepEqual(kept, {session: [key], local: 0, cookies: ''});
  assert.ok(addresses.every(a => !a.includes(key)), 'no key in an address');
  assert.ok(addresses.every(a => a.startsWith(url)), 'nothing from elsewhere');
  await page.reload();
  await page.getByRole('heading', {name: 'Models'}).waitFor();
  await page.getByRole('button', {name: 'Sign out'}).click();
  assert.equal(await page.locator('#inside').isVisible(), false);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.context().close();
});

test('shows actors, models and endpoints', async () => {
  const page = await opened();
  const tree = page.locator('#actors');
  for (const role of ['SUPERVISOR', 'TABLE', 'GATEWAY', 'FRONT 0', 'ROUTER 0'])
    await tree.getByText(role, {exact: true}).first().waitFor();
  // Workers stand below the queue of their model.
  const pool = tree.locator('li', {hasText: 'POOL'})
    .filter({hasText: 'slow'}).locator('ul > li', {hasText: 'WORKER'});
  await eventually(async () => await pool.count() >= 2);
  const cards = page.locator('#models > li');
  await cards.getByRole('heading', {name: 'square', exact: true}).waitFor();
  const rows = page.locator('#endpoints > tr');
  const all = await rows.count();
  assert.ok(all > 8);
  await page.getByLabel('Find').fill('/square');
  await eventually(async () => await rows.count() < all);
  await rows.getByText('wins over', {exact: false}).first().waitFor();
  await page.getByLabel('Find').fill('no such thing');
  await page.getByText('No endpoint has this text.').waitFor();
  await page.context().close();
});

test('plots what /metrics counts', async () => {
  const page = await opened();
  const busy = setInterval(() => ask('/square', {input: 3}), 50);
  try {
    assert.equal(await page.locator('.plot canvas').count(), 4);
    await eventually(async () => Number(
      await page.locator('#tiles dd').nth(5).textContent()) > 0);
    await page.getByLabel('Plots of').selectOption('square');
    await page.locator('.plot .u-over').first().hover();
  } finally {
    clearInterval(busy);
  }
  await page.context().close();
});

test('shows the last errors of a model as text', async () => {
  const page = await opened();
  assert.equal(await ask('/anything', {mode: 'throw'}), 500);
  const card = page.locator('#models > li')
    .filter({has: page.getByRole('heading', {name: 'fault', exact: true})});
  await card.getByText(/^The last (\d+ )?errors?$/).click();
  await card.locator('pre').first().waitFor();
  assert.notEqual(await card.locator('pre').first().textContent(), '');
  await page.context().close();
});

test('orders with the buttons, and shows what the server says', async () => {
  const page = await opened();
  const sent = [];
  page.on('request', r => r.method() === 'GET' || sent.push(
    {method: r.method(), path: new URL(r.url()).pathname,
     key: r.headers()['x-api-key'], body: r.postData()}));
  const card = page.locator('#models > li')
    .filter({has: page.getByRole('heading', {name: 'square', exact: true})});
  await card.getByLabel('Workers').fill('2');
  await card.getByRole('button', {name: 'Scale'}).click();
  await page.locator('.answer', {hasText: 'Scale square to 2'}).waitFor();
  // A dialog asks first, and "Cancel" orders nothing.
  await page.getByRole('button', {name: 'Drain and stop'}).first().click();
  await page.locator('dialog').getByRole('button', {name: 'Cancel'}).click();
  await page.getByRole('button', {name: 'Reload config'}).click();
  await page.locator('dialog').getByRole('button', {name: 'Reload'}).click();
  await page.locator('.answer', {hasText: 'Reload'}).waitFor();
  await card.getByRole('button', {name: 'Replace…'}).click();
  await page.getByLabel(/^The entry of the model/).fill('{not json');
  await page.locator('dialog').getByRole('button', {name: 'Replace'}).click();
  await page.getByText('This is not JSON', {exact: false}).waitFor();
  assert.deepEqual(sent.map(r => `${r.method} ${r.path}`),
                   ['PATCH /admin/models/square', 'POST /admin/reload']);
  assert.equal(sent[0].body, '{"workers":2}');
  assert.ok(sent.every(r => r.key === key));
  await page.context().close();
});

test('can be paused', async () => {
  const page = await opened();
  await page.getByRole('button', {name: 'Pause'}).click();
  const looks = [];
  page.on('request', r => looks.push(r.url()));
  await page.getByRole('button', {name: 'Go on', pressed: true}).waitFor();
  await page.waitForTimeout(1_500);
  assert.ok(looks.length <= 2, 'what was under way');
  await page.getByRole('button', {name: 'Go on'}).click();
  await eventually(() => looks.length > 2);
  await page.context().close();
});

for (const [name, width] of [['a phone', 375], ['a wide screen', 1920]])
  for (const colorScheme of ['light', 'dark'])
    test(`fits ${name}, ${colorScheme}`, async () => {
      const page = await opened({viewport: {width, height: 800}, colorScheme});
      await page.locator('.plot canvas').first().waitFor();
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - innerWidth);
      assert.equal(over, 0, 'nothing stands out to the right');
      const [back, text] = await page.evaluate(() => {
        const style = getComputedStyle(document.body);
        return [style.backgroundColor, style.color].map(
          c => c.match(/\d+/g).slice(0, 3).reduce((a, x) => a + Number(x), 0));
      });
      assert.equal(back < text, colorScheme === 'dark');
      const unnamed = await page.evaluate(() => [
        ...document.querySelectorAll('button, input, select, textarea')]
        .filter(e => e.checkVisibility() && !e.labels?.length
                && !(e.textContent.trim() || e.getAttribute('aria-label')))
        .map(e => e.outerHTML));
      assert.deepEqual(unnamed, [], 'every control has a name');
      await page.context().close();
    });

test('shows nothing that was asked for before the key was forgotten', async () => {
  const page = await opened();
  let asked = null;
  let answer = null;
  const isAsked = new Promise(resolve => { asked = resolve; });
  const mayAnswer = new Promise(resolve => { answer = resolve; });
  await page.route('**/metrics', async route => {
    asked();
    await mayAnswer;
    await route.continue();
  });
  await isAsked;
  await page.locator('#forget').click();
  const answered = page.waitForResponse('**/metrics');
  answer();
  await (await answered).finished();
  await page.evaluate(() => new Promise(resolve => setTimeout(resolve)));
  assert.equal(await page.locator('#inside').isVisible(), false);
  assert.equal(await page.locator('#version').textContent(), '');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('computes rates and percentiles as Prometheus does', async () => {
  const page = await open();
  const got = await page.evaluate(async () => {
    const m = await import('/admin/assets/metrics.js');
    const chart = await import('/admin/assets/chart.js');
    const text = counts => '# HELP h x\n' + ['0.1', '0.2', '+Inf'].map(
      (le, i) => `h_bucket{model="a \\"b\\"",le="${le}"} ${counts[i]}\n`)
      .join('') + `h_sum{model="a \\"b\\""} 3\nh_count{model="a \\"b\\""} ${
        counts[2]}\n`;
    const read = counts => m.histogram(m.parseMetrics(text(counts)), 'h',
                                       'a "b"');
    const h = m.difference(read([0, 0, 0]), read([10, 20, 20]));
    return {
      count: h.count, p50: m.quantile(h, 0.5), p75: m.quantile(h, 0.75),
      none: m.quantile(m.difference(read([1, 1, 1]), read([1, 1, 1])), 0.5),
      last: m.quantile(read([0, 0, 5]), 0.5),
      restarted: m.difference(read([5, 5, 5]), read([1, 1, 1])),
      ticks: chart.ticks125(0.5, 20), range: chart.logRange(3, 41),
    };
  });
  assert.equal(got.count, 20);
  assert.ok(Math.abs(got.p50 - 0.1) < 1e-9);
  assert.ok(Math.abs(got.p75 - 0.15) < 1e-9);
  assert.equal(got.none, null);
  assert.equal(got.last, 0.2);
  assert.equal(got.restarted, null);
  assert.deepEqual(got.ticks, [0.5, 1, 2, 5, 10, 20]);
  assert.deepEqual(got.range, [2, 50]);
  await page.context().close();
});

test('ends the server with a button', async () => {
  const page = await opened();
  await page.getByRole('button', {name: 'Drain and stop'}).first().click();
  await page.locator('dialog').getByRole('button', {name: 'Drain and stop'})
    .click();
  await page.locator('.answer', {hasText: 'Drain: done'}).waitFor();
  await page.getByText('cannot be reached', {exact: false}).waitFor();
  await page.context().close();
});

test('made the browser complain of nothing', () => {
  assert.deepEqual(complaints, []);
});
