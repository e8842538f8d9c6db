// OpenAI's own client against examples/openai_chat.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {load, url} from './clients.mjs';

const OpenAI = load('openai');
const client = new OpenAI({baseURL: `${url}/v1`, apiKey: 'none'});
const model = 'gpt-4o-mini';

const ask = (content, more = {}) => client.chat.completions.create(
  {model, messages: [{role: 'user', content}], ...more});

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream)
    chunks.push(chunk);
  return chunks;
}

const text_of = chunks => chunks
  .map(chunk => chunk.choices[0]?.delta.content ?? '').join('');

test('behaviour_22_answers_as_a_whole', async () => {
  const answer = await ask('hello there world');
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.model, model);
  assert.equal(answer.choices.length, 1);
  assert.deepEqual(answer.choices[0].message,
    {role: 'assistant', content: 'hello there world', refusal: null});
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.completion_tokens, 3);
});

test('behaviour_22_streams_and_ends', async () => {
  const chunks = await collect(await ask('hello there world', {stream: true}));
  assert.equal(text_of(chunks), 'hello there world');
  assert.equal(chunks[0].choices[0].delta.role, 'assistant');
  assert.equal(new Set(chunks.map(chunk => chunk.id)).size, 1);
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
});

test('behaviour_22_streams_with_the_helper_of_the_client', async () => {
  const runner = client.chat.completions.stream(
    {model, messages: [{role: 'user', content: 'one two'}],
     stream_options: {include_usage: true}});
  const pieces = [];
  runner.on('content', piece => pieces.push(piece));
  const final = await runner.finalChatCompletion();
  assert.deepEqual(pieces, ['one', ' two']);
  assert.equal(final.choices[0].message.content, 'one two');
  assert.equal(final.usage.completion_tokens, 2);
});

test('behaviour_22_takes_an_image', async () => {
  const answer = await ask([
    {type: 'text', text: 'what is this'},
    {type: 'image_url', image_url: {url: 'data:image/png;base64,AAAA'}}]);
  assert.equal(answer.choices[0].message.content, 'what is this');
});

test('behaviour_22_takes_wav_and_refuses_flac', async () => {
  const sound = format => [
    {type: 'text', text: 'listen'},
    {type: 'input_audio', input_audio: {data: 'AAAA', format}}];
  const answer = await ask(sound('wav'));
  assert.equal(answer.choices[0].message.content, 'listen');
  await assert.rejects(ask(sound('flac')), error => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.match(error.message, /expected 'wav' or 'mp3'/);
    assert.equal(error.param, 'messages[0].content[1].input_audio.format');
    assert.equal(error.type, 'invalid_request_error');
    return true;
  });
});

const tools = [{type: 'function', function: {
  name: 'say', parameters: {type: 'object', properties: {text: {}}}}}];

test('behaviour_22_calls_tools_and_takes_their_results', async () => {
  const answer = await ask('hi', {tools, tool_choice: 'auto'});
  const [choice] = answer.choices;
  assert.equal(choice.finish_reason, 'tool_calls');
  assert.equal(choice.message.content, null);
  const [call] = choice.message.tool_calls;
  assert.equal(call.type, 'function');
  assert.equal(call.function.name, 'say');
  assert.deepEqual(JSON.parse(call.function.arguments), {text: 'hi'});
  const next = await client.chat.completions.create({model, tools, messages: [
    {role: 'user', content: 'hi'}, choice.message,
    {role: 'tool', tool_call_id: call.id, content: 'said it'}]});
  assert.equal(next.choices[0].message.content, 'said it');
});

test('behaviour_22_runs_tools_with_the_helper_of_the_client', async () => {
  const said = [];
  const runner = client.chat.completions.runTools({
    model, stream: true, messages: [{role: 'user', content: 'hi'}],
    tools: [{type: 'function', function: {
      ...tools[0].function, parse: JSON.parse,
      function: ({text}) => {
        said.push(text);
        return `said ${text}`;
      }}}]});
  assert.equal(await runner.finalContent(), 'said hi');
  assert.deepEqual(said, ['hi']);
});

test('behaviour_22_takes_a_schema_metadata_and_an_effort', async () => {
  const answer = await ask('x', {
    response_format: {type: 'json_schema', json_schema: {
      name: 's', schema: {type: 'object'}, strict: true}},
    metadata: {trace: '1'}, reasoning_effort: 'low', seed: 1, user: 'me'});
  assert.equal(answer.choices[0].message.content, 'x');
  await assert.rejects(ask('x', {reasoning_effort: 3}), error => {
    assert.equal(error.status, 400);
    assert.equal(error.param, 'reasoning_effort');
    return true;
  });
});

test('behaviour_23_gives_usage_in_the_last_chunk', async () => {
  const chunks = await collect(await ask('1 2 3 4 5', {
    stream: true, stream_options: {include_usage: true}}));
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.completion_tokens, 5);
  assert.ok(chunks.slice(0, -1).every(chunk => chunk.usage === null));
  const whole = await ask('1 2 3 4 5');
  assert.deepEqual(whole.usage, chunks.at(-1).usage);
});

test('several_choices_come_whole_and_streamed', async () => {
  const answer = await ask('a b', {n: 3});
  assert.deepEqual(answer.choices.map(choice => choice.message.content),
    ['a b', 'a b', 'a b']);
  const texts = ['', '', ''];
  for await (const chunk of await ask('a b', {n: 3, stream: true}))
    for (const choice of chunk.choices)
      texts[choice.index] += choice.delta.content ?? '';
  assert.deepEqual(texts, ['a b', 'a b', 'a b']);
});

test('a_limit_of_tokens_ends_with_length', async () => {
  const answer = await ask('a b c', {max_completion_tokens: 2});
  assert.equal(answer.choices[0].message.content, 'a b');
  assert.equal(answer.choices[0].finish_reason, 'length');
});

test('legacy_completions_work', async () => {
  const answer = await client.completions.create(
    {model, prompt: ['a b', 'c'], echo: true});
  assert.equal(answer.object, 'text_completion');
  assert.deepEqual(answer.choices.map(choice => choice.text), ['a ba b', 'cc']);
  let text = '';
  for await (const chunk of await client.completions.create(
    {model, prompt: 'x y', stream: true}))
    text += chunk.choices[0].text;
  assert.equal(text, 'x y');
});

test('behaviour_24_embeds_with_the_base64_that_the_client_asks_for', async () => {
  const answer = await client.embeddings.create(
    {model: 'text-embedding-3-small', input: 'abca'});
  const expected = Array(26).fill(0);
  expected.splice(0, 3, 2, 1, 1);
  assert.deepEqual([...answer.data[0].embedding], expected);
  const floats = await client.embeddings.create(
    {model: 'letters', input: 'abca', encoding_format: 'float'});
  assert.deepEqual(floats.data[0].embedding, expected);
});

test('behaviour_24_embeds_lists_in_order_and_many_at_once', async () => {
  const input = Array.from({length: 100}, (_, i) => 'a'.repeat(i + 1));
  const answers = await Promise.all(Array.from({length: 8}, () =>
    client.embeddings.create({model: 'letters', input})));
  for (const answer of answers)
    assert.deepEqual(answer.data.map(x => [x.index, x.embedding[0]]),
      input.map((text, i) => [i, text.length]));
});

test('behaviour_24_takes_as_many_inputs_as_openai', async () => {
  const answer = await client.embeddings.create(
    {model: 'letters', input: Array(2048).fill('a')});
  assert.equal(answer.data.length, 2048);
  await assert.rejects(client.embeddings.create(
    {model: 'letters', input: Array(2049).fill('a')}), {status: 400});
});

test('models_are_listed', async () => {
  const names = [];
  for await (const x of client.models.list())
    names.push(x.id);
  assert.deepEqual(names, ['parrot', 'gpt-4o-mini', 'letters',
    'text-embedding-3-small']);
  assert.equal((await client.models.retrieve('parrot')).owned_by, 'troupe');
  await assert.rejects(client.models.retrieve('nothing'),
    OpenAI.NotFoundError);
});

test('an_unknown_model_is_not_found', async () => {
  await assert.rejects(ask('x', {model: 'gpt-5'}), error => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
});

test('a_path_that_nobody_serves_is_an_error_of_openai', async () => {
  await assert.rejects(client.responses.create({model, input: 'x'}), error => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.type, 'not_found_error');
    return true;
  });
});

test('predict_answers_beside_it', async () => {
  const answer = await fetch(`${url}/letters`, {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({input: 'aab'})});
  assert.deepEqual((await answer.json()).slice(0, 3), [2, 1, 0]);
});
