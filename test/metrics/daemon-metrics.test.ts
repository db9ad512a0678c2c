// What `/metrics` reports of calls, the upstream and the daemon's state.
import { describe, expect, test } from 'bun:test';
import { CallMetrics } from '../../src/metrics/call-metrics.ts';
import { exposition } from '../../src/metrics/metric.ts';
import { stateMetrics } from '../../src/metrics/state-metrics.ts';
import { demoDaemon } from '../app/support.ts';
import { callRecord } from '../ledger/support.ts';
import { parseExposition } from '../support/prometheus.ts';
import { until } from '../support/until.ts';
import { fullPage, state } from './support.ts';

const valueIn = (text: string, name: string, labels: Record<string, string> = {}) =>
  [...parseExposition(text).values()]
    .flatMap(({ samples }) => samples)
    .find((sample) => sample.name === name && Bun.deepEquals(sample.labels, labels))?.value;

test('every metric has a value, and the page is valid', () => {
  for (const [name, { samples }] of parseExposition(fullPage()))
    expect([name, samples.length > 0]).toEqual([name, true]);
});

test.each([
  ['codexd_requests_total', { api: 'openai', endpoint: '/v1/responses', status: '504' }, 1],
  ['codexd_request_duration_seconds_count', { api: 'openai', endpoint: '/v1/responses' }, 3],
  ['codexd_time_to_first_token_seconds_sum', { model: 'chatgpt:asr' }, 0.01],
  ['codexd_tokens_total', { model: 'gpt-5.5', kind: 'input' }, 1000],
  ['codexd_tokens_total', { model: 'gpt-5.5', kind: 'cached' }, 800],
  ['codexd_tokens_total', { model: 'gpt-5.5', kind: 'reasoning' }, 40],
  ['codexd_failures_total', { kind: 'timeout' }, 1],
  ['codexd_transcribed_audio_seconds_total', { model: 'chatgpt:asr' }, 61.5],
  ['codexd_queue_wait_seconds_sum', {}, 0.002],
  ['codexd_upstream_responses_total', { status: '200' }, 1],
  ['codexd_upstream_retries_total', { reason: 'timeout' }, 1],
  ['codexd_prompt_cache_losses_total', { part: 'input' }, 1],
  ['codexd_prompt_cache_lost_tokens_total', { part: 'input' }, 5000],
  ['codexd_prompt_cache_share', {}, 0.9],
  ['codexd_build_info', { version: '1.2.3', commit: 'abc' }, 1],
  ['codexd_open_streams', {}, 2],
  ['codexd_queue_waiting', { queue: 'turns' }, 1],
  ['codexd_quota_used_percent', { limit: 'codex', window: 'weekly' }, 12.5],
  ['codexd_quota_reset_timestamp_seconds', { limit: 'codex', window: 'weekly' }, 5000],
  ['codexd_auth_ok', {}, 1],
  ['codexd_auth_expires_seconds', {}, 60],
])('%s %j', (name, labels, value) => {
  expect(valueIn(fullPage(), name, labels)).toBe(value);
});

test('without a login there is no expiry', () => {
  const text = exposition(
    stateMetrics({ ...state, login: { ok: false, expiresAtMs: undefined }, quotas: [] }),
  );
  expect(valueIn(text, 'codexd_auth_ok')).toBe(0);
  expect(text).not.toContain('\ncodexd_auth_expires_seconds ');
});

test('clients cannot create time series without end', () => {
  const metrics = new CallMetrics();
  const labels = () => exposition(metrics.all()).split('\n').length;
  const call = (at: number) =>
    callRecord({
      modelUsed: `model-${at}`,
      endpoint: undefined,
      api: undefined,
      path: `/${at}`,
      agent: `a${at}`,
    });
  for (let at = 0; at < 60; at++) metrics.observe(call(at));
  const before = labels();
  for (let at = 60; at < 500; at++) metrics.observe(call(at));
  expect(labels()).toBe(before);
  expect(valueIn(exposition(metrics.all()), 'codexd_tokens_total', { model: 'other', kind: 'output' })).toBe(
    45_000,
  );
});

describe('a daemon', () => {
  const get = (url: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/metrics`, { headers, proxy: false } as RequestInit);
  const ask = (url: string) =>
    fetch(`${url}/v1/responses`, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-5.5', input: 'Hi.', stream: true }),
      proxy: false,
    } as RequestInit).then((response) => response.text());

  test('counts a streamed turn and what the upstream answered', async () => {
    await using running = await demoDaemon();
    await ask(running.url);
    const labels = { api: 'openai', endpoint: '/v1/responses', status: '200' };
    const page = async () => (await get(running.url)).text();
    await until(async () => valueIn(await page(), 'codexd_requests_total', labels) === 1);
    const text = await page();
    expect(valueIn(text, 'codexd_time_to_first_token_seconds_count', { model: 'gpt-5.5' })).toBe(1);
    expect(valueIn(text, 'codexd_tokens_total', { model: 'gpt-5.5', kind: 'input' })).toBeGreaterThan(0);
    expect(valueIn(text, 'codexd_upstream_responses_total', { status: '200' })).toBeGreaterThan(0);
    expect(valueIn(text, 'codexd_auth_expires_seconds')).toBeGreaterThan(0);
    expect(valueIn(text, 'codexd_quota_used_percent', { limit: 'codex', window: 'weekly' })).toBeNumber();
    expect(valueIn(text, 'codexd_open_requests')).toBe(1); // this one
    expect(valueIn(text, 'codexd_open_streams')).toBe(0);
    expect((await get(running.url)).headers.get('content-type')).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
  });

  test('asks for the key if there is one', async () => {
    await using running = await demoDaemon();
    running.daemon.reload(running.setup({ 'api-key': 'a-long-secret-key-1234' }));
    expect((await get(running.url)).status).toBe(401);
    const allowed = await get(running.url, { authorization: 'Bearer a-long-secret-key-1234' });
    expect(allowed.status).toBe(200);
    expect(await allowed.text()).not.toContain('a-long-secret-key');
  });
});
