// Limits of named keys, of the plan and of queues, as clients of each API see them.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { until } from '../support/until.ts';
import { type RunningDaemon, startDaemon, turnsSent, useWorld } from './daemon.ts';

const world = useWorld({ simulator: { limits: { layout: 'weekly', weeklyUsedPercent: 91 } } });

const messages = [{ role: 'user', content: 'Hi.' }];
const requests: Record<string, object> = {
  '/v1/chat/completions': { model: 'gpt-5.5', messages },
  '/v1/responses': { model: 'gpt-5.5', input: 'Hi.' },
  '/v1/messages': { model: 'gpt-5.5', max_tokens: 500, messages },
  '/api/chat': { model: 'gpt-5.5', messages, stream: false },
};
const paths = Object.keys(requests);

function ask(daemon: RunningDaemon, path: string, key: string, more = {}): Promise<Response> {
  return fetch(daemon.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ ...requests[path], ...more }),
  });
}

async function addKey(home: string, name: string, ...limits: string[]): Promise<string> {
  const { out, exitCode } = await runCodexd(['config', 'key', 'add', name, ...limits], { home });
  expect(exitCode).toBe(0);
  return out.trim();
}

const configured = (text: string) => {
  const home = emptyHome();
  const file = join(home, '.config/codexd/config.toml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return home;
};

describe('a key with a budget', () => {
  test('is refused in the manner of each API, before anything is sent upstream, also after a restart', async () => {
    const home = emptyHome();
    const phone = await addKey(home, 'phone', '--per-day', '1');
    const batch = await addKey(home, 'batch', '--tokens-per-day', '10');
    const daemon = await startDaemon({ simulator: world.simulator, home });
    for (const key of [phone, batch]) {
      const answer = await ask(daemon, '/v1/responses', key);
      expect([answer.status, typeof (await answer.text())]).toEqual([200, 'string']);
    }
    expect(await daemon.stop()).toBe(0);

    await using again = await startDaemon({ simulator: world.simulator, home });
    world.simulator.reset();
    for (const [key, limit] of [
      [phone, 'per_day'],
      [batch, 'tokens_per_day'],
    ] as const) {
      for (const path of paths) {
        const answer = await ask(again, path, key);
        const text = await answer.text();
        expect([path, answer.status, answer.headers.get('x-should-retry')]).toEqual([
          path,
          429,
          path === '/api/chat' ? null : 'false',
        ]);
        const wait = Number(answer.headers.get('retry-after'));
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(25 * 3600);
        expect(text).toContain('It resets at ');
        expect(text).toContain(`\`${limit}\` of the key sets this limit.`);
        const { error } = JSON.parse(text);
        if (path === '/v1/messages') expect(error.type).toBe('billing_error');
        else if (path !== '/api/chat') expect(error).toMatchObject({ code: 'key_limit_reached', limit });
      }
    }
    expect(turnsSent(world.simulator)).toEqual([]);
    const other = await addKey(home, 'other', '--per-day', '1');
    await until(async () => (await ask(again, '/v1/responses', other)).status === 200);
  });

  test('lists of models cost nothing', async () => {
    const home = emptyHome();
    const key = await addKey(home, 'phone', '--per-day', '1');
    await using daemon = await startDaemon({ simulator: world.simulator, home });
    const headers = { authorization: `Bearer ${key}` };
    for (let time = 0; time < 3; time++)
      expect((await fetch(`${daemon.url}/v1/models`, { headers })).status).toBe(200);
    expect((await ask(daemon, '/v1/responses', key)).status).toBe(200);
    expect((await ask(daemon, '/v1/responses', key)).status).toBe(429);
  });
});

describe('quota.stop_at', () => {
  test('refuses turns before the first one, since the upstream reports its windows for free', async () => {
    await using daemon = await startDaemon({
      simulator: world.simulator,
      home: configured('[quota]\nstop_at = 90\n'),
    });
    for (const path of paths) {
      const answer = await ask(daemon, path, 'any');
      const text = await answer.text();
      expect([path, answer.status]).toEqual([path, 429]);
      expect(text).toContain("91 % of the plan's weekly window are used, and `quota.stop_at` is 90.");
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(300_000);
    }
    expect(turnsSent(world.simulator)).toEqual([]);
  });

  test('above what is used, nothing is refused', async () => {
    await using daemon = await startDaemon({
      simulator: world.simulator,
      home: configured('[quota]\nstop_at = 92\n'),
    });
    for (const path of ['/v1/responses', '/v1/chat/completions']) {
      const { status, headers } = await ask(daemon, path, 'any', { stream: path.endsWith('completions') });
      const left = headers.get('x-ratelimit-remaining-requests');
      expect([status, headers.get('x-ratelimit-limit-requests'), left]).toEqual([200, '100', '9']);
      expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^8[34]h\d+m\d+s$/);
    }
  });
});

describe('quota.hold', () => {
  const exhausted = () => ({
    status: 429,
    body: {
      error: {
        type: 'usage_limit_reached',
        message: 'The usage limit has been reached',
        plan_type: 'plus',
        resets_at: Math.ceil(Date.now() / 1000),
        resets_in_seconds: 1,
      },
    },
  });
  const start = () =>
    startDaemon({
      simulator: world.simulator,
      home: configured('[quota]\nhold = 30\n[server]\nkeepalive_seconds = 0.5\n'),
    });

  test('a stream gets heartbeats of its API until the plan has reset, then its answer', async () => {
    const beats: Record<string, RegExp> = {
      '/v1/chat/completions': /^: keep-alive/,
      '/v1/responses': /^: keep-alive/,
      '/v1/messages': /^event: ping/m,
    };
    const ends: Record<string, RegExp> = {
      '/v1/chat/completions': /\[DONE\]/,
      '/v1/responses': /response\.completed/,
      '/v1/messages': /message_stop/,
    };
    const paths = Object.keys(beats);
    const daemons = await Promise.all(paths.map(start));
    await Promise.all(
      paths.map(async (path, at) => {
        await using daemon = daemons[at]!;
        world.simulator.script(exhausted());
        const answer = await ask(daemon, path, 'any', { stream: true });
        const text = await answer.text();
        expect(answer.status).toBe(200);
        expect(text).toMatch(beats[path]!);
        expect(text).toMatch(ends[path]!);
      }),
    );
  });

  test('a whole response is sent after the reset', async () => {
    await using daemon = await start();
    world.simulator.script(exhausted());
    expect((await ask(daemon, '/v1/chat/completions', 'any')).status).toBe(200);
  });

  test('a client that disconnects while it is held leaves nothing behind', async () => {
    await using daemon = await start();
    world.simulator.script(exhausted());
    const controller = new AbortController();
    const answer = await fetch(`${daemon.url}/v1/responses`, {
      method: 'POST',
      body: JSON.stringify({ ...requests['/v1/responses'], stream: true }),
      signal: controller.signal,
    });
    await answer.body!.getReader().read();
    controller.abort();
    await daemon.says(/cancelled/);
    expect(turnsSent(world.simulator).length).toBe(1);
  });
});

test('images have a queue of their own: a full one refuses images and nothing else', async () => {
  await using daemon = await startDaemon({
    simulator: world.simulator,
    home: configured('[server]\nimage_concurrency = 1\nimage_queue = 0\n'),
  });
  const images = await fetch(`${daemon.url}/v1/images/generations`, {
    method: 'POST',
    body: JSON.stringify({ prompt: 'A boat.', n: 2 }),
  });
  expect([images.status, await images.json()]).toMatchObject([
    429,
    { error: { code: 'server_busy', message: expect.stringContaining('server.image_concurrency') } },
  ]);
  expect((await ask(daemon, '/v1/responses', 'any')).status).toBe(200);
});
