// What real clients use of two daemons is in the ledger of their home, and `codexd usage` shows it.
import { afterAll, describe, expect, test } from 'bun:test';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { startDaemon } from '../clients/daemon.ts';
import { parseExposition } from '../support/prometheus.ts';

const simulator = startSimulator();
afterAll(() => simulator.stop());

async function usage(home: string, ...argv: string[]) {
  const { out, exitCode } = await runCodexd(['usage', '--json', ...argv], { home });
  expect(exitCode).toBe(0);
  return JSON.parse(out);
}

test('two daemons in one home add to the same ledger, and SIGTERM loses nothing', async () => {
  const home = emptyHome();
  await using one = await startDaemon({ simulator, home });
  await using other = await startDaemon({ simulator, home });
  const openai = new OpenAI({ baseURL: `${one.url}/v1`, apiKey: 'any' });
  const anthropic = new Anthropic({ baseURL: other.url, apiKey: 'any' });
  const { usage: used } = await openai.responses.create({ model: 'gpt-5.5', input: 'Say plover.' });
  const stream = anthropic.messages.stream({
    ...{ model: 'gpt-5.5', max_tokens: 100 },
    messages: [{ role: 'user', content: 'Say plover.' }],
  });
  await stream.finalMessage();
  await openai.chat.completions
    .create({ model: 'nope', messages: [{ role: 'user', content: 'x' }] })
    .catch(() => undefined);
  expect(await one.stop()).toBe(0);
  expect(await other.stop()).toBe(0);
  const { rows, total } = await usage(home, '--by', 'client');
  expect(rows.map(({ client }: { client: string }) => client).sort()).toEqual(['Anthropic/JS', 'OpenAI/JS']);
  expect(total).toMatchObject({ requests: 3, failed: 1 });
  expect(total.input_tokens).toBeGreaterThan(used?.input_tokens ?? 0);
  const models = (await usage(home, '--by', 'model')).rows.map(({ model }: { model: string }) => model);
  expect(models).toEqual(['gpt-5.5', 'unknown']);
  const file = join(home, '.local/state/codexd/default/ledger.sqlite');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('profiles have ledgers of their own, and `ledger.kind = "off"` has none', async () => {
  const home = emptyHome();
  await using work = await startDaemon({ simulator, home, args: ['--profile', 'work'] });
  await using off = await startDaemon({ simulator, home, env: { CODEXD_LEDGER_KIND: 'off' } });
  for (const { url } of [work, off]) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
    await client.responses.create({ model: 'gpt-5.5', input: 'Hi.' });
  }
  await work.stop();
  await off.stop();
  expect((await usage(home, '--profile', 'work')).total.requests).toBe(1);
  expect((await usage(home)).rows).toEqual([]);
});

test('`ask` and `transcribe` are counted, also without a daemon', async () => {
  const home = emptyHome();
  const env = { CODEXD_UPSTREAM: simulator.upstream, CODEXD_BEARER: simulator.login().access_token };
  const recording = join(import.meta.dir, '../fixtures/silk/20ms-plain.silk');
  expect(await runCodexd(['ask', 'Say plover.'], { home, env })).toMatchObject({ exitCode: 0, err: '' });
  expect((await runCodexd(['ask', '-m', 'gpt-6-luna', 'Hi.'], { home, env })).exitCode).toBe(0);
  simulator.script({ refusal: 'usage_limit_reached' });
  expect((await runCodexd(['ask', 'Hi.'], { home, env })).exitCode).toBe(6);
  expect((await runCodexd(['transcribe', recording], { home, env })).exitCode).toBe(0);
  const { rows } = await usage(home, '--by', 'client');
  expect(rows).toMatchObject([
    { client: 'codexd-ask', requests: 3, failed: 1 },
    { client: 'codexd-transcribe', requests: 1, failed: 0 },
  ]);
  expect(rows[1].audio_seconds).toBeGreaterThan(0);
  expect((await usage(home, '--by', 'key')).rows).toMatchObject([{ key: 'command line', requests: 4 }]);
});

test('`ask` prints its answer and no warning if nothing can be counted', async () => {
  const home = emptyHome();
  writeFileSync(join(home, '.local'), 'a file in place of the directory');
  const env = { CODEXD_UPSTREAM: simulator.upstream, CODEXD_BEARER: simulator.login().access_token };
  expect(await runCodexd(['ask', 'Say plover.'], { home, env })).toMatchObject({ exitCode: 0, err: '' });
});

describe('a system prompt that changes with every turn', () => {
  test('is shown by `usage --cache` and in the metrics', async () => {
    await using daemon = await startDaemon({ simulator });
    const anthropic = new Anthropic({
      ...{ baseURL: daemon.url, apiKey: 'any' },
      defaultHeaders: { 'x-claude-code-session-id': 'session-1' },
    });
    const ask = (time: string, turns: number) =>
      anthropic.messages.create({
        ...{
          model: 'gpt-5.5',
          max_tokens: 100,
          system: `${'Be careful. '.repeat(500)}It is ${time}. ${'Be brief. '.repeat(500)}`,
        },
        messages: Array.from({ length: turns * 2 - 1 }, (_, at) => ({
          ...{ role: at % 2 === 0 ? ('user' as const) : ('assistant' as const), content: `Message ${at}` },
        })),
      });
    await ask('10:00', 1);
    await ask('10:00', 2);
    await ask('10:07', 3);
    const page = await (await fetch(`${daemon.url}/metrics`)).text();
    const losses = parseExposition(page).get('codexd_prompt_cache_losses_total')?.samples;
    expect(losses).toMatchObject([{ labels: { part: 'instructions' }, value: 1 }]);
    await daemon.stop();
    const report = await usage(daemon.home, '--cache');
    expect(report.conversations).toMatchObject([{ client: 'Anthropic/JS', turns: 3 }]);
    // The time is after 6000 characters of the instructions.
    expect(report.losses).toMatchObject([{ place: 'instructions', same_length: 5120 }]);
    expect(JSON.stringify(report)).not.toContain('session-1');
  });
});
