// The official client of the Model Context Protocol of 2026-07-28 against
// examples/mcp/config.json.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {load, url} from './clients.mjs';

const {Client, StreamableHTTPClientTransport} =
  load('@modelcontextprotocol/client');

/// Runs `f` with a client that is connected, and closes it.
async function connected(f, mode = {pin: '2026-07-28'}) {
  const client = new Client({name: 'test', version: '1.0.0'},
                            {versionNegotiation: {mode}});
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', url)));
  try {
    await f(client);
  } finally {
    await client.close();
  }
}

test('is found to be of this era', () => connected(async client => {
  assert.equal(client.getProtocolEra(), 'modern');
  assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
  assert.deepEqual(client.getServerVersion(),
                   {name: 'example', version: '1.0.0'});
  assert.match(client.getInstructions(), /count_up/);
}, 'auto'));

test('serves a client of the legacy era, too', () =>
  connected(async client => {
    assert.equal(client.getProtocolEra(), 'legacy');
    const x = await client.callTool({name: 'square', arguments: {input: 2}});
    assert.deepEqual(x.structuredContent, {output: 4});
  }, 'legacy'));

test('tells what it is and for how long', () => connected(async client => {
  const x = await client.discover();
  assert.equal(x.supportedVersions[0], '2026-07-28');
  assert.equal(x.cacheScope, 'private');
  assert.ok(x.ttlMs > 0);
}));

test('lists the tools with their schemas', () => connected(async client => {
  const {tools, nextCursor} = await client.listTools();
  assert.deepEqual(tools.map(x => x.name), ['square', 'count_up']);
  assert.equal(nextCursor, undefined);
}));

test('calls a tool, and checks the answer by its schema', () =>
  connected(async client => {
    await client.listTools();
    const x = await client.callTool({name: 'square', arguments: {input: 12}});
    assert.deepEqual(x.structuredContent, {output: 144});
    assert.ok(!x.isError);
  }));

test('reads what the model refuses as a result', () =>
  connected(async client => {
    const x = await client.callTool({name: 'square', arguments: {input: 'x'}});
    assert.equal(x.isError, true);
    assert.match(x.content[0].text, /expected number, got string/);
  }));

test('hears of an unknown tool by its error code', () =>
  connected(async client => {
    await assert.rejects(client.callTool({name: 'cube', arguments: {}}),
                         {code: -32602});
  }));

test('is told that a subscription is to nothing, and over', () =>
  connected(async client => {
    const x = await client.listen({toolsListChanged: true});
    assert.deepEqual(x.honoredFilter, {});
    assert.equal(await x.closed, 'graceful');
  }));

test('cancels a call', () => connected(async client => {
  const cancel = new AbortController();
  const call = client.callTool({name: 'count_up', arguments: {count: 1_000_000}},
                               {signal: cancel.signal});
  const refused = assert.rejects(call);
  await client.listTools();
  cancel.abort();
  await refused;
  // The model's one worker is free again.
  const x = await client.callTool({name: 'count_up', arguments: {count: 1}});
  assert.equal(x.structuredContent.items.length, 1);
}));
