// Where a conversation loses the upstream's prompt cache, from hashes and lengths alone.
import { describe, expect, test } from 'bun:test';
import { readCache } from '../../src/ledger/cache-tables.ts';
import { type CacheTurn, CacheWatch } from '../../src/ledger/cache-watch.ts';
import { readLedgerFile } from '../../src/ledger/file.ts';
import { firstDifference } from '../../src/ledger/prefix.ts';
import type { ResponsesRequest } from '../../src/responses/request.ts';
import { outlineOf } from '../../src/turns/prompt-outline.ts';
import { demoDaemon } from '../app/support.ts';
import { until } from '../support/until.ts';
import { callRecord, noonMs, testLedger } from './support.ts';

const message = (role: 'user' | 'assistant', text: string) => ({
  ...{ type: 'message' as const, role },
  content: [{ type: 'input_text' as const, text }],
});
const tool = (name: string) => ({ type: 'function' as const, name, parameters: { type: 'object' } });
const prompt = (more: Partial<ResponsesRequest> = {}): ResponsesRequest => ({
  model: 'gpt-5.5',
  instructions: `${'You are helpful. '.repeat(200)}It is Tuesday.`,
  tools: [tool('read'), tool('write')],
  input: [message('user', 'one'), message('assistant', 'two')],
  ...more,
});
const difference = (before: ResponsesRequest, after: ResponsesRequest) =>
  firstDifference(outlineOf(before, 's'), outlineOf(after, 's'));

describe('the first difference of two prompts', () => {
  const grown = prompt({ input: [...prompt().input, message('user', 'three')] });

  test('there is none if the later one continues the earlier', () => {
    expect(difference(prompt(), grown)).toBeUndefined();
    expect(difference(prompt(), prompt())).toBeUndefined();
  });

  test('a date at the end of the instructions', () => {
    const instructions = `${'You are helpful. '.repeat(200)}It is Wednesday.`;
    expect(difference(prompt(), { ...grown, instructions })).toEqual({
      part: 'instructions',
      offset: 3072,
      lengthBefore: 3414,
      lengthAfter: 3416,
    });
  });

  test.each([
    ['tools in another order', { tools: [tool('write'), tool('read')] }, 'tools[0]'],
    ['one more tool', { tools: [...(prompt().tools ?? []), tool('x')] }, 'tools[2]'],
    ['a tool less', { tools: [tool('read')] }, 'tools[1]'],
    [
      'an edited message',
      { input: [message('user', 'ONE'), message('assistant', 'two')] },
      'input[0] message user',
    ],
    ['another role', { input: [message('user', 'one'), message('user', 'two')] }, 'input[1] message user'],
    ['a schema', { text: { format: { type: 'json_object' as const } } }, 'text.format'],
  ])('%s', (_, more, part) => {
    expect(difference(prompt(), prompt(more))?.part).toBe(part);
  });

  test('a shorter history', () => {
    expect(difference(grown, prompt())).toMatchObject({ part: 'input[2] message user', lengthAfter: 0 });
  });

  test('what was added has no length before, what was removed none after', () => {
    const tools = [...(prompt().tools ?? []), tool('x')];
    expect(difference(prompt(), prompt({ tools }))).toMatchObject({ lengthBefore: 0 });
    expect(difference(prompt({ tools }), prompt())).toMatchObject({ part: 'tools[2]', lengthAfter: 0 });
  });

  test('the name of a part contains no text of clients', () => {
    const input = [{ type: 'My secret text!', role: 'SECRET' }] as never;
    expect(outlineOf(prompt({ input }), 's').parts.at(-1)?.name).toBe('input[0] ');
  });
});

const minute = 60_000;

function watch() {
  const turns: CacheTurn[] = [];
  const clock = { nowMs: 1_000_000 };
  const cache = new CacheWatch(() => clock.nowMs, [(turn) => turns.push(turn)]);
  const turn = (request: ResponsesRequest, inputTokens: number, cachedTokens: number, session = 's') => {
    clock.nowMs += minute;
    cache.observe(
      callRecord({
        prompt: outlineOf(request, session),
        usage: {
          ...{ input_tokens: inputTokens, output_tokens: 1, total_tokens: inputTokens + 1 },
          input_tokens_details: { cached_tokens: cachedTokens },
        },
      }),
    );
    return turns.at(-1);
  };
  return { cache, clock, turn };
}

describe('a conversation', () => {
  test('that is cached loses nothing', () => {
    const { turn, cache } = watch();
    expect(turn(prompt(), 20_000, 0)?.loss).toBeUndefined();
    expect(turn(prompt(), 21_000, 19_968)?.loss).toBeUndefined();
    expect(cache.share()).toBeCloseTo(0.951, 3);
  });

  test('whose instructions change loses everything after them', () => {
    const { turn } = watch();
    turn(prompt(), 20_000, 0);
    expect(turn(prompt({ instructions: 'New.' }), 21_000, 2048)?.loss).toEqual({
      lostTokens: 17_952,
      idleMs: minute,
      difference: { part: 'instructions', offset: 0, lengthBefore: 3414, lengthAfter: 4 },
    });
  });

  test('that the upstream has forgotten has no difference', () => {
    const { turn, clock } = watch();
    turn(prompt(), 20_000, 0);
    clock.nowMs += 59 * minute;
    expect(turn(prompt(), 20_000, 0)?.loss).toEqual({
      lostTokens: 20_000,
      idleMs: 60 * minute,
      difference: undefined,
    });
  });

  test('of less than 1024 tokens is never cached', () => {
    const { turn } = watch();
    turn(prompt(), 900, 0);
    expect(turn(prompt(), 900, 0)?.loss).toBeUndefined();
  });

  test('with side prompts in the same session is compared with itself', () => {
    const { turn } = watch();
    const title: ResponsesRequest = {
      model: 'x',
      instructions: 'Find a title.',
      input: [message('user', 'one')],
    };
    turn(prompt(), 20_000, 0);
    expect(turn(title, 2000, 0)?.loss).toBeUndefined();
    expect(turn(prompt(), 20_000, 19_968)?.loss).toBeUndefined();
    expect(turn(title, 2000, 0)?.loss).toMatchObject({ lostTokens: 2000, difference: undefined });
  });

  test('is forgotten when there are many others', () => {
    const { turn } = watch();
    turn(prompt(), 20_000, 0);
    for (let other = 0; other < 128; other++) turn(prompt(), 20_000, 0, `s${other}`);
    expect(turn(prompt(), 20_000, 0)?.loss).toBeUndefined();
    expect(turn(prompt(), 20_000, 0, 's127')?.loss).toBeDefined();
  });

  test('is not confused with that of another key', () => {
    const { turn, cache } = watch();
    const first = turn(prompt(), 20_000, 0);
    cache.observe(
      callRecord({ prompt: outlineOf(prompt(), 's'), caller: { name: 'laptop', models: undefined } }),
    );
    expect(turn(prompt(), 20_000, 0)?.conversation).toBe(first?.conversation as string);
  });
});

test('the share is that of the last hour', () => {
  const { turn, cache, clock } = watch();
  expect(cache.share()).toBeUndefined();
  turn(prompt(), 2000, 1000, 'a');
  turn(prompt(), 6000, 5000, 'b');
  expect(cache.share()).toBe(0.75);
  clock.nowMs += 61 * minute;
  expect(cache.share()).toBeUndefined();
});

test('the ledger keeps conversations and losses, and no text', () => {
  using opened = testLedger();
  const { ledger, path } = opened;
  const cache = new CacheWatch(() => noonMs, [ledger.noteTurn]);
  const turn = (request: ResponsesRequest) =>
    cache.observe(
      callRecord({
        prompt: outlineOf(request, 'marked-session'),
        usage: { input_tokens: 20_000, output_tokens: 1, total_tokens: 20_001 },
      }),
    );
  turn(prompt());
  turn(prompt({ instructions: 'marked-text' }));
  ledger.flush();
  const report = readLedgerFile(path, (database) => readCache(database, { sinceMs: 0, untilMs: noonMs }));
  expect(report?.conversations).toMatchObject([
    { turns: 2, inputTokens: 40_000, lostTokens: 20_000, client: 'OpenAI/Python' },
  ]);
  expect(report?.losses).toMatchObject([
    { place: 'instructions', sameLength: 0, lengthAfter: 11, atMs: noonMs },
  ]);
  expect(JSON.stringify(report)).not.toContain('marked');
});

test('old conversations and losses are deleted', () => {
  using opened = testLedger({ retentionDays: 1 });
  const { ledger, path, clock } = opened;
  const names = { model: 'm', key: 'k', client: 'c' };
  const loss = { lostTokens: 5000, idleMs: 0, difference: undefined };
  const note = (atMs: number, conversation: string) =>
    ledger.noteTurn({ atMs, conversation, names, inputTokens: 5000, cachedTokens: 0, loss });
  note(clock.wallMs - 2 * 86_400_000, 'old');
  for (let at = 0; at < 2100; at++) note(clock.wallMs - 2100 + at, `c${at}`);
  ledger.flush();
  const query = { sinceMs: 0, untilMs: clock.wallMs };
  const report = readLedgerFile(path, (database) => readCache(database, query));
  expect(report?.conversations).toHaveLength(2000);
  expect(report?.losses).toHaveLength(2100);
});

test('a daemon outlines the prompts of its turns', async () => {
  await using running = await demoDaemon();
  const ask = (instructions: string) =>
    fetch(`${running.url}/v1/responses`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'gpt-5.5',
        instructions,
        input: 'word '.repeat(5000),
        prompt_cache_key: 'c1',
      }),
      proxy: false,
    } as RequestInit).then((response) => response.json());
  await ask('Be brief.');
  await ask('Be very brief.');
  const page = async () => (await fetch(`${running.url}/metrics`, { proxy: false } as RequestInit)).text();
  await until(async () => (await page()).includes('codexd_prompt_cache_losses_total{part="instructions"} 1'));
  expect(await page()).toContain('\ncodexd_prompt_cache_share ');
});
