import { expect, test } from 'bun:test';
import { bundledEntries } from '../../src/models/bundle.ts';
import { readModels } from '../../src/models/model.ts';

// The bundle of @openai/codex 0.171.0: slug, window, largest window, default effort, highest effort, listed, priority,
// oldest client.
const observed: [string, number, number, string, string, boolean, number, string][] = [
  ['gpt-6.2-sol', 500000, 872000, 'low', 'ultra', true, 1, '0.166.0'],
  ['gpt-6.2-astra', 272000, 872000, 'low', 'ultra', true, 2, '0.166.0'],
  ['gpt-6.1-terra', 500000, 872000, 'low', 'ultra', true, 3, '0.153.0'],
  ['gpt-6.1-sol', 500000, 872000, 'low', 'ultra', true, 4, '0.153.0'],
  ['gpt-6-astra', 272000, 872000, 'low', 'ultra', true, 5, '0.153.0'],
  ['gpt-6-sol', 272000, 872000, 'medium', 'ultra', true, 6, '0.155.0'],
  ['gpt-6-luna', 272000, 872000, 'medium', 'max', true, 7, '0.155.0'],
  ['gpt-5.6-sol', 272000, 872000, 'low', 'ultra', true, 8, '0.144.0'],
  ['gpt-5.6-terra', 272000, 872000, 'medium', 'ultra', true, 9, '0.144.0'],
  ['gpt-5.6-luna', 272000, 872000, 'medium', 'max', true, 10, '0.144.0'],
  ['gpt-daybreak-blue-latest', 272000, 872000, 'low', 'ultra', false, 11, '0.144.0'],
  ['gpt-daybreak-red-latest', 372000, 372000, 'medium', 'ultra', false, 12, '0.142.2'],
  ['gpt-5.5', 272000, 272000, 'medium', 'xhigh', true, 13, '0.124.0'],
  ['codex-auto-review', 272000, 872000, 'medium', 'max', false, 43, '0.98.0'],
];

test('the bundle is the list of Codex 0.171.0', () => {
  const rows = readModels(bundledEntries).map((model) => [
    model.slug,
    model.contextWindow,
    model.maxContextWindow,
    model.defaultEffort,
    model.efforts.at(-1),
    model.listed,
    model.priority,
    model.entry.minimal_client_version,
  ]);
  expect(rows).toEqual(observed);
});

test('only gpt-5.5 uses the classic form; all accept text and images', () => {
  const models = readModels(bundledEntries);
  expect(models.filter((model) => !model.usesResponsesLite).map(({ slug }) => slug)).toEqual(['gpt-5.5']);
  for (const { inputModalities, efforts } of models) {
    expect(inputModalities).toEqual(['text', 'image']);
    expect(efforts[0]).toBe('low');
  }
});

test('an entry with only a slug is a usable model', () => {
  expect(readModels([{ slug: 'x' }])[0]).toMatchObject({
    slug: 'x',
    displayName: 'x',
    listed: true,
    contextWindow: 272_000,
    maxContextWindow: 272_000,
    efforts: [],
    supportsReasoningSummary: true,
    usesResponsesLite: false,
  });
});

test('fields of the wrong type are ignored', () => {
  const odd = {
    slug: 'x',
    context_window: '9',
    supported_reasoning_levels: [null, 'low', { effort: 3 }, { effort: 'high' }],
    input_modalities: 'text',
    service_tiers: {},
  };
  expect(readModels([odd, null, 'y'])).toMatchObject([
    { slug: 'x', contextWindow: 272_000, efforts: ['high'] },
  ]);
});
