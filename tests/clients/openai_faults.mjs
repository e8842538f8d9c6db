// OpenAI's own client against what goes wrong: tests/clients/openai_faults.cpp.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {eventually, load, url} from './clients.mjs';

const OpenAI = load('openai');
const client = new OpenAI({baseURL: `${url}/v1`, apiKey: 'none'});

const ask = (content, more = {}, options = {}) =>
  client.chat.completions.create(
    {model: 'faults', messages: [{role: 'user', content}], ...more}, options);

test('behaviour_23_an_error_after_an_item_is_thrown_to_the_reader', async () => {
  const seen = [];
  await assert.rejects(async () => {
    for await (const chunk of await ask('fail', {stream: true}))
      seen.push(chunk.choices[0].delta.content);
  }, error => {
    assert.ok(error instanceof OpenAI.APIError);
    assert.match(error.message, /no more/);
    return true;
  });
  assert.deepEqual(seen, ['one']);
});

test('behaviour_23_an_error_without_a_stream_has_its_status', async () => {
  await assert.rejects(ask('fail', {}, {maxRetries: 0}), error => {
    assert.equal(error.status, 501);
    assert.equal(error.type, 'server_error');
    return true;
  });
});

test('a_client_that_aborts_cancels_the_model', async () => {
  const stream = await ask('endless', {stream: true});
  for await (const _ of stream)
    break;
  stream.controller.abort();
  await eventually(async () =>
    (await (await fetch(`${url}/cancelled`)).json()) === 1);
});

test('a_503_is_tried_again_after_the_time_that_it_names', async () => {
  const begin = performance.now();
  const answer = await ask('busy once');
  assert.equal(answer.choices[0].message.content, 'at last');
  // Without the header the client would wait half a second at most.
  assert.ok(performance.now() - begin >= 1000);
});

test('a_503_is_an_error_when_the_client_does_not_try_again', async () => {
  await assert.rejects(ask('busy always', {}, {maxRetries: 0}), error => {
    assert.ok(error instanceof OpenAI.InternalServerError);
    assert.equal(error.status, 503);
    assert.equal(error.headers.get('retry-after'), '1');
    assert.equal(error.type, 'unavailable_error');
    return true;
  });
});

test('a_secret_of_the_model_stays_there', async () => {
  await assert.rejects(ask('die', {}, {maxRetries: 0}), error => {
    assert.equal(error.status, 500);
    assert.doesNotMatch(JSON.stringify(error), /secret/);
    return true;
  });
});

test('a_model_with_a_slash_in_its_name_is_found', async () => {
  assert.equal((await client.models.retrieve('org/faults')).id, 'org/faults');
  await assert.rejects(client.models.retrieve('org/nothing'), error => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
});
