import { describe, expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessContext } from '../../src/cli/process-context.ts';

/** A child that waits forever after running `script` with its context; resolves once it waits. */
async function waitingChild(script: string) {
  const file = join(import.meta.dir, '../../src/cli/process-context.ts');
  const code = `import { createProcessContext } from ${JSON.stringify(file)}; const call = createProcessContext(); ${script}; setInterval(() => {}, 1000); console.log('waiting');`;
  const child = Bun.spawn([process.execPath, '-e', code], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const reader = child.stdout.getReader();
  const nextLine = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await nextLine()).toContain('waiting');
  return { child, nextLine };
}

describe('Ctrl-C', () => {
  test('exits with status 130', async () => {
    const { child } = await waitingChild('');
    child.kill('SIGINT');
    expect(await child.exited).toBe(130);
  });

  test('the first goes to the command’s listener, the second exits', async () => {
    const { child, nextLine } = await waitingChild("call.onInterrupt(() => console.log('draining'))");
    child.kill('SIGINT');
    expect(await nextLine()).toContain('draining');
    child.kill('SIGINT');
    expect(await child.exited).toBe(130);
  });
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s counts as Ctrl-C if the command says so, and exits with %i', async (signal, status) => {
  const { child, nextLine } = await waitingChild(
    "call.onInterrupt(() => console.log('clearing up'), ['SIGTERM', 'SIGHUP'])",
  );
  child.kill(signal);
  expect(await nextLine()).toContain('clearing up');
  child.kill(signal);
  expect(await child.exited).toBe(status);
});

describe('files', () => {
  const { readFile } = createProcessContext();
  const temporaryDirectory = mkdtempSync(join(tmpdir(), 'codexd-files-'));

  test('a missing file is undefined', () => {
    expect(readFile(join(temporaryDirectory, 'none'))).toBeUndefined();
    expect(readFile('/dev/null/none')).toBeUndefined();
  });

  test('an unreadable file is a failure that names it', () => {
    expect(() => readFile(temporaryDirectory)).toThrow(
      `Cannot read ${temporaryDirectory}: it is a directory.`,
    );
  });
});
