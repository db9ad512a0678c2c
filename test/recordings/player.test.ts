// Which recording answers a request.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { createPlayer } from '../../src/recordings/player.ts';
import { parseRecording, type Recording } from '../../src/recordings/recording.ts';

const base = 'https://replay.invalid/backend-api';
const post = (body: object) => ({ method: 'POST', body: JSON.stringify(body) });
const say = (text: string, more: object = {}) => ({
  model: 'm',
  input: [{ role: 'user', content: text, ...more }],
});

function named(name: string, body: unknown, text: string, request: Partial<Recording['request']> = {}) {
  const recording = {
    request: { method: 'POST', path: '/codex/responses', body, ...request },
    response: { status: 200, headers: {}, chunks: [text] },
  };
  return { name, recording };
}

const player = () =>
  createPlayer([
    named('0001-m.json', say('a'), 'first'),
    named('0002-m.json', say('a'), 'second'),
    named('0003-m.json', { ...say('b'), instructions: 'Be brief.' }, 'third'),
    named('0004-models.json', null, 'list', { method: 'GET', path: '/codex/models?client_version=0.171.0' }),
  ]);
const ask = async (play: ReturnType<typeof player>, body: object) =>
  (await play(`${base}/codex/responses`, post(body))).text();

test('equal requests get their responses in order, and then the last one again', async () => {
  const play = player();
  expect([await ask(play, say('a')), await ask(play, say('a')), await ask(play, say('a'))]).toEqual([
    'first',
    'second',
    'second',
  ]);
});

test('the order of keys, ids of items, the session and compression do not matter', async () => {
  const body = {
    input: say('b', { id: 'msg_1' }).input,
    instructions: 'Be brief.',
    model: 'm',
    prompt_cache_key: 'k',
  };
  const compressed = {
    method: 'POST',
    headers: { 'content-encoding': 'zstd' },
    body: Bun.zstdCompressSync(JSON.stringify(body)),
  };
  expect(await (await player()(`${base}/codex/responses`, compressed)).text()).toBe('third');
});

test('any version gets the catalogue; routes that are not recorded are 404', async () => {
  expect(await (await player()(`${base}/codex/models?client_version=0.180.0`)).text()).toBe('list');
  expect((await player()(`${base}/wham/usage`)).status).toBe(404);
});

describe('a request that matches none', () => {
  test.each([
    [say('c'), '0001-m.json, which differs in `body.input[0].content`.'],
    [{ ...say('b'), instructions: 'Be long.' }, '0003-m.json, which differs in `body.instructions`.'],
    [
      { ...say('z'), instructions: 'Be brief.', model: 'n', store: false, stream: true },
      '0003-m.json, which differs in `body.model`, `body.input[0].content`, `body.store` and 1 more.',
    ],
  ])('%j: names the nearest', async (body, text) => {
    const thrown = await ask(player(), body).catch((failure: unknown) => failure);
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({ kind: 'not_found', code: 'no_recording', retry: false });
    expect((thrown as Failure).message).toEndWith(text);
  });

  test('is named if there is nothing near', async () => {
    const compact = createPlayer([])(`${base}/codex/responses/compact`, post({}));
    expect(compact).rejects.toThrow('There is no recording of POST /codex/responses/compact.');
  });
});

test.each([
  '{',
  '[]',
  '{"request":{}}',
  '{"request":{"method":"GET","path":"/"},"response":{"status":200,"headers":{},"chunks":[1]}}',
])('a file with %s is an error that names it', (text) => {
  expect(() => parseRecording(text, 'dir/0001-m.json')).toThrow('The recording dir/0001-m.json is not');
});
