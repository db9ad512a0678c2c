// rust-silk instead of the built-in decoder, where `transcription.silk_decoder` names one (reference/asr.md 2.4, 2.5). It is
// not looked for anywhere else.
import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure } from '../../failure.ts';
import { redact } from '../../log.ts';
import { invalidSilk } from './container.ts';

export interface RustSilkJob {
  /** The configured path of the program. */
  decoder: string;
  /** A SILK file, only read. */
  input: string;
  /** The WAV to write; removed again when that fails. */
  output: string;
  /** Hz; rust-silk takes 8000, 12000, 16000, 24000 and 48000. */
  rate: number;
  signal: AbortSignal;
  /** Longest run; ten minutes when not said. */
  limitMs?: number;
}

const wavHeaderBytes = 44;
const keptBytes = 4096;
const shownCharacters = 300;

/** Rejects with a Failure or the signal's reason, after the program has ended. */
export async function decodeWithRustSilk(job: RustSilkJob): Promise<{ durationS: number }> {
  const { decoder, rate, limitMs = 600_000 } = job;
  const late = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([job.signal, late]);
  if (!(await Bun.file(decoder).exists())) throw unusable('does not exist');
  signal.throwIfAborted();
  const [input, output] = [resolve(job.input), resolve(job.output)];
  try {
    const { exitCode, said } = await run(
      [resolve(decoder), 'decode', '-i', input, '-o', output, '--sample-rate', String(rate), '--quiet'],
      signal,
    );
    signal.throwIfAborted();
    const bytes = await stat(output).then(
      ({ size }) => size,
      () => 0,
    );
    if (exitCode === 0 && bytes > wavHeaderBytes) return { durationS: (bytes - wavHeaderBytes) / 2 / rate };
    const why = shown(said, [input, output]) || (exitCode === 0 ? 'it wrote no sound' : 'it did not say why');
    throw invalidSilk(
      `rust-silk cannot decode the SILK recording: ${why}`,
      'Send the recording as it was first saved, or leave `transcription.silk_decoder` out.',
    );
  } catch (thrown) {
    await rm(output, { force: true });
    job.signal.throwIfAborted();
    throw late.aborted ? tooSlow() : thrown;
  }
}

async function run(argv: string[], signal: AbortSignal): Promise<{ exitCode: number; said: string }> {
  const isPosix = process.platform !== 'win32';
  const child = start(argv, isPosix);
  // A group of its own, so that whatever it starts ends with it.
  const kill = () => {
    try {
      if (isPosix) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // All of it has ended already.
    }
  };
  signal.addEventListener('abort', kill, { once: true });
  const streams = Promise.all([beginningOf(child.stderr), beginningOf(child.stdout)]);
  const exitCode = await child.exited;
  signal.removeEventListener('abort', kill);
  kill();
  return { exitCode, said: (await streams).join(' ') };
}

function start(argv: string[], detached: boolean) {
  try {
    return Bun.spawn(argv, { stdio: ['ignore', 'pipe', 'pipe'], detached });
  } catch (thrown) {
    throw unusable('cannot be started', thrown);
  }
}

/** All is read, so that the program does not wait; the first of it is kept. */
async function beginningOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    if (bytes < keptBytes) kept.push(chunk.subarray(0, keptBytes - bytes));
    bytes += chunk.length;
  }
  return Buffer.concat(kept).toString('utf8');
}

/** On one line, without paths of ours, clipped by characters (reference/asr.md 9, trap 10). */
function shown(said: string, paths: readonly string[]): string {
  const plain = paths.reduce((text, path) => text.replaceAll(path, '…'), said);
  const line = redact(
    Bun.stripANSI(plain)
      .replace(/[\s\p{Cc}\ufffd]+/gu, ' ')
      .trim(),
  );
  return [...line].slice(0, shownCharacters).join('');
}

function tooSlow(): Failure {
  return new Failure('timeout', 'The SILK decoder that is configured did not finish in time.', {
    code: 'silk_decoder_timeout',
    next: 'Leave `transcription.silk_decoder` out for the built-in decoder.',
    retry: false,
  });
}

function unusable(how: string, cause?: unknown): Failure {
  return new Failure('unavailable', `The SILK decoder that is configured ${how}.`, {
    code: 'silk_decoder_unavailable',
    next: 'Correct `transcription.silk_decoder`, or leave it out for the built-in decoder.',
    retry: false,
    cause,
  });
}
