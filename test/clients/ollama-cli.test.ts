// The requests of the real `ollama` command line, byte for byte as its Go client writes them, in the order of its
// commands (docs/wire/ollama.md#transport; field orders from its api/types.go). It accepts JSON objects, one per line
// of a stream, without `error`, with RFC 3339 times and integers.
import { expect, test } from 'bun:test';
import { connectRaw } from '../server/support.ts';
import { fixture, turnsSent, useWorld } from './daemon.ts';

type Json = Record<string, unknown>;

const world = useWorld();
const agent = 'ollama/0.33.0 (amd64 linux) Go/go1.26.0';
const show = '{"model":"gpt-5.5","system":"","template":"","verbose":false,"options":null,"name":""}';
const load =
  '{"model":"gpt-5.5","prompt":"","suffix":"","system":"","template":"","format":null,"options":null}';
const chat =
  '{"model":"gpt-5.5","messages":[{"role":"user","content":"Say plover."}],"format":"","options":{}}';

interface Answered {
  status: number;
  type: string;
  text: string;
}

/** What Go's client sends: its headers in its order, on a separate connection. */
async function send(method: string, path: string, accept: string, body?: string): Promise<Answered> {
  const { host } = new URL(world.daemon.url);
  const bytes = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: ${agent}`,
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    `Accept: ${accept}`,
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
    '',
    body ?? '',
  ].join('\r\n');
  const socket = await connectRaw(world.daemon.url);
  socket.write(bytes);
  const ended = method === 'HEAD' ? /\r\n\r\n$/ : /(\r\n0\r\n\r\n|^(?![\s\S]*chunked)[\s\S]*\}\n?)$/i;
  const received = await socket.until(ended);
  socket.leave();
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const raw = rest.join('\r\n\r\n');
  return {
    status: Number(head.split(' ')[1]),
    type: /^content-type: (.*)$/im.exec(head)?.[1] ?? '',
    text: /^transfer-encoding: chunked$/im.test(head) ? dechunked(raw) : raw,
  };
}

function dechunked(raw: string): string {
  const bytes = Buffer.from(raw);
  let text = '';
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (!(length > 0)) return text;
    text += bytes.toString('utf8', end + 2, end + 2 + length);
    at = end + 2 + length + 2;
  }
}

/** Reads like its scanner: every line is an object without an error. */
function linesOf({ status, type, text }: Answered): Json[] {
  expect([status, type]).toEqual([200, 'application/x-ndjson']);
  expect(text).toEndWith('\n');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  for (const line of lines) {
    expect(line).not.toHaveProperty('error');
    expect(line.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  }
  return lines;
}

function objectOf({ status, text }: Answered): Json {
  expect(status).toBe(200);
  return JSON.parse(text) as Json;
}

test('ollama run: is it alive, what can the model do, load it, ask it', async () => {
  expect(await send('HEAD', '/', 'application/json')).toMatchObject({ status: 200, text: '' });
  const shown = objectOf(await send('POST', '/api/show', 'application/json', show));
  expect(shown).toMatchObject({
    capabilities: expect.arrayContaining(['completion', 'tools', 'vision', 'thinking']),
    model_info: { 'general.architecture': 'gpt', 'gpt.context_length': expect.any(Number) },
    modified_at: expect.stringMatching(/Z$/),
  });
  const [loaded, ...more] = linesOf(await send('POST', '/api/generate', 'application/x-ndjson', load));
  expect([loaded?.done, loaded?.done_reason, more]).toEqual([true, 'load', []]);
  expect(turnsSent(world.simulator)).toEqual([]);
  const lines = linesOf(await send('POST', '/api/chat', 'application/x-ndjson', chat));
  const told = lines.map(({ message }) => message as { role: string; content: string });
  expect(told.every(({ role }) => role === 'assistant')).toBeTrue();
  expect(told.map(({ content }) => content).join('')).toContain('plover');
  expect(lines.map(({ done }) => done)).toEqual([...lines.slice(1).map(() => false), true]);
  for (const [name, value] of Object.entries(lines.at(-1)!)) {
    if (/_(duration|count)$/.test(name)) expect(Number.isSafeInteger(value)).toBeTrue();
  }
  expect(turnsSent(world.simulator)).toHaveLength(1);
});

test('ollama list, ps and show print what they get', async () => {
  const { models } = objectOf(await send('GET', '/api/tags', 'application/json')) as { models: Json[] };
  expect(models[0]).toEqual({
    name: expect.stringMatching(/:latest$/),
    model: expect.stringMatching(/:latest$/),
    modified_at: expect.stringMatching(/Z$/),
    size: expect.any(Number),
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    details: expect.objectContaining({ format: 'remote', families: ['gpt'] }),
    capabilities: expect.any(Array),
  });
  await send('POST', '/api/chat', 'application/x-ndjson', chat);
  const running = objectOf(await send('GET', '/api/ps', 'application/json')) as { models: Json[] };
  expect(running.models).toMatchObject([{ name: 'gpt-5.5:latest', expires_at: expect.stringMatching(/Z$/) }]);
});

test('ollama pull and rm: one succeeds, the other is refused', async () => {
  const pull = '{"model":"gpt-5.5","username":"","password":"","name":"gpt-5.5"}';
  const pulled = await send('POST', '/api/pull', 'application/x-ndjson', pull);
  expect(pulled.text.trimEnd().split('\n').at(-1)).toBe('{"status":"success"}');
  const removed = await send(
    'DELETE',
    '/api/delete',
    'application/json',
    '{"model":"gpt-5.5","name":"gpt-5.5"}',
  );
  expect([removed.status, JSON.parse(removed.text)]).toEqual([403, { error: expect.any(String) }]);
});

test('ollama run starts with any name, as chats with it are answered; ollama pull says what is missing', async () => {
  const unknown = await send('POST', '/api/show', 'application/json', show.replace('gpt-5.5', 'llama3'));
  expect([unknown.status, JSON.parse(unknown.text)]).toMatchObject([
    200,
    { capabilities: expect.any(Array) },
  ]);
  const pull = '{"model":"llama3","username":"","password":"","name":"llama3"}';
  const pulled = await send('POST', '/api/pull', 'application/x-ndjson', pull);
  expect([pulled.status, JSON.parse(pulled.text)]).toEqual([
    404,
    { error: expect.stringContaining('not found') },
  ]);
});

test('a failure in mid stream is a last line that its scanner throws', async () => {
  world.simulator.script(fixture('failed-mid-text'));
  const { status, text } = await send('POST', '/api/chat', 'application/x-ndjson', chat);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  expect(status).toBe(200);
  expect(lines.at(-1)).toEqual({ error: expect.any(String) });
  expect(text).not.toContain('"done":true');
});
