// Workspace routing (docs/wire/upstream.md#routing).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { createLog, silentLog } from '../../src/log.ts';
import {
  AccountRouting,
  type AccountRoutingOptions,
  type Route,
  routeFrom,
} from '../../src/upstream/routing.ts';

const unconstrained: Route = { origin: undefined, override: undefined };
const account = (fields: object) => ({
  id: 'a',
  workspace_backend_origin: 'NO_CONSTRAINT',
  account_routing_override: 'NO_CONSTRAINT',
  ...fields,
});

describe('the answer of accounts/check', () => {
  const us = { origin: 'https://us.chatgpt.com', override: 'us' };
  const usFields = { workspace_backend_origin: 'https://us.chatgpt.com', account_routing_override: 'us' };
  const rows: [name: string, answer: unknown, route: Route][] = [
    ['nothing special', { accounts: [account({})] }, unconstrained],
    ['origin and override', { accounts: [account(usFields)] }, us],
    ['our account among others', { accounts: [{ ...account({}), id: 'b' }, account(usFields)] }, us],
    ['only others', { accounts: [{ ...account(usFields), id: 'b' }] }, unconstrained],
    ['the older map', { accounts: { a: { account: { account_id: 'a', ...usFields } } } }, us],
    ['the older map, fields outside', { accounts: { a: { account: { account_id: 'a' }, ...usFields } } }, us],
    [
      'only the path-less origin counts',
      { accounts: [account({ workspace_backend_origin: 'https://us.chatgpt.com/x?y' })] },
      { ...us, override: undefined },
    ],
    ['an empty override', { accounts: [account({ account_routing_override: '' })] }, unconstrained],
    ['no list', {}, unconstrained],
    ['null', null, unconstrained],
    ['a text', 'NO', unconstrained],
    ['a list of nothing', { accounts: [null, 7, 'a', [], { id: 'a' }] }, unconstrained],
    ['an account that is null', { accounts: [{ ...account(usFields), account: null }] }, us],
  ];
  test.each(rows)('%s', (_, answer, route) => {
    expect(routeFrom(answer, 'a', false)).toEqual(route);
  });

  const origins: [origin: unknown, allowHttp: boolean, taken: string | undefined][] = [
    ['https://gov.chatgpt.com', false, 'https://gov.chatgpt.com'],
    ['http://gov.chatgpt.com', false, undefined],
    ['http://127.0.0.1:9', false, undefined],
    ['http://127.0.0.1:9', true, 'http://127.0.0.1:9'],
    ['http://gov.chatgpt.com', true, undefined],
    ['https://user:password@gov.chatgpt.com', false, undefined],
    ['https://user@gov.chatgpt.com', false, undefined],
    ['ftp://gov.chatgpt.com', true, undefined],
    ['gov.chatgpt.com', false, undefined],
    ['file:///etc/passwd', true, undefined],
    [7, false, undefined],
  ];
  test.each(origins)('%p as an origin (http allowed: %p): %p', (origin, allowHttp, taken) => {
    const answer = { accounts: [account({ workspace_backend_origin: origin })] };
    expect(routeFrom(answer, 'a', allowHttp).origin).toBe(taken as string);
  });
});

describe('when it is asked for', () => {
  function routing(check: AccountRoutingOptions['check']) {
    const clock = { nowMs: 0 };
    const asked = { count: 0 };
    const subject = new AccountRouting({
      check: () => {
        asked.count++;
        return check();
      },
      allowHttp: false,
      nowMs: () => clock.nowMs,
      log: silentLog,
    });
    return { subject, clock, asked };
  }
  const good = async () => ({ accounts: [account({ account_routing_override: 'us' })] });
  const unreachable = async () => {
    throw new Failure('upstream_unreachable', 'no');
  };

  test('a good answer is kept, and many askers at once are one question', async () => {
    const { subject, clock, asked } = routing(good);
    const routes = await Promise.all([subject.routeOf('a'), subject.routeOf('a')]);
    clock.nowMs = 86_400_000;
    routes.push(await subject.routeOf('a'));
    expect(routes.map(({ override }) => override)).toEqual(['us', 'us', 'us']);
    expect(asked.count).toBe(1);
  });

  test('every account has a route of its own', async () => {
    const { subject, asked } = routing(good);
    await subject.routeOf('a');
    expect(await subject.routeOf('b')).toEqual(unconstrained);
    expect(asked.count).toBe(2);
  });

  test('a token without an account has none, and nobody is asked', async () => {
    const { subject, asked } = routing(good);
    expect(await subject.routeOf(undefined)).toEqual(unconstrained);
    expect(asked.count).toBe(0);
  });

  test('404 means no constraint, for good', async () => {
    const { subject, clock, asked } = routing(async () => undefined);
    expect(await subject.routeOf('a')).toEqual(unconstrained);
    clock.nowMs = 120_000;
    await subject.routeOf('a');
    expect(asked.count).toBe(1);
  });

  test('a failure is tolerated and remembered for a minute', async () => {
    const { subject, clock, asked } = routing(unreachable);
    expect(await subject.routeOf('a')).toEqual(unconstrained);
    clock.nowMs = 59_999;
    expect(await subject.routeOf('a')).toEqual(unconstrained);
    expect(asked.count).toBe(1);
    clock.nowMs = 60_000;
    await subject.routeOf('a');
    expect(asked.count).toBe(2);
  });

  test('after a token refresh it is asked for again', async () => {
    const { subject, asked } = routing(good);
    await subject.routeOf('a');
    subject.forget();
    expect((await subject.routeOf('a')).override).toBe('us');
    expect(asked.count).toBe(2);
  });

  test('a question under way when everything is forgotten does not spoil the next answer', async () => {
    let fail: (reason: Failure) => void = () => {};
    const answers = [
      new Promise((_, reject) => {
        fail = reject;
      }),
      good(),
    ];
    const { subject, clock, asked } = routing(() => answers.shift() as Promise<unknown>);
    const first = subject.routeOf('a');
    subject.forget();
    await subject.routeOf('a');
    fail(new Failure('timeout', 'late'));
    expect(await first).toEqual(unconstrained);
    clock.nowMs = 120_000;
    expect((await subject.routeOf('a')).override).toBe('us');
    expect(asked.count).toBe(2);
  });

  test('the log says why, without the account', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) });
    await new AccountRouting({ check: unreachable, allowHttp: false, nowMs: () => 0, log }).routeOf(
      'acct_private',
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"reason":"upstream_unreachable"');
    expect(lines[0]).not.toContain('acct_private');
  });
});
