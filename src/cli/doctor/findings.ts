// What the checks of `codexd doctor` found: rendered as text and as JSON, and summed up in an exit code. Pure functions.
import { asFailure, type Failure } from '../../failure.ts';
import { type Definition, definitions } from '../wrap.ts';

/** By the name that `--json` uses; the value is the heading for people. */
const headings = {
  configuration: 'Configuration',
  files: 'Files',
  login: 'Login',
  expiry: 'Expiry',
  proxy: 'Proxy',
  issuer: 'Login server',
  upstream: 'Upstream',
  challenge: 'Bot challenge',
  clock: 'Clock',
  catalogue: 'Models',
  port: 'Port',
  exposure: 'Exposure',
  speech: 'Speech',
  ffmpeg: 'ffmpeg',
  silk: 'SILK decoder',
} as const;

export type CheckName = keyof typeof headings;

export interface Finding {
  check: CheckName;
  /** `warning`: it works, but not as the user may expect. `skipped`: an earlier problem prevents the check. */
  state: 'good' | 'warning' | 'problem' | 'skipped';
  message: string;
  /** What to do, in imperative sentences; empty if there is nothing to do. */
  fix: string;
  /** The exit code of a problem. */
  exitCode: number;
}

export function good(check: CheckName, message: string): Finding {
  return { check, state: 'good', message, fix: '', exitCode: 0 };
}

export function warning(check: CheckName, message: string, fix: string): Finding {
  return { check, state: 'warning', message, fix, exitCode: 0 };
}

export function skipped(check: CheckName, message: string): Finding {
  return { check, state: 'skipped', message, fix: '', exitCode: 0 };
}

export function problem(check: CheckName, message: string, fix: string, exitCode = 1): Finding {
  return { check, state: 'problem', message, fix, exitCode };
}

/** Throws on if it is a bug. */
export function failureFinding(check: CheckName, thrown: unknown): Finding {
  const failure: Failure = asFailure(thrown);
  if (failure.kind === 'bug') throw failure;
  return problem(check, failure.message, failure.advice, failure.exitCode);
}

/** That of the first problem; 0 if there is none. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return findings.find(({ state }) => state === 'problem')?.exitCode ?? 0;
}

const marks = {
  good: ['✔', 32],
  warning: ['⚠', 33],
  problem: ['✖', 31],
  skipped: ['-', 90],
} as const;

export function findingsText(
  findings: readonly Finding[],
  { width, color }: { width: number; color: boolean },
): string {
  const rows = findings.map(({ check, state, message, fix }): Definition => {
    const [mark, code] = marks[state];
    const shown = color ? `\x1b[${code}m${mark}\x1b[0m` : mark;
    return [`${shown} ${headings[check]}`, fix === '' ? message : `${message} ${fix}`];
  });
  return definitions(rows, width);
}

export function findingsJson(findings: readonly Finding[]): string {
  const checks = findings.map(({ check, state, message, fix }) => ({
    check,
    state,
    message,
    next: fix === '' ? null : fix,
  }));
  return `${JSON.stringify({ good: findings.every(({ state }) => state !== 'problem'), checks })}\n`;
}
