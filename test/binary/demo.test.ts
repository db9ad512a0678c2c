// One command demonstrates codexd from source, in an empty home directory.
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { emptyHome } from '../cli/process.ts';

test('scripts/demo --once prints one answer streamed over HTTP, and exits', async () => {
  const child = Bun.spawn([join(import.meta.dir, '../..', 'scripts/demo'), '--once'], {
    env: { ...process.env, HOME: emptyHome(), HTTP_PROXY: 'http://127.0.0.1:9' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect(exitCode).toBe(0);
  expect(err).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/m);
  expect(out.trim().split('\n').length).toBeGreaterThan(1);
}, 60_000);
