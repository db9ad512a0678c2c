// The shell blocks of docs/, run as printed on a machine with a login and a daemon, both simulated.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningServer, useMachine } from '../promises/machine.ts';

const root = join(import.meta.dir, '../..');
const pages = [
  'operating.md',
  'troubleshooting.md',
  ...readdirSync(join(root, 'docs/apis')).map((file) => `apis/${file}`),
];
const blocks = pages.flatMap((page) =>
  [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(
    ([, text]) => [page, text!.trim()] as const,
  ),
);

const machine = useMachine();
let daemon: RunningServer;
beforeAll(async () => {
  daemon = await machine.serve('codexd serve');
});
afterAll(() => daemon.stop());

/** Commands that run until they are stopped. */
function isDaemon(block: string): boolean {
  return /^codexd serve\b[^\n]*$/.test(block);
}

test.each(blocks.filter(([, block]) => isDaemon(block)))('%s: %s', async (_, line) => {
  const own = await machine.serve(line);
  expect((await fetch(`${own.url}/healthz`)).status).toBe(200);
  await own.stop();
});

test.each(blocks.filter(([, block]) => !isDaemon(block)))('%s: %s', async (_, block) => {
  const script = `set -e\ncurl() { command curl -sS --fail-with-body "$@"; }\n${block}`;
  const { exitCode, err } = await machine.run(script, {
    address: daemon.url,
    env: { CODEXD_LISTEN: new URL(daemon.url).host },
  });
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
});
