// Stored responses with the official client: conversations by `previous_response_id`, and the endpoints of stored responses.

import { describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { sha256 } from '../../src/base/sha256.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { until } from '../support/until.ts';
import { clientOf, startDaemon, thrownBy, turnsSent, useWorld } from './daemon.ts';
import { expectUpstreamAborted } from './disconnect.ts';

const world = useWorld();
const model = 'gpt-5.5';
const tool: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
};

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
const asked = (input: Params['input'], more: Partial<Params> = {}): Params => ({ model, input, ...more });
const notFound = { status: 404, code: 'response_not_found' };
const noPrevious = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' };

describe('a conversation of five turns', () => {
  const script = () =>
    world.simulator.script(
      { reasoning: ['First.'], text: 'One.' },
      { reasoning: ['Oslo?'], calls: [{ name: 'get_weather', arguments: '{"city": "Oslo"}' }] },
      { text: 'Three.' },
      { reasoning: ['Nearly.'], text: 'Four.' },
      { text: 'Five.' },
    );
  type Item = OpenAI.Responses.ResponseInputItem;
  const own = (step: number, call_id: string): Item[] =>
    step === 2
      ? [{ type: 'function_call_output', call_id, output: 'Sunny' }]
      : [{ role: 'user', content: `Question ${step}` }];

  async function converse(stream: boolean, include: OpenAI.Responses.ResponseIncludable[]) {
    script();
    const responses: OpenAI.Responses.Response[] = [];
    for (let step = 0; step < 5; step++) {
      const last = responses.at(-1);
      const call = last?.output.find((item) => item.type === 'function_call');
      const params = {
        model,
        tools: [tool],
        include,
        input: own(step, call?.call_id ?? ''),
        ...(last === undefined ? {} : { previous_response_id: last.id }),
      };
      responses.push(
        stream
          ? await world.client.responses.stream(params).finalResponse()
          : await world.client.responses.create(params),
      );
    }
    return { responses, sent: turnsSent(world.simulator) };
  }

  test.each<[boolean, OpenAI.Responses.ResponseIncludable[]]>([
    [false, []],
    [true, []],
    [true, ['reasoning.encrypted_content']],
  ])('by ids, stream %p, include %j', async (stream, include) => {
    const { responses, sent } = await converse(stream, include);
    expect(responses.map(({ output_text }) => output_text)).toEqual(['One.', '', 'Three.', 'Four.', 'Five.']);
    const ids = responses.map(({ id }) => id);
    expect(responses.map(({ previous_response_id }) => previous_response_id)).toEqual([
      null,
      ...ids.slice(0, -1),
    ]);
    expect(responses.every((response) => 'store' in response && response.store === true)).toBe(true);
    for (const [index, { body, headers }] of sent.entries()) {
      const next = sent[index + 1] ?? sent[index]!;
      expect(next.body.input.slice(0, body.input.length)).toEqual(body.input);
      expect(next.body.prompt_cache_key).toBe(body.prompt_cache_key);
      expect(next.headers['session-id']).toBe(headers['session-id']!);
      expect(body).not.toHaveProperty('previous_response_id');
      expect(body.store).toBe(false);
    }
    expect(sent.at(-1)!.body.input.map(({ type, role }) => role ?? type)).toEqual([
      ...['user', 'reasoning', 'assistant', 'user', 'reasoning', 'function_call', 'function_call_output'],
      ...['assistant', 'user', 'reasoning', 'assistant', 'user'],
    ]);
  });
});

describe('a stored response', () => {
  test('is retrieved as it was, its reasoning encrypted only on request', async () => {
    world.simulator.script({ reasoning: ['Hm.'], text: 'Yes.' });
    const made = await world.client.responses.create(
      asked('Really?', { metadata: { a: 'b' }, instructions: 'Short.' }),
    );
    const found = await world.client.responses.retrieve(made.id);
    expect(found).toEqual(made);
    expect(found.output_text).toBe('Yes.');
    const blobOf = ({ output }: OpenAI.Responses.Response) =>
      output.flatMap((item) => (item.type === 'reasoning' ? [item.encrypted_content] : []));
    expect(blobOf(found)).toEqual([undefined]);
    const whole = await world.client.responses.retrieve(made.id, {
      include: ['reasoning.encrypted_content'],
    });
    expect(blobOf(whole)).toEqual([expect.stringMatching(/^gAAAA/)]);
    const bare = await fetch(`${world.daemon.url}/responses/${made.id}`);
    expect(await bare.json()).toMatchObject({ id: made.id, object: 'response', status: 'completed' });
  });

  test('is deleted once, and nothing continues it then', async () => {
    const first = await world.client.responses.create(asked('One.'));
    const second = await world.client.responses.create(asked('Two.', { previous_response_id: first.id }));
    const gone = await fetch(`${world.daemon.url}/v1/responses/${first.id}`, { method: 'DELETE' });
    expect(await gone.json()).toEqual({ id: first.id, object: 'response', deleted: true });
    expect(await thrownBy(world.client.responses.delete(first.id))).toMatchObject(notFound);
    expect(await thrownBy(world.client.responses.retrieve(first.id))).toMatchObject(notFound);
    for (const id of [first.id, second.id]) {
      const thrown = await thrownBy(
        world.client.responses.create(asked('Three.', { previous_response_id: id })),
      );
      expect(thrown).toMatchObject(noPrevious);
      expect(String(thrown)).toContain(first.id);
    }
    expect((await world.client.responses.retrieve(second.id)).id).toBe(second.id);
    expect((await world.client.responses.inputItems.list(second.id)).data).toMatchObject([{ role: 'user' }]);
  });

  test('with store: false is nowhere', async () => {
    const made = await world.client.responses.create(asked('One.', { store: false }));
    expect(made).toHaveProperty('store', false);
    expect(await thrownBy(world.client.responses.retrieve(made.id))).toMatchObject(notFound);
    const next = world.client.responses.create(asked('Two.', { previous_response_id: made.id }));
    expect(await thrownBy(next)).toMatchObject(noPrevious);
  });

  test('has a list of its input items, with those before it', async () => {
    world.simulator.script({ text: 'A.' }, { text: 'B.' });
    const first = await world.client.responses.create(asked('One.'));
    const second = await world.client.responses.create(
      asked(
        [
          { role: 'user', content: 'Two.' },
          { role: 'user', content: [{ type: 'input_text', text: 'Three.' }] },
        ],
        {
          previous_response_id: first.id,
        },
      ),
    );
    const textsOf = (items: OpenAI.Responses.ResponseItem[]) =>
      items.map((item) => (item as { content: { text: string }[] }).content[0]!.text);
    const newestFirst = await world.client.responses.inputItems.list(second.id);
    expect(textsOf(newestFirst.data)).toEqual(['Three.', 'Two.', 'A.', 'One.']);
    expect(newestFirst.has_more).toBe(false);
    const paged = await Array.fromAsync(
      world.client.responses.inputItems.list(second.id, { order: 'asc', limit: 1 }),
    );
    expect(textsOf(paged)).toEqual(['One.', 'A.', 'Two.', 'Three.']);
    expect(new Set(paged.map(({ id }) => id)).size).toBe(4);
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'order=up', 'after=msg_x']) {
      const bad = await fetch(`${world.daemon.url}/v1/responses/${second.id}/input_items?${query}`);
      expect([bad.status, await bad.json()]).toMatchObject([
        400,
        { error: { param: query.split('=')[0] } },
      ] as never);
    }
    expect(await thrownBy(world.client.responses.inputItems.list('resp_none'))).toMatchObject(notFound);
  });

  test('is not streamed again', async () => {
    const { id } = await world.client.responses.create(asked('One.'));
    const thrown = await thrownBy(world.client.responses.retrieve(id, { stream: true, starting_after: 1 }));
    expect(thrown).toMatchObject({ status: 400, param: 'stream' });
  });

  test('may be continued twice', async () => {
    world.simulator.script({ text: 'Root.' });
    const { id } = await world.client.responses.create(asked('One.'));
    const forks = await Promise.all(
      ['Left.', 'Right.'].map((input) =>
        world.client.responses.create(asked(input, { previous_response_id: id })),
      ),
    );
    expect(new Set(forks.map((fork) => fork.id)).size).toBe(2);
    const [, ...sent] = turnsSent(world.simulator);
    expect(sent.map(({ body }) => body.input.length)).toEqual([3, 3]);
  });

  test('does not double a history that is sent as well', async () => {
    world.simulator.script({ text: 'One, he said.' }, { text: 'Two.' });
    const first = await world.client.responses.create(asked('One.'));
    const history: OpenAI.Responses.ResponseInput = [
      { role: 'user', content: 'One.' },
      { role: 'assistant', content: 'One, he said.' },
      { role: 'user', content: 'Two.' },
    ];
    await world.client.responses.create(asked(history, { previous_response_id: first.id }));
    expect(turnsSent(world.simulator)[1]!.body.input.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
  });
});

describe('a response under way', () => {
  const endless = { text: 'one two three '.repeat(2000), paceMs: 2 };

  async function begun() {
    world.simulator.script(endless);
    const stream = await world.client.responses.create({ ...asked('Count.'), stream: true });
    const events = stream[Symbol.asyncIterator]();
    let id = '';
    for (;;) {
      const { value } = await events.next();
      if (value?.type === 'response.created') id = value.response.id;
      if (value?.type === 'response.output_text.delta') return { id, stream, events };
    }
  }

  test('is cancelled: the upstream stops, its client gets an error, it stays as cancelled', async () => {
    const { id, events } = await begun();
    expect((await world.client.responses.retrieve(id)).status).toBe('in_progress');
    const next = await thrownBy(world.client.responses.create(asked('More.', { previous_response_id: id })));
    expect(next).toMatchObject(noPrevious);
    expect(await thrownBy(world.client.responses.delete(id))).toMatchObject({ status: 400 });
    const readToTheEnd = async () => {
      while (!(await events.next()).done);
    };
    const failure = thrownBy(readToTheEnd());
    let cancelled: PromiseLike<unknown> | undefined;
    await expectUpstreamAborted(world, () => {
      cancelled = world.client.responses.cancel(id);
      cancelled.then();
    });
    expect(await cancelled).toMatchObject({ id, status: 'cancelled' });
    expect(await failure).toMatchObject({ code: 'response_cancelled' });
    expect(await world.client.responses.retrieve(id)).toMatchObject({ status: 'cancelled', output: [] });
    expect(await world.client.responses.cancel(id)).toMatchObject({ status: 'cancelled' });
    const after = await thrownBy(world.client.responses.create(asked('More.', { previous_response_id: id })));
    expect(after).toMatchObject(noPrevious);
  });

  test('whose client leaves is stored as cancelled, never as complete', async () => {
    const { id, stream } = await begun();
    stream.controller.abort();
    await until(async () => (await world.client.responses.retrieve(id)).status !== 'in_progress');
    expect(await world.client.responses.retrieve(id)).toMatchObject({ status: 'cancelled', usage: null });
  });

  test('that breaks off is stored as failed', async () => {
    world.simulator.script({ text: 'one two three '.repeat(100), cutAfterBytes: 6000 });
    const stream = await world.client.responses.create({ ...asked('Count.'), stream: true });
    let id = '';
    const reading = (async () => {
      for await (const event of stream) if (event.type === 'response.created') id = event.response.id;
    })();
    await thrownBy(reading);
    expect(await world.client.responses.retrieve(id)).toMatchObject({
      status: 'failed',
      error: { code: 'server_error' },
    });
    const next = world.client.responses.create(asked('More.', { previous_response_id: id }));
    expect(await thrownBy(next)).toMatchObject(noPrevious);
  });

  test('that has finished cannot be cancelled', async () => {
    const { id } = await world.client.responses.create(asked('One.'));
    const thrown = await thrownBy(world.client.responses.cancel(id));
    expect(thrown).toMatchObject({
      status: 400,
      message: expect.stringContaining('Cannot cancel a synchronous response.'),
    });
    expect(await thrownBy(world.client.responses.cancel('resp_none'))).toMatchObject(notFound);
  });
});

describe('chat', () => {
  const ask = (content: string, more: object = {}) =>
    world.client.chat.completions.create({ model, messages: [{ role: 'user', content }], ...more });

  test('continues stored completions and responses', async () => {
    world.simulator.script(
      { reasoning: ['Hm.'], text: 'A.' },
      { text: 'B.' },
      { text: 'C.' },
      { text: 'D.' },
    );
    const first = await ask('One.', { store: true });
    const second = await ask('Two.', { previous_response_id: first.id });
    const third = await world.client.responses.create(
      asked('Three.', { previous_response_id: second.id.replace('chatcmpl-', 'resp_') }),
    );
    await ask('Four.', { previous_response_id: third.id });
    const rolesOf = (turn: number) =>
      turnsSent(world.simulator)[turn]!.body.input.map(({ type, role }) => role ?? type);
    expect(rolesOf(1)).toEqual(['user', 'reasoning', 'assistant', 'user']);
    expect(rolesOf(3)).toEqual([
      'user',
      'reasoning',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ]);
    const shown = await world.client.responses.retrieve(second.id.replace('chatcmpl-', 'resp_'));
    expect(shown).toMatchObject({ object: 'response', status: 'completed', output_text: 'B.' });
  });

  test('a tool result alone continues a stored call', async () => {
    world.simulator.script({ calls: [{ name: 'get_weather', arguments: '{}' }] }, { text: 'Sunny.' });
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: {} } }];
    const first = await ask('Weather?', { store: true, tools });
    const { id } = first.choices[0]!.message.tool_calls![0]!;
    const { choices } = await world.client.chat.completions.create({
      model,
      messages: [{ role: 'tool', tool_call_id: id, content: 'Sun' }],
      previous_response_id: first.id,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming);
    expect(choices[0]!.message.content).toBe('Sunny.');
  });

  test('refuses a `store` that is neither true nor false', async () => {
    expect(await thrownBy(ask('One.', { store: 'yes' }))).toMatchObject({ status: 400, param: 'store' });
  });

  test('stores nothing unasked', async () => {
    const first = await ask('One.');
    const next = ask('Two.', { previous_response_id: first.id });
    expect(await thrownBy(next)).toMatchObject(noPrevious);
  });
});

test('background is refused by name', async () => {
  const thrown = await thrownBy(world.client.responses.create(asked('One.', { background: true })));
  expect(thrown).toMatchObject({ status: 400, param: 'background' });
});

test('compaction and token counts know the conversation too', async () => {
  const { id } = await world.client.responses.create(asked('word '.repeat(500)));
  const counted = await world.client.responses.inputTokens.count({
    model,
    input: 'x',
    previous_response_id: id,
  });
  expect(counted.input_tokens).toBeGreaterThan(500);
  await world.client.responses.compact({ model, input: 'x', previous_response_id: id });
  expect(turnsSent(world.simulator).at(-1)!.body.input.length).toBeGreaterThan(3);
});

describe('other settings', () => {
  test('a conversation is no larger than the body of a client that sends all of it', async () => {
    const env = { CODEXD_SERVER_JSON_LIMIT_MB: '0.01' };
    await using daemon = await startDaemon({ simulator: world.simulator, env });
    const { responses } = clientOf(daemon);
    const first = await responses.create(asked('x'.repeat(8000)));
    const tooLarge = { status: 413, code: 'payload_too_large' };
    const second = responses.create(asked('y'.repeat(8000), { previous_response_id: first.id }));
    const { id, output } = await second;
    expect(await thrownBy(responses.create(asked('z', { previous_response_id: id })))).toMatchObject(
      tooLarge,
    );
    const references = Array.from({ length: 100 }, () => ({
      type: 'item_reference' as const,
      id: output[0]!.id!,
    }));
    expect(await thrownBy(responses.create(asked(references)))).toMatchObject(tooLarge);
  });

  test('an error in the input of a continued conversation names its own item', async () => {
    const { id } = await world.client.responses.create(asked('One.'));
    const bad = [
      { role: 'user', content: 'x' },
      { type: 'dream' },
    ] as unknown as OpenAI.Responses.ResponseInput;
    const thrown = await thrownBy(world.client.responses.create(asked(bad, { previous_response_id: id })));
    expect(thrown).toMatchObject({ status: 400, param: 'input[1].type' });
  });

  test('a key never sees what another key made', async () => {
    const keys = ['cdx_one', 'cdx_other'];
    const tables = keys.map((key) => `[[server.keys]]\nname = "${key}"\nsha256 = "${sha256(key)}"\n`);
    const home = emptyHome();
    writeFileSync(join(home, 'codexd.toml'), tables.join('\n'));
    await using daemon = await startDaemon({
      simulator: world.simulator,
      home,
      args: ['--config', join(home, 'codexd.toml')],
    });
    const [mine, other] = keys.map((apiKey) => clientOf(daemon, { apiKey }));
    const { id, output } = await mine!.responses.create(asked('One.'));
    expect((await mine!.responses.retrieve(id)).id).toBe(id);
    const { responses } = other!;
    for (const act of [
      responses.retrieve(id),
      responses.delete(id),
      responses.cancel(id),
      responses.inputItems.list(id),
    ]) {
      expect(await thrownBy(act)).toMatchObject(notFound);
    }
    expect(await thrownBy(responses.create(asked('Two.', { previous_response_id: id })))).toMatchObject(
      noPrevious,
    );
    const reference = [{ type: 'item_reference' as const, id: output.at(-1)!.id! }];
    expect(await thrownBy(responses.create(asked(reference)))).toMatchObject({ code: 'item_not_found' });
  });

  test('off: nothing is stored, and the response says so', async () => {
    await using daemon = await startDaemon({ simulator: world.simulator, env: { CODEXD_STORE_KIND: 'off' } });
    const client = clientOf(daemon);
    const made = await client.responses.create(asked('One.'));
    expect(made).toHaveProperty('store', false);
    expect(await thrownBy(client.responses.retrieve(made.id))).toMatchObject(notFound);
    const wanted = await client.responses.create(asked('One.', { store: true })).withResponse();
    expect(wanted.response.headers.get('x-codexd-ignored')).toBe('store');
    const next = client.responses.create(asked('Two.', { previous_response_id: made.id }));
    expect(await thrownBy(next)).toMatchObject(noPrevious);
  });

  test('sqlite: a restart forgets nothing', async () => {
    const env = { CODEXD_STORE_KIND: 'sqlite' };
    world.simulator.script({ text: 'A.' });
    const daemon = await startDaemon({ simulator: world.simulator, env });
    const first = await clientOf(daemon).responses.create(asked('One.'));
    daemon.kill('SIGKILL');
    await daemon.exited;
    await using again = await startDaemon({ simulator: world.simulator, env, home: daemon.home });
    const second = await clientOf(again).responses.create(asked('Two.', { previous_response_id: first.id }));
    expect(second.previous_response_id).toBe(first.id);
    expect(turnsSent(world.simulator).at(-1)!.body.input.length).toBe(3);
  });

  test('a store that cannot be opened ends the start with what to do', async () => {
    const env = { CODEXD_STORE_KIND: 'sqlite', CODEXD_STORE_PATH: '/dev/null/responses.sqlite' };
    const home = emptyHome();
    const { exitCode, err } = await runCodexd(['serve', '--listen', '127.0.0.1:0'], { home, env });
    expect([exitCode, err]).toEqual([1, expect.stringContaining('store.path')]);
  });
});
