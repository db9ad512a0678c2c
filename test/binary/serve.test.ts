// The daemon as its users start it: a process, a port, a client that knows only the variables of the README.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import OpenAI from 'openai';
import { emptyHome, spawnCodexd } from '../cli/process.ts';

const home = emptyHome();
const readyFile = join(home, 'ready');
let daemon: ReturnType<typeof spawnCodexd>;
let variables: { OPENAI_BASE_URL: string; OPENAI_API_KEY: string };

async function readyUrl(): Promise<string> {
  for (let tries = 0; tries < 1000; tries++) {
    const file = Bun.file(readyFile);
    const url = (await file.exists()) ? /http:\S+/.exec(await file.text())?.[0] : undefined;
    if (url !== undefined) return url;
    await Bun.sleep(5);
  }
  throw new Error('the daemon was never ready');
}

beforeAll(async () => {
  const argv = ['serve', '--demo', '--listen', '127.0.0.1:0', '--ready-file', readyFile];
  daemon = spawnCodexd(argv, { home });
  variables = { OPENAI_BASE_URL: `${await readyUrl()}/v1`, OPENAI_API_KEY: 'anything' };
});

afterAll(() => {
  daemon.kill('SIGKILL');
});

describe('codexd serve --demo', () => {
  const client = () => new OpenAI({ baseURL: variables.OPENAI_BASE_URL, apiKey: variables.OPENAI_API_KEY });

  test('GET /v1/models lists models', async () => {
    const answer = await fetch(`${variables.OPENAI_BASE_URL.replace(/\/v1$/, '')}/v1/models`);
    const { data } = (await answer.json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toContain('gpt-5.5');
  });

  test('the official client streams a chat completion', async () => {
    const stream = await client().chat.completions.create({
      model: 'gpt-5.5',
      stream: true,
      messages: [{ role: 'user', content: 'Say plover.' }],
    });
    const deltas: string[] = [];
    for await (const chunk of stream) deltas.push(chunk.choices[0]?.delta.content ?? '');
    expect(deltas.length).toBeGreaterThan(3);
    expect(deltas.join('')).toContain('plover');
  });

  test('the official client gets a whole response', async () => {
    const response = await client().responses.create({ model: 'gpt-5.5', input: 'Say plover.' });
    expect(response.output_text).toContain('plover');
  });

  test('an unknown model is 404 model_not_found', async () => {
    const asked = client().chat.completions.create({
      model: 'nope',
      messages: [{ role: 'user', content: 'x' }],
    });
    expect(await asked.catch((error: unknown) => error)).toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  test('SIGTERM ends it with status 0, and stderr said where it listened', async () => {
    daemon.kill('SIGTERM');
    expect(await daemon.exited).toBe(0);
    const err = await daemon.stderr.text();
    expect(err).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/m);
    expect(await daemon.stdout.text()).toBe('');
  });
});
