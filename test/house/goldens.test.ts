// Every turn of test/fixtures/turns has a golden file for every translator in the list of APIs: streamed, and whole if it ends well. Of images,
// only the turn that has one.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { apis } from '../../src/apis/index.ts';

const root = join(import.meta.dir, '../..');
const allTurns = readdirSync(join(root, 'test/fixtures/turns'))
  .filter((file) => file.endsWith('.sse'))
  .map((file) => file.slice(0, -'.sse'.length));
/** Speech is not a turn: its fixtures are recordings. */
const answersTurns = (name: string) => name !== 'openai-transcriptions';
const translators = apis.flatMap(({ endpoints }) => endpoints.flatMap(({ translator }) => translator ?? []));
const names = [...new Set(translators.map(({ name }) => name))];
const failing = /^(cut|failed|overload)-/;

describe.each(names)('%s', (name) => {
  const turns = name === 'openai-images' ? ['image-generation'] : allTurns;
  const kept = readdirSync(join(root, 'test/golden', name));

  test('has every turn as a stream', () => {
    const framing = name.startsWith('ollama-') ? 'ndjson' : 'sse';
    expect(turns.filter((turn) => !kept.includes(`${turn}.${framing}`))).toEqual([]);
  });

  test('has every turn that ends well as a whole', () => {
    expect(turns.filter((turn) => !failing.test(turn) && !kept.includes(`${turn}.json`))).toEqual([]);
  });
});

test('all translators of the list and all turns are covered', () => {
  const folders = readdirSync(join(root, 'test/golden')).filter(answersTurns);
  expect(names.toSorted()).toEqual(folders.sort());
  expect(allTurns.length).toBeGreaterThan(25);
});
