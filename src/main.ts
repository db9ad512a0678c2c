#!/usr/bin/env bun
// The root of the command line: the only place where a Failure becomes an exit code and a text (product.md 11).
// `--version` is answered before anything else is loaded; see bun-notes.md 2 for what each import costs.
import type { Failure } from './failure.ts';
import { commit, version } from './version.ts';

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
  console.log(`codexd ${version} (${commit})`);
} else {
  process.exit(await main());
}

async function main(): Promise<number> {
  const [{ run }, { processSurroundings }] = await Promise.all([
    import('./cli/run.ts'),
    import('./cli/surroundings.ts'),
  ]);
  const surroundings = processSurroundings();
  try {
    return await run(argv, surroundings);
  } catch (thrown) {
    const { asFailure } = await import('./failure.ts');
    const { redact } = await import('./log.ts');
    const failure = asFailure(thrown);
    surroundings.terminal.stderr.write(redact(argv.includes('--json') ? asJson(failure) : asText(failure)));
    return failure.exitCode;
  }
}

function asText(failure: Failure): string {
  const { kind, message, next, cause } = failure;
  const stack = kind === 'bug' && cause instanceof Error ? `${cause.stack}\n` : '';
  return `codexd: ${message}\n${next}\n${stack}`;
}

function asJson({ kind, code, message, next }: Failure): string {
  return `${JSON.stringify({ error: { kind, code: code ?? kind, message, next } })}\n`;
}
