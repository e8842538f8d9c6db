// The official client of the Model Context Protocol against
// examples/mcp/config.json.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {eventually, load, url} from './clients.mjs';

const {Client} = load('@modelcontextprotocol/sdk/client/index.js');
const {StreamableHTTPClientTransport} =
  load('@modelcontextprotocol/sdk/client/streamableHttp.js');

/// Runs `f` with a client that is connected, and closes it.
async function connected(f, options = {}) {
  const client = new Client({name: 'test', version: '1.0.0'});
  const transport =
    new StreamableHTTPClientTransport(new URL('/mcp', url), options);
  await client.connect(transport);
  try {
    await f(client, transport);
  } finally {
    await client.close();
  }
}

test('agrees on the newest version and hears of tools only', () =>
  connected(async (client, transport) => {
    assert.equal(transport.protocolVersion, '2025-11-25');
    assert.match(transport.sessionId, /^[0-9a-f]{32}$/);
    assert.deepEqual(client.getServerVersion(),
                     {name: 'example', version: '1.0.0'});
    assert.ok(client.getServerCapabilities().tools);
    assert.match(client.getInstructions(), /count_up/);
    await client.ping();
  }));

test('lists the tools with their schemas', () => connected(async client => {
  const {tools, nextCursor} = await client.listTools();
  assert.deepEqual(tools.map(x => x.name), ['square', 'count_up']);
  assert.deepEqual(tools[0].inputSchema.required, ['input']);
  assert.equal(tools[0].outputSchema.type, 'object');
  assert.deepEqual(Object.keys(tools[1].inputSchema.properties), ['count']);
  assert.equal(nextCursor, undefined);
}));

test('calls a tool, and checks the answer by its schema', () =>
  connected(async client => {
    // Without the list the client knows no output schema.
    await client.listTools();
    const x = await client.callTool({name: 'square', arguments: {input: 12}});
    assert.deepEqual(x.structuredContent, {output: 144});
    assert.deepEqual(JSON.parse(x.content[0].text), {output: 144});
    assert.ok(!x.isError);
  }));

test('gets the items of a stream', () => connected(async client => {
  const x = await client.callTool({name: 'count_up', arguments: {count: 3}});
  assert.deepEqual(x.structuredContent,
                   {items: [{index: 0}, {index: 1}, {index: 2}]});
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

test('makes many calls at once', () => connected(async client => {
  const numbers = Array.from({length: 50}, (_, i) => i);
  const answers = await Promise.all(
    numbers.map(i => client.callTool({name: 'square', arguments: {input: i}})));
  assert.deepEqual(answers.map(x => x.structuredContent.output),
                   numbers.map(i => i * i));
}));

test('cancels its calls when it leaves', async () => {
  await connected(async client => {
    const call = client.callTool(
      {name: 'count_up', arguments: {count: 1_000_000}});
    await assert.rejects(
      Promise.race([call, client.ping().then(() => client.close())
                            .then(() => call)]));
  });
  // The model's one worker is free again.
  await connected(async client => {
    const x = await client.callTool({name: 'count_up', arguments: {count: 1}});
    assert.equal(x.structuredContent.items.length, 1);
  });
});

test('stops the model of a call that it aborts', () =>
  connected(async client => {
    const errors = [];
    client.onerror = error => errors.push(error);
    const abort = new AbortController();
    const call = client.callTool(
      {name: 'count_up', arguments: {count: 1_000_000}}, undefined,
      {signal: abort.signal});
    const pending = async n => (await (await fetch(`${url}/metrics`)).text())
      .includes(`troupe_model_pending_requests{model="count"} ${n}\n`);
    await eventually(() => pending(1));
    abort.abort('enough');
    await assert.rejects(call, /enough/);
    // The connection stays open, so it is the notification that ends it.
    await eventually(() => pending(0));
    const x = await client.callTool({name: 'count_up', arguments: {count: 1}});
    assert.equal(x.structuredContent.items.length, 1);
    assert.deepEqual(errors, []);
  }));

test('is refused as a page of another site', async () => {
  const options = {requestInit: {headers: {Origin: 'http://evil.example'}}};
  await assert.rejects(connected(() => {}, options), {code: 403});
});
