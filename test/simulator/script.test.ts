// Scripted turns and faults, their delivery, and scenario files.
import { afterEach, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Failure } from '../../src/failure.ts';
import { loadScenario, type ScriptedTurn } from '../../src/simulator/simulator.ts';
import {
  eventsIn,
  functionTool,
  itemsOf,
  type SimulatorClient,
  startClient,
  textOf,
  user,
} from './client.ts';

const fixture = (name: string) => join(import.meta.dir, `../fixtures/turns/${name}.sse`);
const fixtureText = (name: string) => Bun.file(fixture(name)).text();

let house: SimulatorClient;
afterEach(async () => {
  const left = house.simulator.unused();
  await house.simulator.stop();
  expect(left).toEqual([]);
});

function scripted(...turns: ScriptedTurn[]): SimulatorClient {
  house = startClient();
  house.simulator.script(...turns);
  return house;
}

/** How a fetch failed. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
const bodyOf = async (asked: Promise<Response>) => (await asked).text();

describe('what is told', () => {
  test('text', async () => {
    const { events } = scripted({ text: 'As written.' });
    expect(textOf(await events())).toBe('As written.');
    expect(textOf(await events())).toStartWith('You said:');
  });

  test('commentary, then calls of both kinds', async () => {
    const calls = [
      { name: 'f', arguments: { a: 1 } },
      { name: 'g', arguments: '' },
      { name: 'patch', input: 'text' },
    ];
    const { events } = scripted({ text: 'Wait.', reasoning: ['**Hm**'], calls });
    const items = itemsOf(await events());
    expect(items.map(({ type }) => type)).toEqual([
      ...['reasoning', 'message', 'function_call', 'function_call', 'custom_tool_call'],
    ]);
    expect(items[0]!.summary).toEqual([{ type: 'summary_text', text: '**Hm**' }]);
    expect(items[1]!.phase).toBe('commentary');
    expect(items.slice(2).map((item) => item.arguments ?? item.input)).toEqual(['{"a":1}', '', 'text']);
  });

  test('events as they are, numbered where they are not', async () => {
    const { events } = scripted({ events: [{ type: 'a' }, { type: 'b', sequence_number: 7 }] });
    expect(await events()).toEqual([
      { type: 'a', sequence_number: 0 },
      { type: 'b', sequence_number: 7 },
    ]);
  });

  test('a fixture, byte for byte', async () => {
    const { ask } = scripted({ fixture: fixture('crlf') }, { sse: 'data: {}\n\n' });
    expect(await bodyOf(ask())).toBe(await fixtureText('crlf'));
    expect(await bodyOf(ask())).toBe('data: {}\n\n');
  });

  test('a fixture that is not there is told at once', () => {
    house = startClient();
    expect(() => house.simulator.script({ fixture: '/nowhere.sse' })).toThrow('/nowhere.sse');
  });

  test('a status with headers and body', async () => {
    const { ask } = scripted(
      { status: 418, body: { a: 1 }, headers: { 'x-a': 'b' } },
      { status: 502, body: '<html>', repeat: 2 },
    );
    const first = await ask();
    expect([first.status, first.headers.get('x-a'), await first.json()]).toEqual([418, 'b', { a: 1 }]);
    for (let i = 0; i < 2; i++) {
      const page = await ask();
      expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html; charset=UTF-8']);
    }
    expect((await ask()).status).toBe(200);
  });

  test('headers can be added to a stream and taken away', async () => {
    const { ask } = scripted({
      text: 'a',
      contentType: 'text/event-stream',
      headers: { 'cf-ray': null, 'x-b': 'c' },
    });
    const { headers } = await ask();
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('cf-ray')).toBeNull();
    expect(headers.get('x-b')).toBe('c');
  });

  test('a bad request does not use up a line that tells a turn', async () => {
    const { ask, events } = scripted({ text: 'still here' });
    expect((await ask({ store: true })).status).toBe(400);
    expect(textOf(await events())).toBe('still here');
  });

  test('lines are first in, first out, each route by itself', async () => {
    const { call, events } = scripted({ text: 'one' }, { for: 'models', status: 500 }, { text: 'two' });
    expect(textOf(await events())).toBe('one');
    expect((await call('codex/models')).status).toBe(500);
    expect(textOf(await events())).toBe('two');
  });

  test('unused lines are told', async () => {
    const { simulator, ask } = scripted({ text: 'never' });
    expect(simulator.unused()).toEqual([{ text: 'never' }]);
    await (await ask()).text();
  });
});

describe('refusals by name', () => {
  const table: [ScriptedTurn['refusal'], number, object | string][] = [
    ['token_expired', 401, { error: { code: 'token_expired' }, status: 401 }],
    ['deactivated_workspace', 402, { detail: { code: 'deactivated_workspace' } }],
    ['too_large', 413, '<html>'],
    ['usage_not_included', 429, { error: { type: 'usage_not_included' } }],
    ['internal_error', 500, { error: { type: 'server_error' } }],
    ['bad_gateway', 502, '<html>'],
    [
      'server_is_overloaded',
      503,
      { error: { code: 'server_is_overloaded', type: 'service_unavailable_error' } },
    ],
  ];
  test.each(table)('%s', async (refusal, status, body) => {
    const response = await scripted({ refusal: refusal! }).ask();
    expect(response.status).toBe(status);
    if (typeof body === 'string') expect(await response.text()).toStartWith(body);
    else expect(await response.json()).toMatchObject(body);
  });

  test('a usage limit tells when it ends, in body and headers, with Retry-After only when scripted', async () => {
    const { ask } = scripted(
      { refusal: 'usage_limit_reached' },
      { refusal: 'rate_limit_exceeded', retryAfter: 3 },
    );
    const limited = await ask();
    const { error } = (await limited.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ type: 'usage_limit_reached', plan_type: 'plus', resets_in_seconds: 36640 });
    expect(error.resets_at).toBeGreaterThan(Date.now() / 1000);
    expect(limited.headers.get('x-codex-primary-used-percent')).toBe('100');
    expect(limited.headers.get('retry-after')).toBeNull();
    expect((await ask()).headers.get('retry-after')).toBe('3');
  });

  test('the Cloudflare challenge', async () => {
    const response = await scripted({ fault: 'challenge' }).ask();
    expect(response.status).toBe(403);
    expect(response.headers.get('cf-mitigated')).toBe('challenge');
    expect(await response.text()).toContain('Just a moment...');
  });
});

describe('faults of the connection', () => {
  test('reset before the head', async () => {
    const { ask, simulator } = scripted({ fault: 'reset' }, { fault: 'silent-close', delayMs: 2 });
    expect(await failureOf(ask())).toBe('ECONNRESET');
    expect(await failureOf(ask())).toBe('ECONNRESET');
    expect(simulator.requests.map(({ answered }) => answered)).toEqual([undefined, undefined]);
  });

  test('reset in the middle of an event', async () => {
    const { ask } = scripted({ fixture: fixture('plain-text'), fault: 'reset', afterBytes: 3000 });
    const response = await ask();
    const reader = response.body!.pipeThrough(new TextDecoderStream() as never).getReader();
    let text = '';
    const reading = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += value;
      }
    })();
    expect(await failureOf(reading)).toBe('ECONNRESET');
    // A busy machine may read less before the reset, but nothing else.
    expect((await fixtureText('plain-text')).slice(0, 3000)).toStartWith(text);
  });

  test('a clean end in the middle of an event', async () => {
    const { ask } = scripted({ fixture: fixture('plain-text'), cutAfterBytes: 1234 });
    expect(await bodyOf(ask())).toBe((await fixtureText('plain-text')).slice(0, 1234));
  });

  test('stall before the head, and the client’s leaving is noticed', async () => {
    const { ask, simulator } = scripted({ fault: 'stall' });
    const controller = new AbortController();
    const asked = ask({}, { signal: controller.signal });
    await simulator.waitFor(({ method }) => method === 'POST');
    controller.abort();
    expect(await failureOf(asked)).toBe(20 as never);
    const record = await simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
    expect(record.answered).toBeUndefined();
  });

  test('stall in the middle, and the client’s leaving is noticed', async () => {
    const { ask, simulator } = scripted({ fixture: fixture('plain-text'), fault: 'stall', afterBytes: 2000 });
    const controller = new AbortController();
    const response = await ask({}, { signal: controller.signal });
    const reader = response.body!.getReader();
    let bytes = 0;
    while (bytes < 2000) bytes += (await reader.read()).value!.length;
    expect(bytes).toBe(2000);
    controller.abort();
    const record = await simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
    expect(record.answered).toBe(200);
  });
});

describe('delivery', () => {
  test('a stream cut at every byte is the same stream', async () => {
    const { ask } = scripted(
      { fixture: fixture('unicode'), chunkBytes: 1 },
      { fixture: fixture('unicode'), chunkBytes: 7 },
    );
    for (let i = 0; i < 2; i++) expect(await bodyOf(ask())).toBe(await fixtureText('unicode'));
  });

  test('a pace keeps events apart', async () => {
    const { ask } = scripted({ events: [{ type: 'a' }, { type: 'b' }, { type: 'c' }], paceMs: 4 });
    const began = performance.now();
    expect(eventsIn(await bodyOf(ask()))).toHaveLength(3);
    expect(performance.now() - began).toBeGreaterThanOrEqual(8);
  });

  test('megabytes are as many as said, and end as a turn does', async () => {
    const told = eventsIn(await bodyOf(scripted({ megabytes: 0.2 }).ask()));
    const deltas = told.filter(({ type }) => type === 'response.output_text.delta');
    const length = deltas.reduce((sum, { delta }) => sum + delta.length, 0);
    expect(length).toBeGreaterThanOrEqual(200_000);
    expect(length).toBeLessThan(200_020);
    expect(told.at(-1)!.type).toBe('response.completed');
  });
});

describe('a scenario file', () => {
  const load = (json: unknown) => loadScenario(JSON.stringify(json), '/dir/demo.json');

  test('is an array, an object with turns, or one turn', () => {
    const turns = [{ text: 'a' }];
    expect(load(turns)).toEqual({ turns });
    expect(load({ turns })).toEqual({ turns });
    expect(load({ text: 'a' })).toEqual({ turns });
  });

  test('names fixtures from where it lies', () => {
    expect(load({ fixture: 'a.sse' }).turns[0]!.fixture).toBe('/dir/a.sse');
  });

  test('is played from the start', async () => {
    house = startClient({ scenario: load([{ calls: [{ name: 'f', arguments: {} }] }, { text: 'done' }]) });
    const tools = [functionTool('f')];
    expect(itemsOf(await house.events({ tools })).at(-1)).toMatchObject({ name: 'f', arguments: '{}' });
    expect(textOf(await house.events({ input: [user('and?')] }))).toBe('done');
  });

  const wrong: [unknown, string][] = [
    ['text', 'turn 1 must be an object'],
    [{ turns: {} }, 'its "turns" must be an array'],
    [[{ text: 'a' }, { txt: 'b' }], 'turn 2 has an unknown key "txt"'],
    [{ text: 1 }, 'turn 1: "text" must be a string'],
    [{ status: 99 }, 'turn 1: "status" must be an HTTP status from 200 to 599'],
    [{ fault: 'explode' }, 'turn 1: "fault" must be one of reset, stall, challenge'],
    [{ refusal: 'no' }, 'turn 1: "refusal" must be one of unauthorized'],
    [{ for: 'nowhere' }, 'turn 1: "for" must be one of codex/responses'],
    [{ calls: [{ arguments: {} }] }, 'turn 1: "calls" holds something that must be an object with a name'],
    [{ text: 'a', status: 200 }, 'turn 1 has more than one answer: status, text or calls'],
    [{ retryAfter: true }, 'turn 1: "retryAfter" must be a string, or must be a whole number'],
  ];
  test.each(wrong)('%j is refused', (json, message) => {
    house = startClient();
    expect(() => load(json)).toThrow(`In the scenario /dir/demo.json, ${message}`);
  });

  test('that is not JSON is refused', () => {
    house = startClient();
    let thrown: Failure | undefined;
    try {
      loadScenario('{', 'x.json');
    } catch (error) {
      thrown = error as Failure;
    }
    expect(thrown).toMatchObject({
      kind: 'invalid_request',
      message: expect.stringContaining('x.json is not JSON'),
    });
  });
});
