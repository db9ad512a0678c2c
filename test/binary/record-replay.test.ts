// `serve --record DIR` and `serve --replay DIR`: a session of several APIs comes back byte for byte, without a login, and
// its files contain nothing secret.
import { describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { type RunningDaemon, startDaemon } from '../clients/daemon.ts';
import { useSimulator } from '../support/simulator.ts';

const simulator = useSimulator();

const tools = [
  { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } },
];
const question = { role: 'user', content: 'Wie spät? ⏰' };
const session: [path: string, body: object][] = [
  ['/v1/responses', { model: 'gpt-5.5', input: 'Hello', stream: true }],
  ['/v1/chat/completions', { model: 'gpt-5.5', stream: true, tools, messages: [question] }],
  ['/v1/messages', { model: 'gpt-5.5', max_tokens: 99, stream: true, messages: [question] }],
  ['/api/chat', { model: 'gpt-5.5', messages: [question] }],
  ['/v1/responses', { model: 'gpt-5.5', input: 'This one is refused.' }],
  ['/v1/chat/completions', { model: 'gpt-5.5', messages: [question], stop: 'stop' }],
  ['/v1/responses', { model: 'gpt-5.5', input: 'Hello', stream: true }],
];

/** The message ids of Anthropic's format, and the times of Ollama's. The upstream knows neither. */
const codexdsOwn = /(?<="id":")msg_\w+|"created_at":"[^"]+"|"\w+_duration":\d+/g;

/** The responses of the session, whose last request is the same as its first. */
async function run({ url }: RunningDaemon): Promise<[number, string][]> {
  const responses: [number, string][] = [];
  for (const [path, body] of session) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    responses.push([response.status, (await response.text()).replace(codexdsOwn, '')]);
  }
  return responses;
}

/** A session recorded with chunks of 100 bytes, and the secrets that went through. */
async function record(directory: string) {
  simulator.script(
    { text: 'First. ⏰', chunkBytes: 100 },
    { reasoning: ['Look.'], calls: [{ name: 'look', arguments: {} }], chunkBytes: 100 },
    { text: 'Spät.', encoding: 'zstd' },
    { text: 'Sehr spät.' },
    { status: 400, body: { detail: 'Refused.' } },
    { text: 'Words before the stop, and many after it. '.repeat(20), chunkBytes: 100 },
    { text: 'Second.' },
  );
  const { access_token: token } = simulator.login();
  const daemon = await startDaemon({ simulator, args: ['--record', directory, '--bearer', token] });
  const responses = await run(daemon);
  const models = await (await fetch(`${daemon.url}/v1/models`)).text();
  expect(await daemon.stop()).toBe(0);
  const { headers } = simulator.requests.find(({ path }) => path.endsWith('/codex/responses'))!;
  return { responses, models, secrets: [token, headers['chatgpt-account-id']!, headers['session-id']!] };
}

/** The flags of the commands in docs/record-replay.md, for this directory. */
function commandsOfPage(directory: string): string[][] {
  const page = readFileSync(join(import.meta.dir, '../../docs/record-replay.md'), 'utf8');
  const lines = page.matchAll(/^codexd serve (--\S+) test\/recordings\b/gm);
  return Array.from(lines, ([, flag]) => [flag!, directory]);
}

describe('a recorded session', () => {
  test('is replayed byte for byte, without a login or an upstream, as often as it is needed', async () => {
    const directory = join(emptyHome(), 'recordings');
    const { responses, models } = await record(directory);
    expect(responses.map(([status]) => status)).toEqual([200, 200, 200, 200, 400, 200, 200]);
    expect(responses[0]).not.toEqual(responses[6]!);
    simulator.reset();
    for (let time = 0; time < 2; time++) {
      await using replaying = await startDaemon({ args: ['--replay', directory] });
      expect(await run(replaying)).toEqual(responses);
      expect(await (await fetch(`${replaying.url}/v1/models`)).text()).toBe(models);
      expect((await fetch(`${replaying.url}/readyz`)).status).toBe(200);
    }
    expect(simulator.requests).toEqual([]);
  }, 60_000);

  test('contains no secret, and only its owner can read it', async () => {
    const directory = join(emptyHome(), 'recordings');
    const { secrets } = await record(directory);
    const names = readdirSync(directory).toSorted();
    expect(names).toEqual([
      expect.stringMatching(/^0001-models\.json$/),
      ...Array.from(session, (_, index) => `000${index + 2}-gpt-5.5.json`),
    ]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of names) {
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
      const text = readFileSync(join(directory, name), 'utf8');
      for (const secret of secrets) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/eyJ|gAAAAABq\w{280}|__cf_bm|user-Sim/);
    }
  }, 60_000);

  test('is continued by the next one in the same directory', async () => {
    const directory = emptyHome();
    writeFileSync(join(directory, '0041-gpt-5.5.json'), '{}');
    await record(directory);
    expect(readdirSync(directory)).toContain('0049-gpt-5.5.json');
  }, 60_000);
});

describe('a request that was not recorded', () => {
  test('is a 404 that names the nearest recording, and is not retried', async () => {
    const [record = [], replay = []] = commandsOfPage(emptyHome());
    await using recording = await startDaemon({ args: ['--demo', ...record] });
    await run(recording);
    await recording.stop();
    await using replaying = await startDaemon({ args: replay });
    const body = JSON.stringify({ model: 'gpt-5.5', input: 'Something else' });
    const response = await fetch(`${replaying.url}/v1/responses`, { method: 'POST', body });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([404, 'no_recording']);
    expect(error.message).toMatch(
      /^No recording matches this request\. The nearest is 00\d\d-gpt-5\.5\.json, which differs in `body\.input/,
    );
    expect(error.message + replaying.stderr()).not.toContain('Something else');
  }, 60_000);
});

describe('refused at the start', () => {
  const refusal = async (args: string[]) => {
    const { err, exitCode } = await runCodexd(['serve', '--listen', '127.0.0.1:0', ...args]);
    return [exitCode, err] as const;
  };

  test('both at once', async () => {
    const [exitCode, err] = await refusal(['--record', 'a', '--replay', 'b']);
    expect(exitCode).toBe(2);
    expect(err).toContain('`--replay` does not work with `--record` or `--demo`');
  });

  test('a directory without recordings, and one that is missing', async () => {
    expect((await refusal(['--replay', emptyHome()]))[1]).toContain('There are no recordings in');
    expect((await refusal(['--replay', join(emptyHome(), 'none')]))[1]).toContain(
      'Cannot read the recordings in',
    );
  });

  test('a damaged recording, by its name', async () => {
    const directory = emptyHome();
    writeFileSync(join(directory, '0001-gpt-5.5.json'), '{"request":');
    expect((await refusal(['--replay', directory]))[1]).toContain('0001-gpt-5.5.json is not JSON');
  });

  test.skipIf(process.getuid?.() === 0)('a directory that cannot be written', async () => {
    const directory = join(emptyHome(), 'locked');
    mkdirSync(directory);
    chmodSync(directory, 0o500);
    expect((await refusal(['--record', directory]))[1]).toContain(`Cannot write recordings to ${directory}`);
  });
});
