// docs/wire/anthropic.md#models: models in Anthropic's format, in pages.
import { describe, expect, test } from 'bun:test';
import { anthropicFailure } from '../../../src/apis/anthropic/errors.ts';
import {
  discoverableModels,
  modelNotFound,
  modelObject,
  modelPage,
} from '../../../src/apis/anthropic/models.ts';
import { refusal } from '../openai/responses/refusal.ts';

const models = ['a', 'b', 'c', 'd', 'e'].map((slug) => ({
  slug,
  displayName: slug.toUpperCase(),
  contextWindow: 272_000,
}));
const page = (query: string) => modelPage(models, new URLSearchParams(query));

test('one model, with its window', () => {
  expect(modelObject({ slug: 'gpt-6-sol', displayName: 'GPT-6 Sol', contextWindow: 272_000 })).toEqual({
    type: 'model',
    id: 'gpt-6-sol',
    display_name: 'GPT-6 Sol',
    created_at: '2026-01-01T00:00:00Z',
    max_input_tokens: 272_000,
    max_tokens: 128_000,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  });
});

test('Claude Code finds models under names that it lists', () => {
  const query = new URLSearchParams('limit=1&after_id=anthropic-a');
  const { data, last_id } = modelPage(discoverableModels(models), query);
  expect([data.map(({ id, display_name }) => [id, display_name]), last_id]).toEqual([
    [['anthropic-b', 'B']],
    'anthropic-b',
  ]);
});

describe('pages', () => {
  const rows: [string, string, boolean][] = [
    ['', 'abcde', false],
    ['limit=1000', 'abcde', false],
    ['limit=2', 'ab', true],
    ['limit=5', 'abcde', false],
    ['limit=2&after_id=b', 'cd', true],
    ['limit=2&after_id=d', 'e', false],
    ['after_id=e', '', false],
    ['limit=2&before_id=e', 'cd', true],
    ['limit=2&before_id=c', 'ab', false],
    ['before_id=a', '', false],
    ['after_id=a&before_id=d', 'bc', false],
    ['limit=1&after_id=a&before_id=d', 'b', true],
    ['lifecycle=active', 'abcde', false],
    ['lifecycle=deprecated', '', false],
  ];
  test.each(rows)('?%s', (query, ids, has_more) => {
    const { data, ...rest } = page(query);
    expect(data.map(({ id }) => id).join('')).toBe(ids);
    expect(rest).toEqual({ has_more, first_id: ids.at(0) ?? null, last_id: ids.at(-1) ?? null });
  });

  test('the way the SDK walks through them', () => {
    const seen: string[] = [];
    for (let query = 'limit=2', more = true; more; ) {
      const { data, has_more, last_id } = page(query);
      seen.push(...data.map(({ id }) => id));
      query = `limit=2&after_id=${last_id}`;
      more = has_more;
    }
    expect(seen.join('')).toBe('abcde');
  });

  test.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1.5', 'after_id=z', 'before_id=z'])(
    'refused: ?%s',
    (query) => {
      expect(refusal(() => page(query)).param).toBe(query.split('=')[0] as string);
    },
  );
});

test('a model that is not there', () => {
  expect(anthropicFailure(modelNotFound('gpt-9'))).toMatchObject({
    status: 404,
    body: { error: { type: 'not_found_error', message: 'model: gpt-9' } },
  });
});
