import { afterAll, describe, expect, test } from 'bun:test';
import { brotliCompressSync, deflateSync } from 'node:zlib';
import { createFetch } from '../../src/upstream/transport.ts';
import { runCodexd } from '../cli/process.ts';
import { startDaemon } from '../clients/daemon.ts';

const text = 'data: {"type":"response.created"}\n\n'.repeat(200);
const plain = Buffer.from(text);
const codings: [coding: string, bytes: Uint8Array][] = [
  ['gzip', Bun.gzipSync(plain)],
  ['x-gzip', Bun.gzipSync(plain)],
  ['deflate', deflateSync(plain)],
  ['br', brotliCompressSync(plain)],
  ['zstd', Bun.zstdCompressSync(plain)],
  ['gzip, zstd', Bun.zstdCompressSync(Bun.gzipSync(plain))],
  ['identity', plain],
];

let answer = () => new Response();
const asked: (string | null)[] = [];
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    asked.push(request.headers.get('accept-encoding'));
    return answer();
  },
});
afterAll(() => server.stop(true));
const fetch = createFetch({ proxy: undefined, ca: undefined });
const compressed = (coding: string, bytes: Uint8Array) => () =>
  new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-encoding': coding } });

describe.each(codings)('%s', (coding, bytes) => {
  test('is read, though not asked for', async () => {
    answer = compressed(coding, bytes);
    const response = await fetch(server.url.href);
    expect(await response.text()).toBe(text);
    expect(response.headers.get('content-encoding')).toBe(coding === 'identity' ? 'identity' : null);
    expect(asked.at(-1)).toBeNull();
  });

  if (coding === 'identity') return;
  test('cut short or damaged it is a failure of the upstream', async () => {
    const bad = Buffer.from(bytes);
    bad.fill(0x41, 8, 24);
    for (const one of [bytes.subarray(0, bytes.length - 4), bad]) {
      answer = compressed(coding, one);
      const response = await fetch(server.url.href);
      await expect(response.text()).rejects.toMatchObject({ kind: 'upstream_broke', code: 'invalid_answer' });
    }
  });
});

test('a coding that nobody knows is named', async () => {
  answer = compressed('rot13', plain);
  await expect(fetch(server.url.href)).rejects.toThrow('rot13');
});

test('an aborted read stays an abort', async () => {
  const controller = new AbortController();
  answer = () =>
    new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), {
      headers: { 'content-encoding': 'gzip' },
    });
  const response = fetch(server.url.href, { signal: controller.signal }).then((each) => each.text());
  const flushEvents = response.catch((thrown: unknown) => thrown);
  controller.abort(new Error('left'));
  expect(await flushEvents).toMatchObject({ message: 'left' });
});

test('the log stays JSON, and the terminal ours, when what comes is damaged', async () => {
  answer = compressed('gzip', Buffer.from('this is not gzip at all'));
  const args = ['--upstream', server.url.href, '--bearer', 'x'.repeat(20)];
  const env = { CODEXD_LOG_FORMAT: 'json', CODEXD_LOG_LEVEL: 'debug', CODEXD_UPSTREAM_RETRIES: '0' };
  await using daemon = await startDaemon({ args, env });
  for (const stream of [false, true]) {
    const sent = await globalThis.fetch(`${daemon.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-5.5', stream, messages: [{ role: 'user', content: 'Hi.' }] }),
    });
    expect(await sent.text()).toContain('error');
  }
  await daemon.stop();
  for (const line of daemon.stderr().trim().split('\n')) {
    if (!line.startsWith('listening on ')) JSON.parse(line);
  }
  const { err } = await runCodexd(['ask', 'hi', ...args], { env: { CODEXD_UPSTREAM_RETRIES: '0' } });
  expect(err).not.toContain('Decompression error');
});
