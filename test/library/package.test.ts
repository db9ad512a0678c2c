// The package as npm installs it: packed, installed in an empty project without a network, type-checked there, and the examples
// of examples/library run by Bun and by Node.

import { beforeAll, describe, expect, test } from 'bun:test';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buildPackage } from '../../scripts/pack.ts';
import { repeatedFixture } from '../audio/silk/corpus.ts';
import { emptyHome } from '../cli/process.ts';
import { turnsSent } from '../clients/daemon.ts';
import { fileWith, spoken, spokenText } from '../clients/speech-support.ts';
import { codexAsApi } from '../promises/codex-as-api.ts';
import { codexAsr } from '../promises/codex-asr.ts';
import { type Ran, runProgram as runToEnd } from '../support/run-program.ts';
import { useSimulator } from '../support/simulator.ts';

const simulator = useSimulator();
const root = join(import.meta.dir, '../..');
const project = emptyHome();
const home = emptyHome();
const installed = join(project, 'node_modules/codexd');
const bun = process.execPath;

async function run(argv: string[], env: Record<string, string> = {}): Promise<Ran> {
  return runToEnd(argv, {
    cwd: project,
    env: { PATH: process.env.PATH ?? '', HOME: home, ...env },
  });
}

/** Runs a program of the project with the simulated upstream and a Codex CLI login in its home directory. */
function runProgram(runtime: string, argv: string[]): Promise<Ran> {
  return run([runtime, ...argv], { CODEXD_UPSTREAM: simulator.upstream, CODEXD_ISSUER: simulator.issuer });
}

beforeAll(async () => {
  const directory = join(emptyHome(), 'package');
  await buildPackage(directory);
  const packed = await run(['npm', 'pack', directory, '--silent', '--pack-destination', project]);
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}\n');
  const flags = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];
  expect(await run(['npm', 'install', ...flags, `./${packed.out.trim()}`])).toMatchObject({
    exitCode: 0,
    err: '',
  });
  cpSync(join(root, 'examples/library'), project, { recursive: true });
  mkdirSync(join(home, '.codex'));
  writeFileSync(
    join(home, '.codex/auth.json'),
    JSON.stringify({ auth_mode: 'chatgpt', tokens: simulator.login() }),
  );
}, 120_000);

test('it has no dependencies to install, and its licences', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).not.toHaveProperty('private');
  for (const file of ['LICENSE', 'THIRD-PARTY.md', 'licenses/MIT.txt', 'README.md']) {
    expect(readFileSync(join(installed, file), 'utf8').length).toBeGreaterThan(100);
  }
});

describe.each([
  ['Bun', bun],
  ['Node', 'node'],
])('%s', (name, runtime) => {
  const voice = fileWith(spoken);

  test('chat.mjs', async () => {
    simulator.script({ text: 'Good day.' }, { text: 'It scatters.' });
    expect(await runProgram(runtime, ['chat.mjs'])).toEqual({
      exitCode: 0,
      out: 'Good day.\nIt scatters.\n',
      err: '',
    });
    expect(turnsSent(simulator)[0]!.body).toMatchObject({
      model: 'gpt-5.5',
      instructions: 'You are helpful.',
    });
  });

  test('any-api.mjs', async () => {
    simulator.script({ text: 'Hello.' }, { text: 'Hello.' });
    const { exitCode, out, err } = await runProgram(runtime, ['any-api.mjs']);
    expect(exitCode).toBe(0);
    expect(out).toStartWith('Hello.\nevent: message_start\n');
    expect(out).toContain('invalid_request messages[0].content');
    expect(err).toMatch(/^gpt-5.5 \[ ["']seed["'] \]$/m);
  });

  test('transcribe.mjs', async () => {
    const ran = await runProgram(runtime, ['transcribe.mjs', voice]);
    expect(ran).toEqual({ exitCode: 0, out: `${spokenText}\n0 to 2.5 of 2.5 s: ${spokenText}\n`, err: '' });
  });

  test('a long SILK recording, decoded in a thread', async () => {
    const silk = fileWith(repeatedFixture('20ms-plain.silk', 70), 'long.silk');
    const { exitCode, out, err } = await runProgram(runtime, ['transcribe.mjs', silk]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(/^70\.80 seconds of sound/);
  });

  test('translate.mjs', async () => {
    const { exitCode, out, err } = await runProgram(runtime, ['translate.mjs']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('"field":"seed"');
    expect(out).toContain('"content":"Hello."');
    expect(out).toContain('data: [DONE]');
  });

  test('a refused connection and an expired login are failures with codes', async () => {
    const program = `import { CodexClient } from 'codexd';
const settings = { upstream: { base_url: 'http://127.0.0.1:' + process.argv[2], retries: 0 } };
const client = new CodexClient({ settings: { ...settings, auth: { bearer: process.env.TOKEN } } });
const report = ({ kind, code, message }) => console.log(kind, code, message);
await client.respond({ model: 'gpt-5.5', input: 'Hi' }).catch(report);`;
    writeFileSync(join(project, 'failures.mjs'), program);
    const ran = await run([runtime, 'failures.mjs', String(await freePort())], {
      TOKEN: simulator.login().access_token,
    });
    expect(ran).toMatchObject({ exitCode: 0, err: '' });
    expect(ran.out).toMatch(
      /^upstream_unreachable upstream_unavailable Could not reach the upstream \(\w+\)\.\n$/,
    );
  });

  test('a login that is due is refreshed, and the new tokens are stored', async () => {
    const path = join(emptyHome(), 'auth.json');
    const tokens = simulator.login({ expiresInS: 60 });
    writeFileSync(path, JSON.stringify({ auth_mode: 'chatgpt', tokens }));
    writeFileSync(
      join(project, 'login.mjs'),
      `import { CodexClient } from 'codexd';
const client = new CodexClient({ settings: { auth: { auth_file: process.argv[2] } } });
console.log((await client.login()).expiresAt > Date.now() + 600_000);`,
    );
    expect(await runProgram(runtime, ['login.mjs', path])).toEqual({ exitCode: 0, out: 'true\n', err: '' });
    expect(JSON.parse(readFileSync(path, 'utf8')).tokens.refresh_token).not.toBe(tokens.refresh_token);
  });

  test('the example of codex-asr', async () => {
    writeFileSync(join(project, 'audio.wav'), spoken);
    const [imports, ...lines] = codexAsr.library!.map(({ now }) => now);
    writeFileSync(join(project, 'asr.mjs'), [imports, ...lines].join(';\n'));
    expect(await runProgram(runtime, ['asr.mjs'])).toEqual({ exitCode: 0, out: `${spokenText}\n`, err: '' });
  });

  test('the example of codex-as-api', async () => {
    simulator.script({ text: 'Good day.' });
    const [imports, client, chat, content, create, listen] = codexAsApi.library!.map(({ now }) => now);
    const port = await freePort();
    const program = `${imports};
const client = ${client};
const messages = [
  { role: 'system', content: 'You are helpful.' },
  { role: 'user', content: 'Hello!' },
];
const response = ${chat};
console.log(${content});
if (process.versions.bun) {
  const app = ${create};
  ${listen!.replace('18080', String(port))};
  console.log((await fetch('http://127.0.0.1:${port}/healthz')).status);
  await app.close();
}`;
    writeFileSync(join(project, 'as-api.mjs'), program);
    const out = name === 'Bun' ? 'Good day.\n200\n' : 'Good day.\n';
    expect(await runProgram(runtime, ['as-api.mjs'])).toEqual({ exitCode: 0, out, err: '' });
    expect(turnsSent(simulator)[0]!.body.model).toBe('gpt-5.5');
  });

  test.if(name === 'Bun')('server.mjs', async () => {
    const port = await freePort();
    const program = readFileSync(join(project, 'server.mjs'), 'utf8').replaceAll('18080', String(port));
    writeFileSync(join(project, 'server-here.mjs'), program);
    expect(await runProgram(runtime, ['server-here.mjs'])).toEqual({
      exitCode: 0,
      out: `listening on http://127.0.0.1:${port}\nok\n`,
      err: '',
    });
  });

  test('a long conversation, and on Node a setting that its fetch does not support', async () => {
    simulator.script({ text: 'Long.' });
    writeFileSync(
      join(project, 'long.mjs'),
      `import { CodexClient } from 'codexd';
const options = { fetch: (url, init) => fetch(url, init) };
const response = await new CodexClient(options).respond({ input: 'word '.repeat(80_000) });
console.log(response.output_text);
const settings = { upstream: { proxy: 'http://127.0.0.1:9' } };
try { new CodexClient({ settings }) } catch (error) { console.log(error.code, error.param) }`,
    );
    const refused = name === 'Node' ? 'invalid_config upstream.proxy\n' : '';
    expect(await runProgram(runtime, ['long.mjs'])).toEqual({
      exitCode: 0,
      out: `Long.\n${refused}`,
      err: '',
    });
  });

  test.if(name === 'Node')('server.mjs says that it needs Bun', async () => {
    const { exitCode, err } = await runProgram(runtime, ['server.mjs']);
    expect(exitCode).toBe(1);
    expect(err).toContain('`createServer` requires Bun.');
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

test('its types are right without any other package', async () => {
  const program = `import { CodexClient, createServer, Failure, transcribe, translators, type Settings } from 'codexd';
import { collect } from 'codexd/translators';

const settings: Settings = { models: { default: 'gpt-5.5' }, server: { listen: ['127.0.0.1:0'], audio_limit_mb: 9 } };
const client = new CodexClient({ settings, log: (line: string) => console.log(line) });
const text: string = (await client.respond({ input: 'Hi' })).output_text;
const completion = await client.call(translators.openai.chat, { messages: [] });
const content: string | null = completion.choices[0]!.message.content;
const plan: string | undefined = (await client.login()).plan;
for await (const event of client.stream({ input: 'Hi' })) {
  if (event.type === 'response.output_text.delta') console.log(event.delta);
}
for await (const frames of client.callStream(translators.ollama.chat, { messages: [] })) console.log(frames.length);
const transcript = await transcribe('a.wav', { language: 'en', settings });
const end: number | undefined = transcript.segments?.[0]?.end;
const server = await createServer({ demo: true }).listen(0);
const wrong = new Failure('rate_limited', 'Later.', { retryAfterMs: 9 });
const response = await collect(['data: {}']);
console.log(text, content, plan, end, server.addresses, wrong.status, response.id);
// @ts-expect-error: there is no such setting
const misspelt: Settings = { models: { defualt: 'x' } };
// @ts-expect-error: and this one is a number
const wrongType: Settings = { server: { queue: 'many' } };
`;
  writeFileSync(join(project, 'types.ts'), program);
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'esnext', lib: ['esnext', 'dom', 'dom.asynciterable'], types: [] },
    ...{ strict: true, noEmit: true, noUncheckedIndexedAccess: true },
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  expect(await run([bun, tsc, '-p', '.'])).toEqual({ exitCode: 0, out: '', err: '' });
});
