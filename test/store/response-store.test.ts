// Stored responses: who owns them, what belongs to each, and what happens if the entries below fail.
import { describe, expect, test } from 'bun:test';
import { createLog } from '../../src/log.ts';
import type { ResponsesResponse } from '../../src/responses/response.ts';
import type { Entries } from '../../src/store/entries.ts';
import { MemoryEntries } from '../../src/store/memory.ts';
import { ownerOf } from '../../src/store/owner.ts';
import { ResponseStore, type StoredItem } from '../../src/store/response-store.ts';

const lines: string[] = [];
const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) });
const entries = () => new MemoryEntries({ ttlMs: 1000, entries: 100, bytes: 100_000 }, () => 0);
const item = (id: string, text = 'x'): StoredItem => ({
  item: { type: 'message', id, role: 'assistant', content: [{ type: 'output_text', text }] },
  showsEncrypted: false,
});
const stored = (id: string, ...output: StoredItem[]) => ({
  response: { id, status: 'completed' } as ResponsesResponse,
  output,
  input: [{ role: 'user', content: 'Hi.', n: 1 }],
  previous: [],
});

describe('a response', () => {
  test('comes back with its output, for its owner alone', async () => {
    const store = new ResponseStore(entries(), log);
    expect(await store.save('me', stored('resp_1', item('msg_1'), item('msg_2')), 1000)).toBe(true);
    const [found, missing] = await store.find('me', ['resp_1', 'resp_2']);
    expect(found).toMatchObject(stored('resp_1', item('msg_1'), item('msg_2')));
    expect(found!.size).toBeGreaterThan(1000);
    expect(missing).toBeUndefined();
    expect([...(await store.items('me', ['msg_2', 'msg_3'])).keys()]).toEqual(['msg_2']);
    expect(await store.find('you', ['resp_1'])).toEqual([undefined]);
    expect((await store.items('you', ['msg_1'])).size).toBe(0);
    expect(await store.remove('you', 'resp_1')).toBe(false);
    expect(await store.remove('me', 'resp_1')).toBe(true);
    expect(await store.remove('me', 'resp_1')).toBe(false);
    expect((await store.items('me', ['msg_1'])).size).toBe(0);
  });

  test('is unknown as a whole when an item of its output is gone or unreadable', async () => {
    const below = entries();
    const store = new ResponseStore(below, log);
    await store.save('me', stored('resp_1', item('msg_1')), 0);
    await below.set([{ key: 'me:response:resp_2', text: '{"outputIds":' }]);
    expect(await store.find('me', ['resp_2'])).toEqual([undefined]);
    await below.delete(['me:item:msg_1']);
    expect(await store.find('me', ['resp_1'])).toEqual([undefined]);
  });

  test('with an id that is nobody’s is not even looked up', async () => {
    const asked: string[] = [];
    const below = {
      async get(keys: readonly string[]) {
        asked.push(...keys);
        return keys.map(() => undefined);
      },
    };
    const store = new ResponseStore(below as unknown as Entries, log);
    expect(await store.find('me', ['x'.repeat(300)])).toEqual([undefined]);
    expect(asked).toEqual([]);
  });

  test('that cannot be stored is logged without its content, and is no failure', async () => {
    const store = new ResponseStore(entries(), log);
    expect(await store.save('me', stored('resp_big', item('msg_1', 'secret '.repeat(50_000))), 0)).toBe(
      false,
    );
    expect(lines.join('')).toContain('resp_big');
    expect(lines.join('')).not.toContain('secret');
    expect(await store.find('me', ['resp_big'])).toEqual([undefined]);
  });
});

test('an owner is an account and a key, whatever the key is called', () => {
  const caller = (name: string, keySha256?: string) => ({
    name,
    models: undefined,
    ...(keySha256 === undefined ? {} : { keySha256 }),
  });
  const mine = ownerOf('account', caller('laptop', 'a'));
  expect(ownerOf('account', caller('renamed', 'a'))).toBe(mine);
  for (const [account, other] of [
    ['account', caller('laptop', 'b')],
    ['another', caller('laptop', 'a')],
    ['account', caller('anonymous')],
    [undefined, caller('laptop', 'a')],
  ] as const) {
    expect(ownerOf(account, other)).not.toBe(mine);
  }
});
