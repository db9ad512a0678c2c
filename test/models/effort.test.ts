import { expect, test } from 'bun:test';
import { clampEffort } from '../../src/models/effort.ts';

const levels = {
  newest: ['low', 'medium', 'high', 'xhigh', 'max', 'ultra'],
  classic: ['low', 'medium', 'high', 'xhigh'],
  old: ['minimal', 'low', 'medium', 'high'],
  unnamed: [],
};

const rows: [string, keyof typeof levels, string, boolean][] = [
  ['high', 'newest', 'high', false],
  ['max', 'newest', 'max', false],
  ['ultra', 'newest', 'max', false],
  ['minimal', 'newest', 'low', true],
  ['none', 'newest', 'low', true],
  ['max', 'classic', 'xhigh', true],
  ['ultra', 'classic', 'xhigh', true],
  ['xhigh', 'classic', 'xhigh', false],
  ['xhigh', 'old', 'high', true],
  ['none', 'old', 'minimal', true],
  ['minimal', 'old', 'minimal', false],
  ['ultra', 'unnamed', 'max', false],
  ['minimal', 'unnamed', 'minimal', false],
];
test.each(rows)('%s on a %s model is sent as %s (clamped: %p)', (requested, kind, effort, clamped) => {
  const result = clampEffort(requested, { slug: 'm', efforts: levels[kind] });
  expect(result.effort).toBe(effort);
  expect(result.clamped !== undefined).toBe(clamped);
});

test('the explanation names the model, the requested effort and the one sent', () => {
  expect(clampEffort('max', { slug: 'gpt-5.5', efforts: levels.classic }).clamped).toBe(
    'gpt-5.5 does not support effort "max"; using "xhigh".',
  );
});

test('an unknown effort is rejected', () => {
  expect(() => clampEffort('turbo', { slug: 'm', efforts: levels.classic })).toThrow(
    '"turbo" is not a reasoning effort',
  );
});
