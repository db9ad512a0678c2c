// Runs the programs of service managers.

import { clip } from '../../base/clip.ts';
import type { Env } from '../../config/env.ts';
import { Failure } from '../../failure.ts';
import { childEnvironment } from '../../system/child-environment.ts';
import type { ServicePlan, Step } from './plan.ts';

export interface Result {
  exitCode: number;
  out: string;
  err: string;
}

/** Captures the output. Throws a Failure if the program is not installed. */
export async function capture(argv: readonly string[], env: Env): Promise<Result> {
  const child = Bun.spawn([pathOf(argv[0]!, env), ...argv.slice(1)], {
    env: childEnvironment(env, ['desktop']),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, exitCode };
}

/** Gives the program the terminal. Returns its exit code. */
export async function passTerminal(argv: readonly string[], env: Env): Promise<number> {
  const child = Bun.spawn([pathOf(argv[0]!, env), ...argv.slice(1)], {
    env: childEnvironment(env, ['desktop']),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return child.exited;
}

/** Runs the steps in order. Throws a Failure at the first that fails and must not. */
export async function runSteps(steps: readonly Step[], plan: ServicePlan, env: Env): Promise<void> {
  for (const { argv, mayFail } of steps) {
    const { exitCode, err, out } = await capture(argv, env);
    if (exitCode === 0 || mayFail) continue;
    const error = clip((err.trim() || out.trim()).replaceAll(/\s+/g, ' '), 400);
    const reason = error === '' ? `exit status ${exitCode}` : error;
    throw new Failure('unavailable', `\`${argv.join(' ')}\` failed: ${reason}`, {
      code: 'service_manager_failed',
      advice: plan.adviceFor(error) ?? 'Run `codexd service logs` and `codexd doctor` to see why.',
    });
  }
}

function pathOf(program: string, env: Env): string {
  const path = Bun.which(program, { PATH: env.PATH ?? '' });
  if (path !== null) return path;
  throw new Failure('unavailable', `This machine has no ${program}, which \`codexd service\` needs.`, {
    code: 'no_service_manager',
    advice:
      'Start `codexd serve` with your own service manager; `codexd service install --print` prints a unit to begin with.',
  });
}
