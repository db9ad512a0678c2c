// docs/wire/openai.md#responses-events, #response-fields, #error-pair: streamed responses.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../../src/failure.ts';
import { DeltaEvent, type ResponsesEvent } from '../../../../src/responses/event.ts';
import { type Json, responsesEvents, responsesOrderFaults } from './order.ts';
import {
  call,
  codexHeaders,
  fixture,
  message,
  reasoning,
  streamOf,
  type Turn,
  translate,
  translator,
  turnWith,
  wholeOf,
} from './support.ts';

const blobs = { include: ['reasoning.encrypted_content'] };

function eventsOf(turn: Turn, body: object = {}, headers: Record<string, string> = {}): Json[] {
  return responsesEvents(streamOf(turn, translate(body, headers)));
}

const typesOf = (events: Json[]) => events.map(({ type }) => type as string);
const responseOf = (events: Json[]) => events.at(-1)?.response as Json;

describe('frames', () => {
  test('an event is one piece: its name, its JSON, an empty line', () => {
    const encoder = translator.stream(translate());
    const created = encoder.push({ type: 'response.created', response: { id: 'resp_1', created_at: 1 } });
    expect(created).toMatch(/^event: response\.created\ndata: \{"type":"response\.created",[^\n]*\}\n\n$/);
    const delta = encoder.push(new DeltaEvent('response.output_text.delta', 'msg_1', 2, 3, '"a\\u2028\\"b"'));
    expect(delta).toBe(
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","item_id":"msg_1",' +
        '"output_index":2,"content_index":3,"logprobs":[],"delta":"a\\u2028\\"b","sequence_number":1}\n\n',
    );
  });

  test.each([
    ['response.refusal.delta', 'content_index'],
    ['response.reasoning_text.delta', 'content_index'],
    ['response.reasoning_summary_text.delta', 'summary_index'],
    ['response.function_call_arguments.delta', undefined],
    ['response.custom_tool_call_input.delta', undefined],
  ] as const)('%s has its own index (%s)', (type, key) => {
    const frame = translator.stream(translate()).push(new DeltaEvent(type, 'i', 1, 4, '"x"'));
    expect(responsesEvents(frame)).toEqual([
      { type, item_id: 'i', output_index: 1, ...(key && { [key]: 4 }), delta: 'x', sequence_number: 0 },
    ]);
  });

  test('the head of a delta changes with its item, its part and its kind', () => {
    const encoder = translator.stream(translate());
    const deltas = [
      new DeltaEvent('response.output_text.delta', 'a', 0, 0, '"1"'),
      new DeltaEvent('response.output_text.delta', 'a', 0, 1, '"2"'),
      new DeltaEvent('response.refusal.delta', 'a', 0, 1, '"3"'),
      new DeltaEvent('response.refusal.delta', 'b', 1, 1, '"4"'),
      new DeltaEvent('response.refusal.delta', 'b', 1, 1, '"5"'),
    ];
    const events = responsesEvents(deltas.map((delta) => encoder.push(delta)).join(''));
    expect(events.map((event) => [event.type, event.item_id, event.content_index, event.delta])).toEqual(
      deltas.map((delta) => [delta.type, delta.item_id, delta.part_index, delta.delta]),
    );
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual([0, 1, 2, 3, 4]);
  });

  test('a silent stream is kept alive by comments, for Codex by events that count', () => {
    expect(translator.stream(translate()).heartbeat()).toBe(': keep-alive\n\n');
    const encoder = translator.stream(translate({}, codexHeaders));
    expect(encoder.heartbeat()).toBe('data: {"type":"keepalive","sequence_number":0}\n\n');
    expect(encoder.heartbeat()).toBe('data: {"type":"keepalive","sequence_number":1}\n\n');
  });

  test('the stream is finished with its terminal event and [DONE]', async () => {
    const encoder = translator.stream(translate());
    const { events } = await fixture('plain-text');
    for (const event of events.slice(0, -1)) encoder.push(event);
    expect(encoder.finished).toBe(false);
    expect(encoder.push(events.at(-1)!)).toEndWith('}\n\ndata: [DONE]\n\n');
    expect(encoder.finished).toBe(true);
  });
});

describe('what the answer holds', () => {
  test('a completed response with an empty output is filled', async () => {
    const { output } = responseOf(eventsOf(await fixture('function-call')));
    expect(output.map(({ type }: Json) => type)).toEqual(['reasoning', 'function_call']);
  });

  test('private events are held back, except from Codex', async () => {
    const turn = await fixture('keepalives-and-private-events');
    const own = typesOf(eventsOf(turn, {}, codexHeaders));
    expect(own).toContain('codex.rate_limits');
    expect(own).toContain('response.something_new');
    expect(own).toContain('keepalive');
    const shown = eventsOf(turn);
    expect(typesOf(shown).filter((type) => own.includes(type))).toEqual(typesOf(shown));
    expect(typesOf(shown).some((type) => /codex|keepalive|new|metadata|timing/.test(type))).toBe(false);
    expect(shown.map(({ sequence_number }) => sequence_number)).toEqual(shown.map((_, index) => index));
  });

  test('an item without id gets one, the same in added, deltas, done and the final output', () => {
    const nameless = message('', 'Hel', 'lo').map(({ item_id: _, ...event }) => {
      const { id: __, ...item } = event.item ?? {};
      return event.item === undefined ? event : { ...event, item };
    });
    const events = eventsOf(turnWith(nameless));
    const ids = events.map((event) => event.item?.id ?? event.item_id).filter(Boolean);
    expect(new Set(ids).size).toBe(1);
    expect(responseOf(events).output[0].id).toBe(ids[0]);
  });

  test('annotations and logprobs are there though the upstream left them out', () => {
    const [added, delta, done] = message('msg_1', 'Hi') as [Json, Json, Json];
    const bare = { ...done, item: { ...done.item, content: [{ type: 'output_text', text: 'Hi' }] } };
    const turn = turnWith([added, delta, bare]);
    const part = { type: 'output_text', text: 'Hi', annotations: [], logprobs: [] };
    expect(responseOf(eventsOf(turn)).output[0].content).toEqual([part]);
    expect(wholeOf(turn, translate()).output[0].content).toEqual([part]);
  });

  test('encrypted_content is text or absent', () => {
    const blank = reasoning('rs_1', ['Thinking.']).map((event) =>
      event.item === undefined
        ? event
        : { ...event, item: { ...event.item, encrypted_content: null, content: null } },
    );
    for (const body of [{}, blobs]) {
      for (const { item } of eventsOf(turnWith(blank), body)) {
        if (item) expect(Object.keys(item)).not.toContain('encrypted_content');
        if (item) expect(Object.keys(item)).not.toContain('content');
      }
    }
  });

  test('the blob is shown to those who asked, and to Codex', async () => {
    const turn = await fixture('reasoning-then-text');
    expect(streamOf(turn, translate())).not.toContain('encrypted_content');
    expect(JSON.stringify(wholeOf(turn, translate()))).not.toContain('encrypted_content');
    expect(responseOf(eventsOf(turn, blobs)).output[0].encrypted_content).toStartWith('gAAAA');
    expect(wholeOf(turn, translate({}, codexHeaders)).output[0].encrypted_content).toStartWith('gAAAA');
  });

  test('the blob of a compaction is the answer itself and stays', () => {
    const item = { id: 'cmp_1', type: 'compaction', encrypted_content: 'gAAAA' };
    const turn = turnWith([{ type: 'response.output_item.done', item }]);
    expect(responseOf(eventsOf(turn)).output[0].encrypted_content).toBe('gAAAA');
  });

  test('the client reads its own tool name', () => {
    const name = `mcp.${'x'.repeat(70)}`;
    const body = { tools: [{ type: 'function', name, parameters: {} }] };
    const short = (translate(body).request.tools![0] as { name: string }).name;
    const turn = turnWith(call('fc_1', short, '{}'));
    const events = eventsOf(turn, body);
    expect(events.flatMap(({ item }) => item?.name ?? [])).toEqual([name, name]);
    expect(responseOf(events).output[0].name).toBe(name);
    expect(responseOf(events).tools[0].name).toBe(name);
  });

  test('an incomplete answer says so, and so does its last item', async () => {
    const events = eventsOf(await fixture('incomplete-max-tokens'));
    expect(events.at(-1)?.type).toBe('response.incomplete');
    const response = responseOf(events);
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    expect(response.output.at(-1).status).toBe('incomplete');
    expect(wholeOf(await fixture('incomplete-max-tokens'), translate())).toEqual(response);
  });

  test('a custom call stays one, with its own events', async () => {
    const types = typesOf(eventsOf(await fixture('custom-tool')));
    expect(types).toContain('response.custom_tool_call_input.delta');
    expect(types).toContain('response.custom_tool_call_input.done');
  });

  test('an image of megabytes passes whole', () => {
    const result = 'A'.repeat(3_000_000);
    const item = { id: 'ig_1', type: 'image_generation_call', status: 'completed', result };
    const turn = turnWith([{ type: 'response.output_item.done', item }]);
    expect(responseOf(eventsOf(turn)).output[0].result).toHaveLength(3_000_000);
  });

  test('an answer without end is cut with a failure of its own', () => {
    const encoder = translator.stream(translate());
    const item = { type: 'image_generation_call', id: 'ig', result: 'A'.repeat(10_000_000) };
    const push = (output_index: number) =>
      encoder.push({ type: 'response.output_item.done', output_index, item } as ResponsesEvent);
    expect(() => {
      for (let index = 0; index < 8; index += 1) push(index);
    }).toThrow('The response is longer than');
  });
});

describe('D.6 the response object', () => {
  const account = {
    safety_identifier: 'user-secret',
    prompt_cache_retention: '24h',
    instructions: "codexd's own",
    tools: [{ type: 'function', name: 'hidden' }],
    headers: { 'openai-model': 'gpt-other', 'x-codex-turn-state': 'secret' },
    service_tier: 'priority',
    reasoning: { effort: 'high', summary: 'auto' },
    text: { format: { type: 'text' }, verbosity: 'low' },
  };
  const turn = turnWith(message('msg_1', 'Hi'), account);
  const bare = { id: 'resp_t1', object: 'response', created_at: 1_795_187_761, model: 'gpt-5.5' };

  test('defaults, under the upstream, under the request', () => {
    expect(wholeOf(turn, translate())).toEqual({
      ...bare,
      status: 'completed',
      background: false,
      completed_at: null,
      conversation: null,
      error: null,
      frequency_penalty: 0,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      metadata: {},
      output: [
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }],
        },
      ],
      parallel_tool_calls: true,
      presence_penalty: 0,
      previous_response_id: null,
      prompt: null,
      prompt_cache_key: null,
      prompt_cache_retention: null,
      reasoning: { effort: 'high', summary: 'auto' },
      safety_identifier: null,
      service_tier: 'priority',
      store: true,
      temperature: 1,
      text: { format: { type: 'text' }, verbosity: 'low' },
      tool_choice: 'auto',
      tools: [],
      top_logprobs: 0,
      top_p: 1,
      truncation: 'disabled',
      usage: null,
      user: null,
    });
  });

  test('nothing of the account is told, in any event', () => {
    const text = streamOf(turn, translate());
    for (const secret of ['user-secret', '24h', "codexd's own", 'hidden', 'turn-state']) {
      expect(text).not.toContain(secret);
    }
  });

  test('Codex sees which model answered', () => {
    expect(wholeOf(turn, translate({}, codexHeaders)).headers).toEqual(account.headers);
  });

  test('the values the client sent come back', () => {
    const sent = {
      model: 'my-alias',
      instructions: 'Be brief.',
      max_output_tokens: 100,
      max_tool_calls: 3,
      metadata: { run: '7' },
      parallel_tool_calls: false,
      prompt_cache_key: 'k'.repeat(80),
      prompt_cache_retention: 'in_memory',
      safety_identifier: 'me',
      store: false,
      user: 'u',
    };
    expect(wholeOf(turn, translate(sent))).toMatchObject(sent);
    expect(eventsOf(turn, sent)[0]?.response).toMatchObject(sent);
  });

  test('tools, tool_choice and text come back normalised, every key there', () => {
    const nested = { type: 'function', function: { name: 'f', parameters: {} } };
    const whole = wholeOf(
      turn,
      translate({
        tools: [nested, { type: 'function', name: 'g' }, { type: 'web_search_preview' }],
        tool_choice: { type: 'function', function: { name: 'f' } },
        text: { format: { type: 'json_schema', name: 'n', schema: {} }, verbosity: 'high' },
      }),
    );
    expect(whole.tools).toEqual([
      { type: 'function', name: 'f', description: null, parameters: {}, strict: false },
      {
        type: 'function',
        name: 'g',
        description: null,
        parameters: { type: 'object', properties: {} },
        strict: true,
      },
      { type: 'web_search_preview' },
    ]);
    expect(whole.tool_choice).toEqual({ type: 'function', name: 'f' });
    expect(whole.text).toEqual({
      format: { type: 'json_schema', name: 'n', description: null, schema: {}, strict: false },
      verbosity: 'high',
    });
  });

  test('a choice among shortened names comes back in full', () => {
    const name = `mcp.${'x'.repeat(70)}`;
    const choice = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name }] };
    const body = { tools: [{ type: 'function', name }], tool_choice: choice };
    expect(wholeOf(turn, translate(body)).tool_choice).toEqual(choice);
  });

  test('what the upstream adds to the public object passes', () => {
    const input_transformations = [
      { id: 'rs_1', type: 'reasoning', action: 'removed', reason: 'model_mismatch' },
    ];
    const more = turnWith(message('msg_1', 'Hi'), { input_transformations });
    expect(wholeOf(more, translate())).toMatchObject({ input_transformations });
    expect(streamOf(more, translate({ stream: true }))).toContain(JSON.stringify(input_transformations));
  });

  test('usage has every count', () => {
    const counted = turnWith(message('msg_1', 'Hi'), { usage: { input_tokens: 5, output_tokens: 7 } });
    expect(wholeOf(counted, translate()).usage).toEqual({
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 12,
    });
  });
});

describe('D.8 failures in the stream', () => {
  const broke = new Failure('upstream_broke', 'The upstream closed the stream.', {
    code: 'stream_incomplete',
    advice: 'Send it again.',
  });
  const said = 'The upstream closed the stream. Send it again.';

  function failing(
    failure: Failure,
    headers: Record<string, string> = {},
    before: ResponsesEvent[] = [],
  ): string {
    const encoder = translator.stream(translate({}, headers));
    return before.map((event) => encoder.push(event)).join('') + encoder.fail(failure);
  }

  test('before anything was sent, response.created is made up, and all is numbered', () => {
    const text = failing(broke);
    expect(responsesOrderFaults(text)).toEqual([]);
    const events = responsesEvents(text);
    expect(typesOf(events)).toEqual(['response.created', 'error', 'response.failed']);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual([0, 1, 2]);
    expect(events[0]?.response).toMatchObject({
      id: 'resp_made_here',
      created_at: 1_795_187_761,
      model: 'gpt-5.5',
    });
  });

  test('the error is both nested and flat, and [DONE] follows only the whole of it', () => {
    const text = failing(broke);
    const [, error, failed] = responsesEvents(text);
    expect(error).toEqual({
      type: 'error',
      code: 'stream_incomplete',
      message: said,
      param: null,
      error: { type: 'server_error', code: 'stream_incomplete', message: said, param: null },
      sequence_number: 1,
    });
    expect(failed?.response.error).toEqual({ code: 'server_error', message: said });
    expect(text).toEndWith('}\n\ndata: [DONE]\n\n');
  });

  test('the code is a text even where the failure has none', () => {
    const [, error] = responsesEvents(failing(new Failure('cancelled', 'The caller went away.')));
    expect(error?.code).toBe('invalid_request_error');
    expect(error?.error.code).toBe('invalid_request_error');
  });

  test('what was finished before stays in the failed response', async () => {
    const { events } = await fixture('commentary-then-call');
    const upTo = events.findIndex(({ type }) => type === 'response.output_text.delta');
    const text = failing(broke, {}, events.slice(0, upTo + 1));
    expect(responsesOrderFaults(text)).toEqual([]);
    expect(responseOf(responsesEvents(text)).output.map(({ type }: Json) => type)).toEqual(['reasoning']);
  });

  test('Codex is told once, with the code and the facts it acts on', () => {
    const limit = new Failure('rate_limited', 'The usage limit has been reached', {
      code: 'usage_limit_reached',
      retry: false,
      details: { plan_type: 'plus', resets_at: 1795200000, resets_in_seconds: 12239 },
    });
    const text = failing(limit, codexHeaders);
    expect(responsesOrderFaults(text, { codex: true })).toEqual([]);
    const events = responsesEvents(text);
    expect(typesOf(events)).toEqual(['response.created', 'response.failed']);
    expect(responseOf(events).error).toEqual({
      type: 'usage_limit_reached',
      code: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      plan_type: 'plus',
      resets_at: 1795200000,
      resets_in_seconds: 12239,
    });
  });

  test('Codex reads the wait from the text', () => {
    const limited = (message: string) =>
      new Failure('rate_limited', message, { code: 'rate_limit_exceeded', retryAfterMs: 3200 });
    const message = responseOf(responsesEvents(failing(limited('Slow down.'), codexHeaders))).error.message;
    expect(message).toBe('Slow down. Please try again in 3.2s.');
    const known = responseOf(responsesEvents(failing(limited('Please try again in 1.3s.'), codexHeaders)));
    expect(known.error.message).toBe('Please try again in 1.3s.');
  });

  test('overload keeps its code for Codex and is a server_error for the others', async () => {
    const turn = await fixture('overload-error-pair');
    expect(responseOf(eventsOf(turn, {}, codexHeaders)).error.code).toBe('server_is_overloaded');
    const events = eventsOf(turn);
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(events.at(-2)).toMatchObject({ type: 'error', code: 'server_is_overloaded' });
    expect(responseOf(events).error.code).toBe('server_error');
  });

  test('before the headers it is a status; the overflow names `input`', () => {
    const overflow = new Failure('invalid_request', 'Too long.', { code: 'context_length_exceeded' });
    expect(translator.failure(overflow)).toMatchObject({
      status: 400,
      body: { error: { code: 'context_length_exceeded', param: 'input' } },
    });
  });

  test('a cut at any event ends in a failure that keeps the order', async () => {
    for (const name of ['reasoning-then-text', 'interleaved-calls', 'web-search', 'custom-tool']) {
      const { events } = await fixture(name);
      for (const headers of [{}, codexHeaders]) {
        for (let length = 0; length < events.length; length += 1) {
          const text = failing(broke, headers, events.slice(0, length));
          expect(responsesOrderFaults(text, { codex: headers === codexHeaders })).toEqual([]);
        }
      }
    }
  });
});
