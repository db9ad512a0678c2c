// rust-silk instead of the built-in decoder, where `transcription.silk_decoder` names one. It is
// not looked for anywhere else.
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Failure } from '../../failure.ts';
import { complaint } from '../programs/complaint.ts';
import { type Program, type Ran, runProgram } from '../programs/process.ts';
import { wavHeaderBytes } from '../samples/wav-file.ts';
import { invalidSilk } from './container.ts';
import type { Written } from './worker.ts';

export interface RustSilkJob extends Pick<Program, 'env' | 'atExit'> {
  /** The configured path of the program. */
  decoder: string;
  /** Of a SILK file, only read. */
  path: string;
  /** The WAV to write. */
  out: string;
  /** Hz; rust-silk takes 8000, 12000, 16000, 24000 and 48000. */
  rate: number;
}

/** Rejects with a Failure or the signal's reason, after the program has ended. */
export async function writeWithRustSilk(
  job: RustSilkJob,
  limits: { signal: AbortSignal; timeoutMs: number; tooLong: () => Failure },
): Promise<Written> {
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
  const silent = exitCode === 0 ? 'it wrote no sound' : 'it did not say why';
  const said = complaint(`${stderr} ${Buffer.from(stdout).toString()}`, [path, out]);
  throw invalidSilk(
    `rust-silk cannot decode the SILK recording: ${said || silent}`,
    'Send the recording as it was first saved, or leave `transcription.silk_decoder` out.',
  );
}

async function run(program: Program, limits: Parameters<typeof runProgram>[1]): Promise<Ran> {
  try {
    return await runProgram(program, limits);
  } catch (thrown) {
    if (thrown instanceof Failure || thrown === limits.signal.reason) throw thrown;
    throw unusable('cannot be started', thrown);
  }
}

function unusable(how: string, cause?: unknown): Failure {
  return new Failure('unavailable', `The SILK decoder that is configured ${how}.`, {
    code: 'silk_decoder_unavailable',
    advice: 'Correct `transcription.silk_decoder`, or leave it out for the built-in decoder.',
    retry: false,
    cause,
  });
}
