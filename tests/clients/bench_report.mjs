// The page that `troupe bench --html` writes, in Debian's chromium.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {promisify} from 'node:util';

import {load, url} from './clients.mjs';

const {chromium} = load('playwright-core');
const run = promisify(execFile);

let browser;
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-report-'));
  browser = await chromium.launch({
    executablePath: process.env.TROUPE_CHROMIUM,
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  });
});

after(async () => {
  await browser?.close();
  await rm(folder, {recursive: true});
});

/** Runs a bench, and opens its page without a network. */
async function report(name, options, context) {
  const html = join(folder, `${name}.html`);
  const json = join(folder, `${name}.json`);
  await run(process.env.TROUPE_PROGRAM, [
    'bench', `${url}/square`, '-d', '{"input": 2}', '--warmup', '50ms',
    ...options, '--html', html, '--json', json]);
  const page = await browser.newPage(context);
  page.setDefaultTimeout(60_000);
  const complaints = [];
  page.on('pageerror', e => complaints.push(e.message));
  page.on('console', m => m.type() === 'error' && complaints.push(m.text()));
  page.on('request', r => r.url().startsWith('file:')
                          || complaints.push(r.url()));
  await page.goto(pathToFileURL(html).href);
  assert.equal(await page.locator('.plot canvas').count(), 3);
  return {page, complaints, json: JSON.parse(await readFile(json, 'utf8'))};
}

test('a sweep: plots with values under the pointer', async () => {
  const {page, complaints, json} = await report(
    'sweep', ['-c', '1,2', '--duration', '2500ms'],
    {viewport: {width: 1000, height: 900}});
  assert.deepEqual(json.levels.map(l => l.each_second.length), [2, 2]);
  await page.getByText('Answers in each second', {exact: false}).waitFor();
  const legend = page.locator('#load .u-legend');
  await page.locator('#load .u-over').hover({position: {x: 5, y: 50}});
  const text = (await legend.innerText()).replace(/\s+/g, '');
  assert.match(text, /^connections1\([\d.]+req\/s\)p50[\d.]+msp90/);
  assert.equal(await page.locator('#levels tbody tr').count(), 2);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('a short level of an open loop on a phone, in the dark', async () => {
  const {page, complaints} = await report(
    'short', ['-r', '50', '--duration', '300ms'],
    {viewport: {width: 375, height: 800}, colorScheme: 'dark'});
  await page.getByText('Answers in each window', {exact: false}).waitFor();
  const [over, back] = await page.evaluate(() => [
    document.documentElement.scrollWidth - innerWidth,
    getComputedStyle(document.body).backgroundColor]);
  assert.equal(over, 0);
  assert.equal(back, 'rgb(16, 19, 23)');
  assert.deepEqual(complaints, []);
  await page.close();
});
