import { expect, test } from 'bun:test';
import { matchesGlob } from '../../src/models/glob.ts';

const rows: [string, string, boolean][] = [
  ['gpt-5', 'gpt-5', true],
  ['gpt-5', 'gpt-5.5', false],
  ['gpt-*', 'gpt-', true],
  ['gpt-*', 'GPT-6', true],
  ['*', '', true],
  ['*-sol', 'gpt-6.1-sol', true],
  ['*-sol', 'gpt-6.1-solo', false],
  ['claude-*haiku*', 'claude-3-5-haiku-latest', true],
  ['claude-*haiku*', 'claude-haiku', true],
  ['a*b*c', 'aXbYbc', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['a**a', 'aa', true],
  ['gpt.5', 'gptx5', false],
  ['', '', true],
  ['', 'a', false],
];
test.each(rows)('glob %j on %j is %j', (glob, name, expected) => {
  expect(matchesGlob(glob, name)).toBe(expected);
});
