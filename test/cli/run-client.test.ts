// `codexd run`: what the client gets, and what is left after it has ended. The clients here are small scripts.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientEnvironment } from '../../src/cli/launch/environment.ts';
import { HeldOutput } from '../../src/cli/launch/held-output.ts';
import { TemporaryDirectory } from '../../src/cli/launch/temporary-directory.ts';
import type { Failure } from '../../src/failure.ts';
import { keyInGatewayToken } from '../../src/server/middleware/gateway-token.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { isStopped } from '../../src/system/process-identity.ts';
import { startDaemon } from '../clients/daemon.ts';
import { until } from '../support/until.ts';
import { codexd } from './fake.ts';
import { codexdCommand, emptyHome, runCodexd, startCodexd } from './process.ts';

const bun = process.execPath;
/** Bun, which runs codexd's source here, would cache it in the home directory. */
const noBunCache = { BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' };

/** A directory for PATH with these programs, each a script for `sh`. */
function programs(scripts: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-programs-'));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

function run(words: string[], options: { home?: string; env?: Record<string, string>; path?: string } = {}) {
  const PATH = options.path === undefined ? process.env.PATH! : `${options.path}:${process.env.PATH}`;
  const home = options.home === undefined ? {} : { home: options.home };
  return runCodexd(['run', ...words], { ...home, env: { PATH, ...noBunCache, ...options.env } });
}

/** All files below the directory. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true }).map(String).sort();
}

describe('the daemon', () => {
  const simulator = startSimulator();
  afterAll(() => simulator.stop());
  const ask = `const { OPENAI_BASE_URL: url, OPENAI_API_KEY: key } = process.env;
    const response = await fetch(url + '/chat/completions', { method: 'POST', headers: { authorization: 'Bearer ' + key },
      body: JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'hello' }] }) });
    console.log(JSON.stringify({ url, status: response.status, text: (await response.json()).choices?.[0].message.content }));`;
  const login = () => ({
    CODEXD_UPSTREAM: simulator.upstream,
    CODEXD_ISSUER: simulator.issuer,
    CODEXD_BEARER: simulator.login().access_token,
  });

  test('is started on a free port with the user’s settings, and ends with the client', async () => {
    const home = emptyHome();
    const before = filesIn(home);
    const { out, err, exitCode } = await run(['openai', bun, '-e', ask], { home, env: login() });
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    const { url, status, text } = JSON.parse(out);
    expect({ status, text }).toEqual({ status: 200, text: expect.stringContaining('You said: “hello”') });
    expect(url).not.toContain(':8787');
    expect(fetch(`${url}/models`)).rejects.toThrow();
    expect(filesIn(home)).toEqual(before);
  });

  test('counts its requests in the user’s ledger, if there is one', async () => {
    const home = emptyHome();
    const directory = join(home, '.local/state/codexd/default');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'ledger.sqlite'), '');
    await run(['openai', bun, '-e', ask], { home, env: login() });
    const { out } = await runCodexd(['usage', '--json'], { home });
    expect(JSON.parse(out).total).toMatchObject({ requests: 1, failed: 0 });
  });

  test('--demo needs no login, and leaves the home directory as it was', async () => {
    const home = emptyHome();
    const { out, exitCode } = await run(['--demo', 'openai', bun, '-e', ask], { home });
    expect(JSON.parse(out)).toMatchObject({ status: 200 });
    expect(exitCode).toBe(0);
    expect(filesIn(home)).toEqual([]);
  });

  test('that is already listening is used with its key', async () => {
    await using daemon = await startDaemon({ simulator, args: ['--api-key', 'cdx_its-own-key'] });
    const listen = new URL(daemon.url).host;
    const env = { CODEXD_API_KEY: 'cdx_its-own-key', CODEXD_LISTEN: listen };
    const { out, exitCode } = await run(['openai', bun, '-e', ask], { env });
    expect(JSON.parse(out)).toMatchObject({ url: `${daemon.url}/v1`, status: 200 });
    expect(exitCode).toBe(0);
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200);
  });

  test('that is already listening is asked for its models, which a command without its login does not know', async () => {
    await using daemon = await startDaemon({ simulator });
    const path = programs({ claude: 'echo "$ANTHROPIC_DEFAULT_OPUS_MODEL_NAME"' });
    const { out } = await run(['--listen', new URL(daemon.url).host, 'claude'], { path });
    expect(out).toBe('GPT-6.2-sol\n'); // as simulated; the bundled one has another name
  });

  test('of an older version, which lists no models, is used with the bundled ones', async () => {
    const server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: ({ url }) =>
        url.endsWith('/healthz') ? Response.json({ status: 'ok' }) : new Response('no', { status: 404 }),
    });
    const listen = `127.0.0.1:${server.port}`;
    const { out } = await run(['--listen', listen, 'openai', 'sh', '-c', 'echo $OPENAI_BASE_URL']);
    await server.stop(true);
    expect(out).toBe(`http://${listen}/v1\n`);
  });

  test('that is listening, with keys known only as hashes, needs one for the command', async () => {
    await using daemon = await startDaemon({ simulator });
    const home = emptyHome();
    await runCodexd(['config', 'key', 'add', 'phone'], { home });
    const listening = await run(['--listen', new URL(daemon.url).host, 'openai', 'true'], { home });
    expect(listening).toMatchObject({ out: '', exitCode: 1 });
    expect(listening.err).toContain('Set CODEXD_API_KEY to one of them');
    const own = await run(['openai', bun, '-e', ask], {
      home,
      env: { ...login(), CODEXD_LISTEN: '127.0.0.1:1' },
    });
    expect(JSON.parse(own.out)).toMatchObject({ status: 200 });
  });

  test('without a login is not used, whether it is listening or not', async () => {
    const alone = await run(['openai', 'true']);
    expect(alone).toMatchObject({ out: '', exitCode: 3 });
    expect(alone.err).toContain('Run `codexd login`.');
    expect(alone.err).toContain('codexd run --demo');
    await using daemon = await startDaemon({ simulator, login: false });
    const listening = await run(['--listen', new URL(daemon.url).host, 'openai', 'true']);
    expect(listening).toMatchObject({ out: '', exitCode: 3, err: alone.err });
  });

  test('writes its warnings when the client has ended', async () => {
    const slow = `console.error('client'); ${ask}`;
    const { err } = await run(['--log-level', 'info', '--demo', 'openai', bun, '-e', slow]);
    expect(err).toMatch(/^client\n(?:.* )?200 .*chat/);
  });
});

describe('the client', () => {
  test('gets its own arguments unchanged, also options that codexd knows', async () => {
    const path = programs({ claude: 'printf "%s\\n" "$@"' });
    const { out, exitCode } = await run(
      ['--demo', 'claude', '-p', 'two words', '--help', '--json', '--', '--demo'],
      {
        path,
      },
    );
    const [settings, file, ...words] = out.trimEnd().split('\n');
    expect(settings).toBe('--settings');
    expect(existsSync(file!)).toBe(false);
    expect(words).toEqual(['-p', 'two words', '--help', '--json', '--', '--demo']);
    expect(exitCode).toBe(0);
  });

  test('gets stdin, and what `codexd env` prints', async () => {
    const path = programs({ claude: 'cat; env' });
    const child = startCodexd(['run', '--demo', '--model', 'gpt-6-luna', 'claude'], {
      env: { PATH: `${path}:${process.env.PATH}`, ANTHROPIC_API_KEY: 'sk-ant-another' },
      stdin: 'typed\n',
    });
    expect(await child.exited).toBe(0);
    const [typed, ...lines] = child.out().trimEnd().split('\n');
    expect(typed).toBe('typed');
    expect(lines).toContain('ANTHROPIC_DEFAULT_MODEL=gpt-6-luna');
    expect(lines).toContain('ANTHROPIC_API_KEY=');
    const token = lines.find((line) => line.startsWith('ANTHROPIC_AUTH_TOKEN='))!.split('=')[1]!;
    expect(keyInGatewayToken(token)).toBe('codexd');
  });

  test('gets settings of the Codex CLI as options, which leave its config.toml as it is', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.codex'));
    writeFileSync(join(home, '.codex/config.toml'), 'model_provider = "other"\n');
    const path = programs({ codex: 'printf "%s\\n" "$@" "$CODEX_HOME"' });
    const { out } = await run(['--demo', '--model', 'gpt-6-luna-low', 'codex', 'exec', 'hi'], { path, home });
    const [, provider, , table, , model, , effort, ...rest] = out.trimEnd().split('\n');
    expect(provider).toBe('model_provider="codexd"');
    expect(table).toMatch(
      /^model_providers\.codexd=\{name="OpenAI",base_url="http:\/\/127\.0\.0\.1:\d+\/v1",/,
    );
    expect(model).toBe('model="gpt-6-luna"');
    expect(effort).toBe('model_reasoning_effort="low"');
    expect(rest).toEqual(['exec', 'hi']);
    expect(filesIn(home)).toEqual(['.codex', '.codex/config.toml']);
  });

  test.each([
    ['exit 7', 7],
    ['kill -TERM $$', 143],
    ['kill -INT $$', 130],
  ])('that ends with `%s` makes codexd exit with %d', async (script, status) => {
    expect((await run(['--demo', 'openai', 'sh', '-c', script])).exitCode).toBe(status);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('gets %s from codexd', async (signal) => {
    const name = signal.slice(3);
    const script = `trap 'echo got; exit 9' ${name}; echo ready; while :; do sleep 0.02; done`;
    const child = startCodexd(['run', '--demo', 'openai', 'sh', '-c', script]);
    await child.says('out', /ready/);
    child.kill(signal);
    expect(await child.exited).toBe(9);
    expect(child.out()).toBe('ready\ngot\n');
  });

  test('gets Ctrl-C once from a terminal, and decides what it means', async () => {
    let shown = '';
    let pressed = 0;
    const script = `n=0; trap 'n=$((n+1)); echo "pressed $n"; [ $n = 2 ] && exit 5' INT; echo ready; while :; do sleep 0.02; done`;
    const child = Bun.spawn([...codexdCommand, 'run', '--demo', 'openai', 'sh', '-c', script], {
      env: { PATH: process.env.PATH, HOME: emptyHome(), TERM: 'xterm' },
      terminal: {
        data(terminal, bytes) {
          shown += Buffer.from(bytes).toString();
          const wanted = pressed === 0 ? 'ready' : `pressed ${pressed}`;
          if (pressed < 2 && shown.includes(wanted)) {
            pressed++;
            terminal.write('\x03');
          }
        },
      },
    });
    expect(await child.exited).toBe(5);
    expect(shown.match(/pressed/g)).toHaveLength(2);
  });

  test.skipIf(process.platform !== 'linux')(
    'that stops itself stops codexd, and continues with it',
    async () => {
      const script =
        'trap "echo continued; exit 3" CONT; echo ready; kill -STOP $$; while :; do sleep 0.02; done';
      const child = startCodexd(['run', '--demo', 'openai', 'sh', '-c', script]);
      await child.says('out', /ready/);
      await until(() => isStopped(child.pid));
      child.kill('SIGCONT');
      expect(await child.exited).toBe(3);
      expect(child.out()).toBe('ready\ncontinued\n');
    },
  );

  test.each([
    [['nonsense'], 'Unknown client "nonsense".'],
    [['claud'], 'Did you mean `codexd run claude`?'],
    [['zed'], 'Start `codexd serve`, and run `codexd env zed`'],
    [['openai'], '`codexd run openai` requires the program to run.'],
    [['--demmo', 'claude'], 'Did you mean `--demo`?'],
    [[], '`codexd run` requires CLIENT.'],
  ])('%p is refused: %s', async (words, message) => {
    const refusal = await codexd(['run', ...words]).then(
      () => undefined,
      (thrown: unknown) => thrown as Failure,
    );
    expect(`${refusal?.message} ${refusal?.advice}`).toContain(message);
  });

  test('that is not installed is named, with the command that installs it', async () => {
    const { err, exitCode } = await run(['--demo', 'claude'], { env: { PATH: programs({}) } });
    expect(err).toBe(
      'codexd: Cannot find Claude Code: PATH has no program `claude`.\nInstall it: `npm install -g @anthropic-ai/claude-code`.\n',
    );
    expect(exitCode).toBe(1);
  });
});

describe('the directory of the client', () => {
  const path = programs({
    claude: 'echo "$CLAUDE_CONFIG_DIR"; touch "$' + '{CLAUDE_CONFIG_DIR:-$HOME/.claude}/written"',
  });

  test('is temporary if the client was never used here', async () => {
    const home = emptyHome();
    const { out } = await run(['--demo', 'claude'], { path, home });
    expect(out.trim()).toMatch(/codexd-run-\d+-\w+\/client$/);
    expect(existsSync(out.trim())).toBe(false);
    expect(filesIn(home)).toEqual([]);
  });

  test('is its own otherwise, or with --no-temporary; --temporary decides against it', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.claude'));
    expect((await run(['--demo', 'claude'], { path, home })).out).toBe('\n');
    expect(filesIn(home)).toEqual(['.claude', '.claude/written']);
    expect((await run(['--demo', '--temporary', 'claude'], { path, home })).out).toContain('codexd-run-');
    const fresh = emptyHome();
    expect((await run(['--demo', '--no-temporary', 'claude'], { path, home: fresh })).out).toBe('\n');
    const unsupported = await run(['--demo', '--temporary', 'openai', 'true']);
    expect(unsupported.err).toContain('`--temporary` is not supported for OpenAI clients');
  });

  test('of a killed codexd is deleted by the next one; those of others stay', () => {
    const parent = mkdtempSync(join(tmpdir(), 'codexd-sweep-'));
    const dead = Bun.spawnSync(['true']).pid;
    const names = [`codexd-run-${dead}-abc123`, `codexd-run-${process.pid}-abc123`, 'codexd-run-x', 'other'];
    for (const name of names) mkdirSync(join(parent, name));
    const directory = TemporaryDirectory.create(() => () => {}, parent);
    directory.write('sub/file', 'text');
    expect(readFileSync(join(directory.path, 'sub/file'), 'utf8')).toBe('text');
    directory.remove();
    expect(readdirSync(parent).sort()).toEqual(names.slice(1).sort());
  });
});

describe('the environment of a client', () => {
  const origin = 'http://127.0.0.1:9000';

  test('reaches the daemon past a proxy', () => {
    const env = clientEnvironment({ https_proxy: 'http://proxy:1', NO_PROXY: 'intranet' }, {}, origin);
    expect(env).toMatchObject({ NO_PROXY: 'intranet,127.0.0.1', no_proxy: 'intranet,127.0.0.1' });
    expect(clientEnvironment({ A: '1' }, { B: '2' }, origin)).toEqual({ A: '1', B: '2' });
  });
});

describe('held output', () => {
  let written: string;
  let output: HeldOutput;
  beforeAll(() => {
    written = '';
    const write = (text: string) => {
      written += text;
    };
    output = new HeldOutput({ write, isTty: false, color: false, columns: 80 });
  });

  test('is written later, the newest hundred lines of it', () => {
    output.write('at once\n');
    output.hold();
    for (let at = 1; at <= 101; at++) output.write(`${at}\n`);
    expect(written).toBe('at once\n');
    output.release();
    expect(written).toStartWith('at once\n(1 earlier messages were dropped)\n2\n3\n');
    expect(written).toEndWith('101\n');
    output.write('again\n');
    expect(written).toEndWith('101\nagain\n');
  });
});
