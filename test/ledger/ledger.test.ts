// Counting calls, and the failures that the ledger survives.
import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { until } from '../support/until.ts';
import { callRecord, everything, noonMs, testLedger } from './support.ts';

const dayMs = 86_400_000;
const byModel = { ...everything, by: 'model' } as const;
const byDay = { ...everything, by: 'day' } as const;

const failed = { failure: { kind: 'rate_limited', code: undefined }, usage: undefined } as const;

test('adds up the calls of a model', () => {
  using opened = testLedger();
  const { ledger } = opened;
  ledger.observe(callRecord());
  ledger.observe(callRecord());
  ledger.observe(callRecord(failed));
  expect(ledger.usage(byModel)).toEqual([
    {
      name: 'gpt-5.5',
      requests: 3,
      failed: 1,
      inputTokens: 2000,
      cachedTokens: 1600,
      outputTokens: 200,
      reasoningTokens: 80,
      audioSeconds: 0,
    },
  ]);
});

test('counts transcriptions by their length, and nothing that used no model', () => {
  using opened = testLedger();
  const { ledger } = opened;
  const recording = { modelUsed: 'whisper-cpp:base', usage: undefined, audioSeconds: 61.5 };
  ledger.observe(callRecord(recording));
  ledger.observe(callRecord({ ...recording, audioSeconds: 0.5 }));
  ledger.observe(callRecord({ modelRequested: undefined, modelUsed: undefined, usage: undefined }));
  ledger.observe(callRecord({ usage: undefined })); // a model's description
  expect(ledger.usage(byModel)).toMatchObject([{ name: 'whisper-cpp:base', requests: 2, audioSeconds: 62 }]);
});

test('groups by key, client and day', () => {
  using opened = testLedger();
  const { ledger, clock } = opened;
  ledger.observe(callRecord());
  ledger.observe(callRecord({ caller: { name: 'laptop', models: undefined }, agent: 'claude-cli/2.1 (x)' }));
  clock.wallMs += dayMs;
  ledger.observe(callRecord({ agent: undefined }));
  const names = (by: 'key' | 'client' | 'day', timeZone = 'UTC') =>
    ledger.usage({ ...everything, by, timeZone }).map(({ name, requests }) => [name, requests]);
  expect(names('key')).toEqual([
    ['phone', 2],
    ['laptop', 1],
  ]);
  expect(names('client').sort()).toEqual([
    ['OpenAI/Python', 1],
    ['claude-cli', 1],
    ['unknown', 1],
  ]);
  expect(names('day')).toEqual([
    ['2026-12-01', 2],
    ['2026-12-02', 1],
  ]);
  // Noon UTC is 1:45 of the next day there.
  expect(names('day', 'Pacific/Chatham')).toEqual([
    ['2026-12-02', 2],
    ['2026-12-03', 1],
  ]);
});

test('a period begins and ends where the query says', () => {
  using opened = testLedger();
  const { ledger, clock } = opened;
  for (const days of [0, 1, 2]) {
    clock.wallMs = noonMs + days * dayMs;
    ledger.observe(callRecord());
  }
  const query = { by: 'day', sinceMs: noonMs + 1, untilMs: noonMs + dayMs, timeZone: 'UTC' } as const;
  expect(ledger.usage(query).map(({ name }) => name)).toEqual(['2026-12-01', '2026-12-02']);
  expect(ledger.usage({ ...query, sinceMs: noonMs + dayMs }).map(({ name }) => name)).toEqual(['2026-12-02']);
});

test('only its owner can read the file, and it contains no content', async () => {
  using opened = testLedger();
  const { ledger, path } = opened;
  ledger.observe(callRecord({ upstreamRequestId: 'marked-secret', clientRequestId: 'marked-secret' }));
  expect(existsSync(path)).toBe(false); // observing does not touch the disk
  ledger.flush();
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(dirname(path))) {
    expect(statSync(`${dirname(path)}/${file}`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${dirname(path)}/${file}`, 'latin1')).not.toContain('marked-secret');
  }
});

test('writes soon without being asked', async () => {
  using opened = testLedger();
  opened.ledger.observe(callRecord());
  await until(() => existsSync(opened.path));
});

describe('two daemons', () => {
  test('add to the same file', () => {
    using one = testLedger();
    using other = testLedger({ path: one.path });
    one.ledger.observe(callRecord());
    other.ledger.observe(callRecord());
    expect(one.ledger.usage(byModel)).toMatchObject([{ requests: 1 }]);
    expect(other.ledger.usage(byModel)).toMatchObject([{ requests: 2 }]);
    one.ledger.observe(callRecord());
    one.ledger.flush();
    expect(other.ledger.usage(byModel)).toMatchObject([{ requests: 3 }]);
  });

  test('a locked file is written later', () => {
    using opened = testLedger();
    const { ledger, path, log } = opened;
    ledger.observe(callRecord());
    ledger.flush();
    const other = new Database(path);
    other.run('BEGIN IMMEDIATE');
    ledger.observe(callRecord());
    ledger.flush();
    other.run('COMMIT');
    other.close();
    expect(ledger.usage(byModel)).toMatchObject([{ requests: 2 }]);
    expect(log.join('')).toContain('cannot record usage');
  });

  test('both go on with a new file after the first one has moved a corrupt one aside', () => {
    using one = testLedger();
    using other = testLedger({ path: one.path });
    for (const { ledger } of [one, other]) {
      ledger.observe(callRecord());
      ledger.flush();
    }
    one.ledger.close();
    other.ledger.close();
    writeFileSync(one.path, 'This is not a database.'.repeat(500));
    for (const { ledger } of [one, other]) {
      ledger.observe(callRecord());
      ledger.flush();
    }
    expect(other.ledger.usage(byModel)).toMatchObject([{ requests: 2 }]);
    expect([...one.log, ...other.log].filter((line) => line.includes('corrupt'))).toHaveLength(1);
  });
});

describe('a corrupt file', () => {
  test('is moved aside once, and counting goes on', () => {
    using opened = testLedger();
    const { ledger, path, log } = opened;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'This is not a database.'.repeat(500));
    ledger.observe(callRecord());
    expect(ledger.usage(byModel)).toMatchObject([{ requests: 1 }]);
    expect(readFileSync(`${path}.corrupt`, 'utf8')).toStartWith('This is not');
    expect(log).toHaveLength(1);
    expect(JSON.parse(log[0] as string)).toMatchObject({ level: 'warn', movedTo: `${path}.corrupt` });
  });

  test('is noticed by a reader', () => {
    using opened = testLedger();
    const { ledger, path } = opened;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'This is not a database.'.repeat(500));
    expect(ledger.usage(byModel)).toEqual([]);
    expect(existsSync(`${path}.corrupt`)).toBe(true);
  });

  test('is noticed while it is open', () => {
    using opened = testLedger();
    const { ledger, path } = opened;
    for (let model = 0; model < 90; model++) ledger.observe(callRecord({ modelUsed: `m${model}` }));
    ledger.close(); // into the file itself
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096);
    writeFileSync(path, bytes);
    ledger.observe(callRecord({ modelUsed: 'm1' }));
    ledger.flush();
    expect(existsSync(`${path}.corrupt`)).toBe(true);
    expect(ledger.usage(byModel)).toMatchObject([{ name: 'm1', requests: 1 }]);
  });
});

test('a file of a newer version is left alone', () => {
  using opened = testLedger();
  const { ledger, path, log } = opened;
  ledger.observe(callRecord());
  ledger.close();
  const newer = new Database(path);
  newer.run('PRAGMA user_version = 99');
  newer.close();
  ledger.observe(callRecord());
  ledger.flush();
  expect(log.join('')).toContain('newer version');
  expect(existsSync(`${path}.corrupt`)).toBe(false);
});

describe('what cannot be written', () => {
  test('stays in memory until it can, and the log says so once', () => {
    using opened = testLedger();
    const { ledger, path, log } = opened;
    mkdirSync(dirname(dirname(path)), { recursive: true });
    writeFileSync(dirname(path), 'a file in place of the directory');
    for (let times = 0; times < 3; times++) {
      ledger.observe(callRecord());
      ledger.flush();
    }
    rmSync(dirname(path));
    ledger.observe(callRecord());
    ledger.flush();
    expect(ledger.usage(byModel)).toMatchObject([{ requests: 4 }]);
    expect(log.map((line) => JSON.parse(line).level)).toEqual(['warn', 'info']);
  });

  test('is included in sums, and the log says at the end how much was lost', () => {
    using opened = testLedger();
    const { ledger, path, log } = opened;
    ledger.observe(callRecord());
    ledger.close();
    const other = new Database(path);
    other.run('BEGIN IMMEDIATE');
    ledger.observe(callRecord());
    ledger.observe(callRecord({ modelUsed: 'gpt-6-luna' }));
    ledger.observe(callRecord({ modelUsed: 'gpt-6-luna' }));
    expect(ledger.usage(byModel).map(({ name, requests }) => [name, requests])).toEqual([
      ['gpt-5.5', 2],
      ['gpt-6-luna', 2],
    ]);
    expect(ledger.usage(byDay)).toMatchObject([{ name: '2026-12-01', requests: 4 }]);
    ledger.close();
    expect(JSON.parse(log.at(-1) ?? '')).toMatchObject({ level: 'warn', requests: 3 });
    other.run('COMMIT');
    other.close();
  });

  test('a full disk loses nothing', () => {
    using opened = testLedger();
    const { ledger, path, log } = opened;
    ledger.observe(callRecord());
    ledger.flush();
    const full = new Database(path);
    // A trigger fails as on a full disk: in the middle of the transaction.
    full.run("CREATE TRIGGER full BEFORE INSERT ON usage BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    for (let model = 0; model < 50; model++) ledger.observe(callRecord({ modelUsed: `m${model}` }));
    ledger.flush();
    ledger.flush();
    full.run('DROP TRIGGER full');
    full.close();
    expect(ledger.usage(byDay)).toMatchObject([{ requests: 51 }]);
    expect(log).toHaveLength(2);
  });

  test('takes little memory: further groups become one', () => {
    using opened = testLedger();
    const { ledger, path, clock } = opened;
    mkdirSync(dirname(dirname(path)), { recursive: true });
    writeFileSync(dirname(path), '');
    for (let slot = 0; slot < 5000; slot++) {
      clock.wallMs += 15 * 60_000;
      ledger.observe(callRecord());
    }
    rmSync(dirname(path));
    const names = ledger.usage(byModel).map(({ name, requests }) => [name, requests]);
    expect(names).toEqual([
      ['gpt-5.5', 4096],
      ['other', 904],
    ]);
  });
});

test('clients cannot make the file large with invented names', () => {
  using opened = testLedger();
  const { ledger } = opened;
  for (let call = 0; call < 500; call++) ledger.observe(callRecord({ agent: `agent-${call}/1` }));
  const rows = ledger.usage({ ...everything, by: 'client' });
  expect(rows).toHaveLength(101);
  expect(rows[0]).toMatchObject({ name: 'other', requests: 400 });
  ledger.observe(callRecord({ modelUsed: undefined, modelRequested: 'x'.repeat(5000), ...failed }));
  expect(ledger.usage(byModel).map(({ name }) => name)).toEqual(['gpt-5.5', 'unknown']);
});

describe('old counts', () => {
  test('are deleted once a day', () => {
    using opened = testLedger({ retentionDays: 2 });
    const { ledger, clock } = opened;
    for (let day = 0; day < 5; day++) {
      ledger.observe(callRecord());
      ledger.flush();
      clock.wallMs += dayMs;
      clock.uptimeMs += dayMs;
    }
    expect(ledger.usage(byDay).map(({ name }) => name)).toEqual(['2026-12-03', '2026-12-04', '2026-12-05']);
  });

  test('stay while the clock is wrong', () => {
    using opened = testLedger({ retentionDays: 2 });
    const { ledger, clock } = opened;
    ledger.observe(callRecord());
    ledger.flush();
    clock.wallMs += 5000 * dayMs;
    clock.uptimeMs += 2 * dayMs;
    ledger.observe(callRecord());
    ledger.flush();
    clock.wallMs = noonMs - 10 * dayMs;
    ledger.observe(callRecord());
    expect(ledger.usage(byDay)).toHaveLength(3);
    const now = { ...byDay, untilMs: noonMs };
    expect(ledger.usage(now).map(({ name }) => name)).toEqual(['2026-11-21', '2026-12-01']);
  });
});

test('in memory, there is no file', () => {
  using opened = testLedger({ path: ':memory:' });
  opened.ledger.observe(callRecord());
  expect(opened.ledger.usage(byModel)).toMatchObject([{ requests: 1 }]);
  expect(existsSync(':memory:')).toBe(false);
});
