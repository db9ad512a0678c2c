// Whether the configured speech engines and the programs that convert recordings work.
import { tmpdir } from 'node:os';
import { createSpeech } from '../../app/speech.ts';
import type { Engine } from '../../audio/engines/engine.ts';
import { runProgram } from '../../audio/programs/process.ts';
import { asFailure, Failure } from '../../failure.ts';
import { childEnvironment } from '../../system/child-environment.ts';
import type { Examined } from './examined.ts';
import { type Finding, good, problem, warning } from './findings.ts';

/** The default engine and those that the settings define. Others may be missing without anyone missing them. */
export async function checkSpeech({ setup, services }: Examined): Promise<Finding[]> {
  // Rejects an unknown engine.
  const { engines: known } = createSpeech(setup, services);
  const { engine: standard, engines } = setup.config.transcription;
  const ids = [...new Set([standard, ...engines.map(({ id }) => id)])];
  const used = known.filter(({ id }) => ids.includes(id));
  return Promise.all(used.map((engine) => checkEngine(engine, engine.id === standard)));
}

async function checkEngine({ id, probe }: Engine, isStandard: boolean): Promise<Finding> {
  // Its login has been checked.
  if (id === 'chatgpt') return good('speech', 'ChatGPT transcribes with this login.');
  const readiness = await probe();
  if (readiness.ready) return good('speech', `The engine ${id} is ready.`);
  const message = `The engine ${id} is not ready: ${readiness.why}.`;
  const fix = readiness.fix === '' ? '' : `To fix it: ${readiness.fix}.`;
  return isStandard ? problem('speech', message, fix) : warning('speech', message, fix);
}

export async function checkFfmpeg(examined: Examined): Promise<Finding[]> {
  const configured = examined.setup.config.transcription.ffmpeg;
  const program = configured ?? Bun.which('ffmpeg', { PATH: examined.setup.env.PATH ?? '' });
  if (program === null) return [good('ffmpeg', 'Not installed; only rare formats need it.')];
  const why = await reasonNotToRun([program, '-version'], examined);
  if (why === undefined) return [good('ffmpeg', `${program} runs.`)];
  const fix =
    configured === undefined
      ? 'Reinstall it.'
      : 'Correct `transcription.ffmpeg`, or remove it to use the one on PATH.';
  return [problem('ffmpeg', `${program} ${why}.`, fix)];
}

export async function checkSilkDecoder(examined: Examined): Promise<Finding[]> {
  const decoder = examined.setup.config.transcription.silkDecoder;
  if (decoder === undefined) return [good('silk', 'The built-in decoder is used.')];
  const why = await reasonNotToRun([decoder, '--help'], examined);
  if (why === undefined) return [good('silk', `${decoder} runs.`)];
  const fix = 'Correct `transcription.silk_decoder`, or remove it to use the built-in decoder.';
  return [problem('silk', `${decoder} ${why}.`, fix)];
}

const timeoutMs = 5000;

/** Undefined if the program exits with 0; otherwise completes "PROGRAM …". */
async function reasonNotToRun(argv: string[], { setup }: Examined): Promise<string | undefined> {
  const program = { argv, directory: tmpdir(), env: childEnvironment(setup.env), atExit: setup.atExit };
  const tooLong = () => new Failure('timeout', 'too long');
  try {
    const { exitCode } = await runProgram(program, {
      signal: AbortSignal.timeout(timeoutMs * 2),
      timeoutMs,
      tooLong,
    });
    return exitCode === 0 ? undefined : `exits with ${exitCode}`;
  } catch (thrown) {
    return asFailure(thrown).kind === 'timeout' ? 'does not exit' : 'cannot be started';
  }
}
