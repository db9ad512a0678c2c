// What a client requests before and besides a turn: workspace, quota, catalogue, response headers.
import { afterAll, describe, expect, test } from 'bun:test';
import { startClient } from './client.ts';

const weekly = startClient();
const both = startClient({ limits: { layout: 'both', weeklyUsedPercent: 91, fiveHourUsedPercent: 3 } });
afterAll(async () => {
  await weekly.simulator.stop();
  await both.simulator.stop();
});
// biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever the wire holds
const json = async (response: Promise<Response>) => (await (await response).json()) as any;

test('accounts/check names the token’s account without constraints', async () => {
  const answer = await json(weekly.call('wham/accounts/check'));
  expect(answer.accounts[0]).toMatchObject({
    id: answer.default_account_id,
    plan_type: 'plus',
    workspace_backend_origin: 'NO_CONSTRAINT',
    account_routing_override: 'NO_CONSTRAINT',
  });
});

test('accounts/check can be scripted to route elsewhere', async () => {
  weekly.simulator.script({
    for: 'accounts/check',
    merge: { accounts: [{ id: 'a', account_routing_override: 'us' }] },
  });
  expect((await json(weekly.call('wham/accounts/check'))).accounts[0].account_routing_override).toBe('us');
});

describe('quota windows are recognised by their length, in two layouts', () => {
  test('usage', async () => {
    const one = await json(weekly.call('wham/usage'));
    expect(one.rate_limit.primary_window).toMatchObject({ used_percent: 22, limit_window_seconds: 604800 });
    expect(one.rate_limit.secondary_window).toBeNull();
    const two = await json(both.call('wham/usage'));
    expect(two.rate_limit.primary_window).toMatchObject({ used_percent: 3, limit_window_seconds: 18000 });
    expect(two.rate_limit.secondary_window).toMatchObject({ used_percent: 91, limit_window_seconds: 604800 });
  });

  test('headers of a turn', async () => {
    const one = await weekly.ask();
    expect(one.headers.get('x-codex-primary-window-minutes')).toBe('10080');
    expect(one.headers.get('x-codex-secondary-window-minutes')).toBe('0');
    expect(one.headers.get('x-codex-secondary-reset-at')).toBe('');
    expect(one.headers.get('x-codex-credits-has-credits')).toBe('False');
    expect(one.headers.get('openai-model')).toBe('gpt-5.5');
    expect(one.headers.get('x-request-id')).toBeTruthy();
    expect(one.headers.get('x-codex-turn-state')!.length).toBe(300);
    const two = await both.ask();
    expect(two.headers.get('x-codex-primary-window-minutes')).toBe('300');
    expect(two.headers.get('x-codex-secondary-used-percent')).toBe('91');
    await Promise.all([one.body?.cancel(), two.body?.cancel()]);
  });
});

test('a reset is redeemed once, whatever is repeated', async () => {
  const { simulator, call } = startClient({ limits: { resets: 1 } });
  const path = 'wham/rate-limit-reset-credits';
  const redeem = (id: string) =>
    json(call(`${path}/consume`, { method: 'POST', body: JSON.stringify({ redeem_request_id: id }) }));
  expect((await json(call(path))).credits).toMatchObject([{ id: 'credit_1', status: 'available' }]);
  expect([await redeem('a'), await redeem('a'), await redeem('b')]).toEqual([
    { code: 'reset' },
    { code: 'reset' },
    { code: 'no_credit' },
  ]);
  expect(await json(call(path))).toEqual({ credits: [], available_count: 0 });
  await simulator.stop();
});

describe('the catalogue', () => {
  const slugs = async (query: string) =>
    (await json(weekly.call(`codex/models${query}`))).models.map((model: { slug: string }) => model.slug);

  test('has the entries of Codex 0.171.0, the first listed one on top', async () => {
    const { models } = await json(weekly.call('codex/models?client_version=0.171.0'));
    expect(models).toHaveLength(14);
    expect(models[0]).toMatchObject({
      slug: 'gpt-6.2-sol',
      visibility: 'list',
      priority: 1,
      context_window: 500000,
    });
    const classic = models.filter((model: { use_responses_lite: boolean }) => !model.use_responses_lite);
    expect(classic.map((model: { slug: string }) => model.slug)).toEqual(['gpt-5.5']);
  });

  test('an old client_version hides new models', async () => {
    expect(await slugs('?client_version=0.124.0')).toEqual(['gpt-5.5', 'codex-auto-review']);
    expect(await slugs('?client_version=0.144.9')).not.toContain('gpt-6-astra');
    expect(await slugs('?client_version=0.153.0')).toContain('gpt-6-astra');
  });

  test('has the etag that turns carry, and answers 304 to it', async () => {
    const first = await weekly.call('codex/models');
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^W\/"/);
    const turn = await weekly.ask();
    expect(turn.headers.get('x-models-etag')).toBe(etag);
    await turn.body?.cancel();
    const again = await weekly.call('codex/models', { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

test('every route of the account needs a login', async () => {
  for (const path of ['wham/accounts/check', 'wham/usage', 'codex/models']) {
    expect((await fetch(`${weekly.simulator.upstream}/${path}`)).status).toBe(401);
  }
});

test('what clients call beside that is not there', async () => {
  expect((await weekly.call('wham/settings/user')).status).toBe(404);
  expect((await weekly.call('images/generations', { method: 'POST' })).status).toBe(403);
});
