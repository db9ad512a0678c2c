// Whatever umask codexd is started with, nothing it creates can be written by others, and logins cannot be read by them.
import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { codexdCommand, emptyHome } from '../cli/process.ts';
import { fileWith } from '../clients/speech-support.ts';
import { wav } from '../simulator/sounds.ts';
import { until } from '../support/until.ts';

const simulator = startSimulator();
afterAll(() => simulator.stop());

function spawn(home: string, argv: string[]) {
  const child = Bun.spawn(['sh', '-c', 'umask 000; exec "$@"', 'sh', ...codexdCommand, ...argv], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TMPDIR: home,
      CODEXD_UPSTREAM: simulator.upstream,
      CODEXD_ISSUER: simulator.issuer,
    },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  return child;
}

async function run(home: string, ...argv: string[]): Promise<void> {
  const child = spawn(home, argv);
  expect([await child.stderr.text(), await child.exited]).toEqual([expect.any(String), 0]);
}

/** Every file and directory under `home` with its mode. */
function modesIn(home: string): [path: string, mode: number][] {
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return names.map((name) => [name, statSync(join(home, name)).mode & 0o777]);
}

test.skipIf(process.platform === 'win32')(
  'umask 000',
  async () => {
    const home = emptyHome();
    const recording = fileWith(wav([[440, 1]]), 'a.wav');
    // A login that is due for a refresh.
    const directory = join(home, '.local/state/codexd/default');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const tokens = simulator.login({ expiresInS: -60 });
    writeFileSync(join(directory, 'auth.json'), JSON.stringify({ auth_mode: 'chatgpt', tokens }), {
      mode: 0o600,
    });
    const before = new Set(modesIn(home).map(([path]) => path));

    await run(home, 'models', '--refresh');
    await run(home, 'env', 'aider', '--write');
    await run(home, 'config', 'key', 'add', 'phone');
    await run(home, 'transcribe', recording, '--output-dir', join(home, 'transcripts'));
    const daemon = spawn(home, ['serve', '--listen', '127.0.0.1:0', '--ready-file', join(home, 'ready')]);
    for await (const chunk of daemon.stderr) if (chunk.toString().length > 0) break;
    await until(() => existsSync(join(home, 'ready')));
    daemon.kill('SIGTERM');
    expect(await daemon.exited).toBe(0);

    const made = modesIn(home).filter(([path]) => !before.has(path) || path.endsWith('auth.json'));
    const names = made.map(([path]) => path);
    for (const name of [
      'auth.lock',
      'auth.json',
      'config.toml',
      'ready',
      'models.json',
      '.txt',
      '.aider.conf.yml',
    ]) {
      expect(names.some((path) => path.endsWith(name))).toBe(true);
    }
    expect(made.filter(([, mode]) => (mode & 0o022) !== 0)).toEqual([]);
    const isPrivate = ([path]: [string, number]) => /codexd\/default|\.config\/codexd|aider/.test(path);
    expect(made.filter(isPrivate).filter(([, mode]) => (mode & 0o077) !== 0)).toEqual([]);
  },
  60_000,
);
