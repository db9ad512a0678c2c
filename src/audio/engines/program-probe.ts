// Whether the program of an engine can work here, and what it lacks.
import { dirname } from 'node:path';
import { complaint, engineTimeout } from '../programs/complaint.ts';
import { runProgram } from '../programs/process.ts';
import type { Readiness } from './engine.ts';
import { installHint } from './install.ts';
import type { Place, ProgramKind } from './program-kind.ts';

/** With the time a program takes to end when it is told to, five seconds. */
const probeMs = 4_500;
/** A probe is believed for this long. */
const probeAgeMs = 60_000;
const brokenInstall =
  /Traceback|ModuleNotFoundError|ImportError|error while loading shared libraries|Library not loaded|command not found/;

export async function probeProgram(
  kind: ProgramKind,
  place: Place,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Readiness> {
  const { program, settings, surroundings } = place;
  const { platform, which, atExit } = surroundings;
  const install = installHint(kind.kind, platform);
  const missing = kind.needs?.find((name) => which(name) === null);
  if (missing !== undefined) {
    const fix = installHint(missing, platform);
    return { ready: false, why: `it needs ${missing}, which is not on PATH`, fix };
  }
  const lack = await kind.lacks?.(place);
  if (lack !== undefined) return { ready: false, ...lack };
  if (kind.probeArgs === undefined) return { ready: true, detail: program };
  const argv = [program, ...kind.probeArgs];
  const tooLong = () => engineTimeout(settings.id, probeMs);
  const limits = { signal: new AbortController().signal, timeoutMs: probeMs, tooLong };
  try {
    const ran = await runProgram({ argv, directory: dirname(program), env, atExit }, limits);
    const isBroken = kind.probeTold ? ran.exitCode !== 0 : brokenInstall.test(ran.stderr);
    if (isBroken) return { ready: false, why: `it does not start: ${complaint(ran.stderr)}`, fix: install };
  } catch (thrown) {
    // Python tools may take longer to load than a probe may: that alone is no reason to call them broken.
    const isSlow = (thrown as { code?: unknown }).code === 'engine_timeout';
    if (!isSlow) return { ready: false, why: `${program} cannot be run`, fix: install };
    if (kind.probeTold) return { ready: false, why: 'it takes too long to start', fix: 'try again' };
  }
  return { ready: true, detail: program };
}

/** Its answer for a while, whoever asks. */
export function remembered<T>(look: () => Promise<T>, nowMs: () => number): () => Promise<T> {
  let last: { atMs: number; answer: Promise<T> } | undefined;
  return () => {
    if (last === undefined || nowMs() - last.atMs > probeAgeMs) last = { atMs: nowMs(), answer: look() };
    return last.answer;
  };
}
