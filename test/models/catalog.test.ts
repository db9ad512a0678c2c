import { describe, expect, test } from 'bun:test';
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/failure.ts';
import { silentLog } from '../../src/log.ts';
import { Catalog, type CatalogOptions, type FetchedCatalog } from '../../src/models/catalog.ts';

const entries = [
  { slug: 'b', priority: 2, visibility: 'list', base_instructions: 'kept' },
  { slug: 'a', priority: 1, visibility: 'list' },
];
const hour = 3_600_000;

/** A catalogue over a scripted upstream and a clock that stands still until it is moved. */
function world(answers: (FetchedCatalog | Error)[], changes: Partial<CatalogOptions> = {}) {
  const asked: (string | undefined)[] = [];
  const clock = { ms: 1_000_000 };
  const options: CatalogOptions = {
    fetchCatalog: async ({ etag }) => {
      asked.push(etag);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('asked more often than scripted');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    cacheFile: undefined,
    identity: 'me',
    nowMs: () => clock.ms,
    log: silentLog,
    ...changes,
  };
  return { asked, clock, options, catalog: new Catalog(options) };
}

const told = (etag: string): FetchedCatalog => ({ etag, models: entries });
const offline = () => new Failure('upstream_unreachable', 'No way.');
const slugs = async (catalog: Catalog) => (await catalog.models()).models.map(({ slug }) => slug);
/** Lets promises that nobody waits for run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

async function cacheFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'codexd-catalog-')), 'deep', 'models.json');
}

describe('asking', () => {
  test('models come by priority, entries are kept as they were sent', async () => {
    const { catalog } = world([told('1')]);
    const { models, origin, etag } = await catalog.models();
    expect(models.map(({ slug }) => slug)).toEqual(['a', 'b']);
    expect(models[1]!.entry).toEqual(entries[0]!);
    expect({ origin, etag }).toEqual({ origin: 'upstream', etag: '1' });
  });

  test('once for 300 s', async () => {
    const { catalog, asked, clock } = world([told('1')]);
    await catalog.models();
    clock.ms += 299_000;
    await catalog.models();
    await settle();
    expect(asked).toEqual([undefined]);
  });

  test('stale models are given at once and asked for again behind, with their etag', async () => {
    const { catalog, asked, clock } = world([told('1'), { etag: '2', models: [{ slug: 'new' }] }]);
    await catalog.models();
    clock.ms += hour;
    expect(await slugs(catalog)).toEqual(['a', 'b']);
    await settle();
    expect(asked).toEqual([undefined, '1']);
    expect(await slugs(catalog)).toEqual(['new']);
  });

  test('304 keeps the models and makes them fresh', async () => {
    const { catalog, asked, clock } = world([told('1'), { status: 304 }]);
    await catalog.models();
    clock.ms += hour;
    await catalog.models();
    await settle();
    expect(await slugs(catalog)).toEqual(['a', 'b']);
    expect(asked).toHaveLength(2);
  });

  test('single flight: many at once ask once', async () => {
    const { catalog, asked } = world([told('1')]);
    const all = await Promise.all([catalog.models(), catalog.models(), catalog.refresh(), catalog.models()]);
    expect(asked).toHaveLength(1);
    expect(new Set(all.map(({ etag }) => etag))).toEqual(new Set(['1']));
  });

  test('a turn’s x-models-etag asks again when it differs, but not once per turn', async () => {
    const { catalog, asked, clock } = world([told('1'), told('2'), told('3')]);
    await catalog.models();
    clock.ms += 31_000;
    catalog.hint('1');
    await settle();
    expect(asked).toHaveLength(1);
    catalog.hint('2');
    catalog.hint('2');
    await settle();
    expect(asked).toHaveLength(2);
    catalog.hint('other');
    await settle();
    expect(asked).toHaveLength(2);
  });
});

describe('failing', () => {
  test('without any models the bundle stands in, and the upstream is left alone for a while', async () => {
    const { catalog, asked, clock } = world([offline(), told('1')]);
    const { origin, models } = await catalog.models();
    expect(origin).toBe('bundle');
    expect(models[0]!.slug).toBe('gpt-6.2-sol');
    await catalog.models();
    expect(asked).toHaveLength(1);
    clock.ms += 30_000;
    expect(await slugs(catalog)).toEqual(['a', 'b']);
  });

  test('old models are better than none', async () => {
    const { catalog, clock, asked } = world([told('1'), offline()]);
    await catalog.models();
    clock.ms += hour;
    await catalog.models();
    await settle();
    expect(await slugs(catalog)).toEqual(['a', 'b']);
    expect(asked).toHaveLength(2);
  });

  test('304 to a question without an etag is no answer', async () => {
    const { catalog } = world([{ status: 304 }]);
    expect((await catalog.models()).origin).toBe('bundle');
  });

  test('--refresh says when it failed', async () => {
    const { catalog } = world([offline()]);
    await expect(catalog.refresh()).rejects.toThrow('No way.');
  });

  test.each([[[]], [null], ['text'], [[{}]], [[{ slug: 5 }]]])(
    'an answer of %j is no catalogue',
    async (models) => {
      const { catalog } = world([{ etag: '1', models }]);
      expect((await catalog.models()).origin).toBe('bundle');
    },
  );
});

describe('the cache on disk', () => {
  test('outlives the process, private to the user', async () => {
    const file = await cacheFile();
    await world([told('1')], { cacheFile: file }).catalog.models();
    const next = world([], { cacheFile: file });
    expect(await slugs(next.catalog)).toEqual(['a', 'b']);
    expect(next.asked).toEqual([]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('many at once while the disk is read all get models', async () => {
    const { catalog, asked } = world([told('1')], { cacheFile: await cacheFile() });
    const all = await Promise.all(Array.from({ length: 8 }, () => catalog.models()));
    expect(all.map((models) => models?.etag)).toEqual(Array(8).fill('1'));
    expect(asked).toHaveLength(1);
    expect(await slugs(catalog)).toEqual(['a', 'b']);
  });

  test('an old one is asked about with its etag', async () => {
    const file = await cacheFile();
    await world([told('1')], { cacheFile: file }).catalog.models();
    const next = world([{ status: 304 }], { cacheFile: file });
    next.clock.ms += hour;
    expect(await slugs(next.catalog)).toEqual(['a', 'b']);
    await settle();
    expect(next.asked).toEqual(['1']);
  });

  test('of another account, upstream or version is not read', async () => {
    const file = await cacheFile();
    await world([told('1')], { cacheFile: file }).catalog.models();
    const next = world([{ etag: '2', models: [{ slug: 'other' }] }], { cacheFile: file, identity: 'you' });
    expect(await slugs(next.catalog)).toEqual(['other']);
    expect(next.asked).toEqual([undefined]);
  });

  test.each(['', '{', 'null', '{"identity":"me","fetchedAtMs":1,"models":[]}'])(
    'broken as %j it is as good as none',
    async (text) => {
      const file = await cacheFile();
      await world([told('1')], { cacheFile: file }).catalog.models();
      expect(await readFile(file, 'utf8')).toContain('"identity":"me"');
      await writeFile(file, text);
      const next = world([told('2')], { cacheFile: file });
      expect((await next.catalog.models()).etag).toBe('2');
    },
  );

  test('a place that cannot be written does not fail a request', async () => {
    const { catalog } = world([told('1')], { cacheFile: '/dev/null/models.json' });
    expect(await slugs(catalog)).toEqual(['a', 'b']);
  });
});
