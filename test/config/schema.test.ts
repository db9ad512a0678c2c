import { expect, test } from 'bun:test';
import { namesOf } from '../../src/config/env.ts';
import { nearest } from '../../src/config/nearest.ts';
import { namedKeys } from '../../src/config/schema.ts';

function repeated(words: string[]): string[] {
  return words.filter((word, index) => words.indexOf(word) !== index);
}

test('flags and variables are unique', () => {
  const parts = namedKeys.flatMap((named) => named.key.parts);
  const flags = namedKeys.flatMap((named) => named.key.flag ?? []);
  const variables = namedKeys.flatMap((named) => [
    ...namesOf(named),
    ...named.key.legacyEnv.map((alias) => alias.name),
  ]);
  expect(repeated([...flags, ...parts.map((part) => part.flag)])).toEqual([]);
  expect(
    repeated([...variables, ...parts.flatMap((part) => [part.env, part.legacyEnv ?? []].flat())]),
  ).toEqual([]);
});

test('flags are kebab-case, and every help text is one sentence', () => {
  for (const { key, path } of namedKeys) {
    expect(key.flag ?? 'a').toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(`${path}: ${key.help}`).toMatch(/^\S+: [A-Z].*\.$/);
  }
});

test('every default is valid for its kind', () => {
  for (const { key, path } of namedKeys) {
    if (key.default === undefined || key.only === 'file') continue;
    const read = key.kind.fromToml(key.default);
    expect({ path, read }).toEqual({ path, read: { value: key.default } });
  }
});

const words: [string, string[], string | undefined][] = [
  ['prot', ['port', 'host'], 'port'],
  ['lisen', ['listen', 'queue'], 'listen'],
  ['xyz', ['listen', 'queue'], undefined],
  ['serv', ['serve', 'status'], 'serve'],
  ['constructor', ['serve'], undefined],
];
test.each(words)('nearest(%j, %j) is %j', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
