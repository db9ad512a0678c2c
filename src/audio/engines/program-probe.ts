// Finds out whether an engine's program can run here, and what is missing otherwise.
import { dirname } from 'node:path';
import { engineTimeout, errorExcerpt } from '../programs/failures.ts';
import { runProgram } from '../programs/process.ts';
import type { Readiness } from './engine.ts';
import { installHint } from './install.ts';
import type { ProgramKind, ResolvedProgram } from './program-kind.ts';

/** Five seconds together with the grace period for stopping a program. */
const probeMs = 4_500;
/** How long a result is reused. */
const probeAgeMs = 60_000;
const brokenInstall =
  /Traceback|ModuleNotFoundError|ImportError|error while loading shared libraries|Library not loaded|command not found/;

export async function probeProgram(
  kind: ProgramKind,
  resolved: ResolvedProgram,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Readiness> {
  const { program, settings, context } = resolved;
  const { platform, which, atExit } = context;
  const install = installHint(kind.kind, platform);
  const missing = kind.needs?.find((name) => which(name) === null);
  if (missing !== undefined) {
    const fix = installHint(missing, platform);
    return { ready: false, why: `it needs ${missing}, which is not on PATH`, fix };
  }
  const missingNeed = await kind.missingRequirement?.(resolved);
  if (missingNeed !== undefined) return { ready: false, ...missingNeed };
  if (kind.probeArgs === undefined) return { ready: true, detail: program };
  const argv = [program, ...kind.probeArgs];
  const tooLong = () => engineTimeout(settings.id, probeMs);
  const limits = { signal: new AbortController().signal, timeoutMs: probeMs, tooLong };
  try {
    const ran = await runProgram({ argv, directory: dirname(program), env, atExit }, limits);
    const isBroken = kind.hasReliableExitCode ? ran.exitCode !== 0 : brokenInstall.test(ran.stderr);
    if (isBroken)
      return { ready: false, why: `it does not start: ${errorExcerpt(ran.stderr)}`, fix: install };
  } catch (thrown) {
    // Python tools may load for longer than a probe may run, so a timeout alone does not mean that they are broken.
    const isSlow = (thrown as { code?: unknown }).code === 'engine_timeout';
    if (!isSlow) return { ready: false, why: `${program} cannot be run`, fix: install };
    if (kind.hasReliableExitCode)
      return { ready: false, why: 'it takes too long to start', fix: 'try again' };
  }
  return { ready: true, detail: program };
}

/** Reuses a result for `probeAgeMs`. */
export function cachedProbe<T>(probe: () => Promise<T>, nowMs: () => number): () => Promise<T> {
  let last: { atMs: number; result: Promise<T> } | undefined;
  return () => {
    if (last === undefined || nowMs() - last.atMs > probeAgeMs) last = { atMs: nowMs(), result: probe() };
    return last.result;
  };
}
