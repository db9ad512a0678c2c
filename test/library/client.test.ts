// The library's client on Bun, against the simulated upstream. package.test.ts runs it on Node.
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodexClient,
  Failure,
  type LibraryOptions,
  type StreamEvent,
  transcribe,
  translators,
} from '../../src/library/index.ts';
import { emptyHome } from '../cli/process.ts';
import { fixture, isTurn, thrownBy, turnsSent } from '../clients/daemon.ts';
import { fileWith, spoken, spokenText } from '../clients/speech-support.ts';
import { useSimulator } from '../support/simulator.ts';
import { until } from '../support/until.ts';

const simulator = useSimulator();

function optionsOf(more: Partial<LibraryOptions> = {}): LibraryOptions {
  const { settings, ...rest } = more;
  return {
    env: { HOME: emptyHome(), PATH: process.env.PATH },
    settings: {
      upstream: { base_url: simulator.upstream, issuer: simulator.issuer },
      auth: { bearer: simulator.login().access_token },
      ...settings,
    },
    ...rest,
  };
}

const client = new CodexClient(optionsOf());
afterAll(() => client.close());
const hello = [{ role: 'user', content: 'Hello!' }];

describe('the login', () => {
  test('says whose it is and when it expires', async () => {
    const account = await client.login();
    expect(account).toMatchObject({ email: 'a@example.com', plan: 'plus', origin: 'bearer' });
    expect(account.expiresAt!.getTime()).toBeGreaterThan(Date.now());
  });

  test('is that of the Codex CLI where codexd has none', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.codex'));
    const path = join(home, '.codex/auth.json');
    writeFileSync(path, JSON.stringify({ auth_mode: 'chatgpt', tokens: simulator.login() }));
    const settings = { auth: {} };
    const own = new CodexClient(optionsOf({ env: { HOME: home }, settings }));
    expect(await own.login()).toMatchObject({ origin: 'codex', path });
  });

  test('is missing in an empty home', async () => {
    const own = new CodexClient(optionsOf({ settings: { auth: {} } }));
    expect(await thrownBy(own.respond({ input: 'Hello!' }))).toMatchObject({ kind: 'login_required' });
  });
});

describe('settings', () => {
  const cases: [object, string][] = [
    [{ server: { queue: 'many' } }, 'settings.server.queue must be a whole number, 0 or more, not "many".'],
    [{ servers: {} }, 'settings.servers: unknown setting `servers`.'],
    [{ models: { defualt: 'x' } }, 'settings.models.defualt: unknown setting `models.defualt`.'],
  ];
  test.each(cases)('%p is refused', (settings, message) => {
    expect(() => new CodexClient({ settings })).toThrow(message);
  });

  test('override the environment', async () => {
    const env = { HOME: emptyHome(), CODEXD_MODEL: 'gpt-6-luna' };
    const own = new CodexClient(optionsOf({ env, settings: { models: { default: 'gpt-5.5' } } }));
    await own.respond({ input: 'Hello!' });
    expect(turnsSent(simulator)[0]!.body.model).toBe('gpt-5.5');
  });

  test('`log` gets lines of JSON without the login', async () => {
    const lines: string[] = [];
    const settings = { log: { level: 'debug' as const } };
    simulator.script({ status: 500, body: '{}' }, { text: 'Well.' });
    const own = new CodexClient(optionsOf({ settings, log: (line) => lines.push(line) }));
    await own.respond({ input: 'Hello!' });
    expect(lines.map((line) => JSON.parse(line).message)).toContain('retrying');
    expect(lines.join()).not.toContain(simulator.login().access_token);
  });
});

test('`fetch` sends all requests', async () => {
  const urls: string[] = [];
  const own = new CodexClient(
    optionsOf({
      fetch: (url, init) => {
        urls.push(new URL(url).pathname);
        return fetch(url, init);
      },
    }),
  );
  await own.respond({ input: 'Hello!' });
  await own.transcribe(new Uint8Array(spoken));
  expect(urls).toContain('/backend-api/codex/responses');
  expect(urls).toContain('/backend-api/transcribe');
  expect(urls).toHaveLength(simulator.requests.length);
});

test('models lists those of the account, the default first', async () => {
  const [first] = await client.models();
  expect(first).toMatchObject({
    id: 'gpt-6.2-sol',
    contextWindow: expect.any(Number),
    inputs: ['text', 'image'],
  });
});

describe('turns', () => {
  test('respond returns the whole response and its text', async () => {
    simulator.script({ reasoning: ['Look.'], text: 'A plover.' });
    const response = await client.respond({ instructions: 'Be brief.', input: 'Which bird?' });
    expect(response).toMatchObject({ status: 'completed', output_text: 'A plover.', model: 'gpt-6.2-sol' });
    expect(response.output!.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(turnsSent(simulator)[0]!.body).toMatchObject({ instructions: 'Be brief.', stream: true });
  });

  test('stream yields plain events, and the whole response last', async () => {
    simulator.script({ reasoning: ['Look.'], text: 'A plover.' });
    const events: StreamEvent[] = [];
    for await (const event of client.stream({ input: 'Which bird?' })) events.push(event);
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
    expect(deltas.map((event) => ('delta' in event ? event.delta : '')).join('')).toBe('A plover.');
    expect(JSON.parse(JSON.stringify(deltas[0]))).toMatchObject({ content_index: 0, output_index: 1 });
    const last = events.at(-1)!;
    expect(last).toMatchObject({ type: 'response.completed', response: { status: 'completed' } });
    expect((last as { response: { output: object[] } }).response.output).toHaveLength(2);
  });

  test('call and callStream speak any API', async () => {
    simulator.script({ text: 'Hello.' }, { text: 'Hello.' });
    const completion = await client.call(translators.openai.chat, { messages: hello });
    expect(completion.choices[0]!.message.content).toBe('Hello.');
    let frames = '';
    for await (const part of client.callStream(translators.anthropic.messages, {
      model: 'claude-haiku-4-5',
      max_tokens: 9,
      messages: hello,
    })) {
      frames += part;
    }
    expect(frames).toStartWith('event: message_start\n');
    expect(frames).toEndWith('data: {"type":"message_stop"}\n\n');
  });

  test('onStart names the model and what is ignored', async () => {
    const started: unknown[] = [];
    const body = { model: 'claude-haiku-4-5', messages: hello, seed: 7 };
    await client.call(translators.openai.chat, body, { onStart: (start) => started.push(start) });
    expect(started).toEqual([{ model: 'gpt-6-luna', ignored: [{ field: 'seed', why: expect.any(String) }] }]);
  });

  test('a request that needs no turn is answered without one', async () => {
    const messages: object[] = [];
    const body = { model: 'gpt-5.5', messages };
    expect(await client.call(translators.ollama.chat, body)).toMatchObject({
      done: true,
      done_reason: 'load',
    });
    let lines = '';
    for await (const part of client.callStream(translators.ollama.chat, body)) lines += part;
    expect(JSON.parse(lines)).toMatchObject({ done: true, done_reason: 'load' });
    expect(turnsSent(simulator)).toEqual([]);
  });

  test('an earlier response is not stored, and says so', async () => {
    const { id, store } = await client.respond({ input: 'Hello!', store: true });
    expect(store).toBe(false);
    const next = thrownBy(client.respond({ input: 'And?', previous_response_id: id }));
    expect(await next).toMatchObject({ code: 'previous_response_not_found' });
  });

  test('a header names the session', async () => {
    await client.respond({ input: 'Hello!' }, { headers: { 'session-id': 'of-mine' } });
    expect(turnsSent(simulator)[0]!.headers['session-id']).toBe('of-mine');
  });

  test('the reasoning of a tool call goes back with its result', async () => {
    const call = { name: 'look', arguments: '{}' };
    simulator.script({ reasoning: ['Look first.'], calls: [call] }, { text: 'Seen.' });
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
    const first = await client.call(translators.openai.chat, { messages: hello, tools });
    const { message } = first.choices[0]!;
    const result = { role: 'tool', tool_call_id: message.tool_calls![0]!.id, content: 'a bird' };
    await client.call(translators.openai.chat, { messages: [...hello, message, result], tools });
    const { input } = turnsSent(simulator)[1]!.body;
    expect(input.map(({ type }) => type)).toContain('reasoning');
  });
});

describe('failures', () => {
  test('a body that the API would refuse names the field', async () => {
    const thrown = await thrownBy(client.call(translators.openai.chat, { messages: 3 }));
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({ kind: 'invalid_request', param: 'messages', status: 400 });
  });

  test('a stream that breaks off throws after its last event, and nothing says it was complete', async () => {
    simulator.script({ ...fixture('cut-mid-event') });
    const types: string[] = [];
    const broken = thrownBy(
      (async () => {
        for await (const { type } of client.stream({ input: 'Hello!' })) types.push(type);
      })(),
    );
    expect(await broken).toMatchObject({ kind: 'upstream_broke', code: 'stream_incomplete' });
    expect(types).toContain('response.output_text.delta');
    expect(types).not.toContain('response.completed');
  });

  test('leaving the loop ends the turn upstream', async () => {
    simulator.script({ text: 'word '.repeat(500), paceMs: 20 });
    for await (const { type } of client.stream({ input: 'Hello!' })) {
      if (type === 'response.output_text.delta') break;
    }
    await until(() => simulator.requests.find(isTurn)?.abortedAtMs !== undefined);
  });

  test('so does the signal', async () => {
    simulator.script({ text: 'word '.repeat(500), paceMs: 20 });
    const controller = new AbortController();
    const response = client.respond({ input: 'Hello!' }, { signal: controller.signal });
    await until(() => simulator.requests.some(isTurn));
    controller.abort();
    expect(await thrownBy(response)).toMatchObject({ kind: 'cancelled' });
    await until(() => simulator.requests.find(isTurn)?.abortedAtMs !== undefined);
  });
});

describe('transcribe', () => {
  const path = fileWith(spoken);
  const sources: [string, Parameters<CodexClient['transcribe']>[0]][] = [
    ['a path', path],
    ['a file: URL', pathToFileURL(path)],
    ['bytes', new Uint8Array(spoken)],
    ['an ArrayBuffer', new Uint8Array(spoken).buffer],
    ['a Blob', new Blob([new Uint8Array(spoken)])],
  ];
  test.each(sources)('takes %s', async (_, source) => {
    expect(await client.transcribe(source)).toMatchObject({ text: spokenText, engine: 'chatgpt' });
  });

  test('alone, with the settings and the options of one call', async () => {
    const text = await transcribe(path, {
      ...optionsOf(),
      language: 'English',
      segments: true,
      approximate: true,
    });
    expect(text).toMatchObject({ text: spokenText, approximate: true, segments: [{ start: 0 }] });
    expect(simulator.requests.find(({ path }) => path.endsWith('/transcribe'))!.body).toMatchObject({
      language: 'en',
    });
  });

  test('a missing file', async () => {
    expect(await thrownBy(client.transcribe('/nowhere/a.wav'))).toMatchObject({ code: 'no_such_file' });
  });

  test('leaves no file behind', async () => {
    const temporary = process.env.TMPDIR ?? '/tmp';
    await client.transcribe(new Uint8Array(spoken));
    const left = readdirSync(temporary).filter((name) => name.startsWith(`codexd-work-${process.pid}-`));
    expect(left).toEqual([]);
  });
});
