// Output that cannot be written is an error, and results that cost quota are saved.
import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { codexdCommand, emptyHome } from '../cli/process.ts';
import { fileWith } from '../clients/speech-support.ts';
import { wav } from '../simulator/sounds.ts';

const simulator = startSimulator();
afterAll(() => simulator.stop());

/** Runs a line of shell. */
async function shell(line: string, variables: Record<string, string> = {}) {
  const child = Bun.spawn(['sh', '-c', `${line}`, 'sh'], {
    env: {
      PATH: process.env.PATH,
      HOME: emptyHome(),
      TMPDIR: emptyHome(),
      CODEXD_UPSTREAM: simulator.upstream,
      CODEXD_BEARER: simulator.login().access_token,
      ...variables,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, exitCode };
}
const program = codexdCommand.map((word) => `'${word}'`).join(' ');
const full = 'Cannot write to stdout: no space left on device.';

const commands = [
  '--version',
  '--help',
  'help',
  'serve --help',
  'status',
  'status --json',
  'models',
  'models --json',
  'config path',
  'config show',
  'config show --json',
  'config check',
  'config key add phone',
  'env claude',
  'logout',
];

describe.skipIf(!existsSync('/dev/full'))('/dev/full', () => {
  test.each(commands)('codexd %s', async (words) => {
    const { err, exitCode } = await shell(`${program} ${words} >/dev/full`);
    expect(err).toContain(full);
    expect(err).not.toContain('    at ');
    expect(exitCode).toBe(1);
  });

  test('a key that could not be printed is not saved', async () => {
    const HOME = emptyHome();
    await shell(`${program} config key add phone >/dev/full`, { HOME });
    expect(existsSync(`${HOME}/.config/codexd/config.toml`)).toBe(false);
  });

  /** The file that a message mentions, exactly once. */
  function saved(err: string): string {
    const [, path] = /was saved to (\S+)\.\n/.exec(err)!;
    const text = readFileSync(path!, 'utf8');
    rmSync(path!);
    return text;
  }

  test('an answer is saved', async () => {
    simulator.script({ text: 'It cost something. '.repeat(10), paceMs: 2 });
    const { err, exitCode } = await shell(`${program} ask hi >/dev/full`);
    expect(err).toContain(full);
    expect(saved(err)).toBe(`${'It cost something. '.repeat(10)}\n`);
    expect(exitCode).toBe(1);
  });

  test('an answer as JSON too', async () => {
    simulator.script({ text: 'Yes.' });
    const { err } = await shell(`${program} ask hi --json >/dev/full`);
    const { next } = JSON.parse(err).error;
    expect(JSON.parse(saved(`${next}\n`))).toMatchObject({ text: 'Yes.', status: 'completed' });
  });

  test('transcripts are saved, all of them', async () => {
    const [one, two] = [fileWith(wav([[440, 1]]), 'one.wav'), fileWith(wav([[440, 1]]), 'two.wav')];
    simulator.script({ for: 'transcribe', text: 'First.' }, { for: 'transcribe', text: 'Second.' });
    const { err, exitCode } = await shell(`${program} transcribe --jobs 1 ${one} ${two} >/dev/full`);
    expect(err).toContain(full);
    const text = saved(err);
    expect(text).toContain('First.');
    expect(text).toContain('Second.');
    expect(exitCode).toBe(1);
  });

  test('output that cannot be saved anywhere is reported as lost', async () => {
    simulator.script({ text: 'Gone.' });
    const nowhere = { TMPDIR: '/dev/null', HOME: '/dev/null' };
    const { err, exitCode } = await shell(`${program} ask hi >/dev/full`, nowhere);
    expect(err).toContain('The answer is lost.');
    expect(exitCode).toBe(1);
  });
});

test('a reader that closes the pipe is not an error', async () => {
  const { err, exitCode } = await shell(`{ ${program} models --help; echo $? >&2; } | head -1 >/dev/null`);
  expect(err).toBe('0\n');
  expect(exitCode).toBe(0);
});

test.skipIf(!existsSync('/dev/full'))('stderr that cannot be written ends nothing', async () => {
  const { out, exitCode } = await shell(`${program} config path 2>/dev/full`);
  expect(out).toContain('config.toml');
  expect(exitCode).toBe(0);
});
