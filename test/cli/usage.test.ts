// `codexd usage`: periods, tables, JSON, and files that cannot be read.
import { afterAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../src/cli/run.ts';
import { daysSince, parseSince } from '../../src/cli/usage-period.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Difference } from '../../src/ledger/prefix.ts';
import { silentLog } from '../../src/log.ts';
import { callRecord } from '../ledger/support.ts';
import { codexd, fake } from './fake.ts';

const directory = mkdtempSync(join(tmpdir(), 'codexd-usage-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let homes = 0;
/** A home with a ledger of two days. */
function usedHome() {
  const home = join(directory, `${++homes}`);
  const path = join(home, 'codexd/default/ledger.sqlite');
  let now = Date.now() - 2 * 86_400_000;
  const ledger = new Ledger({
    ...{ path, retentionDays: 400, log: silentLog },
    nowMs: () => now,
    uptimeMs: () => 0,
  });
  ledger.observe(callRecord());
  ledger.observe(
    callRecord({ agent: 'claude-cli/2.1', usage: undefined, failure: { kind: 'timeout', code: undefined } }),
  );
  ledger.flush();
  now = Date.now();
  ledger.observe(callRecord({ modelUsed: 'gpt-6-luna', caller: { name: 'laptop', models: undefined } }));
  ledger.close();
  return { path, env: { XDG_STATE_HOME: home } };
}

const rowsOf = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

describe('--since', () => {
  const noon = new Date(2026, 11, 3, 12, 30).getTime();
  test.each([
    ['1d', new Date(2026, 11, 3)],
    ['7d', new Date(2026, 10, 27)],
    ['2w', new Date(2026, 10, 20)],
    ['12h', new Date(2026, 11, 3, 0, 30)],
    ['2026-11-01', new Date(2026, 10, 1)],
  ])('%s', (text, start) => {
    expect(new Date(parseSince(text, noon))).toEqual(start);
  });

  test.each(['', '7', 'd', '7 d', 'yesterday', '2026-02-30', '2026-13-01', '-1d', '7m'])(
    'not "%s"',
    (text) => {
      expect(() => parseSince(text, noon)).toThrow('is not a valid value for `--since`');
    },
  );

  test('the days of a period', () => {
    expect(daysSince('2026-11-29', noon)).toEqual([
      '2026-11-29',
      '2026-11-30',
      '2026-12-01',
      '2026-12-02',
      '2026-12-03',
    ]);
    expect(daysSince('2026-12-03', noon)).toEqual(['2026-12-03']);
  });
});

test('days in a pipe: all digits, no bars, a row for a day without requests', async () => {
  const { env } = usedHome();
  const { out, err, exitCode } = await codexd(['usage'], { env });
  expect({ err, exitCode: exitCode ?? 0 }).toEqual({ err: '', exitCode: 0 });
  const rows = rowsOf(out);
  expect(rows[0]).toEqual(['DAY', 'REQUESTS', 'FAILED', 'INPUT', 'CACHED', 'OUTPUT']);
  expect(rows.slice(1).map(([, ...cells]) => cells)).toEqual([
    ['2', '1', '1000', '800', '100'],
    ['0', '0', '0', '0', '0'],
    ['1', '0', '1000', '800', '100'],
    ['3', '1', '2000', '1600', '200'],
  ]);
  expect(out).not.toContain('█');
});

test.each([
  ['model', ['gpt-5.5', 'gpt-6-luna']],
  ['key', ['phone', 'laptop']],
  ['client', ['OpenAI/Python', 'claude-cli']],
])('--by %s', async (by, names) => {
  const { env } = usedHome();
  const { out } = await codexd(['usage', '--by', by], { env });
  const rows = rowsOf(out);
  expect(rows[0]?.[0]).toBe(by.toUpperCase());
  expect(rows.slice(1, -1).map(([name]) => name as string)).toEqual(names);
  expect(rows.at(-1)?.[0]).toBe('total');
});

test('--json', async () => {
  const { env } = usedHome();
  const { out } = await codexd(['usage', '--by', 'model', '--since', '1d', '--json'], { env });
  const counts = {
    requests: 1,
    failed: 0,
    input_tokens: 1000,
    cached_tokens: 800,
    output_tokens: 100,
    reasoning_tokens: 40,
    audio_seconds: 0,
  };
  expect(JSON.parse(out)).toMatchObject({
    by: 'model',
    rows: [{ model: 'gpt-6-luna', ...counts }],
    total: counts,
  });
});

test('without a ledger, or with nothing in the period', async () => {
  const env = { XDG_STATE_HOME: join(directory, 'nothing') };
  expect(await codexd(['usage', '--since', '2026-11-01'], { env })).toMatchObject({
    out: 'No requests since 2026-11-01.\n',
    err: '',
  });
  const { path } = usedHome();
  writeFileSync(path, '');
  const empty = { XDG_STATE_HOME: dirname(dirname(dirname(path))) };
  expect((await codexd(['usage'], { env: empty })).out).toStartWith('No requests since ');
});

test('says that nothing is recorded', async () => {
  const { env } = usedHome();
  const { err, out } = await codexd(['usage'], { env: { ...env, CODEXD_LEDGER_KIND: 'off' } });
  expect(err).toContain('`ledger.kind` is "off"');
  expect(out).toContain('total');
});

test('a file that is not a ledger is an error with a fix', async () => {
  const { env, path } = usedHome();
  writeFileSync(path, 'x'.repeat(5000));
  const failed = run(['usage'], fake({ env })).catch((thrown: unknown) => thrown);
  expect(await failed).toMatchObject({
    message: expect.stringContaining(`Cannot read the usage ledger ${path}`),
  });
});

test('a directory that cannot be written can be read', async () => {
  const { env, path } = usedHome();
  expect(readdirSync(dirname(path))).toEqual(['ledger.sqlite']);
  chmodSync(dirname(path), 0o500);
  try {
    expect((await codexd(['usage'], { env })).out).toContain('total');
  } finally {
    chmodSync(dirname(path), 0o700);
  }
});

describe('--cache', () => {
  const names = { model: 'gpt-5.5', key: 'phone', client: 'claude-cli' };
  /** A home whose conversation has lost the cache in three ways. */
  function lossyHome() {
    const { path, env } = usedHome();
    const options = { path, retentionDays: 400, log: silentLog, nowMs: Date.now, uptimeMs: () => 0 };
    const ledger = new Ledger(options);
    const turn = (lostTokens: number, difference?: Difference) =>
      ledger.noteTurn({
        ...{ atMs: Date.now(), conversation: '1f0c2a9e', names, inputTokens: 20_000 },
        ...{ cachedTokens: 20_000 - lostTokens, loss: { lostTokens, idleMs: 3_600_000, difference } },
      });
    turn(2000);
    turn(3000, { part: 'tools[2]', offset: 0, lengthBefore: 0, lengthAfter: 90 });
    turn(4000, { part: 'input[7] message user', offset: 1024, lengthBefore: 2000, lengthAfter: 2001 });
    ledger.close();
    return env;
  }

  test('conversations, and where each lost the cache', async () => {
    const { out } = await codexd(['usage', '--cache'], { env: lossyHome() });
    const [conversations = '', losses = ''] = out.split('\n\n');
    const [head, ...[row]] = rowsOf(conversations);
    expect(head).toEqual([
      'CONVERSATION',
      'LAST TURN',
      'CLIENT',
      'MODEL',
      'TURNS',
      'INPUT',
      'CACHED',
      'LOST',
    ]);
    expect(row?.toSpliced(1, 1)).toEqual([
      '1f0c2a9e',
      'claude-cli',
      'gpt-5.5',
      '3',
      '60000',
      '51000',
      '9000',
    ]);
    expect(rowsOf(losses).map((cells) => cells.slice(2).join(' '))).toEqual([
      'LOST BECAUSE',
      '4000 input[7] message user changed after character 1024 (length 2000 → 2001)',
      '3000 tools[2] was added',
      '2000 the prompt was unchanged; the turn before was 1 h 0 min earlier',
    ]);
  });

  test('--json', async () => {
    const { out } = await codexd(['usage', '--cache', '--json'], { env: lossyHome() });
    const { conversations, losses } = JSON.parse(out);
    expect(conversations).toMatchObject([
      { id: '1f0c2a9e', turns: 3, cached_tokens: 51_000, lost_tokens: 9000 },
    ]);
    expect(losses[0]).toMatchObject({
      place: 'input[7] message user',
      same_length: 1024,
      idle_seconds: 3600,
    });
    expect(losses[2]).toMatchObject({ place: null, same_length: null });
  });

  test('without conversations', async () => {
    const env = { XDG_STATE_HOME: join(directory, 'nothing') };
    const { out } = await codexd(['usage', '--cache', '--since', '2026-11-01'], { env });
    expect(out).toBe('No conversations since 2026-11-01.\n');
  });
});
