// Decodes SILK with rust-silk instead of the built-in decoder, only if `transcription.silk_decoder` is set.
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Failure } from '../../failure.ts';
import { errorExcerpt } from '../programs/failures.ts';
import { type Program, type ProgramResult, runProgram } from '../programs/process.ts';
import { wavHeaderBytes } from '../samples/wav-file.ts';
import { invalidSilk } from './container.ts';
import type { SilkResult } from './worker.ts';

export interface RustSilkJob extends Pick<Program, 'env' | 'atExit'> {
  /** The configured path of the program. */
  decoder: string;
  /** The SILK file. */
  path: string;
  /** The WAV file to write. */
  out: string;
  /** Hz; rust-silk supports 8000, 12000, 16000, 24000 and 48000. */
  rate: number;
}

/** Rejects with a Failure or the signal's reason, after the program has exited. */
export async function writeWithRustSilk(
  job: RustSilkJob,
  limits: { signal: AbortSignal; timeoutMs: number; tooLong: () => Failure },
): Promise<SilkResult> {
  const { rate, env, atExit } = job;
  const [decoder, path, out] = [resolve(job.decoder), resolve(job.path), resolve(job.out)];
  if (!(await Bun.file(decoder).exists())) throw unusable('does not exist');
  const argv = [decoder, 'decode', '-i', path, '-o', out, '--sample-rate', String(rate), '--quiet'];
  const { exitCode, stdout, stderr } = await run({ argv, directory: dirname(out), env, atExit }, limits);
  const bytes = await stat(out).then(
    ({ size }) => size,
    () => 0,
  );
  if (exitCode === 0 && bytes > wavHeaderBytes) {
    return { durationS: (bytes - wavHeaderBytes) / 2 / rate, truncated: false };
  }
  const fallback = exitCode === 0 ? 'it wrote no samples' : 'it gave no reason';
  const reason = errorExcerpt(`${stderr} ${Buffer.from(stdout).toString()}`, [path, out]);
  throw invalidSilk(
    `rust-silk cannot decode the SILK recording: ${reason || fallback}`,
    'Send the original file, or remove `transcription.silk_decoder` to use the built-in decoder.',
  );
}

async function run(program: Program, limits: Parameters<typeof runProgram>[1]): Promise<ProgramResult> {
  try {
    return await runProgram(program, limits);
  } catch (thrown) {
    if (thrown instanceof Failure || thrown === limits.signal.reason) throw thrown;
    throw unusable('cannot be started', thrown);
  }
}

function unusable(problem: string, cause?: unknown): Failure {
  return new Failure('unavailable', `The configured SILK decoder ${problem}.`, {
    code: 'silk_decoder_unavailable',
    advice: 'Correct `transcription.silk_decoder`, or remove it to use the built-in decoder.',
    retry: false,
    cause,
  });
}
