// 10,000 damaged files end in a result or a named error.
import { beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { kinds, type Outcome } from './mutations.ts';

/** The content of a packet is never refused: the decoder conceals what it cannot read. */
const wellFramed = [
  'bits inside packets are flipped',
  'packets hold noise',
  'packets are lost, doubled and moved',
];
const perKind = Math.ceil(10_000 / kinds.length);
let outcomes: Record<string, Outcome>;

beforeAll(async () => {
  const program = join(import.meta.dir, 'mutations.ts');
  const child = Bun.spawn([process.execPath, program, String(perKind)], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const said = await child.stdout.text();
  expect(await child.exited).toBe(0);
  outcomes = JSON.parse(said);
}, 180_000);

test.each(kinds.map((kind) => [kind]))('%s', (kind) => {
  const { results, failures } = outcomes[kind]!;
  expect(results + failures).toBe(perKind);
  expect({ results: results > 0, failures: failures > 0 }).toEqual({
    results: true,
    failures: !wellFramed.includes(kind),
  });
});
