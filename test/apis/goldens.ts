// Golden files of a translator: every turn of test/fixtures/turns as a stream and as a whole response, in
// test/golden/<vendor>-<api>/. `UPDATE=1` rewrites them; review the diff.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Golden<T> {
  /** The turns by name. */
  fixtures: readonly string[];
  fixture: (name: string) => Promise<T>;
  stream: (turn: T) => string;
  whole: (turn: T) => unknown;
  /** The extension of streams' files. */
  extension?: 'sse' | 'ndjson';
}

/** In characters. Longer output (300 KB in one delta, 400 deltas) is unreadable in a diff. */
const readable = 60_000;

/** Compares with the golden files of a folder. The returned function does the same for additional rows. */
export function describeGoldens<T extends { failure: unknown }>(
  folder: string,
  { fixtures, fixture, stream, whole, extension = 'sse' }: Golden<T>,
): (file: string, made: string) => Promise<void> {
  const directory = join(import.meta.dir, '../golden', folder);
  const compare = async (file: string, made: string) => {
    const path = join(directory, file);
    const kept = made.length > readable ? digest(made) : made;
    if (process.env.UPDATE) await Bun.write(path, kept);
    expect(kept).toBe(await Bun.file(path).text());
  };

  describe('golden', () => {
    test.each(fixtures)('%s as a stream', async (name) => {
      await compare(`${name}.${extension}`, stream(await fixture(name)));
    });

    test.each(fixtures)('%s as a whole', async (name) => {
      const turn = await fixture(name);
      if (turn.failure === undefined) {
        await compare(`${name}.json`, `${JSON.stringify(whole(turn), null, 2)}\n`);
      } else expect(await Bun.file(join(directory, `${name}.json`)).exists()).toBeFalse();
    });

    test('no golden outlives its turn', () => {
      const names = readdirSync(directory).map((file) => file.slice(0, file.indexOf('.')));
      expect(names.filter((name) => !fixtures.includes(name))).toEqual([]);
    });
  });
  return compare;
}

function digest(text: string): string {
  const sha256 = new Bun.CryptoHasher('sha256').update(text).digest('hex');
  return `sha256 ${sha256} of ${text.length} characters\n`;
}

/** Where turns are truncated: everywhere in short ones, only near the ends of long ones. */
export function cutsOf(length: number): number[] {
  const all = Array.from({ length }, (_, cut) => cut);
  return all.filter((cut) => cut < 40 || cut > length - 20);
}
