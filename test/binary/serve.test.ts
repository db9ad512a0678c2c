// The daemon as users start it: a process, a port, and a client configured only with the variables in the README.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import OpenAI from 'openai';
import { type RunningDaemon, startDaemon } from '../clients/daemon.ts';

let daemon: RunningDaemon;
let variables: { OPENAI_BASE_URL: string; OPENAI_API_KEY: string };

beforeAll(async () => {
  daemon = await startDaemon({ args: ['--demo'] });
  variables = { OPENAI_BASE_URL: `${daemon.url}/v1`, OPENAI_API_KEY: 'anything' };
});
afterAll(() => daemon.kill());

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

  test('SIGTERM stops it with status 0; stderr has the address, stdout is empty', async () => {
    expect(await daemon.stop()).toBe(0);
    expect(daemon.stderr()).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/m);
    expect(daemon.stdout()).toBe('');
  });

  test('leaves the home directory as it was', async () => {
    await using other = await startDaemon({
      args: ['--demo'],
      env: { BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' },
    });
    await fetch(`${other.url}/v1/models`);
    await other.stop();
    expect(readdirSync(other.home)).toEqual([expect.stringMatching(/^ready-/)]); // the test's --ready-file
  });
});
