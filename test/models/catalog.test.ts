import { describe, expect, test } from 'bun:test';
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/failure.ts';
import { silentLog } from '../../src/log.ts';
import { Catalog, type CatalogOptions, type CatalogResponse } from '../../src/models/catalog.ts';

const entries = [
  { slug: 'b', priority: 2, visibility: 'list', base_instructions: 'kept' },
  { slug: 'a', priority: 1, visibility: 'list' },
];
const hour = 3_600_000;

/** A catalogue over a scripted upstream and a clock that only the test moves. */
function world(answers: (CatalogResponse | Error)[], changes: Partial<CatalogOptions> = {}) {
  const requests: (string | undefined)[] = [];
  const clock = { ms: 1_000_000 };
  const options: CatalogOptions = {
    fetchCatalog: async ({ etag }) => {
      requests.push(etag);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('more requests than scripted');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    cacheFile: undefined,
    identity: 'me',
    nowMs: () => clock.ms,
    log: silentLog,
    ...changes,
  };
  return { requests, clock, options, catalog: new Catalog(options) };
}

const listed = (etag: string): CatalogResponse => ({ etag, models: entries });
const offline = () => new Failure('upstream_unreachable', 'No way.');
const slugs = async (catalog: Catalog) => (await catalog.models()).models.map(({ slug }) => slug);
/** Lets background work finish. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

async function cacheFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'codexd-catalog-')), 'deep', 'models.json');
}

describe('fetching', () => {
  test('models are sorted by priority, and entries kept unchanged', async () => {
    const { catalog } = world([listed('1')]);
    const { models, origin, etag } = await catalog.models();
    expect(models.map(({ slug }) => slug)).toEqual(['a', 'b']);
    expect(models[1]!.entry).toEqual(entries[0]!);
    expect({ origin, etag }).toEqual({ origin: 'upstream', etag: '1' });
  });

  test('at most once in 300 s', async () => {
    const { catalog, requests, clock } = world([listed('1')]);
    await catalog.models();
    clock.ms += 299_000;
    await catalog.models();
    await settle();
    expect(requests).toEqual([undefined]);
  });

  test('stale models are returned immediately and refreshed in the background, with their etag', async () => {
    const { catalog, requests, clock } = world([listed('1'), { etag: '2', models: [{ slug: 'new' }] }]);
    await catalog.models();
    clock.ms += hour;
    expect(await slugs(catalog)).toEqual(['a', 'b']);
    await settle();
    expect(requests).toEqual([undefined, '1']);
    expect(await slugs(catalog)).toEqual(['new']);
  });

  test('after 304 the models are fresh again', async () => {
    const { catalog, requests, clock } = world([listed('1'), { status: 304 }]);
    await catalog.models();
    clock.ms += hour;
    await catalog.models();
    await settle();
    expect(await slugs(catalog)).toEqual(['a', 'b']);
    expect(requests).toHaveLength(2);
  });

  test('concurrent callers share one request', async () => {
    const { catalog, requests } = world([listed('1')]);
    const all = await Promise.all([catalog.models(), catalog.models(), catalog.refresh(), catalog.models()]);
    expect(requests).toHaveLength(1);
    expect(new Set(all.map(({ etag }) => etag))).toEqual(new Set(['1']));
  });

  test('a different x-models-etag in a turn causes a fetch, but not one per turn', async () => {
    const { catalog, requests, clock } = world([listed('1'), listed('2'), listed('3')]);
    await catalog.models();
    clock.ms += 31_000;
    catalog.hint('1');
    await settle();
    expect(requests).toHaveLength(1);
    catalog.hint('2');
    catalog.hint('2');
    await settle();
    expect(requests).toHaveLength(2);
    catalog.hint('other');
    await settle();
    expect(requests).toHaveLength(2);
  });
});

describe('failing', () => {
  test('without a list the bundle stands in, and the next fetch waits', async () => {
    const { catalog, requests, clock } = world([offline(), listed('1')]);
    const { origin, models } = await catalog.models();
    expect(origin).toBe('bundle');
    expect(models[0]!.slug).toBe('gpt-6.2-sol');
    await catalog.models();
    expect(requests).toHaveLength(1);
    clock.ms += 30_000;
    expect(await slugs(catalog)).toEqual(['a', 'b']);
  });

  test('a stale list is kept', async () => {
    const { catalog, clock, requests } = world([listed('1'), offline()]);
    await catalog.models();
    clock.ms += hour;
    await catalog.models();
    await settle();
    expect(await slugs(catalog)).toEqual(['a', 'b']);
    expect(requests).toHaveLength(2);
  });

  test('304 to a request without an etag is a failure', async () => {
    const { catalog } = world([{ status: 304 }]);
    expect((await catalog.models()).origin).toBe('bundle');
  });

  test('refresh throws if it failed', async () => {
    const { catalog } = world([offline()]);
    await expect(catalog.refresh()).rejects.toThrow('No way.');
  });

  test.each([[[]], [null], ['text'], [[{}]], [[{ slug: 5 }]]])(
    'the response %j is not a catalogue',
    async (models) => {
      const { catalog } = world([{ etag: '1', models }]);
      expect((await catalog.models()).origin).toBe('bundle');
    },
  );
});

describe('the cache on disk', () => {
  test('survives the process and is private to the user', async () => {
    const file = await cacheFile();
    await world([listed('1')], { cacheFile: file }).catalog.models();
    const next = world([], { cacheFile: file });
    expect(await slugs(next.catalog)).toEqual(['a', 'b']);
    expect(next.requests).toEqual([]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('concurrent callers get models while the disk is read', async () => {
    const { catalog, requests } = world([listed('1')], { cacheFile: await cacheFile() });
    const all = await Promise.all(Array.from({ length: 8 }, () => catalog.models()));
    expect(all.map((models) => models?.etag)).toEqual(Array(8).fill('1'));
    expect(requests).toHaveLength(1);
    expect(await slugs(catalog)).toEqual(['a', 'b']);
  });

  test('a stale one is revalidated with its etag', async () => {
    const file = await cacheFile();
    await world([listed('1')], { cacheFile: file }).catalog.models();
    const next = world([{ status: 304 }], { cacheFile: file });
    next.clock.ms += hour;
    expect(await slugs(next.catalog)).toEqual(['a', 'b']);
    await settle();
    expect(next.requests).toEqual(['1']);
  });

  test('is ignored for another account, upstream or version', async () => {
    const file = await cacheFile();
    await world([listed('1')], { cacheFile: file }).catalog.models();
    const next = world([{ etag: '2', models: [{ slug: 'other' }] }], { cacheFile: file, identity: 'you' });
    expect(await slugs(next.catalog)).toEqual(['other']);
    expect(next.requests).toEqual([undefined]);
  });

  test.each(['', '{', 'null', '{"identity":"me","fetchedAtMs":1,"models":[]}'])(
    'is ignored if broken: %j',
    async (text) => {
      const file = await cacheFile();
      await world([listed('1')], { cacheFile: file }).catalog.models();
      expect(await readFile(file, 'utf8')).toContain('"identity":"me"');
      await writeFile(file, text);
      const next = world([listed('2')], { cacheFile: file });
      expect((await next.catalog.models()).etag).toBe('2');
    },
  );

  test('an unwritable location does not fail a request', async () => {
    const { catalog } = world([listed('1')], { cacheFile: '/dev/null/models.json' });
    expect(await slugs(catalog)).toEqual(['a', 'b']);
  });
});
