import { expect, test } from 'bun:test';
import { runCommand } from 'citty';
import { modelsCommand } from '../../src/cli/models.ts';
import { silentLog } from '../../src/log.ts';
import { Catalog } from '../../src/models/catalog.ts';
import { type FakeOptions, fake } from './fake.ts';

const entries = [
  {
    slug: 'big',
    priority: 1,
    context_window: 272_000,
    max_context_window: 872_000,
    default_reasoning_level: 'low',
    supported_reasoning_levels: [{ effort: 'low' }, { effort: 'high' }],
    input_modalities: ['text', 'image'],
  },
  { slug: 'small', priority: 2, context_window: 100_000, supported_reasoning_levels: [{ effort: 'low' }] },
  { slug: 'hidden', priority: 3, visibility: 'hide' },
];

async function models(rawArgs: string[], options: FakeOptions = {}, reachable = true) {
  const asked: unknown[] = [];
  const catalog = new Catalog({
    fetchCatalog: async (known) => {
      asked.push(known);
      if (!reachable) throw new Error('offline');
      return { etag: '1', models: entries };
    },
    cacheFile: undefined,
    identity: '',
    nowMs: () => 0,
    log: silentLog,
  });
  await catalog.models();
  const call = fake(options);
  await runCommand(modelsCommand(() => catalog).citty, { rawArgs, data: call });
  return { out: call.out(), err: call.err(), asked };
}

test('slug, context window, efforts and modalities of the listed models', async () => {
  const { out, err } = await models([]);
  expect(out).toBe(
    [
      'MODEL          CONTEXT  EFFORTS (* default)  INPUT',
      'big (default)  272k     low* high            text image',
      'small          100k     low                  text image',
      '',
    ].join('\n'),
  );
  expect(err).toBe('');
});

test('--json', async () => {
  const { out } = await models([], { json: true, env: { CODEXD_MODEL: 'small' } });
  expect(JSON.parse(out)).toEqual([
    expect.objectContaining({
      slug: 'big',
      default: false,
      max_context_window: 872_000,
      efforts: ['low', 'high'],
    }),
    expect.objectContaining({ slug: 'small', default: true, default_effort: null }),
  ]);
});

test('field-notes 15: --refresh asks the upstream again', async () => {
  expect((await models([])).asked).toHaveLength(1);
  expect((await models(['--refresh'])).asked).toHaveLength(2);
});

test('offline, the bundled list says that it is one', async () => {
  const { out, err } = await models([], {}, false);
  expect(out).toContain('gpt-6.1-sol (default)');
  expect(err).toContain('this is the list codexd came with');
});

test('models.allowed limits the list', async () => {
  expect((await models([], { env: { CODEXD_MODELS_ALLOWED: 'sm*' } })).out).not.toContain('big');
});
