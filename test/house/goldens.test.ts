// Every captured turn has its golden in every dialect: as a stream, and as a whole where it ends well.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const turns = readdirSync(join(root, 'test/fixtures/turns'))
  .filter((file) => file.endsWith('.sse'))
  .map((file) => file.slice(0, -'.sse'.length));
/** Speech is no turn: its fixtures are recordings. */
const answersTurns = (name: string) => name !== 'openai-transcriptions';
const dialects = [...new Bun.Glob('*/*/index.ts').scanSync(join(root, 'src/dialects'))]
  .map((path) => path.split('/').slice(0, 2).join('-'))
  .filter(answersTurns);
const failing = /^(cut|failed|overload)-/;

describe.each(dialects)('%s', (dialect) => {
  const kept = readdirSync(join(root, 'test/golden', dialect));

  test('has every turn as a stream', () => {
    const framing = dialect.startsWith('ollama-') ? 'ndjson' : 'sse';
    expect(turns.filter((turn) => !kept.includes(`${turn}.${framing}`))).toEqual([]);
  });

  test('has every turn that ends well as a whole', () => {
    expect(turns.filter((turn) => !failing.test(turn) && !kept.includes(`${turn}.json`))).toEqual([]);
  });
});

test('all dialects and all turns are covered', () => {
  const folders = readdirSync(join(root, 'test/golden')).filter(answersTurns);
  expect(dialects.toSorted()).toEqual(folders.sort());
  expect(turns.length).toBeGreaterThan(25);
});
