// rust-silk as the configured decoder (docs/wire/audio.md#rust-silk): imitated by scripts, and the real one if it is installed.
import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSilkToWav } from '../../../src/audio/silk/to-wav.ts';
import type { SilkResult } from '../../../src/audio/silk/worker.ts';
import { Failure } from '../../../src/failure.ts';
import { until } from '../../support/until.ts';
import { decodeAll, fixture, neverAborted, samplesHash } from './corpus.ts';
import { rustSilk, rustSilkRates } from './rust-silk.ts';

const folder = mkdtempSync(join(tmpdir(), 'codexd-silk-external-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const input = join(folder, 'voice of $(touch me).silk');
writeFileSync(input, fixture('20ms-plain.silk'));
let count = 0;

/** A program that runs these shell lines; `$5` is the path of the output. */
function standIn(lines: string): string {
  const path = join(folder, `decoder-${++count}`);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o700 });
  return path;
}

interface Outcome {
  output: string;
  result: SilkResult | Failure;
}

async function run(decoder: string, options: { rate?: number; signal?: AbortSignal } = {}): Promise<Outcome> {
  const output = join(folder, `out-${++count}.wav`);
  const { rate = 24_000, signal = neverAborted } = options;
  const toWav = createSilkToWav({ decoder, env: process.env, atExit: () => () => {} });
  const result = await toWav(input, output, rate, signal).catch((thrown: unknown) => thrown as Failure);
  return { output, result };
}

async function failureOf(decoder: string): Promise<Failure> {
  const { output, result } = await run(decoder);
  expect(result).toBeInstanceOf(Failure);
  expect(existsSync(output)).toBe(false);
  return result as Failure;
}

describe.skipIf(process.platform === 'win32')('a configured decoder', () => {
  test('gets the arguments of codex-asr, and nothing through a shell', async () => {
    const said = join(folder, 'said');
    const { output, result } = await run(
      standIn(`for one in "$@"; do echo "$one"; done > ${said}; head -c 4844 /dev/zero > "$5"`),
    );
    expect(result).toEqual({ durationS: 0.1, truncated: false });
    const asked = ['decode', '-i', input, '-o', output, '--sample-rate', '24000', '--quiet'];
    expect(readFileSync(said, 'utf8').trim().split('\n')).toEqual(asked);
    expect(existsSync(output)).toBe(true);
  });

  test('is refused when it does not exist, or is a directory', async () => {
    for (const path of [join(folder, 'nowhere'), folder]) {
      expect(await failureOf(path)).toMatchObject({
        kind: 'unavailable',
        retry: false,
        message: 'The configured SILK decoder does not exist.',
      });
    }
  });

  test('is not looked for on PATH', async () => {
    expect(await failureOf('sh')).toMatchObject({ kind: 'unavailable', code: 'silk_decoder_unavailable' });
  });

  test('that is not executable is refused', async () => {
    expect(await failureOf(input)).toMatchObject({
      kind: 'unavailable',
      message: 'The configured SILK decoder cannot be started.',
    });
  });

  const failing: [string, string, string][] = [
    ['stderr and stdout joined', 'echo out; echo "Error: err" >&2; exit 1', 'Error: err out'],
    ['nothing said', 'exit 1', 'it gave no reason'],
    ['no output', 'exit 0', 'it wrote no samples'],
    ['a header alone', 'head -c 44 /dev/zero > "$5"', 'it wrote no samples'],
    ['output and a bad end', 'head -c 999 /dev/zero > "$5"; echo late >&2; exit 3', 'late'],
    ['killed by itself', 'head -c 999 /dev/zero > "$5"; kill -9 $$', 'it gave no reason'],
    ['paths of ours', 'echo "cannot read $3 nor write $5" >&2; exit 1', 'cannot read … nor write …'],
    ['colours, lines, tabs', 'printf "\\033[31mred\\033[0m\\r\\n\\tline" >&2; exit 1', 'red line'],
  ];
  test.each(failing)('fails: %s', async (_, lines, why) => {
    expect(await failureOf(standIn(lines))).toMatchObject({
      kind: 'invalid_request',
      code: 'invalid_audio',
      param: 'file',
      message: `rust-silk cannot decode the SILK recording: ${why}`,
    });
  });

  test('its output is clipped by characters, and read completely', async () => {
    const { message } = await failureOf(standIn('yes "😀😀" | head -c 2000000 >&2; exit 1'));
    expect([...message].length).toBeLessThan(350);
    expect(message).toContain('😀');
    expect(message).not.toContain('\ufffd');
    expect(message.isWellFormed()).toBe(true);
  });

  test('ends with its helpers when the caller leaves, before anybody is told', async () => {
    const pids = join(folder, 'pids');
    const controller = new AbortController();
    const reason = new Failure('cancelled', 'The caller left.');
    const decoder = standIn(
      `sleep 600 & echo $! $$ > ${pids}.new; mv ${pids}.new ${pids}; echo x > "$5"; wait`,
    );
    const running = run(decoder, { signal: controller.signal });
    await until(() => existsSync(pids));
    controller.abort(reason);
    const { output, result } = await running;
    expect(result).toBe(reason);
    expect(existsSync(output)).toBe(false);
    const [helper, parent] = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    expect(isRunning(parent!)).toBe(false);
    // May be a zombie until the system reaps it.
    await until(() => !isRunning(helper!));
  });

  test('is not started for a caller who has left', async () => {
    const said = join(folder, 'started');
    const reason = new Failure('cancelled', 'The caller left.');
    const { result } = await run(standIn(`touch ${said}`), { signal: AbortSignal.abort(reason) });
    expect(result).toBe(reason);
    expect(existsSync(said)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(rustSilk === null)('rust-silk itself', () => {
  test('writes the samples the built-in decoder gives', async () => {
    for (const rate of rustSilkRates) {
      const { output, result } = await run(rustSilk!, { rate });
      expect(result).toEqual({ durationS: 1.2, truncated: false });
      const wav = readFileSync(output);
      const samples = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length));
      const ours = decodeAll(fixture('20ms-plain.silk'), rate);
      expect(samplesHash(samples)).toBe(samplesHash(ours.samples));
    }
  });

  test('says what it refuses', async () => {
    const { result } = await run(rustSilk!, { rate: 44_100 });
    expect((result as Failure).message).toBe(
      'rust-silk cannot decode the SILK recording: Error: sample-rate must be one of 8000, 12000, 16000, 24000, 48000: 44100',
    );
  });
});
