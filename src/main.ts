#!/usr/bin/env bun
// The entry point: the only place where a Failure becomes an error message and an exit status. `--version` is handled before
// anything else is loaded, because it then takes 6 ms instead of 18.
import { writeOutput } from './cli/write-output.ts';
import { versionText } from './version.ts';

const argv = process.argv.slice(2);

const words = argv.filter((word) => word !== '--json');

if (words.length === 1 && ['--version', '-V', '-v', 'version'].includes(words[0]!)) {
  process.exit(await print(versionText(argv.includes('--json'))));
} else {
  process.exit(await main());
}

async function print(text: string): Promise<number> {
  try {
    writeOutput(1, text);
    return 0;
  } catch (thrown) {
    writeOutput(2, `codexd: ${(thrown as Error).message}\n`);
    return 1;
  }
}

async function main(): Promise<number> {
  const [{ run }, { restartWithoutUnsafe }, { createProcessContext }] = await Promise.all([
    import('./cli/run.ts'),
    import('./cli/restart.ts'),
    import('./cli/process-context.ts'),
  ]);
  const context = createProcessContext();
  try {
    restartWithoutUnsafe(context);
    return await run(argv, context);
  } catch (thrown) {
    const { asFailure } = await import('./failure.ts');
    const { failureJson, failureText } = await import('./cli/failure-text.ts');
    const failure = asFailure(thrown);
    const { lineWidth } = await import('./cli/wrap.ts');
    const { stderr } = context.terminal;
    const style = { nowMs: Date.now(), redact: context.secrets.redact };
    stderr.write(
      argv.includes('--json')
        ? failureJson(failure, style)
        : failureText(failure, { ...style, width: lineWidth(stderr) }),
    );
    return context.exitCodeOf(failure);
  }
}
